"""The school that a pupil leaves: which years go, the sealed file, and what the other school's receipt changes."""

import base64
import hashlib
import uuid
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import packet, signing, transfer
from ..core.rules import deadlines

_OPEN_YEARS = ("signed", "submitted")
_HANDED = ("locked", "transferred")


@dataclass(frozen=True)
class LeavingYear:
    """One year that goes: its packet and evidence as bytes, and the own record or the received line behind it."""

    content: bytes
    evidence: bytes
    data: packet.RecordData
    record: models.BaseModel


class TransferRelease(models.Model):
    _inherit = "hocba.transfer"

    def _check_pupil_leaves(self):
        """The pupil has closed years or results of the year under way, nothing reported, and is not gone already.

        Raises UserError.
        """
        self.ensure_one()
        pupil = self.pupil_id.sudo()
        if not pupil:
            raise UserError(self.env._("Choose the pupil who changes school."))
        if pupil.company_id != self.company_id:
            raise UserError(self.env._("%(name)s is a pupil of another school.", name=pupil.name))
        if pupil._is_gone():
            raise UserError(self.env._("%(name)s was handed over to another school already.", name=pupil.name))
        waiting = pupil.record_ids._standing().filtered(lambda record: record.state in _OPEN_YEARS)
        if waiting:
            raise UserError(
                self.env._(
                    "%(name)s: the record of %(year)s is not closed by the department yet. Only closed years change "
                    "schools; recall it, or wait for the closing.",
                    name=pupil.name,
                    year=", ".join(waiting.school_year_id.mapped("name")),
                )
            )
        closed = pupil.record_ids._standing().filtered(lambda record: record.state in _HANDED)
        if not closed and not pupil._received_lines() and not self._has_results_so_far():
            raise UserError(
                self.env._(
                    "%(name)s has no closed digital record here and no results of this school year yet. Print what "
                    "there is, or hand over the paper book.",
                    name=pupil.name,
                )
            )

    def _leaving_years(self):
        """The years that go, oldest first: own closed records, and what this school received itself."""
        pupil = self.pupil_id.sudo()
        years = {}
        for line in pupil._received_lines():
            content = line._packet_bytes()
            data = packet.reading_profile(content).parse(content).data
            years[data.school_year] = LeavingYear(content, line._evidence_bytes(), data, line)
        for record in pupil.record_ids._standing().filtered(lambda record: record.state in _HANDED):
            content, evidence = record._packet_bytes(), record._evidence()
            data = packet.get_profile(record.profile).parse(content).data
            years[data.school_year] = LeavingYear(content, evidence.to_pem() if evidence else b"", data, record)
        return [years[name] for name in sorted(years)]

    def action_agree(self):
        """Head: the pupil's years go to the other school. A dialog asks for the signature on results so far."""
        leavings = self._require("group_head", self.env._("Only the head decides on a change of school."))
        for leaving in leavings:
            leaving._check_agrees()
        if any(leaving._has_results_so_far() for leaving in leavings):
            return self._sign_dialog()
        for leaving in leavings:
            leaving._agreed()
        return None

    def _check_agrees(self):
        self._check_state("out", "draft")
        self._check_pupil_leaves()
        self._check_earlier_file()
        if not (self.other_code or "").strip() or not (self.other_name or "").strip():
            raise UserError(self.env._("%(name)s: enter code and name of the other school.", name=self.pupil_name))
        if self.other_code.strip() == self.company_id.hocba_school_code:
            raise UserError(self.env._("%(name)s: the other school is this school.", name=self.pupil_name))

    def _agreed(self, **values):
        now = fields.Datetime.now()
        self._move("agreed", decided_by_id=self.env.uid, decided_at=now, return_reason=False, **values)

    def _check_earlier_file(self):
        """A sealed file that was withdrawn may still be taken over elsewhere until that school has answered."""
        out = self.pupil_id.sudo().transfer_ids.filtered(lambda each: each.direction == "out")
        waiting = out.filtered(lambda each: each.state == "withdrawn" and each._may_still_be_answered())
        if waiting and not (self.note or "").strip():
            raise UserError(
                self.env._(
                    "%(name)s: the withdrawn file for %(school)s has not been answered, so that school may still take "
                    "the pupil over. Enter its answer, or write in “Reason or reference” why it cannot use the file.",
                    name=self.pupil_name,
                    school=waiting[0].other_name,
                )
            )

    def _may_still_be_answered(self):
        """Whether a sealed file is out that the other school has not answered."""
        return bool(self.manifest_digest and not self.receipt_digest)

    @api.private
    def _release(self, pin):
        """Clerk: seal the hand-over file of what the head agreed to."""
        for leaving in self._to_seal():
            leaving._released(leaving._sealed(leaving._manifest(), pin))

    def _manifest(self):
        """The manifest of what the head agreed to, with the number of the request or a new one, to be sealed."""
        self._check_state("out", "agreed")
        self._check_pupil_leaves()
        self._checked_sheet()
        return transfer.build_handover(self._handover(self.number or str(uuid.uuid4()), self._leaving_years()))

    def _released(self, manifest):
        """The file of the sealed ``manifest`` is made. Raises UserError when what it names is not there any more."""
        self._check_state("out", "agreed")
        self._check_pupil_leaves()
        years, sheet = self._leaving_years(), self._checked_sheet()
        packets = {year.data.uuid: year.content for year in years}
        evidence = {year.data.uuid: year.evidence for year in years if year.evidence}
        try:
            content = transfer.pack(manifest, packets, evidence, sheet and (self.results_year, sheet))
        except transfer.TransferError as error:
            raise UserError(self._transfer_text(error)) from error
        self._move(
            "released",
            number=transfer.parse_handover(manifest).number,
            file=base64.b64encode(content),
            manifest_digest=hashlib.sha256(manifest).hexdigest(),
        )
        lines = [self._leaving_values(year) for year in years]
        self.env["hocba.transfer.line"].sudo()._in_transition().create(lines)
        self._enter_copy(content, years)

    def _handover(self, number, years):
        sheet = self._sheet()
        newest = transfer.parse_results(sheet) if sheet else years[-1].data
        company = self.company_id
        return transfer.Handover(
            number=number,
            made_at=self.env["hocba.submission"]._signing_time(),
            left_on=self.left_on or deadlines.today(),
            source=transfer.School(company.hocba_school_code or "", company.name),
            target=transfer.School(self.other_code.strip(), " ".join(self.other_name.split())),
            pupil=transfer.HandedPupil(newest.pupil_code, newest.pupil_name, newest.birth_date, newest.id_number or ""),
            records=tuple(
                transfer.HandedRecord(
                    year.data.uuid,
                    year.data.school_year,
                    hashlib.sha256(year.content).hexdigest(),
                    hashlib.sha256(year.evidence).hexdigest() if year.evidence else "",
                )
                for year in years
            ),
            results=transfer.HandedResults(newest.school_year, hashlib.sha256(sheet).hexdigest()) if sheet else None,
        )

    def _leaving_values(self, year):
        own = year.record._name == "hocba.record"
        return {
            **self._line_values(year.data, year.content),
            "record_id": year.record.id if own else False,
            "packet": False if own else base64.b64encode(year.content),
            "evidence": base64.b64encode(year.evidence) if year.evidence and not own else False,
        }

    def _line_values(self, data, content):
        return {
            "transfer_id": self.id,
            "company_id": self.company_id.id,
            "uuid": data.uuid,
            "school_year_name": data.school_year,
            "class_name": data.class_name,
            "school_name": data.school_name,
            "packet_digest": hashlib.sha256(content).hexdigest(),
        }

    def _sealed(self, content, pin):
        """A document with the school's seal on it. Raises UserError."""
        model = self.env["hocba.certificate"]
        _certificate, signer = model.with_user(self.env.user)._seal_signer(self.company_id, pin)
        return self.env["hocba.submission"]._signed_now(content, signer)

    def action_withdraw(self, reason):
        """Head: the pupil stays. A file that is out counts as withdrawn here; an acceptance that comes later wins."""
        reason = self._reason_given(reason)
        for leaving in self._require("group_head", self.env._("Only the head withdraws a change of school.")):
            leaving._check_state("out", "draft", "agreed", "released")
            leaving._move("withdrawn", reason=reason)

    # The receipt ---------------------------------------------------------------------------------------

    @api.private
    def _enter_receipt(self, content):
        """Clerk: what the other school answered. Returns the transfer that it belongs to. Raises UserError."""
        try:
            told = transfer.parse_receipt(content)
        except transfer.TransferError as error:
            raise UserError(self._transfer_text(error)) from error
        found = self.search([("direction", "=", "out"), ("number", "=", told.number)], limit=1)
        if not found:
            raise UserError(self.env._("This receipt belongs to no hand-over of this school."))
        leaving = found._require("group_clerk", self.env._("Only the clerk enters a receipt."))
        if leaving.receipt:
            raise UserError(self.env._("The receipt of %(name)s was entered already.", name=leaving.pupil_name))
        leaving._check_state("out", "released", "withdrawn")
        leaving._check_receipt(told, signing.verify_list(content, self.env["hocba.trust"]._store()))
        values = {
            "receipt": base64.b64encode(content),
            "receipt_digest": hashlib.sha256(content).hexdigest(),
            "answered_by_id": self.env.uid,
            "answered_at": fields.Datetime.now(),
        }
        if told.accepted:
            leaving._check_one_taker()
            leaving._move("completed", **values)
            leaving._custody_passed()
        elif leaving.state == "released":
            leaving._move("refused", reason=told.reason or self.env._("No reason was given."), **values)
        else:
            leaving._in_transition().write(values)
        return found

    def _check_receipt(self, told, report):
        names = {self.other_name, told.receiver.name}
        if all(transfer.seal_findings(report, name) for name in names):
            reasons = " ".join(item.text_vi for item in report.reasons if not item.is_note)
            raise UserError(self.env._("The seal on the receipt does not hold. %(reasons)s", reasons=reasons))
        digests = {line.uuid: line.packet_digest for line in self.line_ids}
        texts = {
            "number": self.env._("it has another number"),
            "manifest": self.env._("it is about another file"),
            "receiver": self.env._("it is from another school than the file was made for"),
            "record": self.env._("the years in it are not, byte for byte, those that were handed over"),
        }
        found = told.differences(self.number, self.manifest_digest, digests, self.other_code.strip())
        if found:
            raise UserError(
                self.env._(
                    "The receipt of %(name)s does not fit: %(reasons)s. Nothing was changed; ask the other school.",
                    name=self.pupil_name,
                    reasons="; ".join(texts[code] for code in found),
                )
            )

    def _check_one_taker(self):
        """Custody passes once: no second school is believed while another one has the pupil or is being given them."""
        others = self.pupil_id.sudo().transfer_ids - self
        other = others.filtered(lambda each: each.direction == "out" and each.state == "released")[:1]
        if other or self.pupil_id._is_gone():
            raise UserError(
                self.env._(
                    "%(school)s says that it took %(name)s over, but the pupil was handed over to another school "
                    "since. Nothing was changed; ask both schools and the department.",
                    school=self.other_name,
                    name=self.pupil_name,
                )
            )

    def _custody_passed(self):
        """The other school has the pupil: own records stay here to be read, and the career here ends."""
        records = self.line_ids.record_id.filtered(lambda record: record.state == "locked")
        if records:
            records._move("transferred", "transferred", f"{self.other_name} ({self.other_code}), {self.number}")
        own = self.pupil_id.enrolment_ids.filtered("class_id").sorted("date_from")
        for enrolment in own.filtered(lambda line: not line.date_to):
            enrolment.write({"date_to": max(self.left_on, enrolment.date_from), "end_reason": "left"})
        self._withdraw_drafts()
        last = own[-1:]
        if last.end_reason == "year_end" and not last.after_year:
            last.after_year = "left"
        self.message_post(body=self.env._("The other school has taken over all years."))
