from odoo import api, fields, models


class PinMixin(models.AbstractModel):
    """A dialog over records that needs the PIN of the school's seal.

    The PIN has no column: setting it does the work at once (``_use_pin``), and it is forgotten with the request.
    """

    _name = "hocba.pin.mixin"
    _description = "Dialog that asks for the PIN"

    record_ids = fields.Many2many("hocba.record", string="Records", readonly=True)
    pin = fields.Char("PIN of the seal", compute="_compute_pin", inverse="_inverse_pin", store=False)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "hocba.record" and "record_ids" in fields_list:
            values.setdefault("record_ids", [(6, 0, self.env.context.get("active_ids", []))])
        return values

    def _compute_pin(self):
        self.pin = False

    def _inverse_pin(self):
        for wizard in self.filtered("pin"):
            wizard._use_pin(wizard.pin)

    def _use_pin(self, pin):
        """What the PIN was asked for."""
        raise NotImplementedError

    def _open_submissions(self, submissions):
        """The list of the transactions that were frozen."""
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_submission")
        return {**action, "domain": [("id", "in", submissions.ids)], "context": {}, "target": "main"}
