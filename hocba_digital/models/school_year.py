import re
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError


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
    deadline_school = fields.Date("Report to the department before", required=True, tracking=True)
    deadline_school_summer = fields.Date("Report after summer before", required=True, tracking=True)
    deadline_authority = fields.Date("Department reports before", required=True, tracking=True)
    deadline_authority_summer = fields.Date("Department reports after summer before", required=True, tracking=True)
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
        """Dates of the year that ends in ``end_year``, with the deadlines of plan 213."""
        return {
            "date_start": date(end_year - 1, 9, 5),
            "date_end": date(end_year, 5, 31),
            "deadline_school": date(end_year, 6, 30),
            "deadline_school_summer": date(end_year, 8, 15),
            "deadline_authority": date(end_year, 7, 10),
            "deadline_authority_summer": date(end_year, 8, 25),
        }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            years = _years(vals.get("name"))
            if years:
                for key, value in self._usual_dates(years[1]).items():
                    vals.setdefault(key, value)
        return super().create(vals_list)

    @api.constrains("name")
    def _check_name(self):
        for year in self:
            if not _years(year.name):
                raise ValidationError(
                    self.env._("“%(name)s” is no school year. Write it as 2025-2026.", name=year.name)
                )

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
