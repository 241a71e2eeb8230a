import { _t } from "@web/core/l10n/translation";
import { CellEditor } from "./cell_editor";
import { fillPhrase } from "./comment_helper";
import { formatTable, parseTable } from "./grid_clipboard";
import { GridKeyboard } from "./grid_keyboard";
import { GridRow } from "./grid_row";
import { CODES } from "./grid_values";
import { LevelPicker } from "./level_picker";

/**
 * The table: cursor, selection, keys, mouse and fingers. The keyboard always goes to one text area over the cursor,
 * so that Vietnamese input methods, the clipboard and screen keyboards work as in any text field.
 */
export class GridTable extends GridKeyboard {
    static template = "hocba_digital.GridTable";
    static components = { CellEditor, GridRow, LevelPicker };
    static props = {
        store: Object,
        rowCount: Number,
        grade: String,
        bank: Object,
        step: Boolean,
        previous: { type: [Object, Boolean] },
        say: Function,
        onMove: Function,
        register: Function,
        onReady: Function,
    };

    // ---- clipboard ---------------------------------------------------------------------------------------------

    onCopy(event, cut = false) {
        if (this.ui.editing) {
            return;
        }
        const { top, bottom, left, right } = this.range;
        const rows = this.rows.slice(top, bottom + 1).map((row) =>
            row.cells.slice(left, right + 1).map((cell) => (cell ? this.store.text(cell) : ""))
        );
        event.clipboardData.setData("text/plain", formatTable(rows));
        event.preventDefault();
        if (cut) {
            this.clear();
        }
    }

    onPaste(event) {
        if (this.ui.editing) {
            return;
        }
        event.preventDefault();
        const table = parseTable(event.clipboardData.getData("text/plain"));
        if (table.length === 1 && table[0].length === 1) {
            this.fillSelection(table[0][0]);
            return;
        }
        const { top, left } = this.range;
        const edits = [];
        let outside = 0;
        table.forEach((line, down) =>
            line.forEach((text, right) => {
                const [r, c] = [top + down, left + right];
                if (r < this.props.rowCount && c < this.columns.length) {
                    edits.push({ r, c, text });
                } else {
                    outside++;
                }
            })
        );
        const count = this.store.type(edits);
        this.select(top, left, Math.min(top + table.length, this.props.rowCount) - 1, left + Math.max(...table.map((line) => line.length)) - 1);
        this.props.say(_t("%s cells pasted. Ctrl+Z takes it back.", count.done));
        this.report({ ...count, skipped: count.skipped + outside });
    }

    select(top, left, bottom, right) {
        this.moveTo(top, left);
        Object.assign(this.ui, { ar: bottom, ac: Math.min(right, this.columns.length - 1) });
    }

    // ---- comments ----------------------------------------------------------------------------------------------

    get isComment() {
        return this.column?.kind === "text";
    }

    openHelper() {
        if (!this.isComment) {
            this.props.say(_t("Phrases are for comments: put the cursor on a comment."));
        } else if (this.writable()) {
            if (!this.ui.editing) {
                this.startEdit(this.store.text(this.cell));
            }
            this.ui.helper = true;
        }
    }

    /** The level of the subject beside a comment, if the view shows it. */
    levelFor(r, c) {
        const row = this.store.rows[r];
        const key = `${this.columns[c].subject_id}`;
        return (row && row.levels && row.levels[key]) || false;
    }

    closeHelper() {
        this.ui.helper = false;
        this.focus();
    }

    /** A phrase into the comment being written, or into all selected ones, each with its pupil's name. */
    insertPhrase(text) {
        this.ui.helper = false;
        if (!this.isRange) {
            this.editor.insert(fillPhrase(text, this.store.rows[this.ui.r]), true);
            return;
        }
        const cells = this.selectedCells();
        this.stopEdit();
        this.report(this.store.type(cells.map(({ r, c }) => ({ r, c, text: fillPhrase(text, this.store.rows[r]) }))));
    }

    /** The comments of the assessment before, into the selected cells that are empty. */
    async copyPrevious() {
        this.commit();
        const texts = await this.props.previous.load();
        const edits = this.selectedCells()
            .filter(({ r, c }) => this.columns[c].kind === "text" && this.store.isEditable(r, c))
            .filter(({ r, c }) => !this.store.text(this.store.cell(r, c)))
            .map(({ r, c }) => ({ r, c, text: texts[this.store.rows[r].id]?.[this.columns[c].key] || "" }))
            .filter((edit) => edit.text);
        this.store.type(edits);
        this.props.say(
            edits.length
                ? _t("%s comments copied from the period before.", edits.length)
                : _t("Select empty comments that have one in the period before.")
        );
        this.focus();
    }

    // ---- mouse and fingers -------------------------------------------------------------------------------------

    placeOf(event) {
        const element = event.target.closest("[data-r], [data-column]");
        if (!element) {
            return null;
        }
        const { r, c, column } = element.dataset;
        return { r: r && Number(r), c: c && Number(c), column: column && Number(column) };
    }

    onPointerdown(event) {
        const place = this.placeOf(event);
        if (!place || event.pointerType === "touch" || event.button) {
            return;
        }
        event.preventDefault();
        this.commit();
        Object.assign(this.ui, { picker: false, touch: false });
        this.tabStart = null;
        this.pick(place, event.shiftKey);
        this.dragging = place.c !== undefined;
        this.focus();
    }

    pick({ r, c, column }, extend = false) {
        if (column !== undefined) {
            this.select(0, column, this.props.rowCount - 1, column);
        } else if (c === undefined) {
            this.select(r, 0, r, this.columns.length - 1);
        } else {
            this.moveTo(r, c, extend);
        }
    }

    onPointermove(event) {
        const place = this.dragging && this.placeOf(event);
        if (place && place.c !== undefined && (place.r !== this.ui.r || place.c !== this.ui.c)) {
            this.moveTo(place.r, place.c, true);
        }
    }

    onDblclick(event) {
        if (this.placeOf(event)?.c !== undefined) {
            this.startEdit(this.cell ? this.store.text(this.cell) : "");
        }
    }

    /** A finger opens big buttons for levels and scores, and the editor for everything else. */
    onClick(event) {
        const place = event.pointerType === "touch" && this.placeOf(event);
        if (!place) {
            return;
        }
        this.commit();
        this.ui.touch = true;
        this.pick(place);
        this.openTouch();
    }

    openTouch() {
        this.ui.picker = false;
        if (this.isRange || !this.writable()) {
            return;
        }
        if (this.column.kind in CODES) {
            this.ui.picker = true;
        } else {
            this.startEdit(this.store.text(this.cell));
        }
    }

    pickerChoose(code) {
        const { r, c } = this.ui;
        this.report(this.store.type([{ r, c, text: code }]));
        this.pickerMove(1);
    }

    pickerMove(step) {
        const { r, c } = this.ui;
        for (let next = r + step; next >= 0 && next < this.props.rowCount; next += step) {
            if (this.store.isEditable(next, c)) {
                this.moveTo(next, c);
                return;
            }
        }
        this.ui.picker = false;
    }
}
