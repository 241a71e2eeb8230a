from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.signing import INDETERMINATE, TOTAL_FAILED, TOTAL_PASSED

ROLES = [("gvcn", "Homeroom teacher"), ("cbql", "Head"), ("seal", "School's seal")]


class Signature(models.Model):
    """One signature on one record. The XML is in the packet; this row says who, when and on what content."""

    _name = "hocba.signature"
    _description = "Signature"
    _inherit = ["hocba.frozen.mixin"]
    _order = "record_id, sequence, id"
    _rec_name = "signer_name"

    record_id = fields.Many2one("hocba.record", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="record_id.company_id", store=True, index=True)
    role = fields.Selection(ROLES, "Signed as", required=True, readonly=True)
    sequence = fields.Integer(compute="_compute_sequence", store=True)
    user_id = fields.Many2one("res.users", "Signed in as", required=True, readonly=True, ondelete="restrict")
    certificate_id = fields.Many2one("hocba.certificate", readonly=True, ondelete="restrict")
    serial = fields.Char("Certificate number", readonly=True)
    signer_name = fields.Char("Signer", required=True, readonly=True)
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
        "(record_id, role) WHERE voided_at IS NULL", "The record already carries a signature of this role."
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
        order = [role for role, _label in ROLES]
        for signature in self:
            signature.sequence = order.index(signature.role) if signature.role in order else 9

    @api.depends("voided_at", "data_hash", "record_id.data_hash", "record_id.state")
    def _compute_valid(self):
        for signature in self:
            same = signature.record_id.state != "draft" or signature.data_hash == signature.record_id.data_hash
            signature.valid = not signature.voided_at and same

    @api.depends("valid", "record_id.packet_digest")
    def _compute_verification(self):
        outcomes = {TOTAL_PASSED: "passed", INDETERMINATE: "unclear", TOTAL_FAILED: "failed"}
        signed = self.filtered("valid").record_id.filtered("packet_digest")
        reports = {record: record._verification_if_readable() for record in signed}
        for signature in self:
            report = reports.get(signature.record_id)
            found = report and report.signature(signature.role) if signature.valid else None
            signature.verification = outcomes[found.result] if found else ("failed" if signature.valid else "void")
            signature.verification_reasons = "\n".join(reason.text_vi for reason in found.reasons) if found else False

    @api.model_create_multi
    def create(self, vals_list):
        self._check_transition()
        return super().create(vals_list)

    def write(self, vals):
        self._check_transition()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Signatures are never deleted."))

    def _check_transition(self):
        if not self._is_transition():
            raise UserError(self.env._("Signatures come from signing and are never edited."))

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
