import hashlib

from odoo import api, fields, models
from odoo.addons.hocba_digital.core.gateway import wire
from odoo.exceptions import AccessError, UserError

#: Transactions judged in one run of the schedule or one click.
BATCH = 50


class Transaction(models.Model):
    """A transaction as it came: its bytes are kept for ever, its answer follows from its state."""

    _name = "hocba.registry.transaction"
    _description = "Received Transaction"
    _inherit = ["hocba.frozen.mixin"]
    _order = "id desc"
    _rec_name = "messageid"

    _frozen_states = ("processed", "refused")

    messageid = fields.Char("Message ID", required=True, readonly=True)
    unit_id = fields.Many2one("hocba.registry.unit", "School", required=True, readonly=True, index=True)
    kind = fields.Selection(
        [("1", "Report of records"), ("3", "Registration of a certificate"), ("5", "Recall of records")],
        "Transaction",
        required=True,
        readonly=True,
    )
    year_name = fields.Char("School year", readonly=True)
    content = fields.Binary("Content as received", attachment=True, readonly=True)
    digest = fields.Char("SHA-256 of the content", required=True, readonly=True)
    size = fields.Integer("Bytes", readonly=True)
    received_at = fields.Datetime("Received at", required=True, readonly=True, index=True)
    processed_at = fields.Datetime("Processed at", readonly=True)
    state = fields.Selection(
        [("received", "Received"), ("processed", "Processed"), ("refused", "Refused")],
        default="received",
        required=True,
        readonly=True,
    )
    error_code = fields.Char("Error", readonly=True)
    error_description = fields.Char("Reason", readonly=True)
    failures = fields.Integer("Failed attempts to process", readonly=True)
    failure = fields.Char("Last failure", readonly=True)
    line_ids = fields.One2many("hocba.registry.line", "transaction_id", "Records", readonly=True)
    recall_ids = fields.One2many("hocba.registry.recall", "transaction_id", "Recalls", readonly=True)
    certificate_id = fields.Many2one("hocba.registry.certificate", "Certificate registered", readonly=True)
    record_count = fields.Integer("Number of records", readonly=True)
    accepted_count = fields.Integer("Accepted", readonly=True)
    refused_count = fields.Integer("Refused", readonly=True)

    _to_judge = models.Index("(id) WHERE state = 'received'")
    _messageid_uniq = models.Constraint("UNIQUE(messageid)", "This message ID was received already.")

    _kept_files = ("content",)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Transactions come over the wire."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("A received transaction is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Transactions are kept for ever."))

    def action_process(self):
        """Judge these transactions now, or all that wait; also those that the schedule has given up."""
        self.check_access("read")
        if not self.env.user.has_group("hocba_registry.group_so_officer"):
            raise AccessError(self.env._("Only an officer of the department has transactions judged."))
        waiting = (self or self.search([("state", "=", "received")], limit=BATCH)).sudo()
        waiting.filtered("failures").write({"failures": 0})
        waiting._process_all(waiting)

    def action_open_lines(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_registry.action_line")
        action["domain"] = [("transaction_id", "in", self.ids)]
        action["context"] = {}
        return action

    def _content_text(self):
        """The content as received; raises when the stored bytes are others."""
        self.ensure_one()
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_field", "=", "content"), ("res_id", "=", self.id)]
        )
        raw = attachment.raw or b""
        if hashlib.sha256(raw).hexdigest() != self.digest:
            raise UserError(self.env._("The stored bytes of %(id)s are not those received.", id=self.messageid))
        return raw.decode()

    def _content_xml(self):
        """The list in the content. Raises GatewayError for what is none, UserError as ``_content_text``."""
        return wire.decode_content(self._content_text())
