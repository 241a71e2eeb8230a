"""Where the key of a certificate is, and how it is asked to sign. One method a kind: ``_signer_<provider>``.

A module for another vendor adds its kind to ``provider`` and one such method.
"""

import base64
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import config

from ..core.signing import Pkcs12Signer, SigningError
from ..core.signing.certificates import holder_of
from ..core.signing.signers import csc
from ..core.signing.signers.agent import AgentSigner
from ..tools import vault


class CertificateKeys(models.Model):
    _inherit = "hocba.certificate"

    provider = fields.Selection(
        [
            ("software", "Key file on the server"),
            ("token", "Token at the server"),
            ("remote", "Remote signing service"),
            ("agent", "Token at my own computer"),
        ],
        "Where the key is",
        required=True,
        readonly=True,
        default="software",
    )
    service_id = fields.Many2one("hocba.signing.service", "Signing service", readonly=True, ondelete="restrict")
    asks_pin = fields.Boolean("PIN is asked for", readonly=True, default=True)
    otp_kind = fields.Selection(
        [("none", "None"), ("offline", "Shown by a device"), ("online", "Sent by the service")],
        "One-time password",
        readonly=True,
        default="none",
    )
    batch_limit = fields.Integer("Signatures an approval", readonly=True)

    def _purpose(self, provider, serial):
        return f"{'pkcs12' if provider == 'software' else provider}:{serial}"

    @api.model
    def _import_pkcs12(self, content, pin, kind):
        """Store the key file ``content`` (bytes) of the current user or of the school's seal."""
        self._check_may_register(kind)
        try:
            signer = Pkcs12Signer.load(content, pin)
        except SigningError as error:
            raise UserError(self._key_text(error.code)) from error
        return self._enrol(signer.certificate, kind, "software", content)

    @api.model
    def _enrol(self, certificate, kind, provider, reference, **values):
        """Keep a certificate of the current user, or of the school's seal, with how its key is reached.

        ``reference``: bytes that are sealed for this database, so that a copy of it cannot sign with any kind of key.
        """
        self._check_may_register(kind)
        holder = holder_of(certificate)
        if holder.algorithm is None or not holder.may_sign:
            raise UserError(self._key_text("key_usage" if holder.algorithm else "weak_key"))
        serial, issuer = f"{certificate.serial_number:x}", _common_name(certificate.issuer)
        existing = (
            self.sudo()
            .with_context(active_test=False)
            .search([("serial", "=", serial), ("issuer", "=", issuer), ("company_id", "=", self.env.company.id)])
        )
        if existing and existing.user_id and existing.user_id != self.env.user:
            raise AccessError(self.env._("This certificate belongs to another person."))
        self._check_person(holder, kind)
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
            "der": base64.b64encode(certificate.public_bytes(Encoding.DER)),
            "sealed_key": vault.seal(self.env, reference, self._purpose(provider, serial)),
            "has_key": True,
            "active": True,
            "provider": provider,
            "service_id": False,
            "asks_pin": True,
            "otp_kind": "none",
            "batch_limit": 0,
            **values,
        }
        if existing:
            existing.write(values)
            return existing.sudo(False)
        return self.sudo().create(values).sudo(False)

    def _check_may_register(self, kind):
        if kind == "organisation" and not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Only the clerk keeps the school's seal."))

    def _check_person(self, holder, kind):
        mine = self.env.user.sudo().hocba_id_number
        if kind == "person" and holder.person_id and mine and holder.person_id != mine:
            raise UserError(
                self.env._(
                    "The certificate names the citizen ID number %(there)s, your user has %(here)s. Register your own "
                    "certificate, or have the school's administrator correct the number with your user.",
                    there=holder.person_id,
                    here=mine,
                )
            )

    @api.private
    def _x509(self):
        """The certificate itself."""
        self.ensure_one()
        return x509.load_der_x509_certificate(base64.b64decode(self.sudo().with_context(bin_size=False).der))

    def _x509_fingerprint(self):
        return self._x509().fingerprint(hashes.SHA256()).hex()

    @api.private
    def _signer(self, pin, **options):
        """Signer of this certificate for the current user. Raises UserError with what to do."""
        self.ensure_one()
        self._check_holder()
        reference = self._reference()
        try:
            return getattr(self, f"_signer_{self.provider}")(reference, pin or "", **options)
        except SigningError as error:
            raise UserError(self._key_text(error.code)) from error

    def _reference(self):
        """What was sealed at registration. A copied or neutralised database cannot open it."""
        try:
            return vault.unseal(self.env, self.sudo().sealed_key, self._purpose(self.provider, self.serial))
        except vault.VaultError:
            raise UserError(
                self.env._(
                    "The key of “%(name)s” cannot be used on this server. A copied database cannot sign; "
                    "on the school's own server, register the certificate again.",
                    name=self.name,
                )
            )

    def _signer_software(self, reference, pin):
        try:
            return Pkcs12Signer.load(reference, pin)
        except SigningError:
            raise UserError(self.env._("The PIN of “%(name)s” is wrong.", name=self.name))

    def _signer_token(self, reference, pin):
        from ..core.signing.signers import pkcs11  # needs python-pkcs11, which most schools do without

        place = json.loads(reference)
        where = pkcs11.TokenKey(place["token"], bytes.fromhex(place["key_id"]))
        return pkcs11.Pkcs11Signer(self._token_library(), where, self._x509(), pin)

    @api.model
    def _token_library(self):
        """The server's PKCS#11 library. It is code, so only Odoo's configuration file names it, no field."""
        library = config.get("hocba_pkcs11_library")
        if not library:
            raise UserError(
                self.env._(
                    "No token is set up at this server. Whoever runs it sets “hocba_pkcs11_library” in Odoo's "
                    "configuration file to the library of the token's maker."
                )
            )
        return library

    def _signer_remote(self, reference, pin, otp="", client=None):
        client = client or self.service_id._client()
        credential = client.credential(json.loads(reference)["credential_id"])
        if credential.certificate != self._x509():
            raise UserError(
                self.env._(
                    "The service has another certificate for this key now. Register “%(name)s” again.", name=self.name
                )
            )
        if not credential.enabled:
            raise SigningError("key_missing", "the credential is disabled")
        return csc.CscSigner(client, credential, pin=pin, otp=otp)

    def _signer_agent(self, _reference, _pin, nonce="", delivered=()):
        return AgentSigner(self._x509(), nonce=nonce, delivered=delivered)

    def _answers_at_once(self):
        """Whether this key signs as soon as its PIN is given, without anybody else's help."""
        return self.provider in ("software", "token")

    @api.model
    def _key_text(self, code):
        """What is wrong with a key, and what to do."""
        texts = {
            "wrong_password": self.env._("The file cannot be opened: it is no PKCS#12 file, or the PIN is wrong."),
            "bad_key_file": self.env._("The file cannot be opened: it is no PKCS#12 file, or the PIN is wrong."),
            "no_key": self.env._("The file holds no private key with its certificate."),
            "key_mismatch": self.env._("The private key in the file is not the certificate's."),
            "weak_key": self.env._("The key is too weak to sign with. Ask the issuer for a new certificate."),
            "key_usage": self.env._("The certificate was not issued for signing."),
            "wrong_pin": self.env._("The PIN is wrong. After too many wrong PINs the key is locked."),
            "pin_locked": self.env._("The token is locked after too many wrong PINs. Its issuer can unlock it."),
            "wrong_otp": self.env._("The one-time password is wrong or no longer valid. Ask for a new one."),
            "token_missing": self.env._("The token is not plugged in at the server, or its driver is missing."),
            "token_failed": self.env._("The token reports a fault. Take it out, plug it in again and repeat."),
            "key_missing": self.env._("The key is no longer there or has been disabled. Ask its issuer."),
            "service_unreachable": self.env._(
                "The signing service cannot be reached. Nothing was signed; try again later."
            ),
            "service_refused": self.env._("The signing service refused the request. Nothing was signed."),
            "too_many": self.env._("The key signs fewer records at a time. Start again with fewer."),
            "approval_needed": self.env._(
                "This key needs an approval that takes a while; it cannot be used for this step."
            ),
            "approval_refused": self.env._("The approval was refused. Nothing was signed."),
            "approval_expired": self.env._("Nobody approved in time. Nothing was signed; ask again."),
        }
        return texts.get(code) or self.env._("The signature could not be made (%(code)s).", code=code)


def _common_name(name):
    names = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME) or list(name)
    return names[0].value
