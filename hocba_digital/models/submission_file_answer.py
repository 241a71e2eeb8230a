"""Answers out of files: read by the parser of the wire, checked against what was sent, then settled as on the wire."""

import base64
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core.gateway import CALL_CODES, ERRORS


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of one answer. ``result``: applied, same (nothing new) or refused; ``text`` says why."""

    messageid: str
    result: str
    text: str
    submission_id: int = 0


class SubmissionFileAnswer(models.Model):
    _inherit = "hocba.submission"

    @api.model
    def _enter_answers(self, answers):
        """Enter ``FileAnswer`` objects one by one: a wrong one does not touch the others. Returns a list of Entered."""
        if not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Only the clerk enters answers of the department."))
        # An answer about the delivery comes before the one about its records.
        return [self._enter_answer(answer) for answer in sorted(answers, key=lambda item: "data" in item.raw)]

    def _enter_answer(self, answer):
        messageid = answer.messageid
        submission = self.search([("messageid", "=", messageid)], limit=1) if messageid else self.browse()
        if not submission:
            text = self.env._("No transaction of this school has this message ID: the answer is for another one.")
            return Entered(messageid or answer.name, "refused", text)
        submission = submission.sudo()
        try:
            submission._check_free()
        except UserError as error:
            return submission._entered("refused", str(error))
        return submission._take_answer(answer)

    def _take_answer(self, answer):
        try:
            about_records, parsed = answer.read(self.kind)
        except (ValueError, AttributeError, TypeError):
            return self._entered("refused", self.env._("This is no answer to a transaction of this kind."))
        known = self.attempt_ids.filtered(
            lambda line: line.action == "import" and line.outcome == "ok" and line.answer_digest == answer.digest
        )
        if known:
            return self._entered("same", self.env._("This very answer was entered already."))
        if parsed.code in CALL_CODES:
            text = parsed.description or ERRORS[parsed.code][1]
            self._note_import(answer, parsed, ERRORS[parsed.code][0], text)
            text = self.env._("The department could not take the file: %(reason)s", reason=text)
            return self._entered("refused", text)
        conflict = self._conflict_with(parsed, about_records)
        if conflict:
            self._note_import(answer, parsed, "data", conflict)
            self._flag_conflict(conflict)
            return self._entered("refused", conflict)
        before = self._standing()
        self._note_import(answer, parsed, "ok", parsed.description)
        self._settle_file(parsed, about_records)
        if self._standing() == before:
            return self._entered("same", self.env._("The answer says nothing new."))
        state = dict(self._fields["state"]._description_selection(self.env))[self.state]
        return self._entered("applied", self.env._("State now: %(state)s", state=state))

    def _entered(self, result, text):
        return Entered(self.messageid, result, text, self.id)

    def _settle_file(self, parsed, about_records):
        waiting = self.state in ("queued", "sending", "unknown", "failed", "received")
        if not about_records:
            if waiting:
                self._settle_sent(parsed)
        elif parsed.never_seen:
            # In a file this only says that the file has not been handed in yet.
            return
        elif waiting or not (parsed.refused or parsed.processing):
            self._settle_query(parsed)

    def _standing(self):
        """What an answer can change."""
        lines = [(line.verdict, line.error_code, line.record_id.state) for line in self.line_ids]
        return self.state, self.certificate_id.approved, lines

    def _note_import(self, answer, parsed, outcome, text):
        file = {"answer_file": base64.b64encode(answer.content), "answer_digest": answer.digest}
        self._note_file("import", outcome, text, code=parsed.code, **file)

    def _flag_conflict(self, text):
        """Only people can find out which of two answers is true; until then what is known stays."""
        self.error = text
        self._ask_for_help(self.env._("A file contradicts what was sent or answered before: %(reason)s", reason=text))

    # What an answer must not say ------------------------------------------------------------------

    def _conflict_with(self, parsed, about_records):
        """What in the answer contradicts the bytes that were sent or an earlier answer; None when nothing does."""
        if not about_records:
            return self._conflict_of_delivery(parsed)
        if parsed.never_seen:
            if self.state in ("received", "accepted", "partly", "refused"):
                return self.env._("It says the transaction was never received, which an earlier answer confirmed.")
            return None
        if parsed.refused:
            return self._conflict_of_refusal()
        if parsed.processing:
            return None
        return {"1": self._conflict_of_records, "3": self._conflict_of_certificate, "5": self._conflict_of_recalls}[
            self.kind
        ](parsed)

    def _conflict_of_delivery(self, parsed):
        if not parsed.accepted:
            return self._conflict_of_refusal()
        if parsed.held_digest and parsed.held_digest != self.payload_digest:
            return self.env._(
                "The department received other bytes under this message ID (digest %(digest)s).",
                digest=parsed.held_digest,
            )
        return None

    def _conflict_of_refusal(self):
        if self.state in ("accepted", "partly"):
            return self.env._("It refuses the whole transaction, which was accepted before.")
        return None

    def _conflict_of_records(self, parsed):
        lines = {line.uuid: line for line in self.line_ids}
        for verdict in parsed.verdicts:
            line = lines.get(verdict.uuid)
            if not line:
                return self.env._("It speaks of record %(uuid)s, which is not in this transaction.", uuid=verdict.uuid)
            if verdict.accepted and verdict.digest and verdict.digest != line.packet_digest:
                return self.env._(
                    "The department holds other bytes of %(name)s than were sent (digest %(digest)s).",
                    name=line.record_id.display_name,
                    digest=verdict.digest,
                )
            if line.verdict in ("accepted", "refused") and (line.verdict == "accepted") != verdict.accepted:
                return self._contradiction(line)
        return None

    def _conflict_of_recalls(self, parsed):
        lines = {line.uuid: line for line in self.line_ids}
        for verdict in parsed.verdicts:
            line = lines.get(verdict.uuid)
            if not line:
                return self.env._("It speaks of record %(uuid)s, which is not in this transaction.", uuid=verdict.uuid)
            stated = {"approved": "accepted", "refused": "refused"}.get(verdict.state)
            if stated and line.verdict in ("accepted", "refused") and line.verdict != stated:
                return self._contradiction(line)
        return None

    def _contradiction(self, line):
        return self.env._(
            "On %(name)s it says the opposite of the answer of %(at)s.",
            name=line.record_id.display_name,
            at=fields.Datetime.context_timestamp(self.with_context(tz="Asia/Ho_Chi_Minh"), line.answered_at).strftime(
                "%H:%M %d/%m/%Y"
            ),
        )

    def _conflict_of_certificate(self, parsed):
        serial = (self.certificate_id.serial or "").lower()
        if parsed.serial_number and parsed.serial_number != serial:
            stated = parsed.serial_number
            return self.env._("It speaks of another certificate (serial number %(serial)s).", serial=stated)
        known = {"accepted": "approved", "refused": "refused"}.get(self.state)
        if known and parsed.state and parsed.state != known:
            return self.env._("It decides on the certificate the opposite of what was answered before.")
        return None
