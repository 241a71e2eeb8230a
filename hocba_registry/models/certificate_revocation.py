"""What a department knows of the revocation of its schools' certificates."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime


class CertificateRevocation(models.Model):
    _name = "hocba.registry.certificate"
    _inherit = ["hocba.registry.certificate", "hocba.revocable.mixin", "mail.activity.mixin"]

    # Named here again, so that this add-on's catalogue has them.
    revocation = fields.Selection(
        selection_add=[("good", "Not revoked"), ("revoked", "Revoked"), ("unknown", "Not known")]
    )

    @api.model
    def _revocable(self):
        return self.sudo().search([("state", "in", ("submitted", "approved"))])

    def _x509(self):
        return self.sudo()._parse()

    def _tell_revoked(self):
        text = self.env._(
            "The certificate of %(school)s (serial number %(serial)s) was revoked by its authority on %(date)s. What "
            "it seals from then on is refused. Check what it sealed since, and withdraw it.",
            school=self.unit_id.name,
            serial=self.serial,
            date=format_datetime(self.env, self.revoked_at, tz="Asia/Ho_Chi_Minh"),
        )
        self._message_log(body=text)
        if self.state == "approved" and self.decided_by_id.active:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                note=text,
                summary=self.env._("Revoked by its authority: the certificate of %(school)s", school=self.unit_id.name),
                user_id=self.decided_by_id.id,
            )

    def action_approve(self):
        for line in self:
            if line.revoked_at:
                raise UserError(self.env._("The certificate of %(name)s was revoked by its authority.", name=line.name))
        return super().action_approve()
