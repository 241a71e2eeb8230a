"""Columns of the class grid: which cells a view shows in a period, and who may write them."""

from odoo import models

from ..core import packet
from .assessment import COMPETENCE_FIELDS, QUALITY_FIELDS

VIEWS = ("subjects", "traits", "comments", "measures")
#: Texts of the assessment -> the packet's attribute that limits their length.
COMMENTS = {
    "quality_comment": "quality_comment",
    "general_comment": "general_competence_comment",
    "specific_comment": "specific_competence_comment",
    "homeroom_comment": "homeroom_comment",
}
MEASURES = {"height": "height", "weight": "weight", "absences_excused": "count", "absences_unexcused": "count"}
OUTCOME = ("overall", "class_completed", "promoted", "award")
#: Kind of every cell that can be written: "result" or "assessment" -> field -> kind of ``core.rules.cells``.
KINDS = {
    "result": {"level": "level", "score": "score", "comment": "text"},
    "assessment": {
        **dict.fromkeys((*QUALITY_FIELDS, *COMPETENCE_FIELDS), "trait"),
        **dict.fromkeys(COMMENTS, "text"),
        **MEASURES,
    },
}


class ClassGridColumns(models.Model):
    _inherit = "hocba.class"

    def _grid_columns(self, period, view, results):
        """Columns of a view, in the order of the form, as dictionaries for the client."""
        homeroom, subjects = self._grid_writable(results)
        columns = []
        if view in ("subjects", "comments"):
            for subject, lines in self._grid_subjects(results):
                # A subject teacher sees the own subjects, with comments beside the levels; the others all subjects.
                if homeroom or not subjects:
                    columns += self._grid_subject_columns(view, subject, lines, homeroom)
                elif subject in subjects:
                    columns += self._grid_subject_columns(view, subject, lines, True)
                    if view == "subjects":
                        columns += self._grid_subject_columns("comments", subject, lines, True)
        fields = {"traits": self._grid_traits(), "comments": COMMENTS, "measures": MEASURES}.get(view, ())
        columns += [self._grid_field_column(period, name, homeroom) for name in fields]
        if period == "year" and view != "comments":
            names = OUTCOME if view == "measures" else OUTCOME[:1]
            columns += [self._grid_outcome_column(name) for name in names]
        return columns

    def _grid_subjects(self, results):
        """(subject, its lines) of the subjects that the class has: the plan's, the chosen ones, and others in use."""
        planned = self._subject_plan().subject_id
        groups = results.grouped("subject_id")
        shown = [
            (subject, lines)
            for subject, lines in groups.items()
            if subject in planned or any(line.level or line.score or line.comment for line in lines)
        ]
        return sorted(shown, key=lambda item: (item[0].sequence, item[0].id))

    def _grid_subject_columns(self, view, subject, lines, writable):
        label = subject.short_name or self._printed_subject(subject)
        common = {"source": "result", "subject_id": subject.id, "group": label, "title": self._printed_subject(subject)}
        common["required"] = True
        common["readonly"] = False if writable else self._grid_not_yours(subject)
        if view == "comments":
            common.update(required=False, limit=self._grid_limit("hocba.result", "comment"))
            return [_column(**common, field="comment", kind="text", label=self.env._("Comment"))]
        found = [_column(**common, field="level", kind="level", label=self.env._("Mark"))]
        if any(line.has_test or line.score for line in lines):
            found.append(_column(**common, field="score", kind="score", label=self.env._("Score")))
        return found

    def _grid_traits(self):
        late = ("competence_technology", "competence_informatics")
        return [name for name in (*QUALITY_FIELDS, *COMPETENCE_FIELDS) if name not in late or self.grade >= "3"]

    def _grid_field_column(self, period, name, writable):
        field = self.env["hocba.assessment"]._fields[name]
        label = field._description_string(self.env)
        groups = {
            "quality": self.env._("Qualities"),
            "competence": self.env._("Competences"),
            "absences": self.env._("Attendance"),
        }
        kind = KINDS["assessment"][name]
        column = {
            "source": "assessment",
            "field": name,
            "kind": name if name in ("height", "weight") else kind,
            "label": label,
            "title": label,
            "group": "" if kind == "text" else groups.get(name.split("_")[0], ""),
            "required": kind == "trait" or period == "year",
            "readonly": False if writable else self._grid_not_yours(None),
        }
        if kind == "text":
            column["limit"] = self._grid_limit("hocba.assessment", name)
        return _column(**column)

    def _grid_outcome_column(self, name):
        field = self.env["hocba.assessment"]._fields[name]
        label = field._description_string(self.env)
        return _column(
            source="assessment",
            field=name,
            kind="outcome",
            label=label,
            title=label,
            group=self.env._("Result of the year"),
            required=False,
            readonly=self.env._("%(label)s follows from the results by the rules.", label=label),
            options=dict(field._description_selection(self.env)) if field.type == "selection" else {},
        )

    def _grid_limit(self, model_name, name):
        """Characters that the packet takes of a text (None: of any length)."""
        attribute = "subjects.comment" if model_name == "hocba.result" else COMMENTS[name]
        return packet.get_profile(self.school_year_id.packet_profile).text_limit(attribute)

    def _grid_kinds(self, source):
        return KINDS[source]

    def _grid_writable(self, results):
        """(is the homeroom teacher, own subjects): what the user writes in this class. Offices only read."""
        user = self.env.user
        if not user.has_group("hocba_digital.group_subject_teacher"):
            return False, self.env["hocba.subject"]
        homeroom = user.has_group("hocba_digital.group_homeroom") and self.homeroom_id == user
        return homeroom, results.filtered(lambda line: line.teacher_id == user).subject_id

    def _grid_not_yours(self, subject):
        """Why the user may only read a column."""
        if not self.env.user.has_group("hocba_digital.group_subject_teacher"):
            return self.env._("Teachers enter the results; you can read them.")
        if subject:
            return self.env._("%(subject)s is entered by its own teacher.", subject=subject.name)
        return self.env._("The homeroom teacher enters this.")


def _column(**values):
    source, field = values["source"], values["field"]
    key = f"s{values['subject_id']}.{field}" if source == "result" else field
    return {"key": key, "limit": None, "options": {}, "subject_id": False, **values}
