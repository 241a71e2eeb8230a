import { Component, onMounted, onPatched, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { CommentHelper } from "./comment_helper";

const WIDE = 420;
const EDGE = 8;
const CODED = ["level", "trait", "score"];

/** The one text area of the grid: invisible over the cursor until something is typed, then the cell's editor. */
export class CellEditor extends Component {
    static template = "hocba_digital.CellEditor";
    static components = { CommentHelper };
    static props = {
        handle: Object,
        column: Object,
        row: Object,
        cellId: String,
        value: String,
        message: String,
        editing: Boolean,
        helper: Boolean,
        touch: Boolean,
        count: Number,
        level: { type: [String, Boolean] },
        grade: String,
        bank: Object,
        onKeydown: Function,
        onInput: Function,
        onCopy: Function,
        onPaste: Function,
        commit: Function,
        toggleHelper: Function,
        closeHelper: Function,
        insertPhrase: Function,
        say: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.box = useRef("box");
        this.area = useRef("area");
        this.state = useState({ length: 0 });
        Object.assign(this.props.handle, {
            focus: () => this.focus(),
            place: (cell) => this.place(cell),
            begin: (text) => this.begin(text),
            clear: () => this.setText(""),
            text: () => this.area.el.value,
            insert: (text, spaced) => this.insert(text, spaced),
        });
        onMounted(() => this.place());
        onPatched(() => this.place());
    }

    get isText() {
        return this.props.column.kind === "text";
    }

    /** A screen keyboard comes up only where it is needed. */
    get inputMode() {
        if (this.isText) {
            return "text";
        }
        return this.props.touch && CODED.includes(this.props.column.kind) ? "none" : "decimal";
    }

    get label() {
        const { row, column, value, message } = this.props;
        return [row.name, column.title, column.label, value || _t("empty"), message].filter(Boolean).join(", ");
    }

    focus() {
        if (!this.props.touch || this.props.editing) {
            this.area.el?.focus({ preventScroll: true });
        }
    }

    setText(text) {
        this.area.el.value = text;
        this.state.length = text.replace(/\s+/g, " ").trim().length;
    }

    begin(text) {
        if (text !== null) {
            this.setText(text);
        }
        this.area.el.focus({ preventScroll: true });
        this.area.el.setSelectionRange(this.area.el.value.length, this.area.el.value.length);
    }

    /** Put text at the caret; ``spaced``: as a sentence of its own. */
    insert(text, spaced = false) {
        const { value, selectionStart, selectionEnd } = this.area.el;
        const before = value.slice(0, selectionStart);
        const gap = spaced && before && !/\s$/.test(before) ? " " : "";
        this.setText(before + gap + text + value.slice(selectionEnd));
        const caret = before.length + gap.length + text.length;
        this.area.el.focus({ preventScroll: true });
        this.area.el.setSelectionRange(caret, caret);
        this.place();
    }

    onInput(event) {
        this.state.length = event.target.value.replace(/\s+/g, " ").trim().length;
        this.props.onInput(event.target.value);
        this.place();
    }

    /** Over its cell, inside the window; on a tablet at the lower edge, above the screen keyboard. */
    place(cell) {
        this.target = cell || this.target;
        const box = this.box.el;
        if (!box || !this.target?.isConnected) {
            return;
        }
        const rect = this.target.getBoundingClientRect();
        const wide = this.props.editing && this.isText;
        const width = wide ? Math.min(WIDE, window.innerWidth - 2 * EDGE) : rect.width;
        this.area.el.style.height = `${rect.height}px`;
        if (wide) {
            this.area.el.style.height = `${Math.min(Math.max(rect.height, this.area.el.scrollHeight + 2), 260)}px`;
        }
        box.style.width = `${width}px`;
        box.style.left = `${Math.max(EDGE, Math.min(rect.left, window.innerWidth - width - EDGE))}px`;
        const top = this.props.editing ? Math.min(rect.top, window.innerHeight - box.offsetHeight - EDGE) : rect.top;
        box.style.top = `${Math.max(EDGE, top)}px`;
    }

    async savePhrase() {
        const text = this.area.el.value.trim();
        if (!text) {
            this.props.say(_t("Write the comment first."));
            return;
        }
        const { column, row, level } = this.props;
        const kept = await this.orm.call("hocba.phrase", "keep", [text, column.field, row.name, column.subject_id, level === "D" ? "H" : level]);
        if (this.props.bank.phrases && !this.props.bank.phrases.some((line) => line.id === kept.id)) {
            this.props.bank.phrases.push(kept);
        }
        this.props.say(_t("Saved as your phrase."), "success");
        this.focus();
    }
}
