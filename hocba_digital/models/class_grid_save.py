"""Writing cells of the class grid: many at once, and none over a value that its writer has not seen."""

from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..core.rules import cells as rules
from .class_grid import _value
from .class_grid_columns import KINDS, MEASURES

_MODELS = {"assessment": "hocba.assessment", "result": "hocba.result"}
_MOST = 5000


class ClassGridSave(models.Model):
    _inherit = "hocba.class"

    def grid_save(self, changes, window=None):
        """Write cells, each only if what is stored is still what its writer saw.

        :param changes: list of ``{"source": "result"|"assessment", "id": row id, "field", "seen": value before,
            "value": new value}``; None is an empty cell
        :param window: the caller's own name for its window, so that it knows its own changes when it hears of them
        :return: ``{"answers": one a change, in their order, "derived": {assessment id: computed values}}``; an
            answer is ``{"state": "saved"}``, ``{"state": "conflict", "value", "by", "at"}`` or
            ``{"state": "refused", "message"}``
        """
        self.ensure_one()
        self.check_access("read")
        self.env["hocba.result"].check_access("read")
        if len(changes) > _MOST:
            raise UserError(self.env._("Save at most %(count)s cells at once.", count=_MOST))
        answers = [None] * len(changes)
        touched = self.env["hocba.assessment"]
        for source in ("result", "assessment"):
            numbered = [(number, change) for number, change in enumerate(changes) if change.get("source") == source]
            if numbered:
                touched |= self._grid_save_source(source, numbered, answers)
        for number, answer in enumerate(answers):
            answers[number] = answer or self._grid_refused(self.env._("There is no such cell."))
        if any(answer["state"] == "saved" for answer in answers):
            self._grid_announce(touched, window)
            self.env["hocba.deadline.alert"]._look_again()
        return {"answers": answers, "derived": {row.id: self._grid_derived(row) for row in touched}}

    def _grid_save_source(self, source, numbered, answers):
        """Save the changes of one table; returns the assessments they belong to."""
        rows = self._grid_lock(source, {change.get("id") for _number, change in numbered})
        homeroom, subjects = self._grid_writable(rows if source == "result" else self.env["hocba.result"])
        assessments = rows if source == "assessment" else rows.assessment_id
        locked = {key: state[0] for key, state in self._grid_states(assessments).items()}
        fixed = self._grid_fixed(rows) if source == "result" else {}
        by_id = {row.id: row for row in rows}
        todo = defaultdict(dict)
        for number, change in numbered:
            row = by_id.get(change.get("id"))
            if row is None or change.get("field") not in KINDS[source]:
                continue
            owner = row if source == "assessment" else row.assessment_id
            if not (homeroom or (source == "result" and row.subject_id in subjects)):
                answers[number] = self._grid_refused(self._grid_not_yours(row.subject_id if owner != row else None))
            elif locked.get(owner.id):
                answers[number] = self._grid_refused(locked[owner.id])
            elif source == "result" and change["field"] != "comment" and fixed.get(_place(row)):
                answers[number] = self._grid_refused(fixed[_place(row)])
            else:
                answers[number] = self._grid_compare(row, change)
            if answers[number] is None:
                todo[row.id][number] = change
        self._grid_write(source, rows, todo, answers)
        return assessments

    def _grid_lock(self, source, ids):
        """These rows, of this class, locked until the end of the transaction.

        Waits for others, which ``lock_for_update`` does not; who waited for a row that changed meanwhile gets a
        serialisation failure from PostgreSQL, and Odoo repeats the whole call on the new values.
        """
        model = self.env[_MODELS[source]]
        rows = model.search([("id", "in", [row_id for row_id in ids if isinstance(row_id, int)])])
        rows = rows.filtered(lambda row: row.class_id == self)
        if rows:
            self.env.cr.execute(
                SQL(
                    "SELECT id FROM %s WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
                    SQL.identifier(model._table),
                    tuple(rows.ids),
                )
            )
        return rows

    def _grid_compare(self, row, change):
        """The answer when a change need not or must not be written, else None."""
        name, value = change["field"], change.get("value")
        stored = _value(row, name)
        if _same(stored, value):
            return {"state": "saved"}
        if not _same(stored, change.get("seen")):
            return {"state": "conflict", "value": stored, **self._grid_author(row, name)}
        message = self._grid_problem(row, name, value)
        return self._grid_refused(message) if message else None

    def _grid_author(self, row, name):
        """Who wrote a cell last and when, by the change log; what stands there from an import may know the row only."""
        names = [name, "has_attendance"] if name.startswith("absences_") else [name]
        domain = [("model", "=", row._name), ("res_id", "=", row.id), ("field_name", "in", names)]
        log = self.env["hocba.change"].sudo().search(domain, order="id desc", limit=1)
        by, at = (log.user_id, log.at) if log else (row.write_uid, row.write_date)
        return {"by": by.sudo().name, "at": fields.Datetime.to_string(at)}

    def _grid_problem(self, row, name, value):
        """Why a value cannot be stored, in words that name pupil and cell; None when it can."""
        kind = KINDS["result" if row._name == "hocba.result" else "assessment"][name]
        kind = name if name in ("height", "weight") else kind
        limit = self._grid_limit(row._name, name) if kind == "text" else None
        code = rules.problem(kind, value, limit)
        if not code and value == "M":
            code = "undecided"
        if not code and name == "score" and value is not None and not row.has_test:
            code = "no_test"
        if not code:
            return None
        low, high = rules.RANGES.get(kind, (0, 10))
        texts = {
            "choice": self.env._("this value does not exist here"),
            "number": self.env._("a number is needed"),
            "range": self.env._("it has to be between %(low)s and %(high)s", low=low, high=high),
            "too_long": self.env._("the text is longer than %(limit)s characters", limit=limit),
            "character": self.env._("it holds a character that cannot be printed"),
            "undecided": self.env._("M (exempt) needs a decision of the head, entered under Exemptions"),
            "no_test": self.env._("this subject has no test at this time, so it has no score"),
        }
        return self.env._("%(pupil)s, %(cell)s: %(problem)s.", **self._grid_place(row, name), problem=texts[code])

    def _grid_place(self, row, name):
        label = row._fields[name]._description_string(self.env)
        if row._name == "hocba.result":
            label = f"{row.subject_id.name} ({label})"
        return {"pupil": row.pupil_id.name, "cell": label}

    def _grid_write(self, source, rows, todo, answers):
        """Write rows that get the same values together, then fall back to one by one where the model refuses."""
        groups = defaultdict(rows.browse)
        for row in rows:
            if row.id in todo:
                values = self._grid_values(row, todo[row.id].values())
                groups[tuple(sorted(values.items()))] |= row
        writes = [(members, dict(key)) for key, members in groups.items()]
        refusals = {}
        if writes and self._grid_try(writes):
            for members, values in writes:
                refusals.update({row.id: self._grid_try([(row, values)]) for row in members})
        for row_id, changes in todo.items():
            for number in changes:
                message = refusals.get(row_id)
                answers[number] = self._grid_refused(message) if message else {"state": "saved"}

    def _grid_values(self, row, changes):
        """Field values of one row. Absences exist as soon as one of the two numbers was entered."""
        values = {}
        for change in changes:
            name, value = change["field"], change.get("value")
            values[name] = (value or 0) if name in MEASURES else (value or False)
        counts = [name for name in MEASURES if name.startswith("absences_")]
        entered = [change for change in changes if change["field"] in counts]
        if entered:
            after = {name: _value(row, name) for name in counts}
            after.update({change["field"]: change.get("value") for change in entered})
            cleared = all(change.get("value") is None for change in entered)
            values["has_attendance"] = any(after.values()) if cleared else True
        return values

    def _grid_try(self, writes):
        """Write all of ``(rows, values)`` or nothing; returns why the model refused, or None."""
        try:
            with self.env.cr.savepoint():
                for rows, values in writes:
                    rows.write(values)
        except (UserError, ValidationError, AccessError) as error:
            for rows, _values in writes:
                rows.invalidate_recordset()
            return str(error.args[0])
        return None

    def _grid_refused(self, message):
        return {"state": "refused", "message": message}

    def _grid_announce(self, assessments, window):
        """Tell the other open grids of this class; they ask for what they may see."""
        self.env["bus.bus"]._sendone(
            self, "hocba_grid_change", {"class_id": self.id, "window": window, "rows": assessments.ids}
        )


def _place(result):
    return result.assessment_id.enrolment_id.id, result.subject_id.id


def _same(one, other):
    """Equal as cells: "" and False are empty, numbers are compared by their one decimal place."""
    one, other = (None if value is False or value == "" else value for value in (one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return round(one, 1) == round(other, 1)
    return one == other
