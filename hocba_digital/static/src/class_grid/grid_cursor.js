import { Component, onMounted, onPatched, useExternalListener, useRef, useState } from "@odoo/owl";

const WIDTHS = { level: 58, trait: 68, score: 58, count: 84, height: 84, weight: 84, outcome: 132, text: 280 };

/** Where the cursor is and what is selected: the ground on which keys, editing and pointers work. */
export class GridCursor extends Component {
    setup() {
        this.scroll = useRef("scroll");
        this.ui = useState({ r: 0, c: 0, ar: 0, ac: 0, editing: false, helper: false, picker: false, touch: false });
        this.lastDigit = { time: 0 };
        this.tabStart = null;
        this.dragging = false;
        this.editor = { el: null };
        useExternalListener(window, "pointerup", () => (this.dragging = false));
        onMounted(() => {
            this.moveTo(0, Math.max(0, this.columns.findIndex((column) => !column.readonly)));
            this.props.onReady();
            this.focus();
        });
        onPatched(() => this.place());
        this.props.register(this);
    }

    get store() {
        return this.props.store;
    }

    get columns() {
        return this.store.columns;
    }

    get rows() {
        return this.store.rows.slice(0, this.props.rowCount);
    }

    get column() {
        return this.columns[this.ui.c];
    }

    get cell() {
        return this.store.cell(this.ui.r, this.ui.c);
    }

    get tableWidth() {
        return this.columns.reduce((sum, column) => sum + this.width(column), 0);
    }

    width(column) {
        return WIDTHS[column.kind];
    }

    /** Neighbouring columns of one subject or field share a heading. */
    get groups() {
        const groups = [];
        for (const column of this.columns) {
            const last = groups.at(-1);
            if (last && last.label && last.label === column.group) {
                last.span++;
            } else {
                groups.push({ label: column.group, title: column.title, span: 1, id: groups.length });
            }
        }
        return groups;
    }

    get range() {
        const { r, c, ar, ac } = this.ui;
        return { top: Math.min(r, ar), bottom: Math.max(r, ar), left: Math.min(c, ac), right: Math.max(c, ac) };
    }

    get isRange() {
        return this.ui.r !== this.ui.ar || this.ui.c !== this.ui.ac;
    }

    rowProps(row, index) {
        const { top, bottom, left, right } = this.range;
        const inside = this.isRange && top <= index && index <= bottom;
        return {
            row,
            rev: row.rev,
            index,
            store: this.store,
            active: index === this.ui.r ? this.ui.c : -1,
            from: inside ? left : index === this.ui.r ? this.ui.c : -1,
            to: inside ? right : index === this.ui.r ? this.ui.c : -2,
        };
    }

    // ---- cursor ------------------------------------------------------------------------------------------------

    element(r = this.ui.r, c = this.ui.c) {
        return this.scroll.el?.querySelector(`#hg-${r}-${c}`);
    }

    focus() {
        this.editor.focus?.();
    }

    place() {
        this.editor.place?.(this.element());
    }

    moveTo(r, c, extend = false) {
        if (!this.props.rowCount || !this.columns.length) {
            return;
        }
        this.ui.r = Math.max(0, Math.min(this.props.rowCount - 1, r));
        this.ui.c = Math.max(0, Math.min(this.columns.length - 1, c));
        if (!extend) {
            this.ui.ar = this.ui.r;
            this.ui.ac = this.ui.c;
        }
        this.element()?.scrollIntoView({ block: "nearest", inline: "nearest" });
        this.props.onMove(this.ui.r, this.ui.c);
    }

    /** To the next cell in reading order that can be written; at the end the key leaves the grid. */
    tab(direction) {
        this.tabStart ??= this.ui.c;
        let { r, c } = this.ui;
        while (true) {
            c += direction;
            if (c < 0 || c >= this.columns.length) {
                r += direction;
                c = direction > 0 ? 0 : this.columns.length - 1;
            }
            if (r < 0 || r >= this.props.rowCount) {
                return false;
            }
            if (this.store.cell(r, c) && !this.columns[c].readonly) {
                this.moveTo(r, c);
                return true;
            }
        }
    }

    enter(direction) {
        const c = this.tabStart ?? this.ui.c;
        this.tabStart = null;
        this.moveTo(this.ui.r + direction, c);
    }

    /** The next cell for which ``wanted`` holds, after the cursor and round. */
    jump(wanted) {
        const width = this.columns.length;
        const all = this.props.rowCount * width;
        const start = this.ui.r * width + this.ui.c;
        for (let step = 1; step <= all; step++) {
            const at = (start + step) % all;
            const cell = this.store.cell(Math.floor(at / width), at % width);
            if (cell && wanted(cell)) {
                this.moveTo(Math.floor(at / width), at % width);
                this.focus();
                return;
            }
        }
    }
}
