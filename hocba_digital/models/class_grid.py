"""The class grid: all pupils of a class and all cells of one view, read at once (TT 27, Art. 7 and 9)."""

from datetime import timedelta

import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError

from ..core.rules import deadlines, names
from .assessment import PERIODS
from .class_grid_columns import OUTCOME, VIEWS

_ENTERED = ("end_reason", "is_current", "date_to")
_LINE = ("level", "score", "comment", "has_test", "required", "needs_score", "subject_id", "assessment_id")
#: A change becomes visible at its commit but carries the time of its transaction's beginning.
_OVERLAP = timedelta(seconds=30)
_PREVIOUS = {"end1": "mid1", "mid2": "end1", "year": "mid2"}


class ClassGrid(models.Model):
    _inherit = "hocba.class"

    def action_open_grid(self):
        """The class grid as a screen of its own."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.client"]._for_xml_id("hocba_digital.action_class_grid")
        action["context"] = {"active_id": self.id, "active_model": self._name}
        action["params"] = {"class_id": self.id}
        action["display_name"] = action["name"] = self.env._("Class %(name)s", name=self.name)
        return action

    @api.model
    def grid_start(self, class_id=False):
        """What the grid opens with: the classes to choose from and the user's last choice."""
        self.env["hocba.result"].check_access("read")
        settings = self.env["res.users.settings"]._find_or_create_for_user(self.env.user)
        chosen = self.search([("id", "=", class_id or settings.hocba_grid_class)], limit=1)
        mine = self.search(["|", ("homeroom_id", "=", self.env.uid), ("assignment_ids.teacher_id", "=", self.env.uid)])
        return {
            "class_id": (chosen or mine[:1]).id,
            "classes": [{"id": line.id, "name": line.display_name} for line in mine | chosen],
            "periods": self.env["hocba.assessment"]._fields["period"]._description_selection(self.env),
            "period": settings.hocba_grid_period or self._grid_usual_period(),
            "view": settings.hocba_grid_view or VIEWS[0],
            "user_id": self.env.uid,
        }

    @api.model
    def _grid_usual_period(self):
        """The assessment that is due at this time of the year."""
        month = deadlines.today().month
        return {9: "mid1", 10: "mid1", 11: "mid1", 12: "end1", 1: "end1", 2: "mid2", 3: "mid2"}.get(month, "year")

    def grid_load(self, period, view):
        """Columns, rows and cells of a view; creates what a pupil of the class still lacks when a teacher asks.

        :return: ``{"columns", "rows", "since", "entered", ...}``; a row is ``{"id", "name", "given", "former",
            "locked", "notice", "lines": {subject id: result}, "levels": {subject id: level}, "cells": {key: value},
            "optional": [keys of cells that may stay empty], "fixed": {key: why nobody types there}}``
        """
        self.ensure_one()
        self._grid_check(period, view)
        since = fields.Datetime.to_string(fields.Datetime.now())
        self._grid_remember(period, view)
        self._grid_complete(period)
        assessments, results = self._grid_rows(period)
        columns = self._grid_columns(period, view, results)
        fixed = self._grid_fixed(results)
        states = self._grid_states(assessments)
        rows = [
            {
                **self._grid_row(assessment, states.get(assessment.id)),
                "lines": {line.subject_id.id: line.id for line in assessment.result_ids},
                "levels": {line.subject_id.id: line.level for line in assessment.result_ids if line.level},
                "cells": self._grid_cells(assessment, columns),
                "optional": self._grid_optional(assessment, columns),
                "fixed": {
                    column["key"]: fixed[assessment.enrolment_id.id, column["subject_id"]]
                    for column in columns
                    if column["kind"] != "text" and (assessment.enrolment_id.id, column["subject_id"]) in fixed
                },
            }
            for assessment in assessments
        ]
        rows.sort(key=lambda row: (row["former"] != "", names.sort_key(row["name"])))
        return {
            "columns": columns,
            "rows": rows,
            "since": since,
            "class_name": self.name,
            "year": self.school_year_id.name,
            "grade": self.grade,
            "entered": bool(assessments),
            "previous": _PREVIOUS.get(period, False),
        }

    def _grid_check(self, period, view):
        self.check_access("read")
        self.env["hocba.result"].check_access("read")
        self.env["hocba.assessment"].check_access("read")
        if period not in dict(PERIODS) or view not in VIEWS:
            raise UserError(self.env._("Choose a period and a view of the grid."))

    def _grid_remember(self, period, view):
        settings = self.env["res.users.settings"]._find_or_create_for_user(self.env.user)
        values = {"hocba_grid_period": period, "hocba_grid_view": view, "hocba_grid_class": self.id}
        if any(settings[name] != value for name, value in values.items()):
            settings.write(values)

    def _grid_complete(self, period):
        """Sheets of pupils who have none yet. Two teachers may open a new period in the same second."""
        if self.env.user not in self.homeroom_id | self.sudo().assignment_ids.teacher_id:
            return
        try:
            with self.env.cr.savepoint():
                self.sudo()._ensure_assessments(period)
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError("another teacher opens the same period") from error

    def _grid_rows(self, period):
        """Assessments of the class in a period and their results, with everything a row needs fetched."""
        domain = [("class_id", "=", self.id), ("period", "=", period)]
        assessments = self.env["hocba.assessment"].search(domain)
        results = self.env["hocba.result"].search([("class_id", "=", self.id), ("period", "=", period)])
        results.fetch(_LINE)
        assessments.sudo().enrolment_id.fetch(_ENTERED)
        return assessments, results

    def _grid_states(self, assessments):
        """Assessment id -> (locked, notice): what a signature means for the row."""
        records = (
            self.env["hocba.record"]
            .sudo()
            .search_fetch(
                [("assessment_id", "in", assessments.ids), ("state", "!=", "recalled")],
                ["assessment_id", "state", "waiting_for"],
                order="id",  # one that is to supersede a locked record comes after it and counts
            )
        )
        locked = self.env._("The record is signed. The head has to reopen it before results can change.")
        notice = self.env._("You have signed this record. A change makes the signature void; sign again afterwards.")
        return {
            record.assessment_id.id: (
                (locked, "") if record.state != "draft" else ("", notice if record.waiting_for == "cbql" else "")
            )
            for record in records
        }

    def _grid_fixed(self, results):
        """(enrolment id, subject id) -> why level and score stay as they are: the head has decided."""
        text = self.env._("Exempt by decision: level M. To change that, remove the exemption of the pupil.")
        return dict.fromkeys(results._exemptions(), text)

    def _grid_optional(self, assessment, columns):
        """Keys of cells that this pupil does without (TT 27, Art. 8), though the column is needed."""
        if assessment.not_assessed:
            return [column["key"] for column in columns]
        spared = {line.subject_id.id for line in assessment.result_ids if not line.required}
        unscored = {line.subject_id.id for line in assessment.result_ids if not line.needs_score}
        return [
            column["key"]
            for column in columns
            if column["subject_id"] in (unscored if column["field"] == "score" else spared)
        ]

    def _grid_row(self, assessment, state):
        enrolment = assessment.sudo().enrolment_id
        former = ""
        if not enrolment.is_current:
            day = enrolment.date_to.strftime("%d/%m/%Y") if enrolment.date_to else ""
            former = self.env._("No longer in the class since %(day)s.", day=day)
        locked, notice = state or ("", "")
        if assessment.not_assessed and not notice:
            notice = self.env._("Pupil with a disability, not assessed: nothing has to be entered.")
        return {
            "id": assessment.id,
            "name": assessment.pupil_name,
            "given": names.given_name(assessment.pupil_name),
            "former": former,
            "locked": locked or former,
            "notice": notice,
            "missing": assessment.missing_count,
        }

    def _grid_cells(self, assessment, columns):
        """Column's key -> value of one row; an empty cell is None, "no such cell" is left out."""
        lines = {line.subject_id.id: line for line in assessment.result_ids}
        cells = {}
        for column in columns:
            if column["source"] == "assessment":
                cells[column["key"]] = _value(assessment, column["field"])
                continue
            line = lines.get(column["subject_id"])
            if line and (column["field"] != "score" or line.has_test or line.score):
                cells[column["key"]] = _value(line, column["field"])
        return cells

    def grid_changes(self, period, view, since):
        """Cells of rows that anybody changed after ``since`` (UTC), with who and when, and the next ``since``."""
        self.ensure_one()
        self._grid_check(period, view)
        now = fields.Datetime.to_string(fields.Datetime.now())
        after = fields.Datetime.to_datetime(since) - _OVERLAP
        domain = [("class_id", "=", self.id), ("period", "=", period), ("write_date", ">=", after)]
        assessments = self.env["hocba.assessment"].search(domain)
        results = self.env["hocba.result"].search(domain)
        authors = self._grid_authors(assessments, results, after)
        changed = [self._grid_change(row, authors) for row in (*assessments, *results)]
        states = self._grid_states(assessments)
        return {
            "since": now,
            "changes": changed,
            "derived": {row.id: self._grid_derived(row) for row in assessments},
            "states": {row.id: list(states.get(row.id, ("", ""))) for row in assessments},
        }

    def _grid_authors(self, assessments, results, after):
        """(model, row id) -> (who, when) of the last entry typed there, from the change log."""
        same = [[("model", "=", rows._name), ("res_id", "in", rows.ids)] for rows in (assessments, results)]
        domain = fields.Domain("at", ">=", after) & fields.Domain.OR(map(fields.Domain, same))
        log = self.env["hocba.change"].sudo().search(domain, order="id")
        return {(line.model, line.res_id): (line.user_id, line.at) for line in log}

    def _grid_change(self, row, authors):
        assessment = row if row._name == "hocba.assessment" else row.assessment_id
        source = "assessment" if row == assessment else "result"
        user, at = authors.get((row._name, row.id)) or (row.write_uid, row.write_date)
        return {
            "row": assessment.id,
            "source": source,
            "subject_id": row.subject_id.id if source == "result" else False,
            "values": {name: _value(row, name) for name in self._grid_kinds(source)},
            "by": user.sudo().name,
            "at": fields.Datetime.to_string(at),
        }

    def _grid_derived(self, assessment):
        """What the rules make of a row, after a change."""
        values = {name: _value(assessment, name) for name in (*OUTCOME, "absences_excused", "absences_unexcused")}
        return {**values, "missing": assessment.missing_count}

    def grid_previous_comments(self, period):
        """Comments of the assessment before this one: {assessment id now: {column's key: text}}."""
        self.ensure_one()
        self._grid_check(period, "comments")
        now = self.env["hocba.assessment"].search([("class_id", "=", self.id), ("period", "=", period)])
        before = self.env["hocba.assessment"].search(
            [("enrolment_id", "in", now.enrolment_id.ids), ("period", "=", _PREVIOUS.get(period))]
        )
        by_enrolment = {row.enrolment_id.id: row for row in before}
        return {
            row.id: self._grid_texts(by_enrolment[row.enrolment_id.id])
            for row in now
            if row.enrolment_id.id in by_enrolment
        }

    def _grid_texts(self, assessment):
        texts = {name: assessment[name] for name, kind in self._grid_kinds("assessment").items() if kind == "text"}
        texts.update({f"s{line.subject_id.id}.comment": line.comment for line in assessment.result_ids})
        return {key: text for key, text in texts.items() if text}


def _value(row, name):
    """A field as the grid holds it: None when empty; absences are empty until attendance was entered."""
    value = row[name]
    if name.startswith("absences_"):
        return value if row.has_attendance else None
    return value or None
