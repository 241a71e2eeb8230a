"""Help and the additional assessment for who did not complete the grade (TT 27, Art. 11.1b)."""

from odoo import models
from odoo.exceptions import AccessError, UserError

from ..core.rules import assessment as rules


class AssessmentSummer(models.Model):
    _inherit = "hocba.assessment"

    def action_plan_summer(self):
        """Homeroom teacher: plan to assess again whatever keeps these pupils from completing the grade."""
        for assessment in self:
            if not assessment._is_homeroom():
                raise AccessError(self.env._("Only the homeroom teacher plans the additional assessment."))
            if assessment.period != "year" or assessment.overall != "not_completed":
                raise UserError(
                    self.env._(
                        "%(name)s: an additional assessment is for pupils whose result of the year is “not completed”.",
                        name=assessment.pupil_name,
                    )
                )
            assessment._check_unsigned({"result_ids": True})
        for assessment in self.sudo():
            assessment._plan_items()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_reassessment")
        action["domain"] = [("assessment_id", "in", self.ids)]
        action["context"] = {}
        return action

    def _plan_items(self):
        """One row per shortcoming that is not planned yet, with the values that stand there now."""
        self.ensure_one()
        lines = {str(line.id): line for line in self.result_ids.filtered(lambda line: line.required or line.level)}
        subjects, traits = rules.shortcomings(
            {key: line.level or None for key, line in lines.items()},
            {key: int(line.score) if line.score else None for key, line in lines.items()},
            {name: self[name] or None for name in self._trait_fields()},
            tested=[key for key, line in lines.items() if line.needs_score],
        )
        planned = self.reassessment_ids.filtered(lambda item: item.state == "planned")
        values = [
            {
                "assessment_id": self.id,
                "result_id": lines[key].id,
                "first_level": lines[key].level,
                "first_score": lines[key].score,
                "first_comment": lines[key].comment,
            }
            for key in subjects
            if lines[key] not in planned.result_id
        ]
        values += [
            {"assessment_id": self.id, "trait": name, "first_level": self[name]}
            for name in traits
            if name not in planned.mapped("trait")
        ]
        self.env["hocba.reassessment"]._in_transition().create(values)
        self._finish_activities()
        self._plan_activity(
            self.homeroom_id, self.env._("Help the pupil and assess again (Art. 11.1b)"), self.summer_deadline
        )

    def _after_reassessment(self):
        """The last open item is done: completed, or the homeroom teacher reports to the head."""
        self.ensure_one()
        if self.reassessment_ids.filtered(lambda item: item.state == "planned"):
            return
        self._finish_activities()
        if self.class_completed == "no":
            self._plan_activity(self.homeroom_id, self.env._("Report to the head (Art. 11.1c)"), self.summer_deadline)

    def action_open_reassessments(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_reassessment")
        action["domain"] = [("assessment_id", "in", self.ids)]
        action["context"] = {}
        return action
