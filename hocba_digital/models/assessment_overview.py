"""The assessment beside its record: where the homeroom teacher sees both."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class AssessmentOverview(models.Model):
    _inherit = "hocba.assessment"

    record_id = fields.Many2one("hocba.record", "School record", compute="_compute_record_id")
    record_state = fields.Selection(related="record_id.state", string="Record")
    waiting_for = fields.Selection(related="record_id.waiting_for", string="Waiting for")
    blocker_text = fields.Text(related="record_id.blocker_text")
    is_signed = fields.Boolean("Signed", compute="_compute_record_id")

    @api.depends("record_ids.state")
    def _compute_record_id(self):
        for assessment in self:
            records = assessment.sudo().record_ids.filtered(lambda record: record.state != "recalled")
            assessment.record_id = records[:1].id
            assessment.is_signed = bool(records) and records[0].state != "draft"

    def action_open_record(self):
        self.ensure_one()
        if not self.record_id:
            raise UserError(self.env._("The clerk has not created the record of %(name)s yet.", name=self.pupil_name))
        return self.record_id.get_formview_action()

    def action_open_pupil(self):
        self.ensure_one()
        return self.pupil_id.get_formview_action()

    def action_sign_records(self):
        """Sign the records of the selected pupils, or of all own classes when none is selected."""
        if self:
            return self.record_id.action_sign()
        records = self.env["hocba.record"].search(
            [("class_id.homeroom_id", "=", self.env.uid), ("waiting_for", "=", "gvcn")]
        )
        if not records:
            raise UserError(self.env._("No record of your class waits for your signature."))
        return records.action_sign()
