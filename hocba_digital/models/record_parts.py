"""Subject teachers' signatures: each on the results of one subject, in formats that know them (profile ``2025``).

A subject teacher signs the one line of results as it will stand in the packet, as soon as that line is complete,
whatever else of the record is still missing. The signature waits beside the record until the homeroom teacher's
signature builds the packet around all of them. Subjects that the homeroom teacher teaches are signed with the whole.
"""

from datetime import UTC
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.sql import column_exists, create_column, table_exists

from ..core import packet, signing
from ..core.rules import RecordDraft

PART_ROLE = "gvbm"


class RecordParts(models.Model):
    _inherit = "hocba.record"

    #: {subject id: SHA-256 of its line as the packet will hold it}, of lines that are complete.
    part_hashes = fields.Json("Digests of the results", compute="_compute_content", store=True, copy=False)
    part_count = fields.Integer("Subject teachers' signatures needed", compute="_compute_part_count")

    def _auto_init(self):
        # An upgrade must not compute it: no record before had parts, and closed rows take no write.
        if table_exists(self.env.cr, self._table) and not column_exists(self.env.cr, self._table, "part_hashes"):
            create_column(self.env.cr, self._table, "part_hashes", "jsonb")
        return super()._auto_init()

    @api.depends("profile", "digitised", "assessment_id.result_ids.teacher_id", "class_id.homeroom_id")
    def _compute_part_count(self):
        for record in self:
            record.part_count = len(record.sudo()._part_signers())

    def _packet_profile(self):
        """The format of this record."""
        self.ensure_one()
        return packet.get_profile(self.profile)

    def _has_parts(self):
        """Whether subject teachers sign results of this record; what was on paper has no such signatures."""
        return bool(self._packet_profile().part_role) and not self.digitised

    def _part_digests(self, values, findings):
        """``part_hashes`` of these live values; findings say which lines must not be signed as they are."""
        if not self._has_parts():
            return False
        blocked = {line["r"] for line in findings if line["s"] == "block" and line["r"]}
        parts = self._parts_of(values)
        return {
            str(line.subject_id.id): sha256(parts[line.subject_id].content).hexdigest()
            for line in self._form_results()
            if line.subject_id in parts and line.id not in blocked
        }

    def _parts_of(self, values):
        """Subject -> ``packet.Part`` of live values."""
        profile = self._packet_profile()
        strict = self.env["hocba.endpoint"]._strict_for(self.company_id.id)
        parts = {part.code: part for part in profile.parts(profile.prepare(RecordDraft(**values), strict=strict))}
        lines = {line.subject_id: parts.get(line._code()) for line in self._form_results()}
        return {subject: part for subject, part in lines.items() if part}

    def _part_signers(self):
        """Subject -> teacher whose signature its results need, in the order of the form."""
        if not self._has_parts():
            return {}
        homeroom = self.class_id.homeroom_id
        lines = self._form_results().filtered(lambda line: line.teacher_id and line.teacher_id != homeroom)
        return {line.subject_id: line.teacher_id for line in lines}

    def _part_signatures(self):
        """Signatures in force on parts of this record."""
        return self.signature_ids.filtered(lambda signature: signature.valid and signature.role == PART_ROLE)

    def _missing_parts(self):
        """Subject -> teacher whose signature is still missing."""
        signed = self._part_signatures().subject_id
        return {subject: teacher for subject, teacher in self._part_signers().items() if subject not in signed}

    def _is_whole_signed(self):
        """Whether somebody has signed the whole content; from then on there is a packet, and no part is added."""
        return any(signature.valid and signature.role != PART_ROLE for signature in self.signature_ids)

    def _has_packet(self):
        """Whether the stored packet is what the record says now."""
        if self.state == "recalled":
            return bool(self.packet_digest)  # a draft that ended because its pupil left may have none
        return self.state != "draft" or self._is_whole_signed()

    def _part_hint(self, subject):
        """Why the current user cannot sign the results of ``subject`` in this record now; empty when he can.

        Runs with all rights, because a subject teacher reads no records.
        """
        self.ensure_one()
        label = {"subject": subject.name, "pupil": self.pupil_name, "class_name": self.class_id.name}
        if self.state != "draft":
            return self.env._("It is issued already.")
        if subject not in self._part_signers():
            return self.env._(
                "%(subject)s in class %(class_name)s needs no signature of its own: the homeroom teacher's is enough.",
                **label,
            )
        refusal = self._signing_right(PART_ROLE, subject)[1]
        if refusal:
            return refusal
        if subject in self._part_signatures().subject_id:
            return self.env._("The results in %(subject)s are signed already.", **label)
        if self._is_whole_signed():
            return self.env._(
                "The homeroom teacher or the head has signed already; no result can be signed after that."
            )
        if str(subject.id) not in (self.part_hashes or {}):
            return self.env._("The results in %(subject)s are not complete.", **label)
        return False

    @api.private
    def _prepare_parts(self, subjects, certificate, at):
        """(records, ``signing.Prepared``, left out), as ``_prepare_signatures``, of results of one subject a record.

        ``subjects``: record id -> subject. The records are all of one format.
        """
        locked = self.sudo().try_lock_for_update()
        ready, left_out = locked._without_hint(lambda record: record._part_hint(subjects[record.id]))
        ready = ready.with_env(self.env)
        if not ready:
            return ready, None, left_out
        ready._check_identity(PART_ROLE, certificate)
        options = {"id_number": self.env.user.sudo().hocba_id_number, "at": at, "profile": ready[0]._packet_profile()}
        options["policy"] = self.env["hocba.signature.policy"]._of_company(ready.company_id[:1]) or None
        parts = [record._part(subjects[record.id]) for record in ready]
        try:
            return ready, signing.prepare_parts(parts, certificate._x509(), **options), left_out
        except signing.SigningError as error:
            raise UserError(self._signing_text(error.code)) from error

    def _part(self, subject):
        return self._parts_of(self.sudo()._live_values())[subject]

    @api.private
    def _finish_parts(self, subjects, certificate, prepared, values, at):
        """Keep the signatures on parts. ``subjects`` and ``at`` are of :meth:`_prepare_parts`."""
        try:
            elements = prepared.finish(values)
        except signing.SigningError as error:
            raise UserError(self._signing_text(error.code)) from error
        records = self.sudo()
        targets = [record._part(subjects[record.id]).target for record in records]
        elements = self.env["hocba.tsa"]._stamped(self, PART_ROLE, elements, self[0]._packet_profile(), targets)
        records._claim_rows()
        records._void_outdated_signatures()
        rows, details = [], {}
        for record, target, element in zip(records, targets, elements, strict=True):
            subject = subjects[record.id]
            mandate = record._signing_right(PART_ROLE, subject)[0]
            row = record._signature_values(PART_ROLE, certificate, at, mandate)
            rows.append(
                {
                    **row,
                    "subject_id": subject.id,
                    "target": target,
                    "element": element.decode(),
                    "data_hash": record.part_hashes[str(subject.id)],
                }
            )
            statement = mandate.with_env(self.env).sudo()._statement()
            parts = (subject.name, record._role_detail(PART_ROLE, certificate), statement)
            details[record.id] = "; ".join(filter(None, parts))
        self.env["hocba.signature"].sudo()._in_transition().create(rows)
        self.env["hocba.event"]._log(records, "signed", details)

    def _claim_rows(self):
        """Write the locked rows, whether or not anything in them changes.

        A transaction that began before this one ends sees neither its signatures nor its rows of the audit trail;
        PostgreSQL lets it go on with these records only when nobody has written their rows.
        """
        self.env.cr.execute("UPDATE hocba_record SET write_uid = write_uid WHERE id = ANY(%s)", [self.ids])

    def _signature_values(self, role, certificate, at, mandate):
        """Values that every row of a signature has."""
        return {
            "record_id": self.id,
            "role": role,
            "user_id": self.env.uid,
            "certificate_id": certificate.id,
            "serial": certificate.serial,
            "signer_name": certificate.name,
            "signed_at": at.astimezone(UTC).replace(tzinfo=None),
            "data_hash": self.data_hash,
            "mandate_id": mandate.id,
        }

    def _with_parts(self, content, left_out):
        """A packet without signatures (bytes), with those that subject teachers gave; None where one does not fit."""
        if not self._has_parts():
            return content
        profile, record = self._packet_profile(), self.sudo()
        place = {subject: index for index, subject in enumerate(record._part_signers())}
        rows = record._part_signatures().sorted(lambda row: (place.get(row.subject_id, len(place)), row.id))
        for row in rows:
            if sha256(profile.signed_bytes(content, row.target)).hexdigest() != row.data_hash:
                left_out[self.id] = self.env._(
                    "The results in %(subject)s are not those that %(teacher)s signed. They have to be signed again.",
                    subject=row.subject_id.name,
                    teacher=row.signer_name,
                )
                return None
        return profile.with_parts(content, [row.element.encode() for row in rows])

    def _waiting_names(self):
        """Who has to sign next, by name: ``GVBM Toán: Nguyễn Thị A``, as teachers say it."""
        record = self.sudo()
        if self.waiting_for == "gvbm":
            return ", ".join(
                self.env._("%(subject)s teacher: %(name)s", subject=subject.name, name=teacher.name)
                for subject, teacher in record._missing_parts().items()
            )
        if self.waiting_for == "gvcn":
            return record.homeroom_signer_id.name or ""
        return (record.head_signer_id.name or "") if self.waiting_for == "cbql" else ""
