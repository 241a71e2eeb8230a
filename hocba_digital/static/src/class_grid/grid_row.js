import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatCell, isWeak } from "./grid_values";

/** One pupil. Drawn again only when the row's number of changes, the cursor or the selection in it is another. */
export class GridRow extends Component {
    static template = "hocba_digital.GridRow";
    static props = {
        row: Object,
        rev: Number,
        index: Number,
        store: Object,
        active: Number,
        from: Number,
        to: Number,
    };

    get row() {
        return this.props.row;
    }

    isReadonly(cell, col) {
        const column = this.props.store.columns[col];
        return !cell || Boolean(column.readonly || this.row.locked || this.row.fixed[column.key]);
    }

    text(cell) {
        return this.props.store.text(cell);
    }

    cellClass(cell, col) {
        const column = this.props.store.columns[col];
        const { active, from, to } = this.props;
        const classes = [`o_kind_${column.kind}`];
        if (col === active) {
            classes.push("o_active");
        }
        if (from <= col && col <= to) {
            classes.push("o_selected");
        }
        if (!cell) {
            classes.push("o_none");
            return classes.join(" ");
        }
        if (this.isReadonly(cell, col)) {
            classes.push("o_readonly");
        }
        if (cell.bad !== null) {
            classes.push("o_wrong");
        } else if (cell.conflict) {
            classes.push("o_conflict");
        } else if (isWeak(column, cell.value)) {
            classes.push("o_weak");
        }
        if (cell.seen) {
            classes.push("o_seen");
        }
        if (cell.sent !== undefined || this.props.store.isDirty(cell)) {
            classes.push("o_unsaved");
        }
        return classes.join(" ");
    }

    title(cell, col) {
        if (cell?.bad) {
            return cell.message;
        }
        if (cell?.conflict) {
            return _t("%(name)s entered “%(value)s” meanwhile.", {
                name: cell.conflict.by,
                value: formatCell(this.props.store.columns[col], cell.conflict.value) || _t("empty"),
            });
        }
        if (cell?.seen) {
            return _t("Changed by %s", cell.seen.by);
        }
        return this.row.fixed[this.props.store.columns[col].key] || null;
    }
}
