from odoo import api, fields, models
from odoo.exceptions import UserError


class SendWizard(models.TransientModel):
    """Reports signed records to the department. What the PIN freezes is sent by the schedule, which is woken up."""

    _name = "hocba.send.wizard"
    _description = "Send to the Department"
    _inherit = ["hocba.pin.mixin"]

    record_count = fields.Integer("Records chosen", compute="_compute_counts")
    sendable_count = fields.Integer("Ready to be sent", compute="_compute_counts")
    certificate_id = fields.Many2one("hocba.certificate", "School's seal", compute="_compute_counts")
    endpoint_id = fields.Many2one("hocba.endpoint", "Gateway", compute="_compute_counts")
    asks_pin = fields.Boolean(compute="_compute_counts")
    trial = fields.Boolean(compute="_compute_counts")
    submission_ids = fields.Many2many("hocba.submission", string="Transactions", readonly=True)

    @api.depends("record_ids")
    def _compute_counts(self):
        for wizard in self:
            sendable = wizard._sendable()
            company = wizard.record_ids.company_id[:1] or self.env.company
            wizard.record_count = len(wizard.record_ids)
            wizard.sendable_count = len(sendable)
            wizard.certificate_id = self.env["hocba.certificate"]._for_role("seal", company)
            wizard.asks_pin = wizard.certificate_id._answers_at_once() if wizard.certificate_id else False
            wizard.endpoint_id = self.env["hocba.endpoint"].sudo().search([("company_id", "=", company.id)], limit=1)
            wizard.trial = wizard.endpoint_id.sudo().environment == "sandbox"

    def _use_pin(self, pin):
        self.submission_ids = self.env["hocba.submission"]._queue(self._sendable(), pin)

    def _sendable(self):
        return self.record_ids.filtered(lambda record: record.waiting_for == "sending" and not record.refusal)

    def action_send(self):
        """Show the transactions that were frozen when the PIN was given, or have the seal's owner approve them."""
        self.ensure_one()
        if self.certificate_id and not self.asks_pin:
            job = self.env["hocba.signing.job"]._start_report(self._sendable(), self.certificate_id)
            return job._open_progress()
        if not self.submission_ids:
            raise UserError(self.env._("Enter the PIN of the school's seal."))
        return self._open_submissions(self.submission_ids)
