"""Whether a registered certificate has been revoked, and what follows."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime


class CertificateRevocation(models.Model):
    _name = "hocba.certificate"
    _inherit = ["hocba.certificate", "hocba.revocable.mixin"]

    @api.model
    def _revocable(self):
        return self.sudo().search([("der", "!=", False)])

    def _tell_revoked(self):
        text = self.env._(
            "The certificate of %(name)s was revoked by its authority on %(date)s and signs no more. Register another "
            "one; check what was signed since then.",
            name=self.name,
            date=format_datetime(self.env, self.revoked_at, tz="Asia/Ho_Chi_Minh"),
        )
        self._message_log(body=text)
        for user in self._keepers():
            self.activity_schedule("mail.mail_activity_data_todo", note=text, summary=text[:120], user_id=user.id)

    def _check_holder(self):
        if self.sudo().revoked_at:
            raise UserError(
                self.env._(
                    "The certificate of “%(name)s” was revoked by its authority. Register another one.", name=self.name
                )
            )
        return super()._check_holder()

    @api.model
    def _usable_for(self, role, company):
        return super()._usable_for(role, company).filtered(lambda one: not one.sudo().revoked_at)
