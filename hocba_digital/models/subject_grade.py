from odoo import fields, models

from .subject import GRADES


class SubjectGrade(models.Model):
    """What holds for a subject in one grade: required or chosen, with a test or without (TT 27, Art. 7.1b)."""

    _name = "hocba.subject.grade"
    _description = "Subject of a Grade"
    _order = "grade"
    _rec_name = "grade"

    subject_id = fields.Many2one("hocba.subject", required=True, ondelete="cascade", index=True)
    grade = fields.Selection(GRADES, required=True)
    required = fields.Boolean(default=True)
    has_test = fields.Boolean("Year-end test")

    _grade_uniq = models.Constraint("UNIQUE(subject_id, grade)", "This grade is already listed for the subject.")
