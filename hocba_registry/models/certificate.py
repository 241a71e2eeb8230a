import base64
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from odoo import api, fields, models
from odoo.addons.hocba_digital.core.signing import holder_of
from odoo.addons.hocba_digital.core.signing.trust import chain_of
from odoo.addons.hocba_digital.models.frozen_mixin import TRANSITION
from odoo.exceptions import AccessError, UserError, ValidationError

_DECISION = {"state", "proposed_by_id", "decided_by_id", "decided_at"}


class Certificate(models.Model):
    """A school's certificate: only an approved one may seal records and transactions (annex 1, III.1)."""

    _name = "hocba.registry.certificate"
    _description = "Certificate of a School"
    _inherit = ["mail.thread"]
    _order = "state, not_after desc"

    unit_id = fields.Many2one("hocba.registry.unit", "School", required=True, ondelete="restrict", index=True)
    file = fields.Binary("Certificate file", required=True, attachment=False, help="X.509 certificate, PEM or DER.")
    name = fields.Char("Holder", compute="_compute_content", store=True)
    serial = fields.Char("Serial number", compute="_compute_content", store=True)
    subject = fields.Char(compute="_compute_content", store=True)
    issuer = fields.Char("Issued by", compute="_compute_content", store=True)
    fingerprint = fields.Char("SHA-256 fingerprint", compute="_compute_content", store=True, index=True)
    not_before = fields.Datetime("Valid from", compute="_compute_content", store=True)
    not_after = fields.Datetime("Valid until", compute="_compute_content", store=True)
    state = fields.Selection(
        [("submitted", "Waiting"), ("approved", "Approved"), ("refused", "Refused"), ("revoked", "Withdrawn")],
        default="submitted",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    signature_type = fields.Char("Kind of signature", readonly=True, help="ma_kieu_chu_ky, as the school says.")
    provider = fields.Char(readonly=True, help="nha_phat_hanh, as the school says.")
    proposed_by_id = fields.Many2one(
        "res.users", "First officer", readonly=True, tracking=True, help="With a second pair of eyes, who agreed first."
    )
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_at = fields.Datetime("Decided at", readonly=True)
    refusal = fields.Text("Why it was refused", tracking=True)

    _fingerprint_uniq = models.Constraint("UNIQUE(fingerprint)", "This certificate is already registered.")

    @api.depends("file")
    def _compute_content(self):
        for line in self:
            certificate = line._parse()
            holder = certificate and holder_of(certificate)
            line.name = holder and holder.name
            line.subject = holder and holder.subject
            line.issuer = holder and holder.issuer
            line.fingerprint = holder and holder.fingerprint.hex()
            line.serial = certificate and f"{certificate.serial_number:x}"
            line.not_before = certificate and certificate.not_valid_before_utc.replace(tzinfo=None)
            line.not_after = certificate and certificate.not_valid_after_utc.replace(tzinfo=None)

    def _parse(self):
        content = base64.b64decode(self.with_context(bin_size=False).file or b"")
        for load in (x509.load_pem_x509_certificate, x509.load_der_x509_certificate):
            try:
                certificate = load(content)
                return x509.load_der_x509_certificate(certificate.public_bytes(serialization.Encoding.DER))
            except ValueError:
                continue
        return None

    @api.constrains("file")
    def _check_file(self):
        for line in self:
            if not line.fingerprint:
                raise ValidationError(self.env._("The file is no X.509 certificate in PEM or DER form."))

    @api.model_create_multi
    def create(self, vals_list):
        # Whoever registers a certificate does not decide on it in the same breath.
        return super().create([{key: vals[key] for key in vals if key not in _DECISION} for vals in vals_list])

    def write(self, vals):
        if _DECISION & set(vals) and self.env.context.get("hocba_transition") is not TRANSITION:
            raise UserError(self.env._("Certificates are approved, refused and withdrawn with their buttons."))
        if ("file" in vals or "unit_id" in vals) and any(line.state != "submitted" for line in self):
            raise UserError(self.env._("A certificate that was decided on is not replaced. Register a new one."))
        return super().write(vals)

    def action_approve(self):
        for line in self:
            if line.state not in ("submitted", "refused"):
                raise UserError(self.env._("The certificate of %(name)s is not waiting.", name=line.name))
            if line.not_after <= fields.Datetime.now():
                raise UserError(self.env._("The certificate of %(name)s has expired.", name=line.name))
            problem = line._problem()
            if problem:
                raise UserError(problem)
        self._check_officer()
        first = self.filtered(lambda line: self._needs_second_officer() and not line.proposed_by_id)
        if any(line.proposed_by_id == self.env.user for line in self - first):
            raise UserError(self.env._("Another officer has to approve what you proposed."))
        first._in_decision().write({"proposed_by_id": self.env.uid})
        (self - first)._decide("approved")

    def action_refuse(self):
        for line in self:
            if not (line.refusal or "").strip():
                raise UserError(self.env._("Enter why the certificate of %(name)s is refused.", name=line.name))
        self._decide("refused")

    def action_revoke(self):
        """From now on the certificate seals nothing; what it sealed and was accepted stays."""
        self._decide("revoked")

    def _problem(self):
        """Why this certificate could not seal anything; None when it can."""
        holder = holder_of(self._parse())
        if holder.person_id:
            return self.env._("The certificate of %(name)s is a person's. A school seals as itself.", name=self.name)
        if not holder.algorithm or not holder.may_sign:
            return self.env._("The certificate of %(name)s has a weak key or is not made for signing.", name=self.name)
        if chain_of(holder, self.env["hocba.trust"]._store(), datetime.now(UTC)).failure:
            return self.env._(
                "No trusted authority has issued the certificate of %(name)s. The gateway administrator keeps the "
                "list of authorities.",
                name=self.name,
            )
        return None

    def _decide(self, state):
        self._check_officer()
        values = {"state": state, "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}
        if state == "refused":
            values["proposed_by_id"] = False
        self._in_decision().write(values)

    def _check_officer(self):
        if not self.env.user.has_group("hocba_registry.group_so_officer"):
            raise AccessError(self.env._("Only an officer of the department decides on certificates."))
        self.check_access("write")

    def _in_decision(self):
        return self.with_context(hocba_transition=TRANSITION)

    @api.model
    def _needs_second_officer(self):
        return self.env["hocba.registry.recall"]._needs_second_officer()
