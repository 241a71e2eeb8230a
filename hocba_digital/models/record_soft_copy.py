"""The soft copy of a record as its readers and signers see it: whose turn it is, and signing it (QĐ 1789 Art. 11)."""

import base64
from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..core import signing
from ..reports import pdf
from .record_content import VIETNAM

_GROUP_OF_ROLE = {"cbql": "hocba_digital.group_head", "seal": "hocba_digital.group_clerk"}
_TURN = {"none": "cbql", "prepared": "cbql", "head": "seal"}
_ISSUED = ("signed", "submitted", "locked", "transferred")


class RecordSoftCopy(models.Model):
    _inherit = "hocba.record"

    pdf_ids = fields.One2many("hocba.record.pdf", "record_id", "PDF files", readonly=True)
    pdf_id = fields.Many2one("hocba.record.pdf", "Signed PDF", compute="_compute_pdf")
    pdf_state = fields.Selection(
        [
            ("none", "Not signed"),
            ("prepared", "Prepared"),
            ("head", "Signed by the head"),
            ("sealed", "Signed by head and school"),
        ],
        "PDF with digital signatures",
        compute="_compute_pdf",
        search="_search_pdf_state",
    )
    pdf_head_name = fields.Char("PDF signed by", compute="_compute_pdf")
    pdf_head_at = fields.Datetime("Head signed at", compute="_compute_pdf")
    pdf_seal_name = fields.Char("PDF sealed by", compute="_compute_pdf")
    pdf_seal_at = fields.Datetime("Sealed at", compute="_compute_pdf")
    can_sign_pdf = fields.Boolean("I can sign the PDF now", compute="_compute_can_sign_pdf")

    @api.depends("pdf_ids.state", "packet_digest", "state")
    def _compute_pdf(self):
        for record in self:
            row = record._current_pdf()
            record.pdf_id = row
            record.pdf_state = (row.state or "none") if record.state in _ISSUED else False
            record.pdf_head_name, record.pdf_head_at = row.head_name, row.head_at
            record.pdf_seal_name, record.pdf_seal_at = row.seal_name, row.seal_at

    def _current_pdf(self):
        """The row of the packet that the record has now; a draft has none."""
        if self.state not in _ISSUED:
            return self.env["hocba.record.pdf"]
        return self.pdf_ids.filtered(lambda row: row.packet_digest == self.packet_digest)[:1]

    def _search_pdf_state(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        self.flush_model(["state", "packet_digest"])
        self.env["hocba.record.pdf"].flush_model()
        found = SQL(
            "(SELECT r.id FROM hocba_record r LEFT JOIN hocba_record_pdf p"
            " ON p.record_id = r.id AND p.packet_digest = r.packet_digest"
            " WHERE r.state IN %s AND COALESCE(p.state, 'none') IN %s)",
            _ISSUED,
            tuple(item for item in value if item) or ("",),
        )
        return [("id", operator, found)]

    @api.depends_context("uid")
    @api.depends("pdf_state")
    def _compute_can_sign_pdf(self):
        for record in self:
            record.can_sign_pdf = not record._pdf_hint()

    def _pdf_turn(self):
        """Role that signs the PDF next; False when none does."""
        return _TURN.get(self.pdf_state, False)

    def _pdf_hint(self):
        """Why the current user cannot sign the PDF of this record now; empty when he can."""
        self.ensure_one()
        if self.state not in _ISSUED:
            return self.env._("Only an issued record has a PDF with digital signatures.")
        role = self._pdf_turn()
        if not role:
            return self.env._("Head and school have signed the PDF.")
        return self._pdf_right(role)[1]

    def action_sign_pdf(self):
        """Start a signing job over the records whose PDF waits for the current user, and show its progress."""
        return self.env["hocba.signing.job"]._start(self, kind="pdf")._open_progress()

    @api.private
    def _prepare_pdf_signatures(self, role, certificate, at):
        """(records, ``signing.PreparedPdfs``, left out), as ``_prepare_signatures`` for packets."""
        locked = self.sudo().try_lock_for_update().with_env(self.env)
        ready, left_out = locked._without_hint(
            lambda record: record._pdf_hint() or (record._pdf_turn() != role and record._other_turn_text())
        )
        ready = ready._on_one_mandate(role, left_out)
        if ready:
            ready._check_identity(role, certificate)
            ready = ready._printed_for_signing(left_out, at)
        ready, prepared = ready._prepared_pdfs(role, certificate, left_out, at)
        return ready, prepared, left_out

    def _printed_for_signing(self, left_out, at):
        """The records that have a file to sign: those without one are printed now, from their packets."""
        fresh = self.filtered(lambda record: not record.pdf_id)
        try:
            fresh._print_soft_copies(at)
        except UserError as error:
            if len(fresh) == 1:
                left_out[fresh.id] = str(error)
                return self - fresh
            # One record that cannot be printed must not hold up the others: find it.
            done = self - fresh
            for record in fresh:
                done |= record._printed_for_signing(left_out, at)
            return self & done
        return self

    def _print_soft_copies(self, at):
        if not self:
            return
        with self.env.cr.savepoint():
            contents = self._soft_copies(at)
            rows = self.env["hocba.record.pdf"].sudo()._in_transition()
            rows = rows.create([{"record_id": item.id, "packet_digest": item.packet_digest} for item in self])
            rows._store(contents)
            self.invalidate_recordset(["pdf_ids", "pdf_id", "pdf_state"])

    def _soft_copies(self, at):
        """Printed forms with their packets inside and room for two signatures, in the order of the records."""
        packets = {record.id: record.sudo()._packet_bytes() for record in self}
        files = self.env["hocba.print"]._render_packets(packets.values(), soft_copy=True)
        printed = dict(zip(packets, files, strict=True))
        return [
            self.env["hocba.print"]._with_packet(printed[item.id], packets[item.id], item.uuid, at) for item in self
        ]

    def _prepared_pdfs(self, role, certificate, left_out, at):
        """(records, ``signing.PreparedPdfs``); a record whose file alone is to blame is left out and named."""
        options = {
            "chain": _issuers(certificate._x509(), self.env["hocba.trust"]._store().intermediates),
            "at": at,
            "appearance": self._pdf_appearance(role, certificate, at) if self else b"",
            "with_time_stamp": self._pdf_tsa().each_signature,
            "policy": self.env["hocba.signature.policy"]._of_company(self.company_id[:1]) or None,
        }
        return self._prepared_without_bad(
            [record.pdf_id._bytes() for record in self],
            left_out,
            lambda contents: signing.prepare_pdfs(contents, role, certificate._x509(), **options),
        )

    @api.private
    def _finish_pdf_signatures(self, role, certificate, prepared, values, at):
        """Put the signatures into the files. ``prepared`` and ``at`` are of :meth:`_prepare_pdf_signatures`."""
        signed = self._stamped_pdfs(prepared, values)
        when = at.astimezone(UTC).replace(tzinfo=None)
        if role == "cbql":
            kind, done = "pdf_signed", {"state": "head", "head_id": self.env.uid, "head_name": certificate.name}
            done["head_at"] = when
        else:
            kind, done = "pdf_sealed", {"state": "sealed", "seal_id": self.env.uid, "seal_name": certificate.name}
            done["seal_at"] = when
        rows = self.pdf_id
        rows._store(signed, **done)
        self.env["hocba.event"]._log(
            self, kind, {row.record_id.id: self._pdf_detail(role, certificate, row) for row in rows}
        )
        self.invalidate_recordset(["pdf_state", "can_sign_pdf"])

    def _stamped_pdfs(self, prepared, values):
        """The signed files, with time stamps where the school wants one on each signature (B-T)."""
        tsa = self._pdf_tsa()
        try:
            if tsa.each_signature:
                try:
                    return prepared.finish(values, tsa._stamper())
                except signing.SigningError as error:
                    if not error.code.startswith("tsa_"):
                        raise
                    tsa._give_up(error)
            return prepared.finish(values)
        except signing.SigningError as error:
            raise UserError(self._signing_text(error.code)) from error

    def _pdf_tsa(self):
        return self.env["hocba.tsa"]._for_company(self.company_id[:1])

    def _pdf_detail(self, role, certificate, row):
        return self.env._(
            "%(signer)s, SHA-256 of the PDF: %(digest)s",
            signer=row.record_id._pdf_signed_detail(role, certificate),
            digest=row.digest,
        )

    def _pdf_appearance(self, role, certificate, at):
        """What the PDF shows of this signature, with what the certificate says (QĐ 1789 Art. 11)."""
        company = self.company_id[:1].sudo()
        title = self.env.user.sudo().hocba_title if role == "cbql" else None
        lines = [
            ("Ký bởi", certificate.name),
            ("Chức vụ", title),
            ("Ký thay", self._pdf_paper(role)),
            ("Thời gian ký", f"{at:%d/%m/%Y %H:%M:%S} +07:00"),
            ("Cấp bởi", certificate.issuer),
        ]
        image = self.env.user.sudo().hocba_signature_image if role == "cbql" else company.hocba_seal_image
        face = pdf.Face(
            certificate.name, tuple((label, text) for label, text in lines if text), image and base64.b64decode(image)
        )
        return pdf.head_appearance(face) if role == "cbql" else pdf.seal_appearance(face)

    def action_remake_pdf(self):
        """Drop what is prepared or signed by the head only, so that the PDF is made and signed anew."""
        if not any(self.env.user.has_group(group) for group in _GROUP_OF_ROLE.values()):
            raise AccessError(self.env._("Only the head or the clerk has the PDF made anew."))
        self.check_access("read")
        for record in self:
            if record.pdf_state == "sealed":
                raise UserError(
                    self.env._("The PDF of %(name)s is signed by head and school and stays.", name=record.display_name)
                )
        records = self.filtered("pdf_id")
        rows = records.pdf_id
        if records:
            nobody = {"head_id": False, "head_name": False, "head_at": False}
            rows._store(records._soft_copies(datetime.now(VIETNAM).replace(microsecond=0)), state="prepared", **nobody)
            self.env["hocba.event"]._log(records, "pdf_remade")
        return True


def _issuers(certificate, known):
    """Issuing authorities of a certificate among the ``known`` intermediate ones, nearest first."""
    found = []
    while True:
        name = (found[-1] if found else certificate).issuer
        issuer = next((item for item in known if item.subject == name and item not in found), None)
        if issuer is None:
            return tuple(found)
        found.append(issuer)
