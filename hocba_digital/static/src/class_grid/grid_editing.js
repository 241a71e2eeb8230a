import { _t } from "@web/core/l10n/translation";
import { GridCursor } from "./grid_cursor";

/** What happens to cells: typed, cleared, filled, undone. */
export class GridEditing extends GridCursor {
    // ---- editing -----------------------------------------------------------------------------------------------

    writable(r = this.ui.r, c = this.ui.c) {
        const reason = this.store.cell(r, c) ? this.store.lockReason(r, c) : _t("There is nothing to enter here.");
        if (reason) {
            this.props.say(reason);
        }
        return !reason;
    }

    /** ``text`` null: what is in the text area already stays. */
    startEdit(text) {
        if (!this.writable()) {
            return;
        }
        Object.assign(this.ui, { editing: true, picker: false });
        this.editor.begin(text);
    }

    stopEdit() {
        Object.assign(this.ui, { editing: false, helper: false });
        this.editor.clear();
        this.focus();
    }

    commit() {
        if (this.ui.editing) {
            const text = this.editor.text();
            const { r, c } = this.ui;
            this.stopEdit();
            this.report(this.store.type([{ r, c, text }]));
        }
    }

    escape() {
        Object.assign(this.ui, { picker: false, ar: this.ui.r, ac: this.ui.c });
    }

    selectedCells() {
        const { top, bottom, left, right } = this.range;
        const cells = [];
        for (let r = top; r <= bottom; r++) {
            for (let c = left; c <= right; c++) {
                cells.push({ r, c });
            }
        }
        return cells;
    }

    clear() {
        this.report(this.store.type(this.selectedCells().map((place) => ({ ...place, text: "" }))));
    }

    fillSelection(text) {
        this.report(this.store.type(this.selectedCells().map((place) => ({ ...place, text }))));
    }

    /** Ctrl+D: the first row of the selection into the others; one row: the row above into it. */
    fillDown() {
        const { top, bottom, left, right } = this.range;
        const source = top === bottom ? top - 1 : top;
        const edits = [];
        for (let r = source + 1; source >= 0 && r <= bottom; r++) {
            for (let c = left; c <= right; c++) {
                const cell = this.store.cell(source, c);
                edits.push({ r, c, text: cell ? this.store.text(cell) : "" });
            }
        }
        this.report(this.store.type(edits));
        this.warnOfName(source, left);
    }

    /** The cursor's value into every empty cell of its column. */
    fillColumn() {
        this.commit();
        const { r, c } = this.ui;
        const text = this.cell ? this.store.text(this.cell) : "";
        if (!text || this.cell.bad !== null) {
            this.props.say(_t("Put the cursor on a filled cell first; its value goes into the empty cells of the column."));
            return;
        }
        const empty = (index) => this.store.isEditable(index, c) && this.store.text(this.store.cell(index, c)) === "";
        const edits = this.rows.map((_row, index) => ({ r: index, c, text })).filter((edit) => empty(edit.r));
        const { done } = this.store.type(edits);
        this.props.say(_t("%s empty cells of the column filled. Ctrl+Z takes it back.", done));
        this.warnOfName(r, c);
        this.focus();
    }

    /** A comment that names its pupil is wrong for the others. */
    warnOfName(r, c) {
        const row = this.store.rows[r];
        if (row && this.columns[c].kind === "text" && this.store.text(this.store.cell(r, c)).split(/[\s.,;:!?]+/).includes(row.given)) {
            this.props.say(_t("The comment names “%s”. Check it for the other pupils.", row.given), "warning");
        }
    }

    undo() {
        this.replayed(this.store.undo(), _t("Nothing to undo."));
    }

    redo() {
        this.replayed(this.store.redo(), _t("Nothing to redo."));
    }

    replayed(result, nothing) {
        if (!result) {
            this.props.say(nothing);
            return;
        }
        const [cell] = result.cells;
        if (cell) {
            this.moveTo(this.store.rows.indexOf(cell.row), cell.col);
        }
        if (result.kept.length) {
            this.props.say(_t("%s cells were changed since and are left as they are.", result.kept.length), "warning");
        }
    }

    report({ done, skipped, wrong }) {
        if (wrong) {
            this.props.say(_t("%s cells are not saved because their value is wrong. They are red.", wrong), "danger");
        } else if (skipped) {
            this.props.say(_t("%(done)s cells entered, %(skipped)s left out because they cannot be changed.", { done, skipped }), "warning");
        }
    }
}
