"""When a class has to be reported: its grade may have a date of its own."""

from odoo import api, fields, models


class SchoolClassDeadline(models.Model):
    _inherit = "hocba.class"

    deadline = fields.Date(compute="_compute_deadline", store=True)
    deadline_summer = fields.Date("Deadline after summer", compute="_compute_deadline", store=True)
    days_left = fields.Integer("Days left", compute="_compute_days_left")

    @api.depends(
        "grade",
        "school_year_id.deadline_school",
        "school_year_id.deadline_school_summer",
        "school_year_id.deadline_ids.day",
        "school_year_id.deadline_ids.grade",
    )
    def _compute_deadline(self):
        for school_class in self:
            year = school_class.school_year_id
            school_class.deadline = year and year._deadline("deadline_school", school_class.grade)
            school_class.deadline_summer = year and year._deadline("deadline_school_summer", school_class.grade)

    @api.depends("deadline", "company_id.hocba_deadline_inclusive")
    def _compute_days_left(self):
        for school_class in self:
            school_class.days_left = school_class.company_id.sudo()._hocba_days_left(school_class.deadline)
