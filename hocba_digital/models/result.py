from odoo import api, fields, models
from odoo.exceptions import ValidationError

LEVELS = [("T", "T (Completed well)"), ("H", "H (Completed)"), ("C", "C (Not completed)"), ("M", "M (Exempt)")]
SCORES = [(str(score), str(score)) for score in range(11)]


class Result(models.Model):
    """Level, score and comment of one subject (TT 27, Art. 7.1).

    The score is a selection of whole numbers: an integer field cannot tell 0 from "no score".
    """

    _name = "hocba.result"
    _description = "Subject Result"
    _order = "assessment_id, sequence, id"
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

    _subject_uniq = models.Constraint("UNIQUE(assessment_id, subject_id)", "The subject is already listed.")

    @api.depends("class_id.assignment_ids.teacher_id", "class_id.assignment_ids.subject_id", "class_id.homeroom_id")
    def _compute_teacher_id(self):
        for line in self:
            assigned = line.class_id.assignment_ids.filtered(
                lambda assignment, line=line: assignment.subject_id == line.subject_id
            )
            line.teacher_id = assigned[:1].teacher_id or line.class_id.homeroom_id

    @api.depends("subject_id.grade_ids.has_test", "subject_id.grade_ids.required", "class_id.grade")
    def _compute_plan(self):
        for line in self:
            plan = line.subject_id.grade_ids.filtered(lambda rule, line=line: rule.grade == line.class_id.grade)
            line.has_test = plan.has_test
            line.required = plan.required

    @api.constrains("score", "subject_id")
    def _check_score(self):
        for line in self:
            if line.score and not line.has_test:
                raise ValidationError(
                    self.env._(
                        "%(pupil)s: %(subject)s has no test in this grade, so it has no score.",
                        pupil=line.pupil_id.name,
                        subject=line.subject_id.name,
                    )
                )

    def write(self, vals):
        self.assessment_id._check_unsigned(vals)
        return super().write(vals)
