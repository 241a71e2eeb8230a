from odoo import api, fields, models

GRADES = [("1", "Grade 1"), ("2", "Grade 2"), ("3", "Grade 3"), ("4", "Grade 4"), ("5", "Grade 5")]


class Subject(models.Model):
    """A subject or educational activity, in the row order of the record (TT 27, annex 1; QĐ 2904)."""

    _name = "hocba.subject"
    _description = "Subject"
    _order = "sequence, id"

    name = fields.Char("Subject", required=True)
    short_name = fields.Char("Short name")
    code = fields.Char(required=True)
    moet_code = fields.Char("Ministry's code", help="MA_MON_HOC where the ministry's list is used; else the code.")
    sequence = fields.Integer(default=10)
    grade_ids = fields.One2many("hocba.subject.grade", "subject_id", "Grades")
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint("UNIQUE(code)", "This subject code already exists.")

    @api.model
    def _plan(self, grade):
        """Plan of one grade: the ``hocba.subject.grade`` lines in the order of the form."""
        lines = self.env["hocba.subject.grade"].search([("grade", "=", grade), ("subject_id.active", "=", True)])
        return lines.sorted(lambda line: (line.subject_id.sequence, line.subject_id.id))
