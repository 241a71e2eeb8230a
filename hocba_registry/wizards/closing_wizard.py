from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.recall import UNDECIDED
from ..models.year import GRADES


class ClosingWizard(models.TransientModel):
    """Chốt năm học: what it will freeze, what speaks against it, and a typed confirmation; nothing undoes it."""

    _name = "hocba.registry.closing.wizard"
    _description = "Close a School Year"

    year_id = fields.Many2one("hocba.registry.year", "School year", required=True, ondelete="cascade")
    unit_id = fields.Many2one("hocba.registry.unit", "School", help="Empty: all schools.", ondelete="cascade")
    grade = fields.Selection([(grade, grade) for grade in GRADES], help="Empty: all grades.")
    record_count = fields.Integer("Records that will be locked", compute="_compute_summary")
    unit_count = fields.Integer("Schools", compute="_compute_summary")
    waiting_count = fields.Integer("Transactions not judged yet", compute="_compute_summary")
    recall_count = fields.Integer("Recalls not decided yet", compute="_compute_summary")
    silent_count = fields.Integer("Schools that reported nothing", compute="_compute_summary")
    behind_count = fields.Integer("Schools with records missing", compute="_compute_summary")
    missing_count = fields.Integer("Records still missing", compute="_compute_summary")
    refused_count = fields.Integer("Records refused and not sent again", compute="_compute_summary")
    problem = fields.Text("Why it cannot be closed now", compute="_compute_summary")
    confirmation = fields.Char("Type the school year to confirm")

    @api.depends("year_id", "unit_id", "grade")
    def _compute_summary(self):
        for wizard in self:
            records = self.env["hocba.registry.record"]
            wizard.record_count = records.search_count(wizard._domain("record"))
            wizard.unit_count = records._read_group(wizard._domain("reported"), [], ["unit_id:count_distinct"])[0][0]
            wizard.waiting_count = self.env["hocba.registry.transaction"].search_count(wizard._domain("waiting"))
            wizard.recall_count = self.env["hocba.registry.recall"].search_count(wizard._domain("recall"))
            rows = self.env["hocba.registry.progress"].search(wizard._domain("progress"))
            behind = rows.filtered("missing")
            wizard.silent_count = len(rows.filtered(lambda row: row.stage == "silent"))
            wizard.behind_count, wizard.missing_count = len(behind), sum(behind.mapped("missing"))
            wizard.refused_count = sum(rows.mapped("refused"))
            wizard.problem = "\n".join(wizard._problems()) or False

    def _domain(self, what):
        """Domain of what the summary counts; transactions and schools have no grade."""
        year = ("year_id", "=", self.year_id.id)
        unit = [("unit_id", "=", self.unit_id.id)] if self.unit_id else []
        grade = [("grade", "=", self.grade)] if self.grade else []
        return {
            "record": [year, ("state", "=", "accepted"), *unit, *grade],
            "reported": [year, *unit, *grade],
            "waiting": [("state", "=", "received"), ("year_name", "=", self.year_id.name), *unit],
            "recall": [
                ("state", "in", UNDECIDED),
                ("amendment", "!=", True),  # about what is closed already
                ("record_id.year_id", "=", self.year_id.id),
                *unit,
                *[("record_id.grade", "=", self.grade) for _once in grade],
            ],
            "progress": [year, *unit],
        }[what]

    def _problems(self):
        """What speaks against closing now, in words."""
        found = []
        if self.waiting_count:
            found.append(
                self.env._("%(count)s transactions are not judged yet. Close afterwards.", count=self.waiting_count)
            )
        if self.recall_count:
            found.append(
                self.env._(
                    "%(count)s recalls are not decided yet; after the closing nothing can be recalled. Decide them "
                    "first.",
                    count=self.recall_count,
                )
            )
        if self.year_id and self.year_id._closed_for(self.unit_id, self.grade):
            found.append(self.env._("The school year is closed already."))
        return found

    def action_close(self):
        """Close now. Refused while transactions of the year are not judged, or recalls not decided yet."""
        self.ensure_one()
        if not self.env.user.has_group("hocba_registry.group_so_officer"):
            raise AccessError(self.env._("Only an officer of the department closes a school year."))
        if (self.confirmation or "").strip() != self.year_id.name:
            raise UserError(self.env._("Type “%(name)s” to confirm the closing.", name=self.year_id.name))
        if self.problem:
            raise UserError(self.problem)
        closing = self.env["hocba.registry.closing"]._close(self.year_id, self.unit_id, self.grade)
        self.year_id.sudo()._message_log(
            body=self.env._(
                "Closed for %(scope)s: %(count)s records locked.", scope=closing.scope, count=closing.record_count
            )
        )
        return self.year_id.action_open_records()

    def action_open_waiting(self):
        return self._open("action_transaction", "waiting")

    def action_open_recalls(self):
        return self._open("action_recall", "recall")

    def action_open_silent(self):
        return self._open("action_progress", "progress", ("stage", "=", "silent"))

    def action_open_behind(self):
        return self._open("action_progress", "progress", ("missing", ">", 0))

    def _open(self, xml_id, what, *conditions):
        return self.year_id._open(xml_id, *self._domain(what), *conditions)
