"""Who takes a school's records in, and how its deadlines are counted and warned of."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.rules import deadlines

APPROVERS = [
    ("department", "Department (Sở GDĐT)"),
    ("division", "Division (Phòng GDĐT)"),
    ("commune", "Commune's People's Committee (UBND)"),
]


class ResCompanyDeadline(models.Model):
    _inherit = "res.company"

    hocba_approver_kind = fields.Selection(
        APPROVERS, "Approving body", default="department", help="Who approves and closes the school's records."
    )
    hocba_approver_name = fields.Char(
        "Name of the approving body", help="As it is to stand in messages; empty: the usual name of its kind."
    )
    hocba_deadline_inclusive = fields.Boolean(
        "The day itself is in time",
        help="“Before 30/6” ends on 29/6 by the letter; tick it where the approving body still accepts on 30/6.",
    )
    hocba_warning_days = fields.Char(
        "Warn days before a deadline",
        default="14, 7, 3, 1",
        help="Days left at which people are told, for example 14, 7, 3, 1.",
    )
    hocba_pace_days = fields.Integer(
        "Days that measure the pace", default=7, help="The expected end follows from what was done in these last days."
    )

    @api.constrains("hocba_warning_days", "hocba_pace_days")
    def _check_hocba_warnings(self):
        for company in self:
            if not company._hocba_thresholds():
                raise ValidationError(
                    self.env._(
                        "“%(text)s” is no list of days. Write it as 14, 7, 3, 1.", text=company.hocba_warning_days
                    )
                )
            if not 1 <= company.hocba_pace_days <= 60:
                raise ValidationError(self.env._("The pace is measured over 1 to 60 days."))

    def _hocba_thresholds(self):
        """Days left at which people are told, largest first; empty when what was entered is no such list."""
        self.ensure_one()
        try:
            return deadlines.warning_days(self.hocba_warning_days or "14, 7, 3, 1")
        except ValueError:
            return ()

    def _hocba_approving_body(self, kind=None, name=None):
        """The approving body as messages call it: the given one, else the school's."""
        self.ensure_one()
        name = name or (not kind and self.hocba_approver_name)
        if name:
            return name
        kind = kind or self.hocba_approver_kind or "department"
        commune = self.hocba_commune or ""
        if kind == "commune":
            return f"UBND {commune[:1].lower()}{commune[1:]}".strip()
        if kind == "division":
            return "Phòng GDĐT"
        return self.hocba_authority_name or "Sở GDĐT"

    def _hocba_days_left(self, day):
        """Days from today in Vietnam to the last day in time; 0 without a deadline, negative after it."""
        self.ensure_one()
        if not day:
            return 0
        return deadlines.days_left(day, fields.Datetime.now(), inclusive=self.hocba_deadline_inclusive)
