"""From a finding to the cell, field or page where it is put right: one click."""

from odoo import models


class FindingNavigation(models.Model):
    _inherit = "hocba.finding"

    def action_open(self):
        """Open the place where this finding is put right, for the current user's rights."""
        self.ensure_one()
        self.check_access("read")
        if self.code == "no_assessment":
            return self._grid_action({}) or self.class_id.action_open_assessments()
        if self.model in ("hocba.result", "hocba.assessment"):
            return self._open_cell()
        if self.model == "hocba.certificate":
            return self._open_certificates()
        if self.model in ("res.company", "res.users"):
            return self._open_settings()
        record = {"hocba.pupil": self.pupil_id, "hocba.record": self.record_id}.get(self.model) or self.class_id
        return dict(record.get_formview_action(), name=record.display_name, context={"hocba_field": self.field})

    def _open_cell(self):
        focus = {"assessment_id": self.assessment_id.id, "field": self.field}
        if self.result_id:
            focus["result_id"] = self.result_id.id
        return self._grid_action(focus) or dict(
            self.assessment_id.get_formview_action(), name=self.assessment_id.display_name
        )

    def _grid_action(self, focus):
        """The class grid with the cursor in the cell; nothing where there is no grid."""
        grid = self.env.ref("hocba_digital.action_class_grid", raise_if_not_found=False)
        if not grid:
            return None
        view = {"comment": "comments", "trait": "traits", "health": "measures", "outcome": "measures"}
        return {
            "type": "ir.actions.client",
            "tag": "hocba_class_grid",
            "name": self.class_id.display_name,
            "params": {
                "class_id": self.class_id.id,
                "period": "year",
                "view": view.get(self.reason, "subjects"),
                "focus": focus,
            },
        }

    def _open_certificates(self):
        mine = self.teacher_id == self.env.user
        name = "action_certificate_mine" if mine else "action_certificate"
        action = self.env["ir.actions.act_window"]._for_xml_id(f"hocba_digital.{name}")
        if not mine:
            action["domain"] = (
                [("user_id", "=", self.teacher_id.id)] if self.teacher_id else [("kind", "=", "organisation")]
            )
        return action

    def _open_settings(self):
        if self.env.user.has_group("hocba_digital.group_school_admin"):
            name = "action_server_school" if self.model == "res.company" else "action_staff"
            kind = "ir.actions.server" if self.model == "res.company" else "ir.actions.act_window"
            return self.env[kind]._for_xml_id(f"hocba_digital.{name}")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "title": self.env._("The school's administrator puts this right"),
                "message": self.env._("Settings, School: %(text)s", text=self.text),
                "sticky": True,
            },
        }
