import base64
import binascii
from dataclasses import dataclass, field

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import workbook
from ..workbook.text import fold

KINDS = [("pupils", "Pupils"), ("results", "Year-end results")]


@dataclass
class Plan:
    """What an import would do: rows as (row, target) by kind of effect, and every finding."""

    new: list = field(default_factory=list)
    changed: list = field(default_factory=list)
    unchanged: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    layout: str | None = None
    left_out: int = 0

    @property
    def fatal(self):
        return any(problem.severity == "fatal" for problem in self.problems)


class ImportWizard(models.TransientModel):
    """Import of a workbook in two steps: a dry run that lists every error, then the import itself."""

    _name = "hocba.import.wizard"
    _description = "Import from Excel"

    kind = fields.Selection(KINDS, "What to import", required=True, default="pupils")
    company_id = fields.Many2one("res.company", "School", required=True, default=lambda self: self.env.company)
    school_year_id = fields.Many2one(
        "hocba.school.year",
        "School year",
        required=True,
        domain="[('company_id', '=', company_id)]",
        default=lambda self: self._default_school_year(),
    )
    class_id = fields.Many2one(
        "hocba.class",
        domain="[('company_id', '=', company_id), ('school_year_id', '=', school_year_id)]",
        help="Leave empty when the workbook says the class: our templates do, and so do lists of a whole school.",
    )
    file = fields.Binary("Workbook (.xlsx)", attachment=False)
    file_name = fields.Char("File name")
    state = fields.Selection(
        [("choose", "File"), ("checked", "Check"), ("done", "Imported")], default="choose", readonly=True
    )
    on_error = fields.Selection(
        [("rest", "Import the rows without errors"), ("none", "Import nothing as long as a row has an error")],
        "Rows with errors",
        required=True,
        default="rest",
    )
    layout = fields.Selection(
        [("own", "Template of this software"), ("sector", "Export of the sector database"), ("other", "Other table")],
        "Layout recognised",
        readonly=True,
    )
    new_count = fields.Integer("New", readonly=True)
    changed_count = fields.Integer("Changed", readonly=True)
    unchanged_count = fields.Integer("Unchanged", readonly=True)
    error_count = fields.Integer("Rows left out", readonly=True)
    warning_count = fields.Integer("To be checked", readonly=True)
    fatal = fields.Boolean(readonly=True)
    summary = fields.Text("Result", readonly=True)
    line_ids = fields.One2many("hocba.import.line", "wizard_id", "Findings", readonly=True)

    @api.model
    def _default_school_year(self):
        today = fields.Date.context_today(self)
        years = self.env["hocba.school.year"].search([("company_id", "=", self.env.company.id)])
        return years.filtered(lambda year: year.date_start <= today)[:1] or years[-1:]

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "hocba.class" and len(self.env.context.get("active_ids", [])) == 1:
            values["class_id"] = self.env.context["active_id"]
        school_class = self.env["hocba.class"].browse(values.get("class_id"))
        if school_class:
            values["school_year_id"] = school_class.school_year_id.id
        return values

    @api.onchange("class_id")
    def _onchange_class_id(self):
        if self.class_id:
            self.school_year_id = self.class_id.school_year_id

    def action_check(self):
        """Dry run: reads the workbook, changes nothing, lists every finding."""
        self._check_may_import()
        plan = self._plan()
        self._show(plan)
        self.state = "choose" if plan.fatal else "checked"
        return self._reopen()

    def action_import(self):
        """Import the rows without errors; the file is read and compared again, so nothing stale gets in."""
        self._check_may_import()
        if self.state != "checked":
            raise UserError(self.env._("Check the workbook first."))
        plan = self._plan()
        if plan.fatal or (self.on_error == "none" and plan.left_out):
            self._show(plan)
            self.state = "choose" if plan.fatal else "checked"
            return self._reopen()
        self._apply(plan)
        self._show(plan)
        self.state = "done"
        self.file = False
        self.summary = self._done_text(plan)
        return self._reopen()

    def action_back(self):
        """Choose another file."""
        self.line_ids.unlink()
        self.write({"state": "choose", "file": False, "file_name": False, "summary": False, "fatal": False})
        return self._reopen()

    def action_template(self):
        """Download the template of the class, filled in with what is known."""
        self.ensure_one()
        if not self.class_id:
            raise UserError(self.env._("Choose the class whose template you want."))
        url = f"/hocba/workbook/{self.kind}/{self.class_id.id}"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}

    def _check_may_import(self):
        self.ensure_one()
        groups = ["hocba_digital.group_clerk"]
        if self.kind == "results":
            groups.append("hocba_digital.group_subject_teacher")
        if not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(self.env._("You may not import this kind of workbook."))
        self.class_id.check_access("read")
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("You do not work at this school."))

    def _content(self):
        content = self.with_context(bin_size=False).file
        if not content:
            raise UserError(self.env._("Choose a workbook first."))
        try:
            return base64.b64decode(content, validate=True)
        except binascii.Error:
            raise UserError(self.env._("The file did not arrive completely. Choose it again.")) from None

    def _plan(self):
        return self._plan_pupils() if self.kind == "pupils" else self._plan_results()

    def _apply(self, plan):
        if self.kind == "pupils":
            self._apply_pupils(plan)
        else:
            self._apply_results(plan)

    def _show(self, plan):
        """Counts and findings of a plan on the wizard."""
        self.line_ids.unlink()
        self.env["hocba.import.line"].create(
            [
                {
                    "wizard_id": self.id,
                    "sheet": problem.sheet,
                    "row": problem.row or 0,
                    "column": " – ".join(filter(None, (problem.column, (problem.header or "").replace("\n", " ")))),
                    "reason": self._reason(problem),
                    "severity": problem.severity,
                    "code": problem.code,
                }
                for problem in plan.problems
            ]
        )
        self.write(
            {
                "layout": plan.layout,
                "new_count": len(plan.new),
                "changed_count": len(plan.changed),
                "unchanged_count": len(plan.unchanged),
                "error_count": plan.left_out,
                "warning_count": sum(problem.severity == "warn" for problem in plan.problems),
                "fatal": plan.fatal,
                "summary": self._check_text(plan),
            }
        )

    def _reason(self, problem):
        """The sentence of a finding in the user's language."""
        source = workbook.english(problem.code)
        translated = self.env._(source)
        if translated == source and (self.env.lang or "").startswith("vi"):
            return problem.text("vi")
        return translated % problem.params

    def _check_text(self, plan):
        if plan.fatal:
            return self.env._("The workbook cannot be read. Nothing was changed.")
        if not plan.new and not plan.changed and not plan.left_out:
            return self.env._("Everything in the workbook is already there. Importing it would change nothing.")
        return self.env._(
            "%(new)s new, %(changed)s changed, %(unchanged)s unchanged, %(left_out)s rows with errors. "
            "Nothing has been changed yet.",
            new=len(plan.new),
            changed=len(plan.changed),
            unchanged=len(plan.unchanged),
            left_out=plan.left_out,
        )

    def _done_text(self, plan):
        if not plan.new and not plan.changed:
            return self.env._(
                "Nothing was changed: %(unchanged)s rows were there already, %(left_out)s rows were left out.",
                unchanged=len(plan.unchanged),
                left_out=plan.left_out,
            )
        return self.env._(
            "Imported: %(new)s new, %(changed)s changed, %(unchanged)s unchanged, %(left_out)s rows left out.",
            new=len(plan.new),
            changed=len(plan.changed),
            unchanged=len(plan.unchanged),
            left_out=plan.left_out,
        )

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import from Excel"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _known(self, school_class):
        """What the school's data say, for the checks of the reader: the same few queries for any size."""
        pupils = self.env["hocba.pupil"].sudo().with_context(active_test=False)
        pupils = pupils.search_fetch(
            [("company_id", "=", self.company_id.id)],
            ["code", "name", "id_number", "birth_date", "no_id_reason"],
            order="id",
        )
        current = self._current_enrolments(pupils)
        closed = (
            self.env["hocba.record"]
            .sudo()
            ._read_group(
                [("school_year_id", "=", self.school_year_id.id), ("state", "not in", ("draft", "recalled"))],
                ["pupil_id"],
            )
        )
        closed_ids = {pupil.id for (pupil,) in closed}
        return workbook.Known(
            pupils=tuple(
                workbook.KnownPupil(
                    code=pupil.code,
                    name=pupil.name,
                    id_number=pupil.id_number or None,
                    birth_date=pupil.birth_date or None,
                    class_name=current[pupil.id].class_name if pupil.id in current else None,
                    no_id_reason=pupil.no_id_reason or None,
                    closed=pupil.id in closed_ids,
                )
                for pupil in pupils
            ),
            class_name=school_class.name or None,
            classes=tuple(self._classes().mapped("name")),
            school_year=self.school_year_id.name,
            ethnicities=self._ethnicities(),
            countries=self._countries(),
        )

    def _classes(self):
        return self.env["hocba.class"].search(
            [("school_year_id", "=", self.school_year_id.id), ("company_id", "=", self.company_id.id)]
        )

    def _current_enrolments(self, pupils):
        """Pupil id -> this year's enrolment."""
        found = (
            self.env["hocba.enrolment"]
            .sudo()
            .search_fetch(
                [
                    ("pupil_id", "in", pupils.ids),
                    ("is_current", "=", True),
                    ("class_id.school_year_id", "=", self.school_year_id.id),
                ],
                ["pupil_id", "class_id", "class_name", "date_from"],
            )
        )
        return {enrolment.pupil_id.id: enrolment for enrolment in found}

    def _ethnicities(self):
        names = self.env["hocba.ethnicity"].search([("code", "!=", False)]).mapped("name")
        spellings = {fold(name): name for name in names}
        for other, name in {
            "mong": "HMông",
            "khome": "Khơ-me",
            "khmer": "Khơ-me",
            "raglay": "Ra-glai",
            "jrai": "Gia-rai",
            "rhade": "Ê-đê",
            "nuocngoai": "Người nước ngoài",
            "bruvankieu": "Bru-Vân Kiều",
        }.items():
            if name in names:
                spellings.setdefault(other, name)
        return spellings

    def _countries(self):
        countries = self.env["res.country"].sudo().search([("code", "!=", False)])
        spellings = {}
        for language in ("en_US", "vi_VN"):
            spellings |= {fold(country.name): country.code for country in countries.with_context(lang=language)}
        by_code = {country.code for country in countries}
        common = {
            "vietnam": "VN",
            "hanquoc": "KR",
            "trungquoc": "CN",
            "hoaky": "US",
            "my": "US",
            "nhatban": "JP",
            "lao": "LA",
            "campuchia": "KH",
            "nga": "RU",
            "phap": "FR",
            "anh": "GB",
            "dailoan": "TW",
            "duc": "DE",
        }
        spellings |= {fold(code): code for code in by_code if code}
        return spellings | {name: code for name, code in common.items() if code in by_code}
