"""Which format the records of a school year have: one for all of them, chosen before the first signature."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import packet

#: Formats that a school chooses from: every one that ``core.packet`` knows (a test compares).
PROFILES = [
    ("cv2088-1.0", "CV 2088/BGDĐT (homeroom teacher, head, seal)"),
    ("2025", "2025 (subject teachers sign their results too)"),
]


class SchoolYearProfile(models.Model):
    _inherit = "hocba.school.year"

    packet_profile = fields.Selection(
        PROFILES,
        "Format of the records",
        required=True,
        default=lambda self: packet.default_profile().name,
        tracking=True,
        help="What the department receives, and who signs. It can be changed until the first signature of the year.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if "packet_profile" not in vals:
                company = vals.get("company_id") or self.env.company.id
                before = self.sudo().search([("company_id", "=", company)], limit=1)
                vals["packet_profile"] = before.packet_profile or packet.default_profile().name
        return super().create(vals_list)

    def write(self, vals):
        changed = self.browse()
        if "packet_profile" in vals:
            changed = self.filtered(lambda year: year.packet_profile != vals["packet_profile"])
            changed._check_format_open()
        result = super().write(vals)
        changed._reformat_drafts()
        return result

    def _year_records(self):
        return self.env["hocba.record"].sudo().search([("school_year_id", "in", self.ids), ("state", "!=", "recalled")])

    def _check_format_open(self):
        for year in self:
            records = year._year_records()
            signed = records.filtered(
                lambda record: record.state != "draft" or any(record.signature_ids.mapped("valid"))
            )
            if signed:
                raise UserError(
                    self.env._(
                        "%(count)s records of %(year)s carry signatures already, for example that of %(pupil)s, so the "
                        "format of this year stays. Choose another one for the next year.",
                        count=len(signed),
                        year=year.name,
                        pupil=signed[0].pupil_name,
                    )
                )
            # A signature that is being given at this moment wins: it holds the rows.
            if records.try_lock_for_update() != records:
                raise UserError(self.env._("Records of %(year)s are being worked on. Try again.", year=year.name))

    def _reformat_drafts(self):
        for year in self:
            year._year_records()._in_transition().write({"profile": year.packet_profile})
