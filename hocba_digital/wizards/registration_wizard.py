from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..core.gateway import PROVIDERS, SIGNATURE_TYPES


class RegistrationWizard(models.TransientModel):
    """Registers the school's seal with the department."""

    _name = "hocba.registration.wizard"
    _description = "Register the Seal with the Department"
    _inherit = ["hocba.pin.mixin"]

    certificate_id = fields.Many2one("hocba.certificate", required=True, readonly=True)
    signature_kind = fields.Selection(
        list(SIGNATURE_TYPES.items()), "Kind of signature", required=True, default="USB_TOKEN"
    )
    provider = fields.Selection(list(PROVIDERS.items()), "Issued by", required=True, default="BAN_CO_YEU")
    submission_id = fields.Many2one("hocba.submission", readonly=True)

    def _use_pin(self, pin):
        if not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Only the clerk registers the school's seal."))
        self.submission_id = self.env["hocba.submission"]._queue_registration(
            self.certificate_id, self.signature_kind, self.provider, pin
        )

    def action_register(self):
        """Show the transaction that was frozen when the PIN was given."""
        self.ensure_one()
        if not self.submission_id:
            raise UserError(self.env._("Enter the PIN of the school's seal."))
        return dict(self.submission_id.get_formview_action(), target="main")
