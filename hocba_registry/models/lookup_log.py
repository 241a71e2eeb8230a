from odoo import fields, models


class LookupLog(models.Model):
    """Look-ups of received records."""

    _inherit = "hocba.lookup.log"

    registry_record_id = fields.Many2one(
        "hocba.registry.record", "Received record", readonly=True, index=True, ondelete="set null"
    )

    def _is_of_a_record(self):
        return bool(self.registry_record_id) or super()._is_of_a_record()
