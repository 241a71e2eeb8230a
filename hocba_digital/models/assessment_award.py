"""Awards of a pupil's year (TT 27, Art. 13)."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AssessmentAward(models.Model):
    _inherit = "hocba.assessment"

    award_ids = fields.One2many("hocba.award", "assessment_id", "Awards")
    award_count = fields.Integer("Number of awards", compute="_compute_award_count")

    @api.depends("award_ids")
    def _compute_award_count(self):
        for assessment in self:
            assessment.award_count = len(assessment.award_ids)

    def _decided_titles(self):
        """Kinds of titles that the head decided on."""
        return {award.kind for award in self.award_ids if award.state == "decided"}

    def action_propose_awards(self):
        """Homeroom teacher: propose who is due the title by the result, and open who may be proposed for the other."""
        year = self.filtered(lambda assessment: assessment.period == "year")
        if not all(assessment._is_homeroom() for assessment in year):
            raise AccessError(self.env._("Only the homeroom teacher proposes awards of the class."))
        if len(year) == 1 and year.overall != "excellent":
            return year._open_new_award()
        due = year.filtered(
            lambda one: (
                one.overall == "excellent"
                and not one.award_ids.filtered(
                    lambda a: a.kind == "excellent" and a.state not in ("refused", "withdrawn")
                )
            )
        )
        if not due and not year.award_ids:
            raise UserError(
                self.env._("None of these pupils is due “Học sinh Xuất sắc”. Open one pupil to propose another award.")
            )
        self.env["hocba.award"].create([{"assessment_id": one.id, "kind": "excellent"} for one in due])
        return year.action_open_awards()

    def _open_new_award(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_award")
        kind = "exemplary" if self.overall == "good" else "sudden"
        context = {"default_assessment_id": self.id, "default_kind": kind}
        views = [(self.env.ref("hocba_digital.view_award_form").id, "form")]
        return {**action, "view_mode": "form", "views": views, "context": context, "target": "current"}

    def action_open_awards(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_award")
        action["domain"] = [("assessment_id", "in", self.ids)]
        action["context"] = {"default_assessment_id": self.id} if len(self) == 1 else {}
        return action
