from odoo import api, fields, models
from odoo.addons.hocba_digital.core.rules import deadlines


class YearUpward(models.Model):
    """A school year on its way to the ministry: what waits, what was answered, how many days are left."""

    _inherit = "hocba.registry.year"

    is_ministry = fields.Boolean("Ministry's repository itself", compute="_compute_is_ministry")
    days_left = fields.Integer("Days left for schools", compute="_compute_days_left")
    report_days_left = fields.Integer("Days left to report", compute="_compute_days_left")
    to_report_count = fields.Integer("To be reported", compute="_compute_upward_counts")
    reported_count = fields.Integer("At the ministry", compute="_compute_upward_counts")
    upward_refused_count = fields.Integer("Refused by the ministry", compute="_compute_upward_counts")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            for name, day in self._usual_deadlines(vals.get("name")).items():
                vals.setdefault(name, day)
        return super().create(vals_list)

    @api.onchange("name")
    def _onchange_name(self):
        self.update({name: day for name, day in self._usual_deadlines(self.name).items() if not self[name]})

    def _usual_deadlines(self, name):
        """The dates of plan 213, annex §2.1; a department may set others."""
        try:
            usual = deadlines.default_deadlines(name or "")
        except ValueError:
            return {}
        return {
            "deadline": usual["deadline_school"],
            "deadline_summer": usual["deadline_school_summer"],
            "report_deadline": usual["deadline_authority"],
            "report_deadline_summer": usual["deadline_authority_summer"],
        }

    def _compute_is_ministry(self):
        self.is_ministry = self.env["hocba.registry.intake"]._level() == "bo"

    @api.depends("deadline", "deadline_summer", "report_deadline", "report_deadline_summer")
    def _compute_days_left(self):
        now = deadlines.now()
        for year in self:
            year.days_left = _next_days(now, year.deadline, year.deadline_summer)
            year.report_days_left = _next_days(now, year.report_deadline, year.report_deadline_summer)

    @api.depends("record_ids.state", "record_ids.upper_state", "report_scope")
    def _compute_upward_counts(self):
        records = self.env["hocba.registry.record"]
        for year in self:
            year.to_report_count = records.search_count(self.env["hocba.registry.upward"]._waiting_domain(year))
            counts = dict(
                records._read_group(
                    [("year_id", "=", year.id), ("upper_state", "!=", False), ("superseded_by_id", "=", False)],
                    ["upper_state"],
                    ["__count"],
                )
            )
            year.reported_count = counts.get("accepted", 0) + counts.get("locked", 0)
            year.upward_refused_count = counts.get("refused", 0)

    def action_report_up(self):
        """Ask for the PIN of the department's certificate and report what waits."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_registry.action_upward_wizard")
        action["context"] = {"default_year_id": self.id}
        return action

    def action_open_to_report(self):
        domain = self.env["hocba.registry.upward"]._waiting_domain(self)
        return self._open("action_record", *domain)

    def action_open_reported(self):
        at_ministry = ("upper_state", "in", ("accepted", "locked"))
        in_force = ("superseded_by_id", "=", False)
        return self._open("action_record", ("year_id", "in", self.ids), at_ministry, in_force)

    def action_open_upward_refused(self):
        return self._open("action_record", ("year_id", "in", self.ids), ("upper_state", "=", "refused"))


def _next_days(now, *days):
    """Days until the next of the deadlines that has not passed; of the last one when all have."""
    left = [deadlines.days_left(day, now) for day in days if day]
    return next((number for number in left if number >= 0), left[-1] if left else 0)
