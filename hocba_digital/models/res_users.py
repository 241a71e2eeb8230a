from odoo import fields, models


class ResUsers(models.Model):
    """A person who signs: teacher, head or clerk."""

    _inherit = "res.users"

    hocba_id_number = fields.Char(
        "Citizen ID number",
        groups="hocba_digital.group_school_admin,hocba_digital.group_clerk,hocba_digital.group_head",
        help="12 digits; written into the record beside the signature (SO_CCCD).",
    )
    hocba_title = fields.Char("Position at school", help="For example: Hiệu trưởng, Phó Hiệu trưởng.")
    hocba_certificate_ids = fields.One2many("hocba.certificate", "user_id", "Signing certificates")

    @property
    def SELF_READABLE_FIELDS(self):  # noqa: N802 (Odoo names it so)
        return [*super().SELF_READABLE_FIELDS, "hocba_id_number", "hocba_title", "hocba_certificate_ids"]
