"""What the steps of the two schools do: judged at once, in the pupil's turn, and answered the same for ever."""

import base64
import hashlib
from datetime import UTC, datetime

from odoo import SUPERUSER_ID, api, fields, models
from odoo.addons.hocba_digital.core.gateway import RECEIPT, RELEASE, REQUEST, STOP
from odoo.addons.hocba_digital.core.signing import TOTAL_PASSED, verify_list
from odoo.addons.hocba_digital.core.transfer import (
    TransferError,
    parse_receipt,
    parse_request,
    parse_stop,
    unpack,
)

from .intake import RefusedError
from .transfer import OPEN

#: Step -> fields that hold its document and the document's digest.
DOCUMENTS = {
    REQUEST: ("request", "request_digest"),
    RELEASE: ("file", "file_digest"),
    RECEIPT: ("receipt", "receipt_digest"),
    STOP: ("stop", "stop_digest"),
}


class TransferSteps(models.Model):
    _inherit = "hocba.registry.transfer"

    @api.model
    def _take_step(self, unit, number, step, content):
        """Take ``step`` of hand-over ``number`` for ``unit`` with its document. Raises RefusedError.

        The same document again changes nothing and is answered like the first time; another one is refused (25).
        """
        # The wire has neither person nor language; what is noted here is read by officers.
        steps = self.with_user(SUPERUSER_ID).with_context(lang="vi_VN")
        digest = hashlib.sha256(content).hexdigest()
        found = steps._of_number(number)
        if step == REQUEST:
            if not found:
                return steps._request(unit, number, content, digest)
            if found.target_id != unit or found.request_digest != digest:
                raise RefusedError("25")
            return found
        if not found or unit not in found._sides(step):
            raise RefusedError("58")
        found.custody_id._take_turn()
        found.invalidate_recordset()
        held = found[DOCUMENTS[step][1]]
        if held == digest:
            return found
        if held and step != STOP:
            raise RefusedError("25")
        found._step_of[step](found, unit, content, digest)
        return found

    @api.model
    def _of_number(self, number):
        return self.sudo().search([("number", "=", number)], limit=1)

    def _sides(self, step):
        """Who may take a step."""
        return {RELEASE: self.source_id, RECEIPT: self.target_id, STOP: self.source_id | self.target_id}[step]

    def _check_sealed(self, unit, xml):
        """The document is sealed by a certificate of ``unit`` that was approved. Raises RefusedError."""
        approved = unit._approved_fingerprints()
        if not approved:
            raise RefusedError("13")
        trust = self.env["hocba.trust"]._store()
        report = verify_list(xml, trust, at=datetime.now(UTC), approved_seals=approved)
        if report.result != TOTAL_PASSED:
            raise RefusedError("24")

    # The new school asks ---------------------------------------------------------------------------

    def _request(self, unit, number, content, digest):
        try:
            asked = parse_request(content)
        except TransferError:
            raise RefusedError("20") from None
        if (asked.number, asked.target.code) != (number, unit.code):
            raise RefusedError("56")
        self._check_sealed(unit, content)
        custody = self._custody_asked_for(unit, asked)
        under_way = custody.transfer_ids.filtered(lambda each: each.state in OPEN)
        if under_way:
            under_way._note_dispute(
                self.env._(
                    "%(school)s asks for the same pupil, reason: %(reason)s", school=unit.name, reason=asked.reason
                )
                if under_way.target_id != unit
                else self.env._("%(school)s asks for the pupil a second time.", school=unit.name)
            )
            raise RefusedError("52")
        now = fields.Datetime.now()
        return (
            self.sudo()
            ._in_transition()
            .with_context(mail_create_nolog=True)
            .create(
                {
                    "number": number,
                    "custody_id": custody.id,
                    "pupil_code": custody.pupil_code,
                    "pupil_name": custody.pupil_name,
                    "birth_date": custody.birth_date,
                    "id_number": custody.id_number,
                    "source_id": custody.unit_id.id,
                    "target_id": unit.id,
                    "from_day": asked.from_day,
                    "reason": asked.reason,
                    "requested_at": now,
                    "changed_at": now,
                    "request": base64.b64encode(content),
                    "request_digest": digest,
                }
            )
        )

    def _custody_asked_for(self, unit, asked):
        """Custody of the pupil, whose turn it is. Wrong data are counted, so that nobody finds out pupils by asking."""
        guesses, name = self.env["hocba.registry.guess"].sudo(), f"chuyen-truong:{unit.code}"
        if guesses._seconds_to_wait(name, None):
            raise RefusedError("59")
        custody = self.env["hocba.registry.custody"].sudo()._of_pupil(asked.pupil)
        if not custody:
            guesses._note(name, None)
            raise RefusedError("50")
        if custody.unit_id == unit:
            raise RefusedError("51")
        if custody.since and custody.since.replace(tzinfo=UTC) > asked.at:
            self._note_late_claim(custody, unit)
            raise RefusedError("53")
        return custody

    def _note_late_claim(self, custody, unit):
        last = custody.transfer_ids.filtered(lambda each: each.state == "accepted")[:1]
        if last:
            last._note_dispute(
                self.env._("%(school)s asked for the pupil before the record passed on.", school=unit.name)
            )

    # The old school hands over ---------------------------------------------------------------------

    def _release(self, unit, content, digest):
        self._check_waits_for("requested")
        if self.custody_id.unit_id != unit:
            raise RefusedError("53")
        try:
            found = unpack(content)
        except TransferError:
            raise RefusedError("56") from None
        said = found.handover
        expected = (self.number, self.source_id.code, self.target_id.code, self.pupil_code)
        if (said.number, said.source.code, said.target.code, said.pupil.code) != expected:
            raise RefusedError("56")
        self._check_sealed(unit, found.manifest)
        self._check_packets(found)
        now = fields.Datetime.now()
        self._in_transition().write(
            {
                "state": "released",
                "released_at": now,
                "changed_at": now,
                "last_year": _last_closed_year(found),
                "manifest_digest": found.digest,
                "file": base64.b64encode(content),
                "file_digest": digest,
            }
        )

    def _check_packets(self, found):
        """What this registry holds of the file is there byte for byte and in force, and nothing in force is missing.

        Years that came from elsewhere are not known here; the new school verifies them.
        """
        digests = {uuid: hashlib.sha256(packet).hexdigest() for uuid, packet in found.packets.items()}
        records = self.env["hocba.registry.record"].sudo()
        held = records.search(["|", ("uuid", "in", list(digests)), ("pupil_code", "=", self.pupil_code)])
        for record in held:
            in_force = record.state == "locked" and not record.superseded_by_id
            if record.uuid in digests and (not in_force or record.digest != digests[record.uuid]):
                self._note_dispute(self._text_of_packet(record))
                raise RefusedError("57")
            if record.uuid not in digests and in_force:
                self._note_dispute(self._text_of_packet(record))
                raise RefusedError("57")

    def _text_of_packet(self, record):
        return self.env._(
            "The file of %(school)s does not hold the record %(uuid)s as the registry has it.",
            school=self.source_id.name,
            uuid=record.uuid,
        )

    # The new school answers ------------------------------------------------------------------------

    def _answer(self, unit, content, digest):
        self._check_waits_for("released")
        try:
            told = parse_receipt(content)
        except TransferError:
            raise RefusedError("20") from None
        self._check_sealed(unit, content)
        found = unpack(base64.b64decode(self.with_context(bin_size=False).file))
        digests = {uuid: hashlib.sha256(packet).hexdigest() for uuid, packet in found.packets.items()}
        if told.differences(self.number, self.manifest_digest, digests, unit.code):
            self._note_dispute(self.env._("The receipt of %(school)s is about another file.", school=unit.name))
            raise RefusedError("56")
        if told.accepted and self.custody_id.unit_id != self.source_id:
            raise RefusedError("53")
        now = fields.Datetime.now()
        self._in_transition().write(
            {
                "state": "accepted" if told.accepted else "refused",
                "end_reason": told.reason,
                "ended_by_id": False if told.accepted else unit.id,
                "ended_at": now,
                "changed_at": now,
                "receipt": base64.b64encode(content),
                "receipt_digest": digest,
            }
        )
        if told.accepted:
            self.custody_id._pass_to(self, self.last_year)

    # Either school ends it -------------------------------------------------------------------------

    def _end(self, unit, content, digest):
        try:
            told = parse_stop(content)
        except TransferError:
            raise RefusedError("20") from None
        if (told.number, told.digest, told.school.code) != (self.number, self.request_digest, unit.code):
            raise RefusedError("56")
        if self.state == "accepted":
            self._note_dispute(
                self.env._("%(school)s wanted to end it afterwards: %(reason)s", school=unit.name, reason=told.reason)
            )
        self._check_waits_for(*OPEN)
        now = fields.Datetime.now()
        self._in_transition().write(
            {
                "state": "stopped",
                "end_reason": told.reason,
                "ended_by_id": unit.id,
                "ended_at": now,
                "changed_at": now,
                "stop": base64.b64encode(content),
                "stop_digest": digest,
            }
        )

    def _check_waits_for(self, *states):
        """The hand-over waits for this step. Raises RefusedError with what came in between."""
        if self.state == "accepted":
            raise RefusedError("54")
        if self.state in ("refused", "stopped"):
            raise RefusedError("55")
        if self.state not in states:
            raise RefusedError("56")

    _step_of = {RELEASE: _release, RECEIPT: _answer, STOP: _end}


def _last_closed_year(found):
    """Newest closed year in the file; where only results of a year under way are in it, the year before that one."""
    if found.data:
        return max(data.school_year for data in found.data.values())
    start = int(found.results.school_year[:4])
    return f"{start - 1}-{start}"
