import base64

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core.signing import Pkcs12Signer, SigningError
from ..tools import vault

_EDITABLE = {"approved", "active"}


class Certificate(models.Model):
    """A certificate known to the school and, sealed, the key file it was uploaded with.

    The key never leaves the server: the field is in nobody's reach over RPC, and what is stored is
    sealed with a key outside the database and still protected by its owner's PIN.
    """

    _name = "hocba.certificate"
    _description = "Signing Certificate"
    _order = "not_after desc"
    _inherit = ["mail.thread"]

    name = fields.Char("Holder", required=True, readonly=True)
    kind = fields.Selection([("person", "Person"), ("organisation", "School's seal")], required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Person", readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True)
    serial = fields.Char("Serial number", readonly=True)
    subject = fields.Char("Subject of the certificate", readonly=True)
    issuer = fields.Char("Issued by", readonly=True)
    not_before = fields.Datetime("Valid from", readonly=True)
    not_after = fields.Datetime("Valid until", readonly=True)
    der = fields.Binary("Certificate file", readonly=True, attachment=False)
    sealed_key = fields.Text(groups=fields.NO_ACCESS)
    has_key = fields.Boolean("Key on the server", readonly=True)
    approved = fields.Boolean(
        "Approved by the department", tracking=True, help="Only an approved seal may issue records (CV 2088, III.1)."
    )
    active = fields.Boolean(default=True)
    validity = fields.Selection(
        [("valid", "Valid"), ("soon", "Expires soon"), ("future", "Not yet valid"), ("expired", "Expired")],
        compute="_compute_validity",
    )

    _serial_uniq = models.Constraint(
        "UNIQUE(serial, issuer, company_id)", "This certificate is already known to the school."
    )

    def write(self, vals):
        if not self.env.su and not all(
            name in _EDITABLE or name.startswith(("message_", "activity_")) for name in vals
        ):
            raise AccessError(
                self.env._("A certificate says what its file says; only its approval is entered by hand.")
            )
        return super().write(vals)

    @api.depends("not_before", "not_after")
    def _compute_validity(self):
        now = fields.Datetime.now()
        for certificate in self:
            if certificate.not_after and certificate.not_after <= now:
                certificate.validity = "expired"
            elif certificate.not_before and certificate.not_before > now:
                certificate.validity = "future"
            elif certificate.not_after and (certificate.not_after - now).days < 60:
                certificate.validity = "soon"
            else:
                certificate.validity = "valid"

    @api.model
    def _import_pkcs12(self, content, pin, kind):
        """Store the key file ``content`` (bytes) of the current user or of the school's seal."""
        if kind == "organisation" and not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Only the clerk keeps the school's seal."))
        try:
            key, certificate, _chain = pkcs12.load_key_and_certificates(content, pin.encode())
        except ValueError:
            raise UserError(self.env._("The file cannot be opened: it is no PKCS#12 file, or the PIN is wrong."))
        if key is None or certificate is None:
            raise UserError(self.env._("The file holds no private key with its certificate."))
        serial = f"{certificate.serial_number:x}"
        issuer = _common_name(certificate.issuer)
        existing = self.sudo().search(
            [("serial", "=", serial), ("issuer", "=", issuer), ("company_id", "=", self.env.company.id)]
        )
        values = {
            "name": _common_name(certificate.subject),
            "kind": kind,
            "user_id": self.env.uid if kind == "person" else False,
            "company_id": self.env.company.id,
            "serial": serial,
            "subject": certificate.subject.rfc4514_string(),
            "issuer": issuer,
            "not_before": certificate.not_valid_before_utc.replace(tzinfo=None),
            "not_after": certificate.not_valid_after_utc.replace(tzinfo=None),
            "der": base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)),
            "sealed_key": vault.seal(self.env, content, f"pkcs12:{serial}"),
            "has_key": True,
            "active": True,
        }
        if existing and existing.user_id and existing.user_id != self.env.user:
            raise AccessError(self.env._("This certificate belongs to another person."))
        if existing:
            existing.write(values)
            return existing.sudo(False)
        return self.sudo().create(values).sudo(False)

    @api.private
    def _signer(self, pin):
        """Signer of this certificate for the current user. Raises UserError with what to do."""
        self.ensure_one()
        self._check_holder()
        try:
            content = vault.unseal(self.env, self.sudo().sealed_key, f"pkcs12:{self.serial}")
        except vault.VaultError:
            raise UserError(
                self.env._(
                    "The key of “%(name)s” cannot be opened on this server. A copied database cannot sign; "
                    "on the school's own server, upload the key file again.",
                    name=self.name,
                )
            )
        try:
            return Pkcs12Signer.load(content, pin or "")
        except SigningError:
            raise UserError(self.env._("The PIN of “%(name)s” is wrong.", name=self.name))

    def _check_holder(self):
        mine = self.kind == "person" and self.user_id == self.env.user
        keeper = (
            self.kind == "organisation"
            and self.company_id in self.env.user.company_ids
            and self.env.user.has_group("hocba_digital.group_clerk")
        )
        if not (mine or keeper):
            raise AccessError(self.env._("You may not sign with the certificate of “%(name)s”.", name=self.name))
        if self.validity in ("expired", "future"):
            raise UserError(
                self.env._(
                    "The certificate of “%(name)s” is not valid today (valid from %(start)s until %(end)s).",
                    name=self.name,
                    start=self.not_before,
                    end=self.not_after,
                )
            )

    @api.model
    def _for_role(self, role, company):
        """Certificate that the current user signs with in ``role``; empty when there is none."""
        domain = [("has_key", "=", True), ("not_after", ">", fields.Datetime.now())]
        if role == "seal":
            domain += [("kind", "=", "organisation"), ("company_id", "=", company.id)]
        else:
            domain += [("kind", "=", "person"), ("user_id", "=", self.env.uid)]
        return self.sudo().search(domain, limit=1).sudo(False)


def _common_name(name):
    names = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME) or list(name)
    return names[0].value
