from odoo import api, fields, models
from odoo.exceptions import UserError


class RecallWizard(models.TransientModel):
    """Sends the recalls that the head has asked for, sealed."""

    _name = "hocba.recall.wizard"
    _description = "Send Recalls to the Department"
    _inherit = ["hocba.pin.mixin"]

    sendable_count = fields.Integer("Recalls to be sent", compute="_compute_sendable_count")
    submission_ids = fields.Many2many("hocba.submission", string="Transactions", readonly=True)

    @api.depends("record_ids.recall_state")
    def _compute_sendable_count(self):
        for wizard in self:
            wizard.sendable_count = len(wizard.record_ids.filtered(lambda record: record.recall_state == "asked"))

    def _use_pin(self, pin):
        self.record_ids.check_access("read")
        self.submission_ids = self.env["hocba.submission"]._queue_recalls(self.record_ids, pin)

    def action_send(self):
        """Show the transactions that were frozen when the PIN was given."""
        self.ensure_one()
        if not self.submission_ids:
            raise UserError(self.env._("Enter the PIN of the school's seal."))
        return self._open_submissions(self.submission_ids)
