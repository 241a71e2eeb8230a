from odoo import fields, models


class EndpointTransfers(models.Model):
    """Whether the gateway passes changes of school on; it says so with the token."""

    _inherit = "hocba.endpoint"

    transfers_offered = fields.Boolean("Passes changes of school on", readonly=True, copy=False)

    def _note_transfers_offered(self, offered):
        self.sudo().write({"transfers_offered": offered})
