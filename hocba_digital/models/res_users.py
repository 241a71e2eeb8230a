from datetime import timedelta

from odoo import api, fields, models

#: What every user may read of the own account.
_OWN = ("hocba_id_number", "hocba_title", "hocba_certificate_ids", "hocba_certificate_state")


class ResUsers(models.Model):
    """A person who signs: teacher, head or clerk."""

    _inherit = "res.users"

    hocba_id_number = fields.Char(
        "Citizen ID number",
        groups="hocba_digital.group_school_admin,hocba_digital.group_clerk,hocba_digital.group_head",
        help="12 digits; written into the record beside the signature (SO_CCCD).",
    )
    hocba_title = fields.Char("Position at school", help="For example: Hiệu trưởng, Phó Hiệu trưởng.")
    hocba_signature_image = fields.Image(
        "Picture of the signature",
        max_width=900,
        max_height=400,
        groups="hocba_digital.group_school_admin",
        help="Blue on a transparent ground (PNG). Shown where the head signs PDF files; without it, the name.",
    )
    hocba_certificate_ids = fields.One2many("hocba.certificate", "user_id", "Signing certificates")

    hocba_certificate_state = fields.Selection(
        [
            ("none", "No certificate"),
            ("expired", "Expired"),
            ("soon", "Ends within 60 days"),
            ("valid", "Ready to sign"),
        ],
        "Can sign",
        compute="_compute_hocba_certificate_state",
        search="_search_hocba_certificate_state",
    )
    hocba_certificate_until = fields.Datetime("Certificate until", compute="_compute_hocba_certificate_state")

    @api.depends("hocba_certificate_ids.not_after", "hocba_certificate_ids.has_key")
    def _compute_hocba_certificate_state(self):
        now = fields.Datetime.now()
        groups = (
            self.env["hocba.certificate"]
            .sudo()
            ._read_group(
                [("user_id", "in", self.ids), ("kind", "=", "person"), ("has_key", "=", True)],
                ["user_id"],
                ["not_after:max"],
            )
        )
        until = {user.id: moment for user, moment in groups}
        for user in self:
            moment = until.get(user.id)
            user.hocba_certificate_until = moment or False
            if not moment:
                user.hocba_certificate_state = "none"
            elif moment <= now:
                user.hocba_certificate_state = "expired"
            else:
                user.hocba_certificate_state = "soon" if moment < now + timedelta(days=60) else "valid"

    def _search_hocba_certificate_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        users = self.sudo().search([("share", "=", False)])
        return [("id", "in", users.filtered(lambda user: user.hocba_certificate_state in value).ids)]

    @property
    def SELF_READABLE_FIELDS(self):  # noqa: N802 (Odoo names it so)
        return [*super().SELF_READABLE_FIELDS, *_OWN]
