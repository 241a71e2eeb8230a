from odoo import api, fields, models
from odoo.exceptions import UserError


class SendWizard(models.TransientModel):
    """Reports signed records to the department: asks for the PIN of the school's seal.

    The PIN has no column: setting it freezes the transactions at once, and it is forgotten with the
    request. What was frozen is sent by the schedule, which is woken up.
    """

    _name = "hocba.send.wizard"
    _description = "Send to the Department"

    record_ids = fields.Many2many("hocba.record", string="Records", readonly=True)
    record_count = fields.Integer("Records chosen", compute="_compute_counts")
    sendable_count = fields.Integer("Ready to be sent", compute="_compute_counts")
    certificate_id = fields.Many2one("hocba.certificate", "School's seal", compute="_compute_counts")
    endpoint_id = fields.Many2one("hocba.endpoint", "Gateway", compute="_compute_counts")
    pin = fields.Char("PIN of the seal", compute="_compute_pin", inverse="_inverse_pin", store=False)
    submission_ids = fields.Many2many("hocba.submission", string="Transactions", readonly=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "hocba.record" and "record_ids" in fields_list:
            values.setdefault("record_ids", [(6, 0, self.env.context.get("active_ids", []))])
        return values

    @api.depends("record_ids")
    def _compute_counts(self):
        for wizard in self:
            sendable = wizard._sendable()
            company = wizard.record_ids.company_id[:1] or self.env.company
            wizard.record_count = len(wizard.record_ids)
            wizard.sendable_count = len(sendable)
            wizard.certificate_id = self.env["hocba.certificate"]._for_role("seal", company)
            wizard.endpoint_id = self.env["hocba.endpoint"].sudo().search([("company_id", "=", company.id)], limit=1)

    def _compute_pin(self):
        self.pin = False

    def _inverse_pin(self):
        for wizard in self.filtered("pin"):
            wizard.submission_ids = self.env["hocba.submission"]._queue(wizard._sendable(), wizard.pin)

    def _sendable(self):
        return self.record_ids.filtered(lambda record: record.waiting_for == "sending" and not record.refusal)

    def action_send(self):
        """Show the transactions that were frozen when the PIN was given."""
        self.ensure_one()
        if not self.submission_ids:
            raise UserError(self.env._("Enter the PIN of the school's seal."))
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_submission")
        action["domain"] = [("id", "in", self.submission_ids.ids)]
        action["context"] = {}
        action["target"] = "main"
        return action
