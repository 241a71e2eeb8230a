import { Component } from "@odoo/owl";
import { CODES, formatCell } from "./grid_values";

/** Big buttons for one cell, for fingers. Choosing goes on to the next pupil. */
export class LevelPicker extends Component {
    static template = "hocba_digital.LevelPicker";
    static props = { column: Object, row: Object, text: String, choose: Function, move: Function, close: Function };

    get codes() {
        return CODES[this.props.column.kind];
    }

    label(code) {
        return formatCell(this.props.column, code);
    }
}
