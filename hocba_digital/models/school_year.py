import re
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core.rules.deadlines import default_deadlines

DEADLINES = ("deadline_school", "deadline_school_summer", "deadline_authority", "deadline_authority_summer")


class SchoolYear(models.Model):
    """A school year and its four deadlines (plan 213, annex §2.1), which the Sở may set earlier."""

    _name = "hocba.school.year"
    _description = "School Year"
    _order = "date_start desc"
    _inherit = ["mail.thread"]

    name = fields.Char("School year", required=True, tracking=True, help="For example 2025-2026.")
    company_id = fields.Many2one("res.company", "School", required=True, default=lambda self: self.env.company)
    date_start = fields.Date("First day", required=True)
    date_end = fields.Date("Last day", required=True)
    deadline_ids = fields.One2many("hocba.deadline", "school_year_id", "Deadlines set earlier")
    deadline_school = fields.Date(
        "Report to the department before", compute="_compute_deadlines", store=True, precompute=True, tracking=True
    )
    deadline_school_summer = fields.Date(
        "Report after summer before", compute="_compute_deadlines", store=True, precompute=True, tracking=True
    )
    deadline_authority = fields.Date(
        "Department reports before", compute="_compute_deadlines", store=True, precompute=True, tracking=True
    )
    deadline_authority_summer = fields.Date(
        "Department reports after summer before",
        compute="_compute_deadlines",
        store=True,
        precompute=True,
        tracking=True,
    )
    class_ids = fields.One2many("hocba.class", "school_year_id", "Classes")
    active = fields.Boolean(default=True)

    _name_uniq = models.Constraint("UNIQUE(name, company_id)", "This school year already exists.")

    @api.onchange("name")
    def _onchange_name(self):
        years = _years(self.name)
        if years:
            self.update({key: value for key, value in self._usual_dates(years[1]).items() if not self[key]})

    @api.model
    def _usual_dates(self, end_year):
        """First and last day of the year that ends in ``end_year``."""
        return {
            "date_start": date(end_year - 1, 9, 5),
            "date_end": date(end_year, 5, 31),
        }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_deadlines(vals)
            years = _years(vals.get("name"))
            if years:
                for key, value in self._usual_dates(years[1]).items():
                    vals.setdefault(key, value)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_deadlines(vals)
        return super().write(vals)

    def _refuse_deadlines(self, vals):
        for name in DEADLINES:
            if name in vals:
                raise UserError(
                    self.env._(
                        "“%(field)s” follows from the law and from the documents that set it earlier. Enter the "
                        "document under “Deadlines”.",
                        field=self._fields[name]._description_string(self.env),
                    )
                )

    @api.depends("name", "deadline_ids.kind", "deadline_ids.grade", "deadline_ids.day")
    def _compute_deadlines(self):
        """The law's dates (plan 213, annex §2.1), or what the latest document for all grades says."""
        for year in self:
            for name in DEADLINES:
                year[name] = year._deadline(name)

    def _deadline(self, name, grade=None):
        """The day before which ``name`` (a field of DEADLINES) is due: for a grade, else for all, else by law."""
        self.ensure_one()
        decisions = self.deadline_ids.filtered(lambda line: line.kind == name).sorted("id", reverse=True)
        own = decisions.filtered(lambda line: grade and line.grade == grade)
        general = decisions.filtered(lambda line: not line.grade)
        return (own[:1] or general[:1]).day or self._law_deadline(name)

    def _law_deadline(self, name):
        """The date of plan 213 for this year; False while the year's name is none."""
        return default_deadlines(self.name)[name] if _years(self.name) else False

    @api.constrains("name")
    def _check_name(self):
        for year in self:
            if not _years(year.name):
                raise ValidationError(
                    self.env._("“%(name)s” is no school year. Write it as 2025-2026.", name=year.name)
                )
        self.deadline_ids._check_day()

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for year in self:
            if year.date_end <= year.date_start:
                raise ValidationError(self.env._("School year %(name)s ends before it starts.", name=year.name))


def _years(name):
    match = re.fullmatch(r"(\d{4})-(\d{4})", name or "")
    if match and int(match[2]) == int(match[1]) + 1:
        return int(match[1]), int(match[2])
    return None
