import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

GRADES = ("1", "2", "3", "4", "5")


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
    report_deadline = fields.Date("Report to the ministry before", tracking=True)
    report_deadline_summer = fields.Date("Report to the ministry after summer before", tracking=True)
    report_scope = fields.Selection(
        [("locked", "Records that are locked"), ("accepted", "Records in force, locked or not")],
        "What goes to the ministry",
        required=True,
        default="locked",
        tracking=True,
    )
    closing_ids = fields.One2many("hocba.registry.closing", "year_id", "Closings")
    record_ids = fields.One2many("hocba.registry.record", "year_id", "Records")
    state = fields.Selection([("open", "Open"), ("closed", "Closed")], compute="_compute_state", store=True)
    accepted_count = fields.Integer("In force, open", compute="_compute_counts")
    locked_count = fields.Integer("Locked", compute="_compute_counts")
    unit_count = fields.Integer("Schools that reported", compute="_compute_counts")

    _name_uniq = models.Constraint("UNIQUE(name)", "This school year already exists.")

    @api.depends("closing_ids.unit_id", "closing_ids.grade")
    def _compute_state(self):
        for year in self:
            whole = year._closed_grades(self.env["hocba.registry.unit"]) == set(GRADES)
            year.state = "closed" if whole else "open"

    @api.depends("record_ids.state")
    def _compute_counts(self):
        tally = self.env["hocba.registry.tally"]
        domain = [("year_id", "in", self.ids)]
        counts = {(year.id, state): count for year, state, count in tally._counts(domain, ["year_id", "state"])}
        units = dict(tally._read_group(domain, ["year_id"], ["unit_id:count_distinct"]))
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

    def _closed_grades(self, unit):
        """Grades ("1" to "5") of which the year takes no more records of ``unit``; of no school when it is empty."""
        closed = set()
        for closing in self.closing_ids:
            if not closing.unit_id or closing.unit_id == unit:
                closed.update([closing.grade] if closing.grade else GRADES)
        return closed

    def _closed_for(self, unit, grade=None):
        """Whether the year takes no more records of ``unit`` (of this grade)."""
        self.ensure_one()
        return ({grade} if grade else set(GRADES)) <= self._closed_grades(unit)

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
