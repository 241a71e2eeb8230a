import base64
import hashlib
from dataclasses import replace

from odoo import api, fields, models
from odoo.addons.hocba_digital.core.gateway import AMENDMENT
from odoo.addons.hocba_digital.models.frozen_mixin import TRANSITION
from odoo.exceptions import UserError


class RecallAmendment(models.Model):
    """A request about a locked record: nothing is withdrawn; approved, it lets one new record supersede the old."""

    _inherit = "hocba.registry.recall"

    _kept_files = ("evidence",)
    _frozen_once = ("successor_id",)

    amendment = fields.Boolean("Amendment of a locked record", readonly=True, index=True)
    changes = fields.Text("What changes", readonly=True)
    evidence = fields.Binary("Evidence (scan)", attachment=True, readonly=True)
    evidence_name = fields.Char("File name of the evidence", readonly=True)
    evidence_digest = fields.Char("SHA-256 of the evidence", readonly=True)
    successor_id = fields.Many2one(
        "hocba.registry.record", "New record", readonly=True, index="btree_not_null", ondelete="restrict"
    )

    # A recall that nobody decided before the closing does not stand in the way of an amendment.
    _one_waiting = models.UniqueIndex(
        "(record_id, (amendment IS TRUE)) WHERE state IN ('waiting', 'proposed', 'upward') AND follows_id IS NULL",
        "This record waits to be recalled already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super(RecallAmendment, self._kept()).create(vals_list).with_env(self.env)

    def _kept(self):
        """These requests, allowed to store the evidence that came with them."""
        return self.with_context(hocba_transition=TRANSITION) if self.env.su else self

    def _approve(self):
        if not self.amendment:
            return super()._approve()
        record = self.record_id
        record.lock_for_update()
        if record.superseded_by_id:
            raise UserError(self.env._("%(name)s: a new record supersedes it already.", name=self.pupil_name))
        # Like a recall: what the ministry holds is amended there first, so that both hold the same record in force.
        state = "upward" if self._ministry_decides() else "approved"
        self._decide(state, decided_by_id=self.env.uid, decided_at=fields.Datetime.now())
        return None

    def _upward_entry(self):
        entry = super()._upward_entry()
        if not self.amendment:
            return entry
        content = base64.b64decode(self.with_context(bin_size=False).evidence or b"")
        if content and hashlib.sha256(content).hexdigest() != self.evidence_digest:
            raise UserError(self.env._("%(name)s: the evidence is not what the school sent.", name=self.pupil_name))
        return replace(
            entry,
            request=AMENDMENT,
            changes=self.changes or None,
            evidence_name=self.evidence_name or None,
            evidence=content or None,
        )

    def _upward_approved(self):
        """Of an amendment nothing is withdrawn: the school may send the new record, which goes up like any other."""
        amendments = self.filtered("amendment")
        for request in amendments:
            request._decide("approved")
        return super(RecallAmendment, self - amendments)._upward_approved()

    def _upward_parts(self):
        """An amendment goes alone: it carries its evidence."""
        amendments = self.filtered("amendment")
        return [*super(RecallAmendment, self - amendments)._upward_parts(), *amendments]

    @api.model
    def _amendments_allowed(self):
        return self.env["ir.config_parameter"].sudo().get_param("hocba_registry.amendments") == "1"

    def _note_successor(self, record):
        """The approved amendments are fulfilled by ``record``."""
        fulfilled = self.filtered(lambda line: line.amendment and line.state == "approved" and not line.successor_id)
        fulfilled.with_context(hocba_transition=TRANSITION).write({"successor_id": record.id})

    @api.model
    def _amended_states(self):
        """States of records that may be superseded: at the ministry also open ones, closed by their department."""
        ministry = self.env["hocba.registry.intake"]._level() == "bo"
        return ("locked", "accepted") if ministry else ("locked",)

    @api.model
    def _granted(self, unit, year, pupil_codes):
        """Pupil's code -> record that this unit may supersede by one new record."""
        granted = self.search(
            [
                ("amendment", "=", True),
                ("state", "=", "approved"),
                ("successor_id", "=", False),
                ("unit_id", "=", unit.id),
                ("record_id.year_id", "=", year.id),
                ("record_id.state", "in", self._amended_states()),
                ("record_id.superseded_by_id", "=", False),
                ("record_id.pupil_code", "in", pupil_codes),
            ]
        )
        return {record.pupil_code: record for record in granted.record_id}

    def action_open_successor(self):
        self.ensure_one()
        return self.successor_id.get_formview_action()


def evidence_values(recall):
    """Columns of the request that a wire's entry asks for."""
    content = recall.evidence or b""
    return {
        "amendment": True,
        "changes": recall.changes,
        "evidence_name": recall.evidence_name,
        "evidence_digest": hashlib.sha256(content).hexdigest() if content else False,
    }
