import base64
import hashlib
from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache, str2bool

from ..core.signing import TrustStore, default_policy


class Trust(models.Model):
    """A certification authority that this database trusts. Roots are configured by people; none is shipped."""

    _name = "hocba.trust"
    _description = "Trusted Certification Authority"
    _order = "kind desc, name"

    name = fields.Char(compute="_compute_certificate", store=True)
    kind = fields.Selection([("root", "Root"), ("intermediate", "Intermediate")], required=True, default="root")
    purpose = fields.Selection(
        [("all", "Signers and time stamps"), ("signing", "Signers only"), ("stamping", "Time stamps only")],
        "Trusted for",
        required=True,
        default="all",
    )
    note = fields.Char(
        "Where it comes from", help="Who published this certificate, and how the fingerprint was checked."
    )
    pem = fields.Text("Certificate (PEM)", required=True)
    crl = fields.Binary(
        "Revocation list (CRL)", attachment=True, help="The list that this authority published last, DER or PEM."
    )
    crl_until = fields.Datetime("List valid until", compute="_compute_crl_until", store=True)
    not_before = fields.Datetime("Valid from", compute="_compute_certificate", store=True)
    serial = fields.Char("Serial number", compute="_compute_certificate", store=True)
    not_after = fields.Datetime("Valid until", compute="_compute_certificate", store=True)
    fingerprint = fields.Char("SHA-256 fingerprint", compute="_compute_certificate", store=True)
    active = fields.Boolean(default=True)

    _fingerprint_uniq = models.Constraint("UNIQUE(fingerprint)", "This certificate is already trusted.")

    @api.depends("pem")
    def _compute_certificate(self):
        for trust in self:
            certificate = trust._certificate()
            names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME) if certificate else ()
            trust.name = names[0].value if names else certificate and certificate.subject.rfc4514_string()
            trust.serial = certificate and f"{certificate.serial_number:x}"
            trust.not_before = certificate and certificate.not_valid_before_utc.replace(tzinfo=None)
            trust.not_after = certificate and certificate.not_valid_after_utc.replace(tzinfo=None)
            trust.fingerprint = (
                certificate and hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
            )

    @api.depends("crl")
    def _compute_crl_until(self):
        for trust in self:
            found = trust._crl()
            until = None if found is None else found.next_update_utc
            trust.crl_until = until and until.replace(tzinfo=None)

    @api.constrains("crl")
    def _check_crl(self):
        for trust in self.filtered("crl"):
            found, certificate = trust._crl(), trust._certificate()
            if found is None:
                raise ValidationError(self.env._("This file is no revocation list (CRL)."))
            if found.issuer != certificate.subject or not found.is_signature_valid(certificate.public_key()):
                raise ValidationError(self.env._("This revocation list was not issued by %(name)s.", name=trust.name))

    def _crl(self):
        """The authority's revocation list, or None."""
        content = base64.b64decode(self.with_context(bin_size=False).crl or b"")
        for load in (x509.load_der_x509_crl, x509.load_pem_x509_crl):
            try:
                return load(content)
            except ValueError:
                continue
        return None

    def _certificate(self):
        try:
            return x509.load_pem_x509_certificate((self.pem or "").strip().encode())
        except ValueError:
            return None

    @api.constrains("pem")
    def _check_pem(self):
        for trust in self:
            if not trust._certificate():
                raise ValidationError(
                    self.env._("This text is no certificate in PEM form (-----BEGIN CERTIFICATE-----).")
                )

    @api.model
    def _store(self):
        """The ``TrustStore`` of this database."""
        strict = self.env["ir.config_parameter"].sudo().get_param("hocba_digital.require_revocation_data")
        return self.env["hocba.trust"]._cached_store(str2bool(strict or "false", False))

    @ormcache("strict")
    def _cached_store(self, strict):
        """``strict``: without revocation data a signature stays undecided; else the report only notes it."""
        trusted = self.sudo().search([("active", "=", True)])
        roots = trusted.filtered(lambda line: line.kind == "root")
        policy = replace(
            default_policy(),
            revocation="required" if strict else "noted",
            signature_policies=self.env["hocba.signature.policy"]._known(),
        )
        # A list without entries counts as false, and says that nothing was revoked.
        uploaded = [found for found in (line._crl() for line in trusted) if found is not None]
        fetched, answers = self.env["hocba.revocation"]._material()
        return TrustStore(
            roots=[line._certificate() for line in roots if line.purpose != "stamping"],
            intermediates=[line._certificate() for line in trusted if line.kind == "intermediate"],
            tsa_roots=[line._certificate() for line in roots if line.purpose != "signing"],
            crls=[*(found.public_bytes(serialization.Encoding.DER) for found in uploaded), *fetched],
            ocsps=answers,
            policy=policy,
        )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
