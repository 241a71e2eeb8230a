"""What happens to a record once it is signed: reopened, accepted, refused, withdrawn, locked."""

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..core import packet, signing


class RecordLifecycle(models.Model):
    _inherit = "hocba.record"

    def action_reopen(self, reason):
        """Head: back to draft, with a reason, while no submission holds the record (design §4)."""
        if not self.env.user.has_group("hocba_digital.group_head"):
            raise AccessError(self.env._("Only the head reopens a signed record."))
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the record is reopened."))
        records = self.sudo()
        records.lock_for_update()
        for record in records:
            if record.state != "signed":
                raise UserError(self.env._("%(name)s is not in state “Signed”.", name=record.display_name))
            if record._handed_over():
                raise UserError(
                    self.env._(
                        "%(name)s was handed over for sending already. "
                        "If the department refuses it, replace it by a new record.",
                        name=record.display_name,
                    )
                )
            self.env["hocba.record.version"]._keep(record, reason)
        records._move("draft", "reopened", reason)
        records.signature_ids._void(reason)

    def _handed_over(self):
        """Whether a transaction holds this record; a trial only until its answer is there."""
        return any(not line.submission_id.trial or line.verdict == "pending" for line in self.submission_line_ids)

    def action_replace(self, reason):
        """Clerk: withdraw records that the department refused and start new ones with new look-up codes."""
        if not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Only the clerk replaces a refused record."))
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the record is replaced."))
        created = self.browse()
        records = self.sudo()
        records.lock_for_update()
        for record in records:
            if record.state != "signed" or not record.refusal:
                raise UserError(self.env._("%(name)s was not refused by the department.", name=record.display_name))
            created |= record._withdraw_and_replace(reason)
        return created.with_env(self.env)._open_list(self.env._("Replacements"))

    def _withdraw_and_replace(self, detail):
        """Withdraw this record; a new draft with a new look-up code, which points back to it, takes its place."""
        self._move("recalled", "recalled", detail)
        self.flush_recordset(["state"])  # the new record takes the old one's place in the index
        values = {**self._new_values(self.assessment_id), **self._paper_values(), "replaces_id": self.id}
        new = self._in_transition().create(values)
        self._in_transition().write({"replaced_by_id": new.id})
        self.env["hocba.event"]._log(new, "created", detail)
        return new

    def _accept(self, detail):
        """The gateway accepted these records: ``signed -> submitted``."""
        fresh = self.filtered(lambda record: record.state == "signed")
        fresh._move("submitted", "accepted", detail, submitted_at=fields.Datetime.now(), refusal=False)

    def _refuse(self, reasons):
        """The gateway refused these records; they stay signed and show why. ``reasons``: record id -> text."""
        refused = self.filtered(lambda record: record.state == "signed")
        for record in refused:
            record._in_transition().write({"refusal": reasons.get(record.id)})
        self.env["hocba.event"]._log(refused, "refused", reasons)

    def _lock(self, effective_on, detail):
        """The closing: from now on nobody changes these records (plan 213, annex §2.2)."""
        accepted = self.filtered(lambda record: record.state == "submitted")
        if accepted:
            # What is still to be written belongs before the closing: afterwards the database refuses it.
            self.env.flush_all()
            accepted._move("locked", "locked", detail, effective_on=effective_on)
        return accepted

    def _verification(self):
        """``PacketReport`` of the stored packet, with the roots that this database trusts."""
        self.ensure_one()
        profile = packet.get_profile(self.profile)
        trust, evidence = self.env["hocba.trust"]._store(), self._evidence()
        return signing.verify_packet(self._packet_bytes(), trust, profile=profile, evidence=evidence)

    def _verification_if_readable(self):
        """:meth:`_verification`, or None when the stored bytes are not those that were signed."""
        try:
            return self._verification()
        except UserError:
            return None

    def action_verify(self):
        """Verify the stored packet now and show the report."""
        self.ensure_one()
        report = self._verification()
        titles = {
            signing.TOTAL_PASSED: self.env._("The signatures hold: the record is valid."),
            signing.INDETERMINATE: self.env._("Whether the record is valid cannot be decided here."),
            signing.TOTAL_FAILED: self.env._("The record is not valid."),
        }
        reasons = [reason.text_vi for line in (report, *report.signatures) for reason in line.reasons]
        reasons += [
            f"{line.signer_name}: {line.statement}." for line in self.signature_ids if line.valid and line.statement
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": titles[report.result],
                "message": " ".join(dict.fromkeys(reasons)),
                "type": "success" if report.result == signing.TOTAL_PASSED else "warning",
                "sticky": True,
            },
        }
