from odoo import api, fields, models

from ..models.assessment_promotion import YES_NO


class PromotionWizard(models.TransientModel):
    """Asks for the proposal of the homeroom teacher or the decision of the head on moving up, with its reason."""

    _name = "hocba.promotion.wizard"
    _description = "Moving Up"

    mode = fields.Selection([("propose", "Report to the head"), ("decide", "Decide")], required=True, readonly=True)
    assessment_ids = fields.Many2many("hocba.assessment", string="Pupils", required=True)
    pupil_names = fields.Text("Pupils concerned", compute="_compute_pupil_names")
    decision = fields.Selection(YES_NO, "Moving up", required=True)
    reason = fields.Text()

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        if context.get("active_model") == "hocba.assessment" and not values.get("assessment_ids"):
            values["assessment_ids"] = [(6, 0, context.get("active_ids", []))]
        return values

    @api.depends("assessment_ids")
    def _compute_pupil_names(self):
        for wizard in self:
            wizard.pupil_names = "\n".join(
                f"{line.pupil_name} - {line.class_id.name}" for line in wizard.assessment_ids
            )

    def action_confirm(self):
        """Hand it to the assessments, which check who may do it."""
        self.ensure_one()
        if self.mode == "propose":
            self.assessment_ids._propose_promotion(self.decision, self.reason)
        else:
            self.assessment_ids._decide_promotion(self.decision, self.reason)
        return {"type": "ir.actions.act_window_close"}
