import { Component } from "@odoo/owl";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatCell } from "./grid_values";

/** Two people wrote one cell: shows both values, and lets this person take theirs or overwrite knowingly. */
export class ConflictBox extends Component {
    static template = "hocba_digital.ConflictBox";
    static props = { cell: Object, column: Object, resolve: Function };

    get message() {
        const { cell, column } = this.props;
        const at = deserializeDateTime(cell.conflict.at);
        return _t("%(pupil)s, %(cell)s: %(name)s entered another value at %(time)s. Yours is not saved.", {
            pupil: cell.row.name,
            cell: `${column.group} ${column.label}`.trim(),
            name: cell.conflict.by,
            time: formatDateTime(at, { format: "HH:mm dd/MM" }),
        });
    }

    shown(value) {
        return formatCell(this.props.column, value) || _t("empty");
    }

    get takeLabel() {
        const { value, by } = this.props.cell.conflict;
        return _t("Take “%(value)s” of %(name)s", { value: this.shown(value), name: by });
    }

    get keepLabel() {
        return _t("Overwrite with mine: “%s”", this.shown(this.props.cell.value));
    }
}
