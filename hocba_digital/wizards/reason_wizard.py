from odoo import api, fields, models


class ReasonWizard(models.TransientModel):
    """Asks for the reason that returning, reopening or replacing records needs."""

    _name = "hocba.reason.wizard"
    _description = "Reason"

    action = fields.Selection(
        [
            ("return", "Return to the homeroom teacher"),
            ("reopen", "Reopen"),
            ("replace", "Replace by a new record"),
            ("recall", "Ask the department to take it back"),
        ],
        "What to do",
        required=True,
        readonly=True,
    )
    record_ids = fields.Many2many("hocba.record", string="Records", required=True, readonly=True)
    record_count = fields.Integer("Number of records", compute="_compute_record_count")
    reason = fields.Text(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "hocba.record" and "record_ids" in fields_list:
            values.setdefault("record_ids", [(6, 0, self.env.context.get("active_ids", []))])
        if "action" in fields_list:
            values.setdefault("action", self.env.context.get("default_action", "return"))
        return values

    @api.depends("record_ids")
    def _compute_record_count(self):
        for wizard in self:
            wizard.record_count = len(wizard.record_ids)

    def action_confirm(self):
        """Do it; who may do it is checked by the record's own method."""
        self.ensure_one()
        if self.action == "reopen":
            result = self.record_ids.action_reopen(self.reason)
        elif self.action == "recall":
            result = self.record_ids.action_ask_recall(self.reason)
        elif self.action == "replace":
            result = self.record_ids.action_replace(self.reason)
        else:
            result = self.record_ids.action_return(self.reason)
        return result or {"type": "ir.actions.act_window_close"}
