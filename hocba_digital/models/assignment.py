from odoo import fields, models


class Assignment(models.Model):
    """Who teaches a subject in a class."""

    _name = "hocba.assignment"
    _description = "Teaching Assignment"
    _rec_name = "subject_id"
    _check_company_auto = True

    class_id = fields.Many2one("hocba.class", required=True, ondelete="cascade", index=True)
    subject_id = fields.Many2one("hocba.subject", required=True, ondelete="restrict")
    teacher_id = fields.Many2one("res.users", required=True, index=True)
    company_id = fields.Many2one(related="class_id.company_id", store=True)

    _subject_uniq = models.Constraint(
        "UNIQUE(class_id, subject_id)", "The subject already has a teacher in this class."
    )
