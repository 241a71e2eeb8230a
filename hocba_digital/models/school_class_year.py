"""A class at the turn of the year: handed over to next year's teachers."""

from odoo import models


class SchoolClassYear(models.Model):
    _inherit = "hocba.class"

    def action_open_handovers(self):
        """Hand-overs of the class, started where there are none yet."""
        self.ensure_one()
        self.check_access("read")
        handovers = self.env["hocba.handover"]._start(self)
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_handover")
        action["context"] = {}
        if len(handovers) == 1:
            return dict(action, view_mode="form", views=[(False, "form")], res_id=handovers.id)
        action["domain"] = [("id", "in", handovers.ids)]
        return action
