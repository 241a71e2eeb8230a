from odoo import models


class Submission(models.Model):
    """Transactions with the ministry, where a department reports."""

    _inherit = "hocba.submission"

    def _refuse_whole(self, code, description):
        result = super()._refuse_whole(code, description)
        if self.kind == "1" and not self.trial:
            # Nothing was judged: the records wait as before.
            self.line_ids.registry_record_id._note_upper_state(False)
        return result

    def action_open_records(self):
        records = self.line_ids.registry_record_id
        if not records:
            return super().action_open_records()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_registry.action_record")
        return {**action, "domain": [("id", "in", records.ids)], "context": {}}
