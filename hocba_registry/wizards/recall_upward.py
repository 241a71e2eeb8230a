from odoo import api, fields, models
from odoo.exceptions import UserError


class RecallUpwardWizard(models.TransientModel):
    """Passes recalls on to the ministry, signed by the department."""

    _name = "hocba.registry.recall.upward"
    _description = "Send Recalls to the Ministry"
    _inherit = ["hocba.pin.mixin"]

    recall_ids = fields.Many2many(
        "hocba.registry.recall", readonly=True, default=lambda self: self.env.context.get("active_ids", [])
    )
    sendable_count = fields.Integer("Recalls to be sent", compute="_compute_sendable_count")
    submission_ids = fields.Many2many("hocba.submission", string="Transactions", readonly=True)

    @api.depends("recall_ids.state", "recall_ids.upward_id")
    def _compute_sendable_count(self):
        for wizard in self:
            wizard.sendable_count = len(
                wizard.recall_ids.filtered(lambda recall: recall.state == "upward" and not recall.upward_id)
            )

    def _use_pin(self, pin):
        self.submission_ids = self.env["hocba.registry.upward"]._queue_recalls(self.recall_ids, pin)

    def action_send(self):
        """Show the transactions that were frozen when the PIN was given."""
        self.ensure_one()
        if not self.submission_ids:
            raise UserError(self.env._("Enter the PIN of the department's certificate."))
        return self._open_submissions(self.submission_ids)
