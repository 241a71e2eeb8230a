import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.transfer import MAX_FILE_BYTES


class TransferWizard(models.TransientModel):
    """What a change of school needs besides a click: a file, the seal's PIN, or a reason."""

    _name = "hocba.transfer.wizard"
    _description = "Step of a Change of School"
    _inherit = ["hocba.pin.mixin"]

    transfer_ids = fields.Many2many(
        "hocba.transfer",
        string="Changes of school",
        readonly=True,
        default=lambda self: self.env.context.get("active_ids", []),
    )
    reason = fields.Text()
    file = fields.Binary(attachment=False)
    file_name = fields.Char()
    leaving_periods = fields.Text("Results so far", compute="_compute_leaving_periods")
    certificate_id = fields.Many2one("hocba.certificate", "School's seal", compute="_compute_certificate_id")
    asks_pin = fields.Boolean(compute="_compute_certificate_id")
    head_certificate_id = fields.Many2one(
        "hocba.certificate", "Your certificate", compute="_compute_head_certificate_id"
    )
    head_asks_pin = fields.Boolean(compute="_compute_head_certificate_id")

    @api.depends("transfer_ids")
    def _compute_leaving_periods(self):
        for wizard in self:
            wizard.leaving_periods = "\n".join(filter(None, wizard.transfer_ids.mapped("leaving_periods")))

    @api.depends("transfer_ids")
    def _compute_certificate_id(self):
        for wizard in self:
            company = wizard.transfer_ids.company_id[:1] or self.env.company
            wizard.certificate_id = self.env["hocba.certificate"]._for_role("transfer", company)
            wizard.asks_pin = not wizard.certificate_id or wizard.certificate_id._answers_at_once()

    @api.depends("transfer_ids")
    def _compute_head_certificate_id(self):
        for wizard in self:
            company = wizard.transfer_ids.company_id[:1] or self.env.company
            certificate = self.env["hocba.certificate"]._for_role("results", company)
            wizard.head_certificate_id = certificate
            wizard.head_asks_pin = not certificate or certificate._answers_at_once()

    def _use_pin(self, pin):
        self.transfer_ids.check_access("read")
        for transfer in self.transfer_ids:
            if transfer.direction == "out" and transfer.state == "draft":
                transfer._agree_signed(pin)
            elif transfer.direction == "out":
                transfer._release(pin)
            else:
                transfer._seal_receipt(pin)

    def action_sealed(self):
        """Close, once the PIN did its work; for a key that answers later, have its owner approve."""
        if not self.asks_pin:
            job = self.env["hocba.signing.job"]._start_transfers(self.transfer_ids, self.certificate_id)
            return job._open_progress()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_signed(self):
        """Close, once the head's PIN did its work; for a key that answers later, have its owner approve."""
        drafts = self.transfer_ids.filtered(lambda each: each.direction == "out" and each.state == "draft")
        if drafts and not self.head_asks_pin:
            job = self.env["hocba.signing.job"]._start_transfers(drafts, self.head_certificate_id, "results")
            return job._open_progress()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _content(self):
        self.ensure_one()
        content = base64.b64decode(self.file or b"")
        if not content:
            raise UserError(self.env._("Choose a file first."))
        if len(content) > MAX_FILE_BYTES:
            raise UserError(self.env._("The file is larger than %(size)s MB.", size=MAX_FILE_BYTES // 1_000_000))
        return content

    def _open(self, transfer):
        return {**transfer.get_formview_action(), "target": "main"}

    def action_enter_file(self):
        """Check and keep what another school sent: a hand-over file, or the receipt (XML) of one sent from here."""
        content = self._content()
        if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return self._open(self.env["hocba.transfer"]._enter_receipt(content))
        return self._open(self.env["hocba.transfer"]._enter_file(content))

    def action_enter_receipt(self):
        """Check and keep a receipt."""
        return self._open(self.env["hocba.transfer"]._enter_receipt(self._content()))

    def _done(self):
        return {"type": "ir.actions.act_window_close"}

    def action_return(self):
        """Back to the clerk; who may do it is checked by the method."""
        self.transfer_ids.action_return(self.reason)
        return self._done()

    def action_withdraw(self):
        """The pupil stays; who may do it is checked by the method."""
        self.transfer_ids.action_withdraw(self.reason)
        return self._done()

    def action_refuse(self):
        """Nothing is taken over; who may do it is checked by the method."""
        self.transfer_ids.action_refuse(self.reason)
        return self._done()

    def action_take_over(self):
        """Take over although something is not decided; who may do it is checked by the method."""
        self.transfer_ids.action_take_over(self.reason)
        return self._done()
