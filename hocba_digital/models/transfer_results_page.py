"""The results so far of a pupil who changes school within the year, as a table to read."""

from odoo import api, fields, models

from ..core import packet, transfer
from .assessment import TRAIT_LEVELS
from .class_grid_columns import COMMENTS, MEASURES


class TransferResultsPage(models.Model):
    _inherit = "hocba.transfer"

    results_table = fields.Html("Results so far", compute="_compute_results_table", sanitize=False)

    @api.depends_context("lang")
    @api.depends("results_digest", "leaving_periods")
    def _compute_results_table(self):
        for row in self:
            sheet = row._sheet() if row.results_digest else b""
            if sheet:
                row.results_table = row._table_of(transfer.parse_results(sheet))
                continue
            # Before the head signs: what would be signed now.
            head, now = row.sudo().company_id.hocba_head_id, self.env["hocba.submission"]._signing_time()
            told = row.sudo()._results_so_far(now, head) if row.leaving_periods else None
            row.results_table = row._table_of(told, signed=False) if told else False

    def _table_of(self, told, signed=True):
        return self.env["ir.qweb"]._render(
            "hocba_digital.transfer_results_table", self._table_values(told, signed), minimal_qcontext=True
        )

    def _table_values(self, told, signed):
        model = self.env["hocba.assessment"]
        labels = dict(model._fields["period"]._description_selection(self.env))
        return {
            "told": told,
            "signed": signed,
            "class_label": " ".join(filter(None, (told.class_name, told.school_year))),
            "made_on": f"{told.made_at:%d/%m/%Y}",
            "columns": [(labels[period.period], period.assessed_at or told.school.name) for period in told.periods],
            "decisions": list(self._decision_rows(told)),
            "rows": [*self._subject_rows(told), *self._trait_rows(told), *self._measure_rows(told)],
            "remarks": [
                (labels[period.period], remarks) for period in told.periods if (remarks := self._remarks(period))
            ],
        }

    def _decision_rows(self, told):
        """(what, the decision) of the year under way."""
        if told.disability:
            kinds = dict(self.env["hocba.enrolment"]._fields["disability_education"]._description_selection(self.env))
            words = [kinds[told.disability.kind], told.disability.not_assessed and self.env._("not assessed")]
            words += [told.disability.decision, told.disability.decided_at]
            yield self.env._("Pupil with a disability"), " · ".join(filter(None, words))
        for line in told.exemptions:
            words = [line.decision, line.decided_by, f"{line.decided_on:%d/%m/%Y}", line.decided_at]
            yield self.env._("Exempt from %(subject)s", subject=line.name), " · ".join(filter(None, words))

    def _subject_rows(self, told):
        """(subject, one text a period): level, and the score of the test where there was one."""
        names = {line.code: line.name for period in told.periods for line in period.subjects}
        for code, name in names.items():
            lines = [next((each for each in period.subjects if each.code == code), None) for period in told.periods]
            yield name, [_level(line) for line in lines]

    def _trait_rows(self, told):
        model = self.env["hocba.assessment"]
        for group, codes in (("quality", packet.QUALITIES), ("competence", packet.COMPETENCES)):
            for code in codes:
                name = "qualities" if group == "quality" else "competences"
                levels = [dict(getattr(period, name)).get(code) for period in told.periods]
                if any(levels):
                    yield model._fields[f"{group}_{code}"]._description_string(self.env), list(map(_trait, levels))

    def _measure_rows(self, told):
        model = self.env["hocba.assessment"]
        for name in MEASURES:
            values = [getattr(period, name) for period in told.periods]
            if any(value is not None for value in values):
                texts = ["" if value is None else str(value).replace(".", ",") for value in values]
                yield model._fields[name]._description_string(self.env), texts

    def _remarks(self, period):
        """(about what, the text) of one period: subjects first, then the homeroom teacher's."""
        model = self.env["hocba.assessment"]
        own = [
            (model._fields[name]._description_string(self.env), getattr(period, attribute))
            for name, attribute in COMMENTS.items()
        ]
        return [
            (label, text) for label, text in (*((line.name, line.comment) for line in period.subjects), *own) if text
        ]


class AssessmentOriginPage(models.AbstractModel):
    _inherit = "hocba.print"

    @api.private
    def _results_html(self, row):
        """The results so far of a change of school (``row``) as one HTML page for the screen."""
        told = transfer.parse_results(row._sheet())
        title = " - ".join((told.pupil_name, told.class_name, told.school_year))
        return self._html(row._table_of(told), _STYLE, title)


_STYLE = """
body { font-family: 'Times New Roman', serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; } th, td { border: 1px solid #888; padding: .25rem .5rem; }
th { text-align: left; } tbody th { font-weight: normal; } thead th + th, td { text-align: center; }
thead small { font-weight: normal; } dl { margin: 0; } dd { margin: 0 0 .5rem 1rem; }
"""


def _level(line):
    if line is None:
        return ""
    return ", ".join(filter(None, (line.level, "" if line.score is None else str(line.score))))


def _trait(level):
    return dict(TRAIT_LEVELS)[level].split()[0] if level else ""
