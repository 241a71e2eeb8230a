"""The assessment beside its record: where the homeroom teacher sees both."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .record import STATES


class AssessmentOverview(models.Model):
    _inherit = "hocba.assessment"

    record_id = fields.Many2one("hocba.record", "School record", compute="_compute_record_id")
    record_state = fields.Selection(STATES, "Record", compute="_compute_record_id")
    waiting_for = fields.Selection(
        lambda self: self.env["hocba.record"]._fields["waiting_for"]._description_selection(self.env),
        "Waiting for",
        compute="_compute_record_id",
    )
    blocker_text = fields.Text("What is missing", compute="_compute_record_id")
    is_signed = fields.Boolean("Signed", compute="_compute_record_id")

    @api.depends("record_ids.state", "record_ids.waiting_for", "record_ids.blocker_text")
    def _compute_record_id(self):
        for assessment in self:
            record = assessment.sudo().record_ids.filtered(lambda record: record.state != "recalled")[:1]
            assessment.record_id = record.id
            assessment.record_state = record.state
            assessment.waiting_for = record.waiting_for
            assessment.blocker_text = record.blocker_text
            assessment.is_signed = bool(record) and record.state != "draft"

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
