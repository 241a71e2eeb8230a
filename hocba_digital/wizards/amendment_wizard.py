from odoo import fields, models
from odoo.exceptions import UserError


class AmendmentWizard(models.TransientModel):
    """What an amendment needs besides a click: the seal's PIN to send it, a reason to return it."""

    _name = "hocba.amendment.wizard"
    _description = "Send or Return Amendments"
    _inherit = ["hocba.pin.mixin"]

    amendment_ids = fields.Many2many(
        "hocba.amendment",
        string="Amendments",
        readonly=True,
        default=lambda self: self.env.context.get("active_ids", []),
    )
    reason = fields.Text()
    submission_ids = fields.Many2many("hocba.submission", string="Transactions", readonly=True)

    def _use_pin(self, pin):
        self.amendment_ids.check_access("read")
        self.submission_ids = self.env["hocba.submission"]._queue_amendments(self.amendment_ids, pin)

    def action_send(self):
        """Show the transactions that were frozen when the PIN was given."""
        self.ensure_one()
        if not self.submission_ids:
            raise UserError(self.env._("Enter the PIN of the school's seal."))
        return self._open_submissions(self.submission_ids)

    def action_return(self):
        """Return the requests; who may do it is checked by their own method."""
        self.ensure_one()
        self.amendment_ids.action_return(self.reason)
        return {"type": "ir.actions.act_window_close"}
