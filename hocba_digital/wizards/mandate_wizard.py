from odoo import api, fields, models

from ..core.rules import deadlines


class MandateWizard(models.TransientModel):
    """Asks why and from when a mandate is revoked."""

    _name = "hocba.mandate.wizard"
    _description = "Revoke a Mandate"

    mandate_id = fields.Many2one("hocba.mandate", required=True, readonly=True, ondelete="cascade")
    on = fields.Date("Revoked from", required=True, default=lambda self: deadlines.today())
    reason = fields.Text(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "hocba.mandate":
            values.setdefault("mandate_id", self.env.context.get("active_id"))
        return values

    def action_confirm(self):
        """Revoke it; who may is checked by the mandate."""
        self.ensure_one()
        self.mandate_id.action_revoke(self.reason, self.on)
        return {"type": "ir.actions.act_window_close"}
