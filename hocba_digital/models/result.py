from odoo import api, fields, models
from odoo.exceptions import ValidationError

LEVELS = [("T", "T (Completed well)"), ("H", "H (Completed)"), ("C", "C (Not completed)"), ("M", "M (Exempt)")]
SCORES = [(str(score), str(score)) for score in range(11)]
_PLAN = ("grade", "valid_from", "valid_to", "required", "has_test", "has_mid_test")
_DEMANDS = ("disability_education", "not_assessed")


class Result(models.Model):
    """Level, score and comment of one subject (TT 27, Art. 7.1).

    The score is a selection of whole numbers: an integer field cannot tell 0 from "no score".
    """

    _name = "hocba.result"
    _description = "Subject Result"
    _order = "assessment_id, sequence, id"
    _inherit = ["hocba.logged.mixin"]
    _rec_name = "subject_id"

    assessment_id = fields.Many2one("hocba.assessment", required=True, ondelete="cascade", index=True)
    subject_id = fields.Many2one("hocba.subject", required=True, ondelete="restrict", index=True)
    sequence = fields.Integer(related="subject_id.sequence", store=True)
    level = fields.Selection(LEVELS)
    score = fields.Selection(SCORES, "Test score")
    comment = fields.Text()
    pupil_id = fields.Many2one(related="assessment_id.pupil_id", store=True)
    class_id = fields.Many2one(related="assessment_id.class_id", store=True, index=True)
    company_id = fields.Many2one(related="assessment_id.company_id", store=True)
    period = fields.Selection(related="assessment_id.period", store=True)
    teacher_id = fields.Many2one("res.users", compute="_compute_teacher_id", store=True, index=True)
    has_test = fields.Boolean("Tested", compute="_compute_plan", store=True)
    required = fields.Boolean(compute="_compute_plan", store=True)
    needs_score = fields.Boolean(
        "Score needed", compute="_compute_plan", store=True, help="There is a test, and the pupil has to take it."
    )

    _subject_uniq = models.Constraint("UNIQUE(assessment_id, subject_id)", "The subject is already listed.")
    _level_scale = models.Constraint(
        "CHECK(level IS NULL OR level IN ('T', 'H', 'C', 'M'))", "The level of a subject is T, H, C or M."
    )
    _score_scale = models.Constraint(
        "CHECK(score IS NULL OR score IN ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10'))",
        "A test score is a whole number from 0 to 10.",
    )
    _score_where_tested = models.Constraint(
        "CHECK(score IS NULL OR has_test)", "A subject without a test at this time has no score (Art. 7.1b)."
    )

    @api.depends("class_id.assignment_ids.teacher_id", "class_id.assignment_ids.subject_id", "class_id.homeroom_id")
    def _compute_teacher_id(self):
        for line in self:
            assigned = line.class_id.assignment_ids.filtered(
                lambda assignment, line=line: assignment.subject_id == line.subject_id
            )
            line.teacher_id = assigned[:1].teacher_id or line.class_id.homeroom_id

    @api.depends(
        "period",
        "class_id.grade",
        "class_id.school_year_id.name",
        *(
            f"subject_id.grade_ids.{name}"
            for name in ("has_test", "has_mid_test", "required", "valid_from", "valid_to")
        ),
        "class_id.chosen_subject_ids",
        *(f"assessment_id.enrolment_id.{name}" for name in _DEMANDS),
    )
    def _compute_plan(self):
        for line in self:
            plan = line.subject_id.grade_ids._of(line.class_id.grade, line.class_id.school_year_id.name)
            chosen = bool(plan) and line.subject_id in line.class_id.chosen_subject_ids
            wanted = line.assessment_id.enrolment_id._demands().wants(line.subject_id.code)
            line.has_test = plan._tested(line.period)
            line.required = wanted and (plan.required or chosen)
            line.needs_score = wanted and line.has_test

    @api.constrains("score", "subject_id")
    def _check_score(self):
        for line in self:
            if line.score and not line.has_test:
                raise ValidationError(
                    self.env._(
                        "%(pupil)s: %(subject)s has no test in this grade at this time, so it has no score.",
                        pupil=line.pupil_id.name,
                        subject=line.subject_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._exempt_lines()._write_exempt()
        return lines

    @api.constrains("level")
    def _check_exempt(self):
        for line in self._exempt_lines().filtered(lambda line: line.level != "M"):
            raise ValidationError(
                self.env._(
                    "%(pupil)s is exempt from %(subject)s by a decision: the level is M. Remove the exemption first.",
                    pupil=line.pupil_id.name,
                    subject=line.subject_id.name,
                )
            )

    def _exemptions(self):
        """Pairs (enrolment id, subject id) of the decisions that touch these lines."""
        found = self.env["hocba.exemption"].sudo().search([("enrolment_id", "in", self.assessment_id.enrolment_id.ids)])
        return {(line.enrolment_id.id, line.subject_id.id) for line in found}

    def _exempt_lines(self):
        """Those of these lines that a decision exempts."""
        decided = self._exemptions()
        return self.filtered(lambda line: (line.assessment_id.enrolment_id.id, line.subject_id.id) in decided)

    def _write_exempt(self):
        """Enter M as a decision says; an exempt pupil has no test."""
        self.filtered(lambda line: line.level != "M" or line.score).write({"level": "M", "score": False})

    def _code(self):
        """Code of the subject as the record carries it (MA_MON_HOC)."""
        return self.subject_id.moet_code or self.subject_id.code

    def write(self, vals):
        self.assessment_id._check_unsigned(vals)
        return super().write(vals)
