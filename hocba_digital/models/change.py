"""The change log: every content field of a pupil's data, with the old and the new value, who and when."""

from odoo import api, fields, models
from odoo.exceptions import MissingError

from .assessment import PERIODS

_KEY = "hocba_changes"


class Change(models.Model):
    """One changed entry. Rows are written once a transaction, in bulk, and never change or go away.

    What was typed before signing may be corrected freely; this is what makes it traceable (QĐ 1789/QĐ-SGDĐT,
    Art. 6; NĐ 88/2026, Art. 15). Texts are Vietnamese, as the person saw them on the screen.
    """

    _name = "hocba.change"
    _description = "Change Log"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _log_access = False
    _order = "id desc"
    _rec_name = "field_label"

    at = fields.Datetime("When", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", "Who", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True, ondelete="restrict")
    kind = fields.Selection(
        [("changed", "Changed"), ("created", "Added"), ("deleted", "Deleted")], "What", required=True, readonly=True
    )
    model = fields.Selection(
        [
            ("hocba.pupil", "Pupil"),
            ("hocba.enrolment", "School career"),
            ("hocba.assessment", "Assessment"),
            ("hocba.result", "Subject result"),
        ],
        "Where",
        required=True,
        readonly=True,
    )
    res_id = fields.Integer("Row", required=True, readonly=True)
    pupil_id = fields.Many2one("hocba.pupil", readonly=True, index=True, ondelete="restrict")
    class_id = fields.Many2one("hocba.class", readonly=True, index=True, ondelete="restrict")
    period = fields.Selection(PERIODS, readonly=True)
    subject_id = fields.Many2one("hocba.subject", readonly=True, ondelete="restrict")
    teacher_id = fields.Many2one("res.users", "Teacher of the subject", readonly=True, ondelete="restrict")
    field_name = fields.Char("Field", readonly=True)
    field_label = fields.Char("Entry", readonly=True)
    old_value = fields.Text("Before", readonly=True)
    new_value = fields.Text("After", readonly=True)
    reason = fields.Text("Why", readonly=True)

    @api.model
    def _pending(self):
        """What this transaction changed so far: (model, id) -> entry. The first call has it written at the commit.

        A savepoint writes down what it keeps and forgets what it rolls back, as the cursor's hooks do.
        """
        data = self.env.cr.precommit.data
        if _KEY not in data:
            data[_KEY] = {}
            self.env.cr.precommit.add(self.env["hocba.change"].sudo()._write_down)
        return data[_KEY]

    def _write_down(self):
        rows = []
        at = fields.Datetime.now()
        pending = self.env.cr.precommit.data.pop(_KEY, {})
        for (model, res_id), entry in pending.items():
            common = {"at": at, "model": model, "res_id": res_id, "user_id": entry["user"], "reason": entry["reason"]}
            rows += [{**common, **line} for line in entry["lines"]]
            if not entry["before"]:
                continue
            try:
                record = self.env[model].browse(res_id).with_prefetch([key[1] for key in pending if key[0] == model])
                changed = record._changed_lines(entry["before"])
                rows += [{**common, **record._change_place(), "kind": "changed", **line} for line in changed]
            except MissingError:
                continue  # deleted in the same transaction by a cascade; its parent's deletion is logged
        if rows:
            self.sudo().create(rows)
            self.env["hocba.record"].sudo()._compare_changed(rows)
            self.env.flush_all()
