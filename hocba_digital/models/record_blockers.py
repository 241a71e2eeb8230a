"""What keeps a record from being signed, in words that name the entry and what to do (design §6)."""

from odoo import models


class RecordBlockers(models.Model):
    _inherit = "hocba.record"

    def _issue_text(self, issue):
        """One sentence for an ``Issue`` of the rules."""
        label = self._issue_label(issue.field)
        return self._special_text(issue, label) or self._plain_text(issue, label)

    def _plain_text(self, issue, label):
        texts = {
            "required": lambda: self.env._("%(label)s is missing.", label=label),
            "level_missing": lambda: self.env._("%(label)s is missing.", label=label),
            "subject_missing": lambda: self.env._("%(label)s is not in the assessment.", label=label),
            "id_missing": lambda: self.env._(
                "The personal ID number is missing. Enter it, or say with the pupil why there is none."
            ),
            "character": lambda: self.env._(
                "%(label)s holds a character that cannot be printed. Type it again.",
                label=label,
            ),
            "too_long": lambda: self.env._("%(label)s is too long.", label=label),
            "format": lambda: self.env._("%(label)s is not written as the official format wants it.", label=label),
            "choice": lambda: self.env._("%(label)s has a value that does not exist.", label=label),
            "range": lambda: self.env._("%(label)s is outside the possible range.", label=label),
            "type": lambda: self.env._("%(label)s is not written as the official format wants it.", label=label),
            "duplicate": lambda: self.env._("%(label)s stands there twice.", label=label),
            "unknown_code": lambda: self.env._("%(label)s has a code that does not exist.", label=label),
            "exempt_undecided": lambda: self.env._(
                "%(label)s: M (exempt) needs a decision. The head or the clerk enters it under “Exemptions”.",
                label=label,
            ),
            "not_assessed": lambda: self.env._(
                "The pupil is not assessed (disability). The format of digital records demands levels and a result, so "
                "this record stays on paper until the ministry's format allows it."
            ),
            "completion_contradiction": lambda: self.env._(
                "Grade's programme: it contradicts the overall result (Art. 11).",
            ),
            "award_undecided": lambda: self.env._(
                "Award: the title is written down, but the head has not decided on it.",
            ),
            "promotion_contradiction": lambda: self.env._(
                "Promotion: a pupil who completed the grade's programme is promoted (Art. 11.1a)."
            ),
            "primary_missing": lambda: self.env._("Completion of primary school is not decided."),
            "primary_contradiction": lambda: self.env._(
                "Completion of primary school contradicts the grade's programme.",
            ),
            "primary_grade": lambda: self.env._("Completion of primary school is stated in grade 5 only."),
            "id_format": lambda: self.env._("%(label)s should be 12 digits.", label=label),
            "id_province": lambda: self.env._("%(label)s: the first three digits are no province's code.", label=label),
            "id_gender": lambda: self.env._("%(label)s: the fourth digit does not fit the gender.", label=label),
            "id_century": lambda: self.env._(
                "%(label)s: the fourth digit does not fit the century of birth.",
                label=label,
            ),
            "id_birth_year": lambda: self.env._("%(label)s: digits 5 and 6 do not fit the year of birth.", label=label),
            "competence_grade": lambda: self.env._("%(label)s is assessed from grade 3 on.", label=label),
            "completion_text_missing": lambda: self.env._("The words on completing the grade's programme are missing."),
            "award_contradiction": lambda: self.env._("The award does not fit the overall result (Art. 13)."),
            "weight_implausible": lambda: self.env._(
                "Weight: %(value)s kg is unusual.",
                value=issue.params.get("value", ""),
            ),
            "height_implausible": lambda: self.env._(
                "Height: %(value)s cm is unusual.",
                value=issue.params.get("value", ""),
            ),
        }
        known = texts.get(issue.code)
        return known() if known else self.env._("%(label)s has to be checked.", label=label)

    def _special_text(self, issue, label):
        params = issue.params
        if issue.field == "promoted" and issue.code == "required":
            return self.env._(
                "Promotion is not decided. After the additional assessment in summer, the head decides (Art. 11.1c)."
            )
        if issue.code == "score_missing":
            return self.env._("%(subject)s: the year-end test score is missing.", subject=params["subject"])
        if issue.code in ("score_unexpected", "score_below_level", "score_above_level"):
            return self._score_text(issue)
        if issue.code == "subject_comment_missing":
            return self.env._("No comment yet in: %(subjects)s.", subjects=", ".join(params["subjects"]))
        if issue.code == "overall_reason":
            labels = dict(self.env["hocba.assessment"]._fields["overall"]._description_selection(self.env))
            return self.env._(
                "Overall result: “%(given)s” was set by hand, the rules give “%(computed)s”. Enter the reason.",
                given=labels.get(params["overall"]),
                computed=labels.get(params["computed"]),
            )
        if issue.code == "age":
            return self.env._(
                "Date of birth: %(age)s years old in grade %(grade)s, where %(usual)s is usual.",
                age=params["age"],
                grade=params["grade"],
                usual=params["usual"],
            )
        return None

    def _score_text(self, issue):
        texts = {
            "score_unexpected": lambda: self.env._(
                "%(subject)s: score %(score)s, but there is no test.",
                **_score(issue),
            ),
            "score_below_level": lambda: self.env._(
                "%(subject)s: level %(level)s with score %(score)s is unusual.", **_score(issue)
            ),
            "score_above_level": lambda: self.env._(
                "%(subject)s: level %(level)s although the score is %(score)s.", **_score(issue)
            ),
        }
        return texts[issue.code]()

    def _issue_label(self, name):
        """Label of the entry that an issue's field stands for, as the user sees it on the screen."""
        path = name.replace("[", ".").split(".")
        if path[0] == "subjects":
            single = len(path) > 1
            return self._subject_label(path[1], path[-1]) if single else self._label("hocba.assessment", "result_ids")
        if path[0] in ("qualities", "competences") and len(path) > 1:
            prefix = {"qualities": "quality_", "competences": "competence_"}[path[0]]
            return self._label("hocba.assessment", prefix + path[1])
        if path[0] == "history":
            return self.env._("School career")
        model, field = _ENTRIES.get(path[0], (None, None))
        return self._label(model, field) if model else path[0]

    def _subject_label(self, code, attribute):
        subjects = self.assessment_id.result_ids.subject_id
        subject = subjects.filtered(lambda one: code in (one.moet_code, one.code))[:1]
        labels = {
            "level": self.env._("level"),
            "score": self.env._("test score"),
            "comment": self.env._("comment"),
        }
        if attribute in labels:
            return self.env._("%(subject)s (%(entry)s)", subject=subject.name or code, entry=labels[attribute])
        return subject.name or code

    def _label(self, model, field):
        return self.env[model]._fields[field]._description_string(self.env)


def _score(issue):
    return {name: issue.params.get(name) for name in ("subject", "level", "score")}


#: Attribute of the neutral record -> the model and field where a person enters it.
_ENTRIES = {
    **{
        name: ("hocba.pupil", field)
        for name, field in {
            "pupil_name": "name",
            "pupil_code": "code",
            "id_number": "id_number",
            "gender": "gender",
            "birth_date": "birth_date",
            "birth_place": "birth_place",
            "home_town": "home_town",
            "address": "address",
            "ethnicity": "ethnicity_id",
            "nationality": "nationality_id",
            "father": "father_name",
            "mother": "mother_name",
            "guardian": "guardian_name",
            "register_number": "register_number",
        }.items()
    },
    **{
        name: ("hocba.assessment", field)
        for name, field in {
            "weight": "weight",
            "height": "height",
            "absences_excused": "absences_excused",
            "absences_unexcused": "absences_unexcused",
            "overall": "overall",
            "class_completed": "class_completed",
            "promoted": "promoted",
            "award": "award",
            "extra_award": "extra_award",
            "homeroom_comment": "homeroom_comment",
            "quality_comment": "quality_comment",
            "general_competence_comment": "general_comment",
            "specific_competence_comment": "specific_comment",
        }.items()
    },
    **{
        name: ("res.company", field)
        for name, field in {
            "authority_code": "hocba_authority_code",
            "authority_name": "hocba_authority_name",
            "school_code": "hocba_school_code",
            "school_name": "name",
            "commune": "hocba_commune",
            "district": "hocba_district",
            "province": "hocba_province",
            "issue_place": "hocba_issue_place",
            "head_name": "hocba_head_id",
        }.items()
    },
    "head_id_number": ("res.users", "hocba_id_number"),
    "head_title": ("res.users", "hocba_title"),
    "homeroom_name": ("hocba.class", "homeroom_id"),
    "homeroom_id_number": ("res.users", "hocba_id_number"),
    "class_name": ("hocba.class", "name"),
    "grade": ("hocba.class", "grade"),
    "school_year": ("hocba.class", "school_year_id"),
    "issued_on": ("hocba.record", "issued_on"),
    "created_at": ("hocba.record", "created_at"),
    "uuid": ("hocba.record", "uuid"),
}
