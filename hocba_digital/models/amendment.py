import base64
import hashlib
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.gateway import AMENDMENT, MAX_EVIDENCE_BYTES

#: What the clerk fills in before the head looks at it.
_CONTENT = {"record_id", "reason", "changes", "evidence", "evidence_name"}


class Amendment(models.Model):
    """A request to amend a locked record (chỉnh lý): never an edit, the department agrees first.

    ::

        draft --clerk asks--> asked --head agrees--> agreed --clerk sends, sealed--> sent
          ^                     |                                                     |  \\--Sở refuses--> refused
          +---- head returns ---+                               Sở agrees--> granted (a new draft supersedes)
                                                     the new record is signed and accepted--> done

    QĐ 1789/QĐ-SGDĐT, Art. 21.6: the school asks, the department decides, then a new record is made and sent.
    """

    _name = "hocba.amendment"
    _description = "Amendment of a Locked Record"
    _inherit = ["mail.thread", "mail.activity.mixin", "hocba.steps.mixin"]
    _order = "id desc"
    _rec_name = "record_id"
    _check_company_auto = True
    _mail_post_access = "read"

    _frozen_states = ("sent", "granted", "refused", "done")
    _frozen_moves = ("sent>granted", "sent>refused", "granted>done")
    _frozen_once = ("successor_id", "refusal", "decided_at")
    _kept_files = ("evidence",)

    record_id = fields.Many2one(
        "hocba.record",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('state', 'in', ('locked', 'transferred')), ('superseded_by_id', '=', False)]",
        check_company=True,
    )
    company_id = fields.Many2one(related="record_id.company_id", store=True, index=True)
    school_year_id = fields.Many2one(related="record_id.school_year_id", store=True)
    class_id = fields.Many2one(related="record_id.class_id")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("asked", "Waiting for the head"),
            ("agreed", "To be sent"),
            ("sent", "The department decides"),
            ("granted", "Approved: new record in preparation"),
            ("refused", "Refused by the department"),
            ("done", "Superseded"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    reason = fields.Text(required=True, help="Why the locked record is wrong, and how it was found.")
    changes = fields.Text(
        "What changes", required=True, help="Entry by entry: what the record says, what it should say."
    )
    evidence = fields.Binary("Evidence (scan)", attachment=True, help="Decision, marked test, minutes: PDF or picture.")
    evidence_name = fields.Char("File name")
    evidence_digest = fields.Char("SHA-256 of the evidence", readonly=True, copy=False)
    asked_by_id = fields.Many2one("res.users", "Asked by", readonly=True, copy=False)
    asked_at = fields.Datetime("Asked at", readonly=True, copy=False)
    agreed_by_id = fields.Many2one("res.users", "Head who agreed", readonly=True, copy=False)
    agreed_at = fields.Datetime("Agreed at", readonly=True, copy=False)
    return_reason = fields.Text("Why the head returned it", readonly=True, copy=False)
    refusal = fields.Text("Why the department refused", readonly=True, copy=False)
    decided_at = fields.Datetime("Decided at", readonly=True, copy=False)
    successor_id = fields.Many2one("hocba.record", "New record", readonly=True, copy=False, ondelete="restrict")

    _one_open = models.UniqueIndex(
        "(record_id) WHERE state NOT IN ('refused', 'done')", "An amendment of this record is under way already."
    )

    @api.depends("record_id.display_name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.record_id.display_name

    @api.model_create_multi
    def create(self, vals_list):
        # Its standing is nobody's to choose; evidence is stored as a file that closes with the row.
        model = super(Amendment, self._in_transition())
        lines = model.create([{name: vals[name] for name in vals if name in _CONTENT} for vals in vals_list])
        lines._check_record()
        return lines.with_env(self.env)

    def write(self, vals):
        if not self._is_transition():
            content = {name for name in vals if not name.startswith(("message_", "activity_"))}
            if content - _CONTENT:
                raise UserError(self.env._("A request is moved on with its buttons."))
            if content and any(line.state != "draft" for line in self):
                raise UserError(
                    self.env._("What the head has been asked for is not changed any more. Return it first.")
                )
        result = super(Amendment, self._in_transition()).write(vals)
        if "record_id" in vals:
            self._check_record()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(line.state != "draft" for line in self):
            raise UserError(self.env._("A request that the head has seen is kept."))

    def _check_record(self):
        for line in self:
            record = line.sudo().record_id
            if record.state not in ("locked", "transferred") or record.superseded_by_id:
                raise UserError(
                    self.env._(
                        "%(name)s is not a locked record in force: before the closing it is recalled, not amended.",
                        name=record.display_name,
                    )
                )

    def action_ask(self):
        """Clerk: hand the request to the head, with its evidence."""
        lines = self._require("group_clerk", self.env._("Only the clerk asks for an amendment."))
        for line in lines:
            if line.state != "draft":
                raise UserError(self.env._("%(name)s was asked for already.", name=line.display_name))
            content = base64.b64decode(line.with_context(bin_size=False).evidence or b"")
            if not content:
                raise UserError(self.env._("%(name)s: add the scan that proves the error.", name=line.display_name))
            if len(content) > MAX_EVIDENCE_BYTES:
                raise UserError(
                    self.env._(
                        "%(name)s: the scan has more than %(size)s MB; scan it with a lower resolution.",
                        name=line.display_name,
                        size=MAX_EVIDENCE_BYTES // 1_000_000,
                    )
                )
            line._check_record()
            line._move(
                "asked",
                evidence_digest=hashlib.sha256(content).hexdigest(),
                asked_by_id=self.env.uid,
                asked_at=fields.Datetime.now(),
                return_reason=False,
            )
            line.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Decide on an amendment of a locked record"),
                user_id=line.company_id.hocba_head_id.id or self.env.uid,
            )
            self.env["hocba.event"]._log(line.record_id, "amendment_asked", line.reason)

    def action_agree(self):
        """Head: the request goes to the department."""
        for line in self._require("group_head", self.env._("Only the head agrees to an amendment.")):
            line._check_in_state("asked")
            line._move("agreed", agreed_by_id=self.env.uid, agreed_at=fields.Datetime.now())
            line.activity_ids.action_done()

    def action_return(self, reason):
        """Head: back to the clerk, with a reason."""
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the request is returned."))
        for line in self._require("group_head", self.env._("Only the head returns a request.")):
            if line.state not in ("asked", "agreed"):
                raise UserError(self.env._("%(name)s does not wait for the head.", name=line.display_name))
            line._move("draft", return_reason=reason, agreed_by_id=False, agreed_at=False)
            line.activity_ids.action_done()

    def _wire_entry(self):
        """What transaction 5 says: a recall that asks for an amendment, with changes and evidence."""
        self.ensure_one()
        content = base64.b64decode(self.with_context(bin_size=False).evidence)
        if hashlib.sha256(content).hexdigest() != self.evidence_digest:
            raise UserError(self.env._("%(name)s: the evidence is not what was asked with.", name=self.display_name))
        entry = self.record_id._recall_entry()
        return replace(
            entry,
            reason=_one_line(self.reason),
            request=AMENDMENT,
            changes=_one_line(self.changes),
            evidence_name=_one_line(self.evidence_name) or "minh-chung",
            evidence=content,
        )

    def _granted(self):
        """The department agreed: a new draft begins, from the school's data as they are now."""
        for line in self.filtered(lambda line: line.state == "sent"):
            new = line.record_id._start_successor(self.env._("Amendment approved: %(reason)s", reason=line.reason))
            line._move("granted", successor_id=new.id, decided_at=fields.Datetime.now())
            self.env["hocba.event"]._log(line.record_id, "amendment_granted", new.uuid)
            new.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("The amendment was approved: correct the data, then have the new record signed"),
                user_id=new.class_id.homeroom_id.id or self.env.uid,
            )

    def _refused(self, reason):
        """The department refused: everything stays as it is."""
        for line in self.filtered(lambda line: line.state == "sent"):
            line._move("refused", refusal=reason or False, decided_at=fields.Datetime.now())
            self.env["hocba.event"]._log(line.record_id, "amendment_refused", reason)

    def _done(self, successor):
        """The new record is in force."""
        for line in self.filtered(lambda line: line.state == "granted" and line.successor_id == successor):
            line._move("done")

    def action_open_record(self):
        self.ensure_one()
        return self.record_id.get_formview_action()

    def action_open_successor(self):
        self.ensure_one()
        return self.successor_id.get_formview_action()


def _one_line(text):
    return " ".join((text or "").split())
