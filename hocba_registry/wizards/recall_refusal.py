from odoo import fields, models


class RecallRefusal(models.TransientModel):
    """Asks an officer why recalls are refused; the school is told."""

    _name = "hocba.registry.recall.refusal"
    _description = "Refuse Recalls"

    recall_ids = fields.Many2many(
        "hocba.registry.recall", required=True, default=lambda self: self.env.context.get("active_ids", [])
    )
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Refuse; who may do it is checked by the request's own method."""
        self.ensure_one()
        self.recall_ids.action_refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
