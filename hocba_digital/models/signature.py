from odoo import api, fields, models

from ..core.signing import INDETERMINATE, TOTAL_FAILED, TOTAL_PASSED, verify_part

#: Who signs, in the order of signing (CV 2088, annex 1, §1.6).
ROLES = [("gvbm", "Subject teacher"), ("gvcn", "Homeroom teacher"), ("cbql", "Head"), ("seal", "School's seal")]


class Signature(models.Model):
    """One signature on one record. The XML is in the packet; this row says who, when and on what content."""

    _name = "hocba.signature"
    _description = "Signature"
    _inherit = ["hocba.frozen.mixin"]
    _by_methods_only = True
    _order = "record_id, sequence, id"
    _rec_name = "signer_name"

    record_id = fields.Many2one("hocba.record", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="record_id.company_id", store=True, index=True)
    role = fields.Selection(ROLES, "Signed as", required=True, readonly=True)
    subject_id = fields.Many2one(
        "hocba.subject", readonly=True, ondelete="restrict", help="Whose results are signed; empty: the whole record."
    )
    target = fields.Char(
        "Signed element", readonly=True, help="Its Id in the packet, where a subject's results are signed."
    )
    element = fields.Text(groups=fields.NO_ACCESS)
    sequence = fields.Integer(compute="_compute_sequence", store=True)
    user_id = fields.Many2one("res.users", "Signed in as", required=True, readonly=True, ondelete="restrict")
    certificate_id = fields.Many2one("hocba.certificate", readonly=True, ondelete="restrict")
    serial = fields.Char("Certificate number", readonly=True)
    signer_name = fields.Char("Signer", required=True, readonly=True)
    mandate_id = fields.Many2one(
        "hocba.mandate", "Signed on the mandate", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    statement = fields.Char("In whose place", compute="_compute_statement", compute_sudo=True)
    signed_at = fields.Datetime("Signed at", required=True, readonly=True)
    data_hash = fields.Char("Digest of the content", required=True, readonly=True)
    voided_at = fields.Datetime("Voided at", readonly=True)
    void_reason = fields.Char("Why it is void", readonly=True)
    valid = fields.Boolean("In force", compute="_compute_valid", store=True)

    verification = fields.Selection(
        [
            ("passed", "Verified"),
            ("unclear", "Cannot be verified here"),
            ("failed", "Does not hold"),
            ("void", "Void"),
        ],
        compute="_compute_verification",
        help="Result of verifying the stored packet now (EN 319 102-1), with the authorities trusted here.",
    )
    verification_reasons = fields.Text("What the verification says", compute="_compute_verification")

    _in_force_uniq = models.UniqueIndex(
        "(record_id, role, COALESCE(subject_id, 0)) WHERE voided_at IS NULL",
        "The record already carries a signature of this role.",
    )

    def init(self):
        result = super().init()
        rule = {
            "parent": "hocba_record",
            "link": "record_id",
            "column": "state",
            "states": ["locked", "transferred"],
            "open": ["write_uid", "write_date"],
        }
        self._guard_table(self._table, "hocba_guard_child", rule)
        return result

    @api.depends("role")
    def _compute_sequence(self):
        order = {"gvbm": -1, "gvcn": 0, "cbql": 1, "seal": 2}
        for signature in self:
            signature.sequence = order.get(signature.role, 9)

    @api.depends("voided_at", "data_hash", "record_id.data_hash", "record_id.part_hashes", "record_id.state")
    def _compute_valid(self):
        for signature in self:
            same = signature.record_id.state != "draft" or signature._fits_content()
            signature.valid = not signature.voided_at and same

    def _fits_content(self):
        """Whether what was signed is what the draft says now."""
        record = self.record_id
        if self.role != "gvbm":
            return self.data_hash == record.data_hash
        return self.data_hash == (record.part_hashes or {}).get(str(self.subject_id.id))

    @api.depends_context("lang")
    @api.depends("mandate_id")
    def _compute_statement(self):
        for signature in self:
            signature.statement = signature.mandate_id._statement()

    @api.depends("valid", "record_id.packet_digest")
    def _compute_verification(self):
        outcomes = {TOTAL_PASSED: "passed", INDETERMINATE: "unclear", TOTAL_FAILED: "failed"}
        signed = self.filtered("valid").record_id.filtered(lambda record: record.packet_digest and record._has_packet())
        reports = {record: record._verification_if_readable() for record in signed}
        for signature in self:
            report = reports.get(signature.record_id)
            found = signature._found_in(report) if signature.valid else None
            signature.verification = outcomes[found.result] if found else ("failed" if signature.valid else "void")
            said = [reason.text_vi for reason in found.reasons] if found else []
            signature.verification_reasons = "\n".join(filter(None, (*said, signature.statement))) or False

    def _found_in(self, report):
        """The verifier's finding on this signature; one on a part may still wait beside the packet."""
        element = self.sudo().element
        if report or not element:
            return report and report.signature(self.role, self.target or None)
        record = self.record_id.sudo()
        trust = self.env["hocba.trust"]._store()
        part = record._parts_of(record._live_values()).get(self.subject_id)
        return part and verify_part(element.encode(), part, trust, profile=record._packet_profile())

    def _in_packet(self):
        """The packet is frozen: what waited beside it stands in it."""
        self.filtered(lambda signature: signature.valid and signature.element)._in_transition().write(
            {"element": False}
        )

    def _text_by_hand(self):
        return self.env._("Signatures come from signing and are never edited.")

    def _text_deletion(self):
        return self.env._("Signatures are never deleted.")

    def _void(self, reason):
        """Mark these signatures void, visibly: in the audit trail and in the discussion of the record."""
        standing = self.filtered(lambda signature: not signature.voided_at)
        if not standing:
            return
        standing._in_transition().write({"voided_at": fields.Datetime.now(), "void_reason": reason})
        standing.flush_recordset(["voided_at"])  # a new signature of the role may follow in the same transaction
        for record in standing.record_id:
            names = ", ".join(
                standing.filtered(lambda line, record=record: line.record_id == record).mapped("signer_name")
            )
            text = self.env._("Signatures of %(names)s are void: %(reason)s", names=names, reason=reason)
            record.sudo()._message_log(body=text)
            self.env["hocba.event"]._log(record, "voided", text)
