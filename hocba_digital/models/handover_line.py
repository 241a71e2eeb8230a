from odoo import api, fields, models
from odoo.exceptions import UserError

from .assessment import OVERALL


class HandoverLine(models.Model):
    """What the outgoing teacher tells of one pupil: what stands out, what still needs help (TT 27, Art. 12.2a)."""

    _name = "hocba.handover.line"
    _description = "Pupil in a Hand-over"
    _inherit = ["hocba.frozen.mixin"]
    _order = "handover_id, id"
    _rec_name = "pupil_id"

    handover_id = fields.Many2one("hocba.handover", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="handover_id.company_id", store=True)
    enrolment_id = fields.Many2one("hocba.enrolment", required=True, readonly=True, ondelete="restrict")
    pupil_id = fields.Many2one(related="enrolment_id.pupil_id", store=True)
    strengths = fields.Text("What stands out")
    needs = fields.Text("What needs help")
    overall = fields.Selection(OVERALL, "Overall result", compute="_compute_outcome")
    promoted = fields.Selection(
        lambda self: self.env["hocba.assessment"]._fields["promoted"]._description_selection(self.env),
        compute="_compute_outcome",
    )

    def init(self):
        result = super().init()
        rule = {
            "parent": "hocba_handover",
            "link": "handover_id",
            "column": "state",
            "states": ["accepted"],
            "open": ["write_uid", "write_date"],
        }
        self._guard_table(self._table, "hocba_guard_child", rule)
        return result

    @api.depends("enrolment_id.assessment_ids.overall", "enrolment_id.assessment_ids.promoted")
    def _compute_outcome(self):
        for line in self:
            year_end = line.enrolment_id.sudo().assessment_ids.filtered(lambda one: one.period == "year")[:1]
            line.overall = year_end.overall
            line.promoted = year_end.promoted

    def write(self, vals):
        self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._check_draft()

    def _check_draft(self):
        closed = self.handover_id.filtered(lambda handover: handover.state != "draft")
        if closed:
            raise UserError(self.env._("%(name)s is handed over and can only be read.", name=closed[0].name))
