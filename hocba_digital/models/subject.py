from odoo import api, fields, models

GRADES = [("1", "Grade 1"), ("2", "Grade 2"), ("3", "Grade 3"), ("4", "Grade 4"), ("5", "Grade 5")]
#: Languages that "Ngoại ngữ 1" may be, as codes of ``core.rules.subjects.FOREIGN_LANGUAGES``.
LANGUAGES = [
    ("en", "English"),
    ("fr", "French"),
    ("ru", "Russian"),
    ("zh", "Chinese"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("de", "German"),
]


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
    def _plan(self, grade, school_year=None):
        """Plan of one grade: the ``hocba.subject.grade`` lines that hold in the school year ("2025-2026"; the newest
        ones without a year), in the order of the form.
        """
        return self.env["hocba.subject.grade"].union(
            *(subject.grade_ids._of(grade, school_year) for subject in self.search([("grade_ids.grade", "=", grade)]))
        )
