import { _t } from "@web/core/l10n/translation";
import { GridEditing } from "./grid_editing";
import { codeOfKey, formatCell, CODES } from "./grid_values";

const PAGE = 10;
const SECOND_DIGIT = 1500;
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** What the keys do, with and without an open editor. */
export class GridKeyboard extends GridEditing {
    // ---- keys --------------------------------------------------------------------------------------------------

    onKeydown(event) {
        if (event.isComposing || event.key === "Process" || event.key === "Unidentified") {
            return;
        }
        const key = event.ctrlKey || event.metaKey ? this.command : this.plainKey;
        const handled = (this.ui.editing ? this.editKey : key).call(this, event);
        if (handled) {
            event.preventDefault();
            event.stopPropagation();
        }
    }

    /** Keys with Ctrl; those not named here (copy, cut, paste) are the browser's. */
    command(event) {
        const { rowCount } = this.props;
        const actions = {
            z: () => (event.shiftKey ? this.redo() : this.undo()),
            y: () => this.redo(),
            d: () => this.fillDown(),
            a: () => this.select(0, 0, rowCount - 1, this.columns.length - 1),
            s: () => this.store.onEdit(),
            " ": () => this.openHelper(),
            Enter: () => this.fillSelection(this.store.text(this.cell)),
            Home: () => this.moveTo(0, 0, event.shiftKey),
            End: () => this.moveTo(rowCount - 1, this.columns.length - 1, event.shiftKey),
            ArrowUp: () => this.moveTo(0, this.ui.c, event.shiftKey),
            ArrowDown: () => this.moveTo(rowCount - 1, this.ui.c, event.shiftKey),
            ArrowLeft: () => this.moveTo(this.ui.r, 0, event.shiftKey),
            ArrowRight: () => this.moveTo(this.ui.r, this.columns.length - 1, event.shiftKey),
        };
        const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
        action?.();
        return Boolean(action);
    }

    plainKey(event) {
        const { r, c } = this.ui;
        const extend = event.shiftKey;
        if (event.key in ARROWS) {
            const [down, right] = ARROWS[event.key];
            this.tabStart = null;
            this.moveTo(r + down, c + right, extend);
            return true;
        }
        const actions = {
            Enter: () => this.enter(extend ? -1 : 1),
            Home: () => this.moveTo(r, 0, extend),
            End: () => this.moveTo(r, this.columns.length - 1, extend),
            PageUp: () => this.moveTo(r - PAGE, c, extend),
            PageDown: () => this.moveTo(r + PAGE, c, extend),
            Delete: () => this.clear(),
            Backspace: () => this.clear(),
            F2: () => this.startEdit(this.store.text(this.cell)),
            Escape: () => this.escape(),
        };
        if (event.key === "Tab") {
            return this.tab(extend ? -1 : 1);
        }
        if (event.key in actions) {
            actions[event.key]();
            return true;
        }
        return event.key.length === 1 && !event.altKey && this.character(event.key);
    }

    /** One character without Ctrl. True: done with; false: it goes into the text area. */
    character(key) {
        if (!this.writable()) {
            return true;
        }
        if (this.column.kind in CODES) {
            this.typeCode(key);
            return true;
        }
        this.startEdit("");
        return false;
    }

    typeCode(key) {
        const { r, c } = this.ui;
        if (this.column.kind === "score" && (key === "," || key === ".")) {
            this.startEdit(this.store.text(this.cell) + key);
            return;
        }
        const code = codeOfKey(this.column, key);
        if (code === null) {
            const keys = this.column.kind === "score" ? "0-10" : CODES[this.column.kind].map((value) => formatCell(this.column, value)).join(", ");
            this.props.say(_t("“%(key)s” does not fit here. Type %(keys)s.", { key, keys }));
            return;
        }
        const second =
            this.lastDigit.cell === this.cell && performance.now() - this.lastDigit.time < SECOND_DIGIT && this.cell.value === "1";
        const ten = code === "0" && second;
        this.store.type([{ r, c, text: ten ? "10" : code }], { merge: ten });
        this.lastDigit = { cell: this.cell, time: performance.now() };
        if (this.props.step && (this.column.kind !== "score" || code !== "1")) {
            this.moveTo(r + 1, c);
        }
    }

    /** Text that came without a key press of its own: input methods and screen keyboards. */
    onInput(text) {
        if (this.ui.editing) {
            return;
        }
        if (!this.writable()) {
            this.editor.clear();
        } else if (this.column.kind in CODES) {
            this.editor.clear();
            for (const key of text) {
                this.typeCode(key);
            }
        } else {
            this.startEdit(null);
        }
    }

    editKey(event) {
        const commit = (move) => {
            this.commit();
            move();
            return true;
        };
        if (event.key === "Escape") {
            this.stopEdit();
            return true;
        }
        if (event.key === "Enter" && event.altKey) {
            this.editor.insert("\n");
            return true;
        }
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            const text = this.editor.text();
            this.stopEdit();
            this.fillSelection(text);
            return true;
        }
        if (event.key === "Enter") {
            return commit(() => this.enter(event.shiftKey ? -1 : 1));
        }
        if (event.key === "Tab") {
            return commit(() => this.tab(event.shiftKey ? -1 : 1));
        }
        if (event.key === " " && event.ctrlKey) {
            this.ui.helper = !this.ui.helper;
            return true;
        }
        if (this.column.kind !== "text" && ["ArrowUp", "ArrowDown"].includes(event.key)) {
            return commit(() => this.moveTo(this.ui.r + ARROWS[event.key][0], this.ui.c));
        }
        return false;
    }
}
