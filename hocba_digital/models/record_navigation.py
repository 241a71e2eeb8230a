"""Where the buttons of a record lead."""

from odoo import fields, models


class RecordNavigation(models.Model):
    _inherit = "hocba.record"

    submission_count = fields.Integer("Transactions made", compute="_compute_submission_count")

    result_ids = fields.One2many(related="assessment_id.result_ids", string="Results")
    overall = fields.Selection(related="assessment_id.overall")
    class_completed = fields.Selection(related="assessment_id.class_completed")
    promoted = fields.Selection(related="assessment_id.promoted")
    award = fields.Char(related="assessment_id.award")
    homeroom_comment = fields.Text(related="assessment_id.homeroom_comment")
    quality_comment = fields.Text(related="assessment_id.quality_comment")
    general_comment = fields.Text(related="assessment_id.general_comment")
    specific_comment = fields.Text(related="assessment_id.specific_comment")
    height = fields.Float(related="assessment_id.height")
    weight = fields.Float(related="assessment_id.weight")
    absences_excused = fields.Integer(related="assessment_id.absences_excused")
    absences_unexcused = fields.Integer(related="assessment_id.absences_unexcused")
    quality_patriotism = fields.Selection(related="assessment_id.quality_patriotism")
    quality_compassion = fields.Selection(related="assessment_id.quality_compassion")
    quality_diligence = fields.Selection(related="assessment_id.quality_diligence")
    quality_honesty = fields.Selection(related="assessment_id.quality_honesty")
    quality_responsibility = fields.Selection(related="assessment_id.quality_responsibility")
    competence_autonomy = fields.Selection(related="assessment_id.competence_autonomy")
    competence_communication = fields.Selection(related="assessment_id.competence_communication")
    competence_problem_solving = fields.Selection(related="assessment_id.competence_problem_solving")
    competence_language = fields.Selection(related="assessment_id.competence_language")
    competence_computation = fields.Selection(related="assessment_id.competence_computation")
    competence_science = fields.Selection(related="assessment_id.competence_science")
    competence_technology = fields.Selection(related="assessment_id.competence_technology")
    competence_informatics = fields.Selection(related="assessment_id.competence_informatics")
    competence_aesthetics = fields.Selection(related="assessment_id.competence_aesthetics")
    competence_physical = fields.Selection(related="assessment_id.competence_physical")
    packet_file_name = fields.Char(compute="_compute_packet_file_name")

    def _compute_packet_file_name(self):
        for record in self:
            record.packet_file_name = f"{record.uuid}.xml"

    def _compute_submission_count(self):
        groups = (
            self.env["hocba.submission.line"]
            .sudo()
            ._read_group([("record_id", "in", self.ids)], ["record_id"], ["__count"])
        )
        counts = {record.id: count for record, count in groups}
        for record in self:
            record.submission_count = counts.get(record.id, 0)

    def action_open_pupil(self):
        self.ensure_one()
        return self.pupil_id.get_formview_action()

    def action_open_changes(self):
        """The change log of what the record says: the pupil's data, and everything of the class and its year."""
        self.ensure_one()
        action = self.pupil_id.action_open_changes()
        action["domain"] = [
            ("pupil_id", "=", self.pupil_id.id),
            "|",
            ("model", "=", "hocba.pupil"),
            ("class_id", "=", self.class_id.id),
        ]
        return action

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
