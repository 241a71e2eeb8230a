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
            # Of a locked record and one that is to supersede it, the one that is still worked on.
            record = assessment.sudo().record_ids.filtered(lambda record: record.state != "recalled").sorted("id")[-1:]
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

    def _change_domain(self):
        """The assessment's own entries and those of its subjects."""
        results = [("model", "=", "hocba.result"), ("res_id", "in", self.result_ids.ids)]
        return fields.Domain(super()._change_domain()) | fields.Domain(results)

    def action_open_pupil(self):
        self.ensure_one()
        return self.pupil_id.get_formview_action()

    def action_review(self):
        """What is still missing: in the classes of the selected pupils, or in all own classes."""
        classes = self.class_id
        if not classes:
            classes = self.env["hocba.class"].search([("homeroom_id", "=", self.env.uid)])
        return classes.action_review()

    def action_open_grid(self):
        """The class grid of the selected pupils' class, or of the user's own class."""
        school_class = self[:1].class_id or self.env["hocba.class"].search(
            [("homeroom_id", "=", self.env.uid)], limit=1
        )
        if not school_class:
            raise UserError(self.env._("You are the homeroom teacher of no class."))
        return school_class.action_open_grid()

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
