import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..core.signing import TrustStore


class Trust(models.Model):
    """A certification authority that this database trusts. Roots are configured by people; none is shipped."""

    _name = "hocba.trust"
    _description = "Trusted Certification Authority"
    _order = "kind desc, name"

    name = fields.Char(compute="_compute_certificate", store=True)
    kind = fields.Selection([("root", "Root"), ("intermediate", "Intermediate")], required=True, default="root")
    pem = fields.Text("Certificate (PEM)", required=True)
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
            trust.not_after = certificate and certificate.not_valid_after_utc.replace(tzinfo=None)
            trust.fingerprint = (
                certificate and hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
            )

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
        return self.env["hocba.trust"]._cached_store()

    @ormcache()
    def _cached_store(self):
        trusted = self.sudo().search([("active", "=", True)])
        return TrustStore(
            roots=[line._certificate() for line in trusted if line.kind == "root"],
            intermediates=[line._certificate() for line in trusted if line.kind == "intermediate"],
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
