import base64
import binascii
import time
from dataclasses import dataclass, field

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import workbook
from ..core.rules import deadlines
from ..models.assessment import PERIODS

KINDS = [("pupils", "Pupils"), ("results", "Results by period"), ("staff", "Classes and teachers")]


@dataclass
class Plan:
    """What an import would do: rows as (row, target) by kind of effect, and every finding."""

    new: list = field(default_factory=list)
    changed: list = field(default_factory=list)
    unchanged: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    layout: str | None = None
    left_out: int = 0
    conflicts: int = 0
    cleared: int = 0

    @property
    def fatal(self):
        return any(problem.severity == "fatal" for problem in self.problems)

    def merge(self, wizard, read, row, key, new, stored, old, remembered):
        """What the cell changes: (True, value), or (False, None); conflicts and emptied cells become findings.

        Values are as the reader gives them; None is empty. The person's choice on the wizard decides the rest.
        """
        decision = workbook.decide(new, stored, old, remembered=remembered)
        if decision is workbook.Decision.CHANGE:
            return True, new
        if decision is workbook.Decision.CONFLICT:
            self.conflicts += 1
            params = {name: _shown(value) for name, value in (("stored", stored), ("old", old), ("new", new))}
            self.problems.append(read.problem("conflict_kept", row, key, **params))
            return wizard.on_conflict == "overwrite", new
        if decision is workbook.Decision.CLEARED:
            self.cleared += 1
            self.problems.append(read.problem("cleared_cell", row, key, stored=_shown(stored)))
            return wizard.on_empty == "clear", None
        return False, None


def _shown(value):
    return "–" if value is None else workbook.shown({"D": "Đ"}.get(value, value))


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
    period = fields.Selection(PERIODS, required=True, default="year")
    class_id = fields.Many2one(
        "hocba.class",
        domain="[('company_id', '=', company_id), ('school_year_id', '=', school_year_id)]",
        help="Leave empty when the workbook says the class: our templates do, and so do lists of a whole school.",
    )
    file = fields.Binary("Workbook (.xlsx)", attachment=False)
    file_name = fields.Char("File name")
    state = fields.Selection(
        [("choose", "File"), ("columns", "Columns"), ("checked", "Check"), ("done", "Imported")],
        default="choose",
        readonly=True,
    )
    on_error = fields.Selection(
        [("rest", "Import the rows without errors"), ("none", "Import nothing as long as a row has an error")],
        "Rows with errors",
        required=True,
        default="rest",
    )
    on_conflict = fields.Selection(
        [("keep", "Keep the newer value in the software"), ("overwrite", "Overwrite with the value of the file")],
        "Cells changed in both places",
        required=True,
        default="keep",
    )
    on_empty = fields.Selection(
        [("keep", "Keep the value in the software"), ("clear", "Empty it in the software too")],
        "Cells emptied in the file",
        required=True,
        default="keep",
    )
    conflict_count = fields.Integer("Changed in both places", readonly=True)
    cleared_count = fields.Integer("Emptied in the file", readonly=True)
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
        today = deadlines.today()
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
        self.state = self._state_after_failure() if plan.fatal else "checked"
        return self._reopen()

    def _state_after_failure(self):
        """The step where a file that cannot be read is put right."""
        return "choose"

    def action_import(self):
        """Import the rows without errors; the file is read and compared again, so nothing stale gets in."""
        self._check_may_import()
        if self.state != "checked":
            raise UserError(self.env._("Check the workbook first."))
        plan = self._plan()
        unseen = self.on_conflict == "overwrite" and plan.conflicts > self.conflict_count
        if plan.fatal or unseen or (self.on_error == "none" and plan.left_out):
            self._show(plan)
            self.state = self._state_after_failure() if plan.fatal else "checked"
            return self._reopen()
        started = time.monotonic()
        reason = self.env._("Imported from the file “%(name)s”.", name=self.file_name or "")
        # The change log keeps old and new values with this reason; a chatter message per pupil adds nothing but time.
        quiet = {"tracking_disable": True} if self.kind == "results" else {}
        self.with_context(hocba_reason=reason, **quiet)._apply(plan)
        self._show(plan)
        self.env.flush_all()
        self._report(time.monotonic() - started)
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
        url = f"/hocba/workbook/{self.kind}/{self.class_id.id}?period={self.period}"
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
        return {"pupils": self._plan_pupils, "results": self._plan_results, "staff": self._plan_staff}[self.kind]()

    def _apply(self, plan):
        steps = {"pupils": self._apply_pupils, "results": self._apply_results, "staff": self._apply_staff}
        steps[self.kind](plan)

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
                "conflict_count": plan.conflicts,
                "cleared_count": plan.cleared,
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

    def _title(self):
        return self.env._("Import from Excel")

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self._title(),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
