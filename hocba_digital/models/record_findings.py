"""A record's issues as lines that a list can show: kept as JSON beside the content, in the same UPDATE."""

from odoo import fields, models

from .logged_mixin import LANGUAGE
from .record_blockers import _ENTRIES

_HEALTH = ("height", "weight", "absences_excused", "absences_unexcused")
_PREFIX = {"qualities": "quality_", "competences": "competence_"}
#: Who is asked once for the whole school, and once for a class, although every record lacks it.
_SCHOOL_WIDE = ("head_name", "head_id_number", "head_title")
_CLASS_WIDE = ("homeroom_name", "homeroom_id_number", "class_name", "grade", "school_year")


class RecordFindings(models.Model):
    _inherit = "hocba.record"

    findings = fields.Json(compute="_compute_content", store=True, copy=False)

    def _findings(self, issues):
        """The issues as dictionaries for ``hocba.finding``, in Vietnamese.

        c code, s severity, g reason (group), o what it is about (record, class, school), m model, e field,
        r id of the subject's result, l label of the entry, t sentence.
        """
        self.ensure_one()
        record = self.with_context(lang=LANGUAGE)
        return [record._finding(issue) for issue in _without_consequences(issues)]

    def _finding(self, issue):
        model, field, result = self._finding_target(issue)
        name = issue.field.split(".")[0].split("[")[0]
        scope = "school" if model == "res.company" or name in _SCHOOL_WIDE else "record"
        return {
            "c": issue.code,
            "s": issue.severity,
            "g": _reason(model, field, result),
            "o": "class" if name in _CLASS_WIDE else scope,
            "m": model,
            "e": field,
            "r": result.id or None,
            "l": self._issue_label(issue.field),
            "t": self._issue_text(issue),
        }

    def _finding_target(self, issue):
        """Model, field and, for a subject, the result in which a person puts it right."""
        path = issue.field.replace("[", ".").split(".")
        none = self.env["hocba.result"]
        if path[0] == "subjects":
            return self._subject_target(issue, path)
        if path[0] in _PREFIX and len(path) > 1:
            return "hocba.assessment", _PREFIX[path[0]] + path[1], none
        if path[0] == "history":
            return "hocba.pupil", "enrolment_ids", none
        model, field = _ENTRIES.get(path[0], ("hocba.assessment", None))
        return model, field, none

    def _subject_target(self, issue, path):
        lines = self.assessment_id.result_ids
        silent = issue.params.get("subjects")
        if silent:
            return (
                "hocba.result",
                "comment",
                lines.filtered(lambda line: self.class_id._printed_subject(line.subject_id) in silent)[:1],
            )
        code = path[1] if len(path) > 1 else None
        line = lines.filtered(lambda line: code in (line.subject_id.moet_code, line.subject_id.code))[:1]
        field = path[-1] if path[-1] in ("level", "score", "comment") else "level"
        return "hocba.result", field, line

    def action_open_findings(self):
        """What is missing in these records, line by line, each with the way to its cell."""
        self.check_access("read")
        return self.env["hocba.finding"]._open(
            [("record_id", "in", self.ids)], self.env._("Review: %(names)s", names=", ".join(self.mapped("pupil_name")))
        )


def _without_consequences(issues):
    """The issues without those that go away by themselves: no result of the year while levels are missing."""
    open_cells = any(
        issue.severity == "block" and issue.field.startswith(("subjects.", "qualities", "competences"))
        for issue in issues
    )
    follows = ("overall", "class_completed", "promoted", "primary_completed", "completion_text")
    return [
        issue
        for issue in issues
        if not (
            open_cells
            and issue.field in follows
            and issue.code in ("required", "primary_missing", "completion_text_missing")
        )
    ]


def _reason(model, field, result):
    """Group of a finding, as a school works them off."""
    field = field or ""
    if field.endswith("comment"):
        return "comment"
    if model == "hocba.result" or result:
        return "subject"
    if model == "hocba.assessment":
        if field.startswith(("quality_", "competence_")):
            return "trait"
        return "health" if field in _HEALTH else "outcome"
    if model == "hocba.pupil":
        return "id_number" if field == "id_number" else ("career" if field == "enrolment_ids" else "identity")
    return {"res.users": "people", "hocba.class": "people", "res.company": "school"}.get(model, "outcome")
