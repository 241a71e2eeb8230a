"""The step between file and check for files of other software: which column and which value means what."""

from markupsafe import Markup, escape

from odoo import fields, models
from odoo.exceptions import UserError

from .. import workbook
from .import_wizard import Plan

_PREVIEW_ROWS = 10
_OPEN_SCOPES = (False, "date")


class ImportColumns(models.TransientModel):
    _inherit = "hocba.import.wizard"

    foreign = fields.Boolean("File of other software")
    sheet_id = fields.Many2one("hocba.import.option", domain="[('wizard_id', '=', id), ('scope', '=', 'sheet')]")
    heading_first = fields.Integer("Heading from row")
    heading_last = fields.Integer("Heading to row")
    date_order = fields.Selection(
        [("dmy", "day/month/year"), ("mdy", "month/day/year"), ("ymd", "year/month/day")],
        "Dates",
        required=True,
        default="dmy",
    )
    pad_id = fields.Boolean("Restore lost zeros of ID numbers")
    mapping_id = fields.Many2one(
        "hocba.import.mapping", "Kept mapping", domain="[('company_id', '=', company_id), ('kind', '=', kind)]"
    )
    mapping_name = fields.Char("Keep this mapping as", help="Files with the same headings are recognised next time.")
    signature = fields.Char(readonly=True)
    column_ids = fields.One2many("hocba.import.column", "wizard_id", "Columns")
    value_ids = fields.One2many("hocba.import.value", "wizard_id", "Values")
    unknown_count = fields.Integer("Values not understood", compute="_compute_unknown_count")
    preview = fields.Html(readonly=True, sanitize=False)

    def _compute_unknown_count(self):
        for wizard in self:
            wizard.unknown_count = len(wizard.value_ids.filtered(lambda line: not line.option_id))

    def action_columns(self):
        """Open the file and guess what its columns mean."""
        self._check_may_import()
        try:
            sheets = workbook.open_file(self._content())
        except workbook.WorkbookError as error:
            self._show(Plan(problems=[error.problem]))
            return self._reopen()
        self.line_ids.unlink()
        self.env["hocba.import.option"].search([("wizard_id", "=", self.id)]).unlink()
        options = self.env["hocba.import.option"].create(
            [
                {"wizard_id": self.id, "scope": "sheet", "code": str(number), "name": sheet.title or "CSV"}
                for number, sheet in enumerate(sheets)
            ]
        )
        self._make_options("field", [(field.key, field.label, field.scope) for field in self._fields_of_kind()])
        guess = workbook.guesser(self.kind, self._class_plans())
        headings = [workbook.guess_heading(sheet, guess) for sheet in sheets]
        counts = [_understood_columns(*pair, guess) for pair in zip(sheets, headings, strict=True)]
        best = counts.index(max(counts))
        first, last = headings[best]
        self.write(
            {
                "foreign": True,
                "state": "columns",
                "fatal": False,
                "summary": False,
                "sheet_id": options[best].id,
                "heading_first": first,
                "heading_last": last,
            }
        )
        self._read_columns(sheets[best])
        return self._reopen()

    def action_reread(self):
        """Read the headings again after the sheet or the heading rows were changed."""
        self.ensure_one()
        self._check_may_import()
        sheet = self._sheet()
        if not (1 <= self.heading_first <= self.heading_last <= self.heading_first + 3):
            raise UserError(self.env._("The heading has one to four rows."))
        if self.heading_last not in sheet.rows:
            guess = workbook.guesser(self.kind, self._class_plans())
            self.heading_first, self.heading_last = workbook.guess_heading(sheet, guess)
        self._read_columns(sheet)
        return self._reopen()

    def action_refresh(self):
        """Show the values and the first rows as the chosen columns have them."""
        self.ensure_one()
        self._check_may_import()
        self._refresh(self._sheet())
        return self._reopen()

    def action_apply_mapping(self):
        """Use a kept mapping although the headings differ."""
        self.ensure_one()
        self._check_may_import()
        sheet = self._sheet()
        self._use_mapping(self.mapping_id)
        self._refresh(sheet)
        return self._reopen()

    def action_back_to_columns(self):
        """Return to the columns, keeping what was chosen."""
        self.ensure_one()
        self.line_ids.unlink()
        self.write({"state": "columns", "summary": False, "fatal": False})
        return self._reopen()

    def _sheet(self):
        """The chosen sheet. Raises UserError when the file cannot be read any more."""
        try:
            sheets = workbook.open_file(self._content())
        except workbook.WorkbookError as error:
            raise UserError(self._reason(error.problem)) from None
        return sheets[int(self.sheet_id.code or 0)]

    def _make_options(self, scope, entries):
        self.env["hocba.import.option"].create(
            [
                {
                    "wizard_id": self.id,
                    "scope": scope,
                    "code": code,
                    "name": name,
                    "values_scope": values_scope,
                    "sequence": number,
                }
                for number, (code, name, values_scope) in enumerate(entries)
            ]
        )

    def _options(self, scope):
        """Code -> option of a closed set, made when it is first needed."""
        search = [("wizard_id", "=", self.id), ("scope", "=", scope)]
        found = self.env["hocba.import.option"].search(search)
        if not found:
            choices = workbook.CHOICES.get(scope) or self._school_choices(scope)
            leave_out = (False, self.env._("(leave empty)"), False)
            self._make_options(scope, [*((code, name, False) for code, name in choices.items()), leave_out])
            found = self.env["hocba.import.option"].search(search)
        return {option.code or "": option for option in found}

    def _read_columns(self, sheet):
        """Columns of the sheet with what they mean: by a kept mapping for these headings, else guessed."""
        columns = workbook.columns_of(sheet, self.heading_first, self.heading_last)
        self.signature = workbook.signature(columns)
        guess = workbook.guesser(self.kind, self._class_plans())
        options = self._options("field")
        lines, used, previous = [], set(), ""
        for column in columns:
            key = guess(list(column.path)) if column.path else None
            if key and key.startswith("+"):
                key = f"{previous.split('.', maxsplit=1)[0]}.{key[1:]}" if "." in previous else None
            previous = key or previous
            key = key if key in options and key not in used else None
            used.add(key)
            lines.append(
                {
                    "wizard_id": self.id,
                    "number": column.number,
                    "letter": column.letter,
                    "header": column.header,
                    "samples": " · ".join(column.samples),
                    "option_id": options[key].id if key else False,
                }
            )
        self.column_ids.unlink()
        self.value_ids.unlink()
        self.env["hocba.import.column"].create(lines)
        kept = self.env["hocba.import.mapping"].search(
            [("company_id", "=", self.company_id.id), ("kind", "=", self.kind), ("signature", "=", self.signature)],
            order="last_used desc, id desc",
            limit=1,
        )
        self.mapping_id = kept
        if kept:
            self._use_mapping(kept)
        self._refresh(sheet)

    def _refresh(self, sheet):
        self._sync_values(sheet)
        self._show_preview(sheet)

    def _sync_values(self, sheet):
        """The different values of closed columns: what was chosen stays, the rest is guessed."""
        kept = {(line.key, line.raw): line for line in self.mapping_id.value_ids}
        chosen = {(line.number, line.key, line.raw): line for line in self.value_ids}
        lines, stay = [], self.env["hocba.import.value"]
        for column in self.column_ids.filtered(lambda line: line.option_id.values_scope not in _OPEN_SCOPES):
            key, scope = column.option_id.code, column.option_id.values_scope
            options, catalogue = self._options(scope), self._catalogue_of(scope)
            for raw, count in workbook.distinct_values(sheet, self.heading_last, column.number).items():
                line = chosen.get((column.number, key, raw))
                if line:
                    line.count = count
                    stay |= line
                    continue
                known = kept.get((key, raw))
                code = (known.code or "") if known else workbook.understood(scope, raw, catalogue)
                option = options.get(code) if code is not None else None
                lines.append(
                    {
                        "wizard_id": self.id,
                        "number": column.number,
                        "key": key,
                        "column": column.header or column.letter,
                        "scope": scope,
                        "raw": raw,
                        "count": count,
                        "is_known": bool(option),
                        "option_id": option.id if option else False,
                    }
                )
        (self.value_ids - stay).unlink()
        self.env["hocba.import.value"].create(lines)

    def _show_preview(self, sheet):
        """The first rows as they would be stored, wrong cells with the reason."""
        try:
            table = self._foreign_table(sheet, _PREVIEW_ROWS)
            before = {row: list(values) for row, values in table.sheet.rows.items()}
            read = self._read_table(table)
        except workbook.WorkbookError as error:
            self.preview = Markup('<p class="text-danger">%s</p>') % self._reason(error.problem)
            return
        wrong = {}
        for problem in read.problems:
            if problem.severity != "warn":
                wrong.setdefault((problem.row, problem.column), self._reason(problem))
        labels = {option.code: option.name for option in self.column_ids.option_id}
        labels |= {"name": labels.get("name", self.env._("Full name"))}
        columns = [(key, column) for key, column in table.columns.items() if key in labels]
        head = Markup("").join(Markup("<th>%s</th>") % labels[key] for key, _column in columns)
        body = Markup("")
        for row, values in before.items():
            if row > table.bottom:
                cells = [self._preview_cell(row, key, column, values, wrong) for key, column in columns]
                note = Markup("").join(
                    Markup('<div class="text-danger small">%s</div>') % text
                    for (number, _letter), text in wrong.items()
                    if number == row
                )
                body += Markup("<tr><td>%s</td>%s<td>%s</td></tr>") % (row, Markup("").join(cells), note)
        self.preview = Markup(
            '<div class="table-responsive"><table class="table table-sm table-bordered o_hocba_preview"><thead><tr>'
            "<th>%s</th>%s<th></th></tr></thead><tbody>%s</tbody></table></div>"
        ) % (self.env._("Row"), head, body)

    def _preview_cell(self, row, key, column, values, wrong):
        value = values[column - 1] if column <= len(values) else None
        option = self.column_ids.option_id.filtered(lambda line: line.code == key)
        scope = option.values_scope
        shown = workbook.shown_value(value) if value is not None else ""
        if shown and scope not in _OPEN_SCOPES:
            code = workbook.understood(scope, value, self._catalogue_of(scope))
            shown = self._options(scope)[code].name if code in self._options(scope) else shown
        bad = (row, workbook.column_letter(column)) in wrong
        return Markup('<td class="%s">%s</td>') % ("table-danger" if bad else "", escape(shown))


def _understood_columns(sheet, heading, guess):
    return sum(bool(guess(list(column.path))) for column in workbook.columns_of(sheet, *heading) if column.path)
