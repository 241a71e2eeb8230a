import { formatCell, parseCell, sameValue } from "./grid_values";

const MAX_STEPS = 200;

/**
 * The cells of the grid: what the server has (base), what the person sees (value), wrong input (bad), conflicts,
 * and the steps that can be undone. Knows nothing of screens or of the server.
 */
export class GridStore {
    constructor(data, onEdit = () => {}) {
        this.columns = data.columns;
        this.columnIndex = new Map(data.columns.map((column, index) => [column.key, index]));
        this.rows = data.rows.map((row) => this.makeRow(row));
        this.rowById = new Map(this.rows.map((row) => [row.id, row]));
        this.onEdit = onEdit;
        this.undoSteps = [];
        this.redoSteps = [];
    }

    makeRow(row) {
        const made = { ...row, rev: 0 };
        made.cells = this.columns.map((column, col) => {
            if (!(column.key in row.cells)) {
                return null;
            }
            const base = row.cells[column.key];
            return { row: made, col, base, value: base, bad: null, message: "", sent: undefined, conflict: null, seen: null };
        });
        return made;
    }

    cell(r, c) {
        return this.rows[r]?.cells[c] || null;
    }

    /** Why a cell cannot be written; "" when it can. */
    lockReason(r, c) {
        return this.rows[r].locked || this.columns[c].readonly || this.rows[r].fixed[this.columns[c].key] || "";
    }

    isEditable(r, c) {
        return Boolean(this.cell(r, c)) && !this.lockReason(r, c);
    }

    text(cell) {
        return cell.bad !== null ? cell.bad : formatCell(this.columns[cell.col], cell.value);
    }

    isDirty(cell) {
        return cell.bad === null && !sameValue(cell.base, cell.value);
    }

    // ---- editing -----------------------------------------------------------------------------------------------

    /**
     * Type texts into cells as one step.
     *
     * @param {{r: number, c: number, text: string}[]} edits
     * @returns {{done: number, skipped: number, wrong: number}}
     */
    type(edits, options = {}) {
        const step = [];
        const count = { done: 0, skipped: 0, wrong: 0 };
        for (const { r, c, text } of edits) {
            if (!this.isEditable(r, c)) {
                count.skipped++;
                continue;
            }
            const cell = this.cell(r, c);
            const parsed = parseCell(this.columns[c], text);
            const after = parsed.error
                ? { value: cell.value, bad: String(text), message: parsed.error }
                : { value: parsed.value, bad: null, message: "" };
            count.wrong += parsed.error ? 1 : 0;
            count.done++;
            if (cell.bad !== after.bad || (after.bad === null && !sameValue(cell.value, after.value))) {
                step.push({ cell, before: snapshot(cell), after });
                this.put(cell, after);
            }
        }
        this.remember(step, options.merge);
        return count;
    }

    put(cell, state) {
        Object.assign(cell, { value: state.value, bad: state.bad, message: state.message });
        cell.row.rev++;
    }

    /** ``merge``: the step continues the last one (the second digit of a score). */
    remember(step, merge = false) {
        if (!step.length) {
            return;
        }
        const last = this.undoSteps.at(-1);
        if (merge && last?.length === 1 && last[0].cell === step[0].cell) {
            last[0].after = step[0].after;
        } else {
            this.undoSteps.push(step);
            this.undoSteps.splice(0, this.undoSteps.length - MAX_STEPS);
        }
        this.redoSteps = [];
        this.onEdit();
    }

    undo() {
        return this.replay(this.undoSteps, this.redoSteps, "after", "before");
    }

    redo() {
        return this.replay(this.redoSteps, this.undoSteps, "before", "after");
    }

    /** Steps over cells that somebody else changed meanwhile leave those cells alone. */
    replay(from, to, now, then) {
        const step = from.pop();
        if (!step) {
            return null;
        }
        const result = { cells: [], kept: [] };
        for (const change of step) {
            const same = sameValue(change.cell.value, change[now].value) && change.cell.bad === change[now].bad;
            if (same && !change.cell.row.locked) {
                this.put(change.cell, change[then]);
                result.cells.push(change.cell);
            } else {
                result.kept.push(change.cell);
            }
        }
        to.push(step);
        this.onEdit();
        return result;
    }

    // ---- saving ------------------------------------------------------------------------------------------------

    allCells() {
        return this.rows.flatMap((row) => row.cells.filter(Boolean));
    }

    pending() {
        return this.allCells().filter((cell) => this.isDirty(cell) && !cell.conflict && cell.sent === undefined);
    }

    /** Changes for the server; the cells are on their way until `settle`. */
    take(cells) {
        return cells.map((cell) => {
            const column = this.columns[cell.col];
            cell.sent = cell.value;
            cell.row.rev++;
            return {
                source: column.source,
                id: column.source === "result" ? cell.row.lines[column.subject_id] : cell.row.id,
                field: column.field,
                seen: cell.base ?? null,
                value: cell.value ?? null,
            };
        });
    }

    release(cells) {
        for (const cell of cells) {
            cell.sent = undefined;
            cell.row.rev++;
        }
    }

    settle(cells, { answers, derived }) {
        cells.forEach((cell, index) => {
            const answer = answers[index];
            const sent = cell.sent;
            cell.sent = undefined;
            cell.row.rev++;
            if (answer.state === "saved") {
                cell.base = sent;
            } else if (answer.state === "conflict") {
                cell.conflict = { value: answer.value, by: answer.by, at: answer.at };
            } else if (sameValue(cell.value, sent)) {
                cell.bad = this.text(cell);
                cell.value = cell.base;
                cell.message = answer.message;
            }
        });
        this.derive(derived);
    }

    /** Computed values, and absences, which exist as a pair: entering one makes the other 0. */
    derive(derived) {
        for (const [id, values] of Object.entries(derived)) {
            const row = this.rowById.get(Number(id));
            if (!row) {
                continue;
            }
            row.missing = values.missing;
            for (const [key, value] of Object.entries(values)) {
                const cell = row.cells[this.columnIndex.get(key)];
                if (cell && !sameValue(cell.base, value)) {
                    const untouched = cell.bad === null && sameValue(cell.value, cell.base);
                    cell.base = value;
                    cell.value = untouched ? value : cell.value;
                    row.rev++;
                }
            }
        }
    }

    // ---- other people ------------------------------------------------------------------------------------------

    /** A row that somebody wrote; returns the cells that became different before the person's eyes. */
    receive({ row: id, source, subject_id, values, by, at }) {
        const row = this.rowById.get(id);
        const changed = [];
        for (const [field, value] of Object.entries(row ? values : {})) {
            const key = source === "result" ? `s${subject_id}.${field}` : field;
            const cell = row.cells[this.columnIndex.get(key)];
            if (!cell || cell.sent !== undefined) {
                continue;
            }
            if (sameValue(cell.base, value)) {
                row.rev += cell.conflict ? 1 : 0;
                cell.conflict = null;
                continue;
            }
            if (sameValue(cell.value, value) && cell.bad === null) {
                cell.base = value;
                cell.conflict = null;
            } else if (cell.bad === null && sameValue(cell.value, cell.base)) {
                cell.base = cell.value = value;
                cell.seen = { by, at };
                changed.push(cell);
            } else if (cell.bad !== null) {
                cell.base = cell.value = value;
                cell.seen = { by, at };
            } else {
                cell.conflict = { value, by, at };
                changed.push(cell);
            }
            row.rev++;
        }
        return changed;
    }

    setState(id, [locked, notice]) {
        const row = this.rowById.get(Number(id));
        if (row && (row.locked !== (locked || row.former) || row.notice !== notice)) {
            Object.assign(row, { locked: locked || row.former, notice });
            row.rev++;
        }
    }

    /** End a conflict: take the other's value, or keep one's own and overwrite knowingly. */
    resolve(cell, takeTheirs) {
        cell.base = cell.conflict.value;
        if (takeTheirs) {
            cell.value = cell.base;
        }
        cell.conflict = null;
        cell.row.rev++;
        this.onEdit();
    }

    // ---- counting ----------------------------------------------------------------------------------------------

    isMissing(cell) {
        const column = this.columns[cell.col];
        return (
            column.required && cell.value === null && !cell.row.former && !cell.row.fixed[column.key] &&
            !cell.row.optional.includes(column.key)
        );
    }

    /** Numbers for the bar below: {missing, wrong, conflicts, unsaved}. */
    tally() {
        const count = { missing: 0, wrong: 0, conflicts: 0, unsaved: 0 };
        for (const row of this.rows) {
            for (const cell of row.cells) {
                if (cell) {
                    count.missing += this.isMissing(cell) ? 1 : 0;
                    count.wrong += cell.bad !== null ? 1 : 0;
                    count.conflicts += cell.conflict ? 1 : 0;
                    count.unsaved += this.isDirty(cell) || cell.sent !== undefined ? 1 : 0;
                }
            }
        }
        return count;
    }
}

function snapshot(cell) {
    return { value: cell.value, bad: cell.bad, message: cell.message };
}
