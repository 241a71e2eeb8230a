from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .school_year import DEADLINES
from .subject import GRADES

KINDS = [
    ("deadline_school", "School reports"),
    ("deadline_school_summer", "School reports after summer"),
    ("deadline_authority", "Department reports to the ministry"),
    ("deadline_authority_summer", "Department reports after summer"),
]


class Deadline(models.Model):
    """A document that sets a deadline earlier than the law, for all grades or for one (plan 213, annex §2.1).

    Rows are only added: the latest one for the same deadline and grade counts, the others say what counted before.
    """

    _name = "hocba.deadline"
    _description = "Deadline set earlier"
    _inherit = ["hocba.frozen.mixin"]
    _order = "id desc"
    _rec_name = "source"
    _append_only = True

    school_year_id = fields.Many2one("hocba.school.year", "School year", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True, ondelete="restrict")
    kind = fields.Selection(KINDS, "Deadline", required=True, default="deadline_school")
    grade = fields.Selection(GRADES, help="Empty: all grades that have no date of their own.")
    day = fields.Date("Before", required=True, help="“Before 30/6”: the last day in time is the day before.")
    source = fields.Char("Document", required=True, help="Number of the document that sets the date.")
    source_date = fields.Date("Date of the document")
    issuer = fields.Char("Issued by", required=True)
    note = fields.Char()
    law_day = fields.Date("By law before", compute="_compute_law_day")
    in_force = fields.Boolean(
        "In force",
        compute="_compute_in_force",
        search="_search_in_force",
        help="The latest document for this deadline and grade.",
    )

    @api.depends("school_year_id.name", "kind")
    def _compute_law_day(self):
        for line in self:
            line.law_day = line.kind and line.school_year_id._law_deadline(line.kind)

    def _compute_in_force(self):
        latest = self._latest_ids()
        for line in self:
            line.in_force = line.id in latest

    def _search_in_force(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in", self._latest_ids())] if True in value else [("id", "not in", self._latest_ids())]

    def _latest_ids(self):
        groups = self.sudo()._read_group([], ["school_year_id", "kind", "grade"], ["id:max"])
        return [latest for *_keys, latest in groups]

    @api.onchange("school_year_id")
    def _onchange_school_year(self):
        if not self.issuer:
            self.issuer = self.school_year_id._approving_body()

    @api.model_create_multi
    def create(self, vals_list):
        years = self.env["hocba.school.year"].browse([vals.get("school_year_id") for vals in vals_list])
        for vals, year in zip(vals_list, years, strict=True):
            vals["company_id"] = year.company_id.id
            vals["issuer"] = vals.get("issuer") or year._approving_body()
        return super().create(vals_list)

    @api.constrains("day", "kind", "grade", "school_year_id")
    def _check_day(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for line in self:
            values = {"name": labels[line.kind], "day": self._shown(line.day), "year": line.school_year_id.name}
            law_day = line.school_year_id._law_deadline(line.kind)
            if line.day > law_day:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(day)s is later than the law allows (before %(law)s). A deadline can only be set "
                        "earlier.",
                        law=self._shown(law_day),
                        **values,
                    )
                )
            if line.day <= line.school_year_id.date_start:
                raise ValidationError(self.env._("%(name)s: %(day)s is before school year %(year)s begins.", **values))
            if line.grade and line.kind not in DEADLINES[:2]:
                raise ValidationError(
                    self.env._("%(name)s: this deadline is the same for all grades. Leave the grade empty.", **values)
                )

    def _shown(self, day):
        return day.strftime("%d/%m/%Y")
