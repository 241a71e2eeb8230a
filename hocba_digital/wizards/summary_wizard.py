from odoo import api, fields, models

from ..core.rules import deadlines
from ..core.rules import summary as rules
from ..models.assessment import PERIODS
from ..reports.print_service import ranges

#: Month of the year -> the assessment that is summed up then (TT 27, Art. 9.1).
_PERIOD_OF_MONTH = {9: "mid1", 10: "mid1", 11: "mid1", 12: "end1", 1: "end1", 2: "mid2", 3: "mid2", 4: "mid2"}


class SummaryWizard(models.TransientModel):
    """Prints "Bảng tổng hợp kết quả đánh giá giáo dục" of classes for one of the four times a year."""

    _name = "hocba.summary.wizard"
    _description = "Print Class Summaries"

    class_ids = fields.Many2many("hocba.class", string="Classes", required=True)
    period = fields.Selection(PERIODS, required=True, default=lambda self: self._current_period())
    line_text = fields.Text("What will be printed", compute="_compute_line_text")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "hocba.class" and "class_ids" in fields_list:
            values.setdefault("class_ids", [(6, 0, self.env.context.get("active_ids", []))])
        return values

    @api.model
    def _current_period(self):
        return _PERIOD_OF_MONTH.get(deadlines.today().month, "year")

    @api.depends("class_ids", "period")
    def _compute_line_text(self):
        """One line a class: its template, how many pupils have results, how many entries are still empty."""
        for wizard in self:
            lines = []
            for school_class in wizard.class_ids:
                found, empty = wizard._tally(school_class)
                number = rules.template_number(int(school_class.grade), wizard.period or "year")
                lines.append(
                    self.env._(
                        "%(name)s: template %(number)s, %(count)s pupils, %(empty)s entries still empty",
                        name=school_class.name,
                        number=number,
                        count=found,
                        empty=empty,
                    )
                )
            wizard.line_text = "\n".join(lines)

    def _tally(self, school_class):
        domain = [("class_id", "=", school_class._origin.id), ("period", "=", self.period)]
        domain += [("enrolment_id.is_current", "=", True)]
        ((found, empty),) = self.env["hocba.assessment"]._read_group(domain, [], ["__count", "missing_count:sum"])
        return found, empty or 0

    def action_print(self):
        """Download the summaries."""
        self.ensure_one()
        self.env["hocba.print"]._check_summary_rights(self.class_ids)
        url = f"/hocba/classes/summary/{self.period}?ids={ranges(self.class_ids.ids)}"
        return {"type": "ir.actions.act_url", "url": url, "target": "new", "close": True}
