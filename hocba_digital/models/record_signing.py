"""Who signs a record next, and signing itself (CV 2088, annex 1, III.2: steps 3 to 7)."""

import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core import packet, signing
from ..core.rules import Issue
from .signature import ROLES


class RecordSigning(models.Model):
    _inherit = "hocba.record"

    waiting_for = fields.Selection(
        [
            ("data", "Data to be completed"),
            ("gvbm", "Subject teachers"),
            ("gvcn", "Homeroom teacher"),
            ("cbql", "Head"),
            ("seal", "School's seal"),
            ("sending", "Sending"),
            ("department", "Department"),
            ("nobody", "Nobody"),
        ],
        "Waiting for",
        compute="_compute_waiting_for",
        store=True,
        index=True,
    )
    can_sign = fields.Boolean("I can sign now", compute="_compute_can_sign")
    sign_hint = fields.Char("Why signing is not possible", compute="_compute_can_sign")
    waiting_names = fields.Char("Who signs next", compute="_compute_waiting_names")

    @api.depends(
        "state",
        "digitised",
        "profile",
        "blocker_count",
        "part_hashes",
        "assessment_id.result_ids.teacher_id",
        "class_id.homeroom_id",
        "signature_ids.valid",
        "signature_ids.role",
        "submission_line_ids.verdict",
        "refusal",
    )
    def _compute_waiting_for(self):
        for record in self:
            record.waiting_for = record._next_step()

    def _next_step(self):
        if self.state == "signed":
            pending = self.submission_line_ids.filtered(lambda line: line.verdict in ("pending", "conflict"))
            return "department" if pending else "sending"
        if self.state == "submitted":
            return "department"
        if self.state != "draft":
            return "nobody"
        if self.blocker_count:
            return "data"
        held = self.signature_ids.filtered("valid").mapped("role")
        following = next((role for role in self._signing_roles() if role not in held), "seal")
        first = following == self._signing_roles()[0]
        return "gvbm" if first and self._missing_parts() else following

    def _signing_roles(self):
        """Who signs the whole, in order; what was on paper is for head and seal (QĐ 1789, Art. 22.3a, 39.2)."""
        return ("cbql", "seal") if self.digitised else ("gvcn", "cbql", "seal")

    @api.depends_context("lang")
    @api.depends("waiting_for", "signature_ids.valid", "head_mandate_id", "homeroom_mandate_id")
    def _compute_waiting_names(self):
        for record in self:
            record.waiting_names = record._waiting_names()

    @api.depends_context("uid")
    @api.depends("waiting_for", "signature_ids.valid")
    def _compute_can_sign(self):
        for record in self:
            record.sign_hint = record._sign_hint()
            record.can_sign = not record.sign_hint

    def _sign_hint(self):
        """Why the current user cannot sign this record now; empty when he can."""
        self.ensure_one()
        role = self.waiting_for
        if role == "data":
            return self.env._("%(count)s entries are missing or contradictory.", count=self.blocker_count)
        if role not in dict(ROLES):
            return self.env._("All signatures are there.")
        if role == "gvbm":
            return self.env._(
                "Subject teachers have to sign their results first: %(names)s.", names=self._waiting_names()
            )
        return self._signing_right(role)[1] or self._ended_mandate_text()

    def action_sign(self):
        """Start a signing job over the records that wait for the current user, and show its progress."""
        job = self.env["hocba.signing.job"]._start(self)
        return job._open_progress()

    def _signing_turn(self, kind):
        """(role that the current user signs this record in now, or False; why not) for its packet or its PDF."""
        self.ensure_one()
        hint = self._pdf_hint() if kind == "pdf" else self._sign_hint()
        role = self._pdf_turn() if kind == "pdf" else self.waiting_for
        return (False, hint) if hint else (role, "")

    @api.private
    def _prepare_signatures(self, role, certificate, at):
        """(records, ``signing.Prepared``, left out): what ``role`` signs now, and why some records are not signed.

        Records are locked first and judged again, so that two signers at once never sign one record twice. Those that
        somebody else is working on right now are in neither; they wait for the next portion. The records are all of
        one format. ``at``: the signing time, aware; the same content and time always give the same digests.
        """
        locked = self.sudo().try_lock_for_update().with_env(self.env)
        ready, left_out = locked._without_hint(
            lambda record: record._sign_hint() or (record.waiting_for != role and record._other_turn_text())
        )
        if not ready:
            return ready, None, left_out
        ready._check_identity(role, certificate)
        ready, sources = ready._packets_to_sign(role, left_out)
        ready, prepared = ready._prepared_packets(sources, role, certificate, left_out, at)
        return ready, prepared, left_out

    def _without_hint(self, hint_of):
        """(records of which ``hint_of`` says nothing, record id -> what it says of each of the others)."""
        hints = {record.id: hint_of(record) for record in self}
        return self.filtered(lambda record: not hints[record.id]), {key: hint for key, hint in hints.items() if hint}

    def _other_turn_text(self):
        return self.env._("It waits for another signature now.")

    def _check_identity(self, role, certificate):
        """The seal must be approved (CV 2088, III.1); a person needs the number that stands beside the signature."""
        if role == "seal" and not certificate.approved:
            raise UserError(
                self.env._(
                    "The certificate of the school's seal is not approved by the department yet. "
                    "It cannot issue records (CV 2088, III.1)."
                )
            )
        if role == "seal":
            self._check_organisation(certificate)
        if role != "seal" and not self.env.user.sudo().hocba_id_number:
            raise UserError(
                self.env._("Your citizen ID number is missing. The school's administrator enters it with your user.")
            )

    def _check_organisation(self, certificate):
        """The seal has to be this school's: the code in its subject is the school's tax or budget code."""
        expected = self.company_id.sudo().hocba_tax_code
        stated = signing.holder_of(certificate._x509()).organisation_id
        if expected and stated and stated.split("-")[0] != expected.strip().split("-")[0]:
            raise UserError(
                self.env._(
                    "The seal's certificate is that of organisation %(stated)s; the school's code is %(expected)s. Use "
                    "the certificate of this school, or correct the code in Settings.",
                    stated=stated,
                    expected=expected,
                )
            )

    @api.private
    def _finish_signatures(self, role, certificate, prepared, values, at):
        """Put the signatures into the records' packets. ``prepared`` and ``at`` are of :meth:`_prepare_signatures`."""
        try:
            signed = prepared.finish(values)
        except signing.SigningError as error:
            raise UserError(self._signing_text(error.code)) from error
        profile = self[0]._packet_profile()
        signed = self.env["hocba.tsa"]._stamped(self, role, signed, profile)
        if role == "seal":
            for content in signed:
                profile.validate(content, signed=True)
        records = self.sudo()
        records._void_outdated_signatures()
        records._store_packets(signed)
        self.env["hocba.signature"].sudo()._in_transition().create(
            [
                record._signature_values(role, certificate, at, record.sudo(False)._signing_right(role)[0])
                for record in records
            ]
        )
        self.env["hocba.event"]._log(records, "signed", records.sudo(False)._signed_details(role, certificate))
        if role == "seal":
            records.signature_ids._in_packet()
            records._move("signed", "frozen")

    def _prepared_packets(self, sources, role, certificate, left_out, at):
        """(records, ``signing.Prepared``); a record whose packet alone is to blame is left out and named."""
        if not self:
            return self, None
        id_number = None if role == "seal" else self.env.user.sudo().hocba_id_number
        options = {"id_number": id_number, "at": at, "profile": self[0]._packet_profile()}
        options["policy"] = self.env["hocba.signature.policy"]._of_company(self.company_id[:1]) or None
        return self._prepared_without_bad(
            sources, left_out, lambda chosen: signing.prepare_packets(chosen, role, certificate._x509(), **options)
        )

    def _prepared_without_bad(self, sources, left_out, prepare):
        """(records, what ``prepare`` makes of their ``sources``); a record whose source alone is to blame is left out
        and named. Raises UserError where it is not one record's fault.
        """
        records, sources = list(self), list(sources)
        while records:
            try:
                prepared = prepare(sources)
                return self.browse([record.id for record in records]), prepared
            except signing.SigningError as error:
                if error.index is None:
                    raise UserError(self._signing_text(error.code)) from error
                left_out[records.pop(error.index).id] = self._signing_text(error.code)
                sources.pop(error.index)
        return self.browse(), None

    def _signing_text(self, code):
        """Why a signature cannot be made, and what to do."""
        texts = {
            "weak_key": self.env._("The key is too weak to sign with. Ask the issuer for a new certificate."),
            "not_person": self.env._("A person signs with a personal certificate, not with the school's."),
            "not_organisation": self.env._("The school's seal needs the certificate of the organisation."),
            "id_number": self.env._("Your citizen ID number is missing or is not 12 digits."),
            "id_mismatch": self.env._(
                "The record names another person as the signer: your citizen ID number, the one in your certificate "
                "and the one in the record must be the same."
            ),
            "certificate_expired": self.env._("The certificate has expired. Register the new one."),
            "certificate_not_yet_valid": self.env._("The certificate is not valid yet."),
            "key_usage": self.env._("The certificate was not issued for signing."),
            "role_signed": self.env._("It carries this signature already."),
            "role_order": self.env._("An earlier signature is missing."),
            "time": self.env._("The server's clock is behind an earlier signature. Have it set right."),
            "signer": self.env._(
                "The signature that came back does not fit your registered certificate. Nothing was signed: check that "
                "the right token or key is used, and register its certificate again."
            ),
        }
        return texts.get(code) or self.env["hocba.certificate"]._key_text(code)

    def _packets_to_sign(self, role, left_out):
        """The records that can be signed and their bytes: built at the first signature, the same ones ever after."""
        ready, sources = [], []
        for record in self:
            first = role == record._signing_roles()[0]
            content = record._built_packet(left_out) if first else record._kept_packet(left_out)
            if content:
                ready.append(record.id)
                sources.append(content)
        return self.browse(ready), sources

    def _built_packet(self, left_out):
        try:
            strict = self.env["hocba.endpoint"]._strict_for(self.company_id.id)
            content = self._packet_profile().build_data(self._record_data(), strict=strict)
        except packet.PacketError as error:
            left_out[self.id] = self._issue_text(Issue(error.code, "block", error.field or ""))
            return None
        return self._with_parts(content, left_out)

    def _kept_packet(self, left_out):
        """Bytes that carry the earlier signatures. That these still fit the content is what ``waiting_for`` says."""
        record = self.sudo()
        content = record._packet_bytes()
        if hashlib.sha256(content).hexdigest() != record.packet_digest:
            left_out[self.id] = self.env._("Its stored packet is damaged. Restore it from a backup.")
            return None
        return content

    def _void_signatures_later(self):
        """Before the transaction commits, void the signatures that no longer fit the content."""
        data = self.env.cr.precommit.data
        if "hocba_void" not in data:
            data["hocba_void"] = set()
            env = self.env

            @env.cr.precommit.add
            def void():
                ids = env.cr.precommit.data.pop("hocba_void", set())
                env["hocba.record"].sudo().browse(ids).exists()._void_outdated_signatures()

        data["hocba_void"].update(self.ids)

    def _void_outdated_signatures(self):
        drafts = self.filtered(lambda record: record.state == "draft")
        outdated = drafts.signature_ids.filtered(
            lambda signature: not signature.voided_at and not signature._fits_content()
        )
        outdated._void(self.env._("the content was changed after signing"))

    def action_return(self, reason):
        """The head or the clerk sends a draft back to the homeroom teacher, whose signature is voided.

        Subject teachers' signatures stay while their results stay; where nobody else has signed, they are voided.
        """
        if not (
            self.env.user.has_group("hocba_digital.group_head") or self.env.user.has_group("hocba_digital.group_clerk")
        ):
            raise AccessError(self.env._("Only the head or the clerk returns a record."))
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the record is returned."))
        for record in self:
            if record.state != "draft":
                raise UserError(self.env._("%(name)s is issued already; reopen it instead.", name=record.display_name))
        for record in self.sudo():
            whole = record.signature_ids.filtered(lambda signature: signature.valid and signature.role != "gvbm")
            (whole or record.signature_ids)._void(reason)
        self.env["hocba.event"]._log(self, "returned", reason)
        for record in self:
            record.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Record returned: %(reason)s", reason=reason),
                user_id=record.sudo().class_id.homeroom_id.id or self.env.uid,
            )

    def _role_detail(self, role, certificate):
        label = dict(self.env["hocba.signature"]._fields["role"]._description_selection(self.env))[role]
        return self.env._("%(role)s, certificate %(serial)s", role=label, serial=certificate.serial)
