"""Who looked a record up."""

from odoo import fields, models


class RecordLookup(models.Model):
    _inherit = "hocba.record"

    lookup_count = fields.Integer("Look-ups", compute="_compute_lookup_count")

    def _compute_lookup_count(self):
        groups = (
            self.env["hocba.lookup.log"].sudo()._read_group([("record_id", "in", self.ids)], ["record_id"], ["__count"])
        )
        counts = {record.id: count for record, count in groups}
        for record in self:
            record.lookup_count = counts.get(record.id, 0)

    def action_open_lookups(self):
        """The log of this record's look-ups."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_lookup_log")
        return {**action, "domain": [("record_id", "=", self.id)], "context": {}}
