import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class Year(models.Model):
    """A school year at the department; the closing freezes what was accepted (plan 213, annex §2.2)."""

    _name = "hocba.registry.year"
    _description = "School Year of the Department"
    _inherit = ["mail.thread"]
    _order = "name desc"
    _mail_post_access = "read"

    name = fields.Char("School year", required=True, help="For example 2025-2026.")
    deadline = fields.Date("Schools report before", tracking=True)
    deadline_summer = fields.Date("After summer before", tracking=True)
    closing_ids = fields.One2many("hocba.registry.closing", "year_id", "Closings")
    record_ids = fields.One2many("hocba.registry.record", "year_id", "Records")
    state = fields.Selection([("open", "Open"), ("closed", "Closed")], compute="_compute_state", store=True)
    accepted_count = fields.Integer("In force, open", compute="_compute_counts")
    locked_count = fields.Integer("Locked", compute="_compute_counts")
    unit_count = fields.Integer("Schools that reported", compute="_compute_counts")

    _name_uniq = models.Constraint("UNIQUE(name)", "This school year already exists.")

    @api.depends("closing_ids.unit_id")
    def _compute_state(self):
        for year in self:
            whole = year.closing_ids.filtered(lambda closing: not closing.unit_id)
            year.state = "closed" if whole else "open"

    @api.depends("record_ids.state")
    def _compute_counts(self):
        counts = {
            (year.id, state): count
            for year, state, count in self.env["hocba.registry.record"]._read_group(
                [("year_id", "in", self.ids)], ["year_id", "state"], ["__count"]
            )
        }
        units = dict(
            self.env["hocba.registry.record"]._read_group(
                [("year_id", "in", self.ids)], ["year_id"], ["unit_id:count_distinct"]
            )
        )
        for year in self:
            year.accepted_count = counts.get((year.id, "accepted"), 0)
            year.locked_count = counts.get((year.id, "locked"), 0)
            year.unit_count = units.get(year, 0)

    @api.constrains("name")
    def _check_name(self):
        for year in self:
            match = re.fullmatch(r"(\d{4})-(\d{4})", year.name or "")
            if not match or int(match[2]) != int(match[1]) + 1:
                raise ValidationError(
                    self.env._("“%(name)s” is no school year. Write it as 2025-2026.", name=year.name)
                )

    def write(self, vals):
        if "name" in vals:
            renamed = self.filtered(lambda year: year.name != vals["name"])
            if self.env["hocba.registry.record"].sudo().search_count([("year_id", "in", renamed.ids)], limit=1):
                raise UserError(self.env._("A school year that has records keeps its name."))
        return super().write(vals)

    @api.model
    def _current(self):
        """The latest school year, which the overview counts."""
        return self.search([], order="name desc", limit=1)

    def _closed_for(self, unit):
        """Whether the year takes no more records of ``unit``."""
        self.ensure_one()
        return any(not closing.unit_id or closing.unit_id == unit for closing in self.closing_ids)

    def action_close(self):
        """Open the closing with its summary and typed confirmation."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_registry.action_closing_wizard")
        action["context"] = {"default_year_id": self.id}
        return action

    def action_open_records(self):
        return self._open("action_record", ("year_id", "in", self.ids))

    def action_open_accepted(self):
        return self._open("action_record", ("year_id", "in", self.ids), ("state", "=", "accepted"))

    def action_open_locked(self):
        return self._open("action_record", ("year_id", "in", self.ids), ("state", "=", "locked"))

    def action_open_units(self):
        return self._open("action_intake", ("record_ids.year_id", "in", self.ids))

    def _open(self, xml_id, *conditions):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"hocba_registry.{xml_id}")
        action["domain"] = list(conditions)
        action["context"] = {}
        return action
