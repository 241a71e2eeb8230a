from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core.packet import COMPETENCES, QUALITIES, UPPER_GRADE_COMPETENCES
from ..core.rules import assessment as rules

PERIODS = [
    ("mid1", "Middle of semester I"),
    ("end1", "End of semester I"),
    ("mid2", "Middle of semester II"),
    ("year", "End of the year"),
]
TRAIT_LEVELS = [("T", "T (Good)"), ("D", "Đ (Reached)"), ("C", "C (Needs effort)")]
OVERALL = [
    ("excellent", "Completed excellently"),
    ("good", "Completed well"),
    ("completed", "Completed"),
    ("not_completed", "Not completed"),
]
QUALITY_FIELDS = tuple(f"quality_{code}" for code in QUALITIES)
COMPETENCE_FIELDS = tuple(f"competence_{code}" for code in COMPETENCES)
_LATE_FIELDS = tuple(f"competence_{code}" for code in UPPER_GRADE_COMPETENCES)
#: What is worked out from the rest and may follow it after signing, without a change of what was signed.
_FOLLOWING = {"overall", "overall_computed", "missing_count", "promotion_state", "reassessment_count"}
#: What the record wants besides levels and scores; the three periods before the year's end do without.
_COMMENTS = ("quality_comment", "general_comment", "specific_comment", "homeroom_comment")
_YEAR_END = ("has_attendance", "height", "weight", *_COMMENTS)


class Assessment(models.Model):
    """What the homeroom teacher states of one pupil at one of the four times a year (TT 27, Art. 7.2 and 9)."""

    _name = "hocba.assessment"
    _description = "Periodic Assessment"
    _order = "class_id, pupil_name, id"
    _inherit = ["hocba.logged.mixin", "mail.thread", "mail.activity.mixin", "hocba.frozen.mixin"]

    enrolment_id = fields.Many2one("hocba.enrolment", required=True, ondelete="cascade", index=True)
    pupil_id = fields.Many2one(related="enrolment_id.pupil_id", store=True, index=True)
    pupil_name = fields.Char(related="pupil_id.name", store=True, string="Full name")
    class_id = fields.Many2one(related="enrolment_id.class_id", store=True, index=True)
    grade = fields.Selection(related="class_id.grade", store=True)
    school_year_id = fields.Many2one(related="class_id.school_year_id", store=True)
    homeroom_id = fields.Many2one(related="class_id.homeroom_id", store=True)
    company_id = fields.Many2one(related="enrolment_id.company_id", store=True)
    disability_education = fields.Selection(related="enrolment_id.disability_education", store=True)
    not_assessed = fields.Boolean(related="enrolment_id.not_assessed", store=True)
    period = fields.Selection(PERIODS, required=True, default="year")
    result_ids = fields.One2many("hocba.result", "assessment_id", "Subjects")

    quality_patriotism = fields.Selection(TRAIT_LEVELS, "Patriotism")
    quality_compassion = fields.Selection(TRAIT_LEVELS, "Compassion")
    quality_diligence = fields.Selection(TRAIT_LEVELS, "Diligence")
    quality_honesty = fields.Selection(TRAIT_LEVELS, "Honesty")
    quality_responsibility = fields.Selection(TRAIT_LEVELS, "Responsibility")
    competence_autonomy = fields.Selection(TRAIT_LEVELS, "Autonomy and self-study")
    competence_communication = fields.Selection(TRAIT_LEVELS, "Communication and cooperation")
    competence_problem_solving = fields.Selection(TRAIT_LEVELS, "Problem solving and creativity")
    competence_language = fields.Selection(TRAIT_LEVELS, "Language")
    competence_computation = fields.Selection(TRAIT_LEVELS, "Computation")
    competence_science = fields.Selection(TRAIT_LEVELS, "Science")
    competence_technology = fields.Selection(TRAIT_LEVELS, "Technology")
    competence_informatics = fields.Selection(TRAIT_LEVELS, "Informatics")
    competence_aesthetics = fields.Selection(TRAIT_LEVELS, "Aesthetics")
    competence_physical = fields.Selection(TRAIT_LEVELS, "Physical ability")
    quality_comment = fields.Text("Comment on qualities")
    general_comment = fields.Text("Comment on general competences")
    specific_comment = fields.Text("Comment on specific competences")
    homeroom_comment = fields.Text("Homeroom teacher's comment")

    has_attendance = fields.Boolean("Attendance entered")
    absences_excused = fields.Integer("Absences with leave")
    absences_unexcused = fields.Integer("Absences without leave")
    height = fields.Float("Height (cm)", digits=(5, 1))
    weight = fields.Float("Weight (kg)", digits=(5, 1))

    overall_computed = fields.Selection(OVERALL, "Result by the rules", compute="_compute_overall", store=True)
    overall_manual = fields.Selection(OVERALL, "Result set by hand", tracking=True)
    overall_reason = fields.Text("Reason for the other result", tracking=True)
    overall = fields.Selection(OVERALL, "Overall result", compute="_compute_overall", store=True)
    award = fields.Char(tracking=True)
    extra_award = fields.Char("Extraordinary award", tracking=True)
    record_ids = fields.One2many("hocba.record", "assessment_id", "Records")
    missing_count = fields.Integer("Empty cells", compute="_compute_missing_count", store=True)

    _period_uniq = models.Constraint("UNIQUE(enrolment_id, period)", "The pupil already has this assessment.")

    @api.depends("pupil_name", "period")
    def _compute_display_name(self):
        labels = dict(self._fields["period"]._description_selection(self.env))
        for assessment in self:
            assessment.display_name = f"{assessment.pupil_name or ''} - {labels.get(assessment.period, '')}"

    @api.depends(
        "period",
        "overall_manual",
        "grade",
        "not_assessed",
        "result_ids.level",
        "result_ids.score",
        "result_ids.required",
        "result_ids.needs_score",
        *QUALITY_FIELDS,
        *COMPETENCE_FIELDS,
    )
    def _compute_overall(self):
        for assessment in self:
            assessment.overall_computed = assessment._overall_by_rules()
            assessment.overall = assessment.overall_manual or assessment.overall_computed

    def _overall_by_rules(self):
        """Overall result of Art. 9.2a, or False while a needed level or score is missing."""
        self.ensure_one()
        if self.period != "year" or self.not_assessed:
            return False
        lines = self.result_ids.filtered(lambda line: line.required or line.level)
        traits = self._trait_fields()
        return (
            rules.overall_result(
                {line.subject_id.code: line.level or None for line in lines},
                {line.subject_id.code: int(line.score) if line.score else None for line in lines},
                {name: self[name] or None for name in traits if name in QUALITY_FIELDS},
                {name: self[name] or None for name in traits if name in COMPETENCE_FIELDS},
                tested=lines.filtered("needs_score").subject_id.mapped("code"),
                required=lines.filtered("required").subject_id.mapped("code"),
            )
            or False
        )

    def _trait_fields(self):
        """Qualities and competences that are assessed in the pupil's grade (Technology, Informatics: from grade 3)."""
        names = QUALITY_FIELDS + COMPETENCE_FIELDS
        return [name for name in names if name not in _LATE_FIELDS or (self.grade or "1") >= "3"]

    @api.constrains("grade", *_LATE_FIELDS)
    def _check_late_competences(self):
        for assessment in self:
            wrong = [name for name in _LATE_FIELDS if assessment[name] and assessment.grade in ("1", "2")]
            if wrong:
                raise ValidationError(
                    self.env._(
                        "%(name)s: “%(competence)s” is assessed from grade 3 on.",
                        name=assessment.pupil_name,
                        competence=self._fields[wrong[0]]._description_string(self.env),
                    )
                )

    @api.depends(
        "result_ids.level",
        "result_ids.score",
        "result_ids.required",
        "result_ids.needs_score",
        "not_assessed",
        "period",
        "grade",
        *_YEAR_END,
        *QUALITY_FIELDS,
        *COMPETENCE_FIELDS,
    )
    def _compute_missing_count(self):
        for assessment in self:
            if assessment.not_assessed:
                assessment.missing_count = 0
                continue
            plain = _YEAR_END if assessment.period == "year" else ()
            cells = [assessment[name] for name in (*plain, *assessment._trait_fields())]
            for line in assessment.result_ids.filtered("required"):
                cells.append(line.level)
                if line.needs_score and line.level != "M":
                    cells.append(line.score)
            assessment.missing_count = sum(not cell for cell in cells)

    @api.constrains("absences_excused", "absences_unexcused", "height", "weight")
    def _check_measures(self):
        for assessment in self:
            if assessment.absences_excused < 0 or assessment.absences_unexcused < 0:
                raise ValidationError(self.env._("%(name)s: absences cannot be negative.", name=assessment.pupil_name))
            if assessment.height and not 50 <= assessment.height <= 220:
                raise ValidationError(
                    self.env._("%(name)s: height is in cm, between 50 and 220.", name=assessment.pupil_name)
                )
            if assessment.weight and not 8 <= assessment.weight <= 150:
                raise ValidationError(
                    self.env._("%(name)s: weight is in kg, between 8 and 150.", name=assessment.pupil_name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        assessments = super().create(vals_list)
        assessments._ensure_results()
        return assessments

    def _ensure_results(self):
        """One line per subject of the class, as the class grid and the form expect."""
        plans = {school_class: school_class._subject_plan().subject_id for school_class in self.class_id}
        self.env["hocba.result"].create(
            [
                {"assessment_id": assessment.id, "subject_id": subject.id}
                for assessment in self
                for subject in plans.get(assessment.class_id, [])
                if subject not in assessment.result_ids.subject_id
            ]
        )

    def write(self, vals):
        self._check_unsigned(vals)
        return super().write(vals)

    def _check_unsigned(self, vals):
        """Results of a signed record change only after the head has reopened it (design §4)."""
        content = {name for name in vals if not name.startswith(("message_", "activity_"))}
        stored = content - _FOLLOWING
        if not stored:
            return
        signed = self.sudo().record_ids.filtered(
            lambda record: record.state not in ("draft", "recalled") and not record._being_amended()
        )
        if signed:
            raise UserError(
                self.env._(
                    "The record of %(name)s is already signed. The head has to reopen it before results can change.",
                    name=signed[0].pupil_name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_recorded(self):
        if self.sudo().record_ids:
            raise UserError(
                self.env._("%(name)s: a record was made from this assessment.", name=self.record_ids[0].pupil_name)
            )
