"""The school that a pupil comes to: a file is checked before anybody decides, and taken over whole or not at all."""

import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import signing, transfer


class TransferTakeover(models.Model):
    _inherit = "hocba.transfer"

    @api.private
    def _enter_file(self, content):
        """Clerk: a hand-over file that came. Every signature is checked; nothing is taken over yet. Returns the row."""
        company = self.env.company
        self.check_access("create")
        try:
            found = transfer.unpack(content)
        except transfer.TransferError as error:
            raise UserError(self._transfer_text(error)) from error
        handover = found.handover
        if handover.target.code != company.hocba_school_code:
            raise UserError(
                self.env._(
                    "The file is made for %(name)s (%(code)s), not for this school (%(own)s). Ask %(sender)s for a "
                    "file that names this school.",
                    name=handover.target.name,
                    code=handover.target.code,
                    own=company.hocba_school_code or "-",
                    sender=handover.source.name,
                )
            )
        if self.sudo().search_count(
            [("company_id", "=", company.id), ("direction", "=", "in"), ("number", "=", handover.number)], limit=1
        ):
            raise UserError(self.env._("The hand-over of %(name)s was entered already.", name=handover.pupil.name))
        trust = self.env["hocba.trust"]._store()
        report = signing.verify_list(found.manifest, trust)
        reports = self._judged(found, trust)
        arriving = (
            self.sudo()
            ._in_transition()
            .create(
                {
                    "direction": "in",
                    "state": "received",
                    "company_id": company.id,
                    "number": handover.number,
                    "pupil_name": handover.pupil.name,
                    "other_code": handover.source.code,
                    "other_name": handover.source.name,
                    "left_on": handover.left_on,
                    "file": base64.b64encode(content),
                    "manifest_digest": found.digest,
                    "sender_result": report.result,
                    "finding": self._sender_finding(found, report, reports),
                    **self._arriving_results(found, trust),
                }
            )
        )
        lines = [arriving._arriving_values(found, uuid, each) for uuid, each in reports.items()]
        self.env["hocba.transfer.line"].sudo()._in_transition().create(lines)
        arriving._ask_head(self.env._("A pupil's years came from another school: decide on them"))
        return arriving.with_env(self.env)

    def _sender_finding(self, found, report, reports):
        """What is to be said of the seal on the file; empty when nothing."""
        texts = [item.text_vi for item in report.reasons if not item.is_note]
        seals = {
            seal.signer_id
            for uuid, each in reports.items()
            if found.data[uuid].school_code == found.handover.source.code and (seal := each.signature("seal"))
        }
        if seals and report.signer_id not in seals:
            texts.append(
                self.env._(
                    "The file is sealed by %(name)s (%(code)s), the years of that school by another organisation.",
                    name=report.signer_name or "-",
                    code=report.signer_id or "-",
                )
            )
        elif not seals:
            texts.append(
                self.env._(
                    "No year in the file was issued by the school that hands it over, so its seal cannot be compared."
                )
            )
        texts += self._results_finding(found, self.env["hocba.trust"]._store())
        return "\n".join(dict.fromkeys(texts))

    def _arriving_values(self, found, uuid, report):
        data, content = found.data[uuid], found.packets[uuid]
        own = self.env["hocba.record"].sudo().search([("uuid", "=", uuid), ("company_id", "=", self.company_id.id)])
        result, texts = report.result, [item.text_vi for item in report.reasons if not item.is_note]
        if own and own.packet_digest != hashlib.sha256(content).hexdigest():
            result = signing.TOTAL_FAILED
            texts.insert(0, self.env._("This school issued the year itself, with other bytes."))
        return {
            **self._line_values(data, content),
            "record_id": own.id if own and result != signing.TOTAL_FAILED else False,
            "packet": base64.b64encode(content),
            "evidence": base64.b64encode(found.evidence[uuid]) if uuid in found.evidence else False,
            "result": result,
            "finding": "\n".join(dict.fromkeys(texts)),
        }

    # The decision ----------------------------------------------------------------------------------------

    def action_take_over(self, reason=None):
        """Head: the pupil and all years are this school's from now on. ``reason``: where something is not decided."""
        for arriving in self._require("group_head", self.env._("Only the head takes a pupil's years over.")):
            arriving._check_state("in", "received")
            results = {arriving.sender_result, *arriving.line_ids.mapped("result")}
            if arriving.results_result:
                results.add(arriving.results_result)
            found = transfer.unpack(base64.b64decode(arriving.with_context(bin_size=False).file))
            arriving._check_seal(found)
            arriving._check_head_signed(found)
            results |= arriving._checked_now()
            if signing.TOTAL_FAILED in results:
                raise UserError(
                    self.env._(
                        "%(name)s: a signature does not hold. Such a file is refused; ask the other school for a new "
                        "one.",
                        name=arriving.pupil_name,
                    )
                )
            text = " ".join((reason or "").split())
            if (results != {signing.TOTAL_PASSED} or arriving.finding or arriving.recheck) and not text:
                raise UserError(
                    self.env._(
                        "%(name)s: not everything could be decided. Read the findings and say why the years are taken "
                        "over all the same.",
                        name=arriving.pupil_name,
                    )
                )
            pupil = arriving._take_pupil(found.newest, found.results)
            arriving._move(
                "agreed",
                pupil_id=pupil.id,
                decided_by_id=self.env.uid,
                decided_at=fields.Datetime.now(),
                reason=text or False,
            )
            arriving._join_class(pupil)
            arriving._enter_results()
        return True

    def _join_class(self, pupil):
        """The pupil is in the chosen class from the day on; one who sits in it already stays."""
        there = pupil.enrolment_ids.filtered(lambda line: line.is_current and line.class_id == self.class_id)
        if self.class_id and not there:
            values = {"pupil_id": pupil.id, "class_id": self.class_id.id, "date_from": self.left_on}
            self.env["hocba.enrolment"].sudo().create(values)

    def _check_seal(self, found):
        """The file is sealed, by somebody whom this school trusts: no reason replaces that."""
        report = signing.verify_list(found.manifest, self.env["hocba.trust"]._store())
        if "seal" in transfer.seal_findings(report, self.other_name):
            raise UserError(
                self.env._(
                    "%(name)s: a signature does not hold, or the file is not sealed by a trusted certificate. Such a "
                    "file is refused; ask the other school for a new one.",
                    name=self.pupil_name,
                )
            )

    def action_refuse(self, reason):
        """Head: nothing is taken over; the receipt says why."""
        reason = self._reason_given(reason)
        for arriving in self._require("group_head", self.env._("Only the head refuses a hand-over.")):
            arriving._check_state("in", "received")
            arriving._move("refused", reason=reason, decided_by_id=self.env.uid, decided_at=fields.Datetime.now())

    def _ends_with_receipt(self):
        """Whether sealing the receipt is the last step."""
        return True

    @api.private
    def _seal_receipt(self, pin):
        """Clerk: the school's word for the other one, of what the head decided."""
        for arriving in self._to_seal():
            arriving._answered(arriving._sealed(arriving._receipt_told(), pin))

    def _receipt_told(self):
        """The receipt of what the head decided, to be sealed."""
        self._check_unanswered()
        accepted, company = self.state == "agreed", self.company_id
        told = transfer.Receipt(
            number=self.number,
            digest=self.manifest_digest,
            receiver=transfer.School(company.hocba_school_code, company.name),
            accepted=accepted,
            at=self.env["hocba.submission"]._signing_time(),
            reason="" if accepted else self.reason,
            digests={line.uuid: line.packet_digest for line in self.line_ids} if accepted else {},
        )
        return transfer.build_receipt(told)

    def _check_unanswered(self):
        self._check_state("in", "agreed", "refused")
        if self.receipt:
            raise UserError(self.env._("The receipt of %(name)s is sealed already.", name=self.pupil_name))

    def _answered(self, receipt):
        """The sealed ``receipt`` ends it here."""
        self._check_unanswered()
        self._in_transition().write(
            {
                **({"state": "completed"} if self.state == "agreed" and self._ends_with_receipt() else {}),
                "receipt": base64.b64encode(receipt),
                "receipt_digest": hashlib.sha256(receipt).hexdigest(),
                "answered_by_id": self.env.uid,
                "answered_at": fields.Datetime.now(),
            }
        )

    # The pupil ------------------------------------------------------------------------------------------------

    def _take_pupil(self, data, under_way=None):
        """The pupil of the newest document (``data``): one who was here before, or a new one. Never two in one.

        ``under_way``: the results so far, if there are some; that year ends at the other school on the day of leaving.
        """
        pupil = self._former_pupil(data)
        if pupil:
            pupil.active = True
        else:
            pupil = self.env["hocba.pupil"].sudo().create(self._pupil_values(data))
        known = set(pupil.enrolment_ids.mapped("school_year_name"))
        places = {(line.school_year_name, line.school_name, line.class_name) for line in pupil.enrolment_ids}
        now = under_way and under_way.school_year
        self.env["hocba.enrolment"].sudo().create(
            [
                {
                    "pupil_id": pupil.id,
                    "school_year_name": _year_of(line),
                    "class_name": line.class_name,
                    "school_name": line.school_name,
                    "date_from": line.arrived_on,
                    **(self._ends_there(line) if _year_of(line) == now else {}),
                }
                for line in data.history
                if _year_of(line) not in known
                or (_year_of(line) == now and (now, line.school_name, line.class_name) not in places)
            ]
        )
        return pupil

    def _ends_there(self, line):
        return {"date_to": max(self.left_on, line.arrived_on), "end_reason": "left"}

    def _former_pupil(self, data):
        """A pupil of this school with this ID number, or, where one of both lacks it, with this code and birth date.

        Twins share neither. Raises UserError where number and code name two pupils, or birth dates differ.
        """
        model = self.env["hocba.pupil"].sudo().with_context(active_test=False)
        here = [("company_id", "=", self.company_id.id)]
        by_number = model.search([*here, ("id_number", "=", data.id_number)]) if data.id_number else model
        by_code = model.search([*here, ("code", "=", data.pupil_code)])
        found = by_number | by_code
        both_numbers = by_code and data.id_number and by_code.id_number and by_code.id_number != data.id_number
        if len(found) > 1 or both_numbers or (found and found.birth_date != data.birth_date):
            raise UserError(
                self.env._(
                    "%(name)s: pupils here with this ID number or pupil code are other people or have other data "
                    "(%(found)s). Correct their data first.",
                    name=data.pupil_name,
                    found=", ".join(f"{each.name} ({each.code})" for each in found),
                )
            )
        issued = found.record_ids._standing().filtered(lambda record: record.state != "draft")
        if found and not found._is_gone() and issued:
            raise UserError(
                self.env._("%(name)s is a pupil of this school already and was never handed over.", name=found.name)
            )
        return found

    def _pupil_values(self, data):
        ethnicity = self.env["hocba.ethnicity"].sudo().search([("name", "=ilike", data.ethnicity or "")], limit=1)
        nationality = data.nationality or ""
        country = self.env["res.country"].search([("hocba_nationality", "=ilike", nationality)], limit=1)
        country = country or self.env["res.country"].with_context(lang="vi_VN").search(
            [("name", "=ilike", nationality)], limit=1
        )
        return {
            "company_id": self.company_id.id,
            "name": data.pupil_name,
            "code": data.pupil_code,
            "id_number": data.id_number or False,
            "no_id_reason": False if data.id_number else "other",
            "gender": data.gender,
            "birth_date": data.birth_date,
            "birth_place": data.birth_place,
            "home_town": data.home_town,
            "address": data.address,
            "ethnicity_id": ethnicity.id,
            **({"nationality_id": country.id} if country else {}),
            "father_name": data.father,
            "mother_name": data.mother,
            "guardian_name": data.guardian,
        }

    def _transfer_text(self, error):
        """What is wrong with a file or receipt, and what to do."""
        texts = {
            "not_zip": self.env._("This is no hand-over file (zip), or it is damaged."),
            "too_large": self.env._("The file is larger than a hand-over can be."),
            "too_many": self.env._("The file holds more than one pupil's years."),
            "entry": self.env._("The file holds something that does not belong to a hand-over."),
            "missing": self.env._("A part of the hand-over is missing in the file."),
            "encrypted": self.env._("The file is encrypted. Ask for it without a password."),
            "manifest": self.env._("The manifest of the hand-over cannot be read, or is incomplete."),
            "digest": self.env._("A part of the file was changed after it was sealed."),
            "packet": self.env._("A year in the file is no record in the official format."),
            "pupil": self.env._("The years in the file are not all of the same pupil."),
            "results": self.env._("The results of the school year under way cannot be read, or do not fit the file."),
            "receipt": self.env._("This is no receipt of a hand-over."),
        }
        detail = f" ({error.detail[:120]})" if error.detail else ""
        return f"{texts[error.code]}{detail} " + self.env._("Nothing was stored.")


def _year_of(line):
    """School year of a line of the career; from its day where the line names none (the year begins in August)."""
    if line.school_year:
        return line.school_year
    first = line.arrived_on.year - (line.arrived_on.month < 8)
    return f"{first}-{first + 1}"
