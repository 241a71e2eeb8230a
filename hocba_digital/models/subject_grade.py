import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .subject import GRADES


class SubjectGrade(models.Model):
    """What holds for a subject in one grade from a school year on: required or chosen, and when it is tested.

    TT 27, Art. 7.1b; programme of TT 32/2018, which reached grade 1 in 2020-2021 and grade 5 in 2024-2025 (TT 27,
    Art. 2). A later line of the same subject and grade replaces the earlier one from its own year on.
    """

    _name = "hocba.subject.grade"
    _description = "Subject of a Grade"
    _order = "grade, valid_from"
    _rec_name = "grade"

    subject_id = fields.Many2one("hocba.subject", required=True, ondelete="cascade", index=True)
    grade = fields.Selection(GRADES, required=True)
    valid_from = fields.Char("From school year", required=True, default="2020-2021", help="For example 2024-2025.")
    valid_to = fields.Char("Last school year", help="Empty: it still holds.")
    required = fields.Boolean(default=True)
    has_test = fields.Boolean("Test at the end of each semester")
    has_mid_test = fields.Boolean("Test in the middle of each semester")

    _grade_uniq = models.Constraint(
        "UNIQUE(subject_id, grade, valid_from)", "This grade is already listed for the subject from that school year."
    )

    @api.constrains("valid_from", "valid_to")
    def _check_years(self):
        for line in self:
            for name in filter(None, (line.valid_from, line.valid_to)):
                if not re.fullmatch(r"\d{4}-\d{4}", name) or int(name[5:]) != int(name[:4]) + 1:
                    raise ValidationError(
                        self.env._(
                            "%(subject)s: “%(name)s” is no school year. Write it as 2025-2026.",
                            subject=line.subject_id.name,
                            name=name,
                        )
                    )
            if line.valid_to and line.valid_to < line.valid_from:
                raise ValidationError(
                    self.env._("%(subject)s: the last school year is before the first.", subject=line.subject_id.name)
                )

    def _of(self, grade, school_year):
        """Of these lines of one subject, the one that holds for the grade in the school year ("2025-2026")."""
        holding = self.filtered(
            lambda line: (
                line.grade == grade
                and line.valid_from <= (school_year or "9999")
                and (not line.valid_to or line.valid_to >= (school_year or ""))
            )
        )
        return holding.sorted("valid_from")[-1:]

    def _tested(self, period):
        """Whether the subject has a test in ``period`` (Art. 7.1b)."""
        return bool(self) and (self.has_mid_test if period in ("mid1", "mid2") else self.has_test)
