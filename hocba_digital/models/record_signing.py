"""Who signs a record next, and signing itself (CV 2088, annex 1, III.2: steps 3 to 7)."""

from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core import packet, signing
from ..core.rules import Issue
from .record_content import VIETNAM

_GROUP_OF_ROLE = {
    "gvcn": "hocba_digital.group_homeroom",
    "cbql": "hocba_digital.group_head",
    "seal": "hocba_digital.group_clerk",
}


class RecordSigning(models.Model):
    _inherit = "hocba.record"

    waiting_for = fields.Selection(
        [
            ("data", "Data to be completed"),
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

    @api.depends(
        "state", "blocker_count", "signature_ids.valid", "signature_ids.role", "submission_line_ids.verdict", "refusal"
    )
    def _compute_waiting_for(self):
        for record in self:
            record.waiting_for = record._next_step()

    def _next_step(self):
        if self.state == "signed":
            pending = self.submission_line_ids.filtered(lambda line: line.verdict == "pending")
            return "department" if pending else "sending"
        if self.state == "submitted":
            return "department"
        if self.state != "draft":
            return "nobody"
        if self.blocker_count:
            return "data"
        held = self.signature_ids.filtered("valid").mapped("role")
        for role in ("gvcn", "cbql", "seal"):
            if role not in held:
                return role
        return "seal"

    @api.depends_context("uid")
    @api.depends("waiting_for")
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
        if role not in _GROUP_OF_ROLE:
            return self.env._("All signatures are there.")
        if not self.env.user.has_group(_GROUP_OF_ROLE[role]):
            label = dict(self._fields["waiting_for"]._description_selection(self.env))[role]
            return self.env._("It waits for another signature: %(role)s.", role=label)
        record = self.sudo()
        if role == "gvcn" and record.class_id.homeroom_id != self.env.user:
            return self.env._(
                "Homeroom teacher of the class is %(name)s.", name=record.class_id.homeroom_id.name or "?"
            )
        if role == "cbql" and record.company_id.hocba_head_id != self.env.user:
            return self.env._(
                "The record names %(name)s as the signing head.", name=record.company_id.hocba_head_id.name or "?"
            )
        if self.company_id not in self.env.user.company_ids:
            return self.env._("The record belongs to another school.")
        return False

    def action_sign(self):
        """Start a signing job over the records that wait for the current user, and show its progress."""
        job = self.env["hocba.signing.job"]._start(self)
        return job._open_progress()

    @api.private
    def _sign(self, role, certificate, signer):
        """Add the signature of ``role`` to these records.

        Returns a dictionary of record id -> reason for every record that was left out. Records are
        locked first and judged again, so that two signers at once never sign one record twice.
        """
        left_out = {}
        locked = self.sudo().try_lock_for_update()
        for record in self - locked.with_env(self.env):
            left_out[record.id] = self.env._("Somebody else is working on it right now.")
        ready = self.browse()
        for record in locked.with_env(self.env):
            hint = record._sign_hint() or (
                self.env._("It waits for another signature now.") if record.waiting_for != role else False
            )
            if hint:
                left_out[record.id] = hint
            else:
                ready |= record
        if ready:
            ready._check_identity(role, certificate)
            ready._apply_signatures(role, certificate, signer, left_out)
        return left_out

    def _check_identity(self, role, certificate):
        """The seal must be approved (CV 2088, III.1); a person needs the number that stands beside the signature."""
        if role == "seal" and not certificate.approved:
            raise UserError(
                self.env._(
                    "The certificate of the school's seal is not approved by the department yet. "
                    "It cannot issue records (CV 2088, III.1)."
                )
            )
        if role != "seal" and not self.env.user.sudo().hocba_id_number:
            raise UserError(
                self.env._("Your citizen ID number is missing. The school's administrator enters it with your user.")
            )

    def _apply_signatures(self, role, certificate, signer, left_out):
        profile = packet.get_profile("cv2088-1.0")
        now = datetime.now(VIETNAM).replace(microsecond=0)
        ready, sources = self._packets_to_sign(role, profile, left_out)
        if not ready:
            return
        id_number = None if role == "seal" else self.env.user.sudo().hocba_id_number
        ready, signed = ready._signed_packets(sources, role, signer, left_out, id_number=id_number, at=now)
        if not ready:
            return
        records = ready.sudo()
        records._void_outdated_signatures()
        records._store_packets(signed)
        self.env["hocba.signature"].sudo()._in_transition().create(
            [
                {
                    "record_id": record.id,
                    "role": role,
                    "user_id": self.env.uid,
                    "certificate_id": certificate.id,
                    "serial": certificate.serial,
                    "signer_name": certificate.name,
                    "signed_at": fields.Datetime.now(),
                    "data_hash": record.data_hash,
                }
                for record in records
            ]
        )
        self.env["hocba.event"]._log(records, "signed", self._role_detail(role, certificate))
        if role == "seal":
            records._move("signed", "frozen")

    def _signed_packets(self, sources, role, signer, left_out, **options):
        """(records, signed packets); a record whose packet alone is to blame is left out and named."""
        profile = packet.get_profile("cv2088-1.0")
        records, sources = list(self), list(sources)
        while records:
            try:
                signed = signing.sign_packets(sources, role, signer, profile=profile, **options)
                break
            except signing.SigningError as error:
                if error.index is None:
                    raise UserError(self._signing_text(error.code)) from error
                left_out[records.pop(error.index).id] = self._signing_text(error.code)
                sources.pop(error.index)
        else:
            return self.browse(), []
        if role == "seal":
            for content in signed:
                profile.validate(content, signed=True)
        return self.browse([record.id for record in records]), signed

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
            "certificate_expired": self.env._("The certificate has expired. Upload the new key file."),
            "certificate_not_yet_valid": self.env._("The certificate is not valid yet."),
            "key_usage": self.env._("The certificate was not issued for signing."),
            "role_signed": self.env._("It carries this signature already."),
            "role_order": self.env._("An earlier signature is missing."),
            "time": self.env._("The server's clock is behind an earlier signature. Have it set right."),
        }
        return texts.get(code) or self.env._("The signature could not be made (%(code)s).", code=code)

    def _packets_to_sign(self, role, profile, left_out):
        """The records that can be signed and their bytes: built at the first signature, kept after it."""
        ready, sources = self.browse(), []
        for record in self:
            try:
                data = record._record_data()
                built = profile.build_data(data)
            except packet.PacketError as error:
                left_out[record.id] = record._issue_text(Issue(error.code, "block", error.field or ""))
                continue
            content = built if role == "gvcn" else record.sudo()._packet_bytes()
            if role != "gvcn" and profile.data_digest(built) != record.packet_hash:
                left_out[record.id] = self.env._("Its content changed after the earlier signature.")
                continue
            ready |= record
            sources.append(content)
        return ready, sources

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
            lambda signature: not signature.voided_at and signature.data_hash != signature.record_id.data_hash
        )
        outdated._void(self.env._("the content was changed after signing"))

    def action_return(self, reason):
        """The head or the clerk sends a draft back to the homeroom teacher: its signatures are voided."""
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
        self.signature_ids.sudo()._void(reason)
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
