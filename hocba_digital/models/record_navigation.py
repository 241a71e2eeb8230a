"""Where the buttons of a record lead."""

from odoo import fields, models


class RecordNavigation(models.Model):
    _inherit = "hocba.record"

    submission_count = fields.Integer("Transactions made", compute="_compute_submission_count")

    def _compute_submission_count(self):
        groups = self.env["hocba.submission.line"].sudo()._read_group(
            [("record_id", "in", self.ids)], ["record_id"], ["__count"]
        )
        counts = {record.id: count for record, count in groups}
        for record in self:
            record.submission_count = counts.get(record.id, 0)

    def action_open_pupil(self):
        self.ensure_one()
        return self.pupil_id.get_formview_action()

    def action_open_assessment(self):
        self.ensure_one()
        return self.assessment_id.get_formview_action()

    def action_open_class(self):
        self.ensure_one()
        return self.class_id.get_formview_action()

    def action_open_submissions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_submission")
        action["domain"] = [("line_ids.record_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_open_replacement(self):
        self.ensure_one()
        return (self.replaced_by_id or self.replaces_id).get_formview_action()

    def action_print(self):
        """The official form as PDF."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/hocba/record/{self.id}/pdf", "target": "new"}
