import base64
import binascii
import json
import os

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.signing import SigningError
from ..core.signing.certificates import holder_of
from ..core.signing.values import verified_values

_MOST_CANDIDATES = 50


class CertificateWizard(models.TransientModel):
    """Registers a certificate with where its key is: a key file, a token at the server, a remote service, an agent.

    File and PIN have no column: both go straight to ``hocba.certificate``, which keeps the file sealed
    and the PIN not at all.
    """

    _name = "hocba.certificate.wizard"
    _description = "Register a Signing Certificate"

    kind = fields.Selection(
        [("person", "My own certificate"), ("organisation", "The school's seal")], required=True, default="person"
    )
    provider = fields.Selection(
        [
            ("software", "In a key file (.p12, .pfx)"),
            ("agent", "In a token at my own computer"),
            ("remote", "At a remote signing service"),
            ("token", "In a token at the server"),
        ],
        "Where is your key?",
        required=True,
        default="software",
    )
    content = fields.Binary(
        "Key file (.p12, .pfx)", compute="_compute_upload", inverse="_inverse_upload", store=False, attachment=False
    )
    file_name = fields.Char("File name", store=False)
    pin = fields.Char("PIN", compute="_compute_upload", inverse="_inverse_upload", store=False)
    service_id = fields.Many2one("hocba.signing.service", "Signing service")
    candidate_ids = fields.One2many("hocba.certificate.candidate", "wizard_id", readonly=True)
    candidate_id = fields.Many2one(
        "hocba.certificate.candidate", "Certificate found", domain="[('wizard_id', '=', id)]", ondelete="set null"
    )
    searched = fields.Boolean()
    certificate_id = fields.Many2one("hocba.certificate", readonly=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        services = self.env["hocba.signing.service"].search([("company_id", "=", self.env.company.id)], limit=2)
        if "service_id" in fields_list and len(services) == 1:
            values.setdefault("service_id", services.id)
        return values

    @api.onchange("provider", "service_id", "kind")
    def _onchange_provider(self):
        self.candidate_id = False
        self.searched = False

    def _compute_upload(self):
        self.content = False
        self.pin = False

    def _inverse_upload(self):
        for wizard in self:
            if wizard.provider == "software" and wizard.content:
                wizard.certificate_id = self.env["hocba.certificate"]._import_pkcs12(
                    wizard._content(), wizard.pin or "", wizard.kind
                )
            elif wizard.provider == "token" and wizard.candidate_id and wizard.pin:
                wizard._register_token(wizard.pin)

    def _content(self):
        try:
            return base64.b64decode(self.content, validate=False)
        except (binascii.Error, ValueError):
            raise UserError(self.env._("The file cannot be read."))

    def action_search(self):
        """Look for certificates at the token or the service; the wizard opens again with what was found."""
        self.ensure_one()
        self.candidate_ids.sudo().unlink()
        try:
            found = getattr(self, f"_found_{self.provider}")()
        except SigningError as error:
            raise UserError(self.env["hocba.certificate"]._key_text(error.code)) from error
        found = [item for item in found if self._fits(item[0])][:_MOST_CANDIDATES]
        candidates = self.env["hocba.certificate.candidate"].sudo().create([self._candidate(*item) for item in found])
        self.write({"searched": True, "candidate_id": candidates.id if len(candidates) == 1 else False})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("Register a certificate"),
        }

    def _found_token(self):
        from ..core.signing.signers import pkcs11

        for item in pkcs11.token_certificates(self.env["hocba.certificate"]._token_library()):
            yield item.certificate, {"token": item.where.token, "key_id": item.where.key_id.hex()}, {}

    def _found_remote(self):
        if not self.service_id:
            raise UserError(self.env._("Choose the signing service."))
        self.service_id.check_access("read")
        with self.service_id._client() as client:
            for name in client.credential_ids():
                item = client.credential(name)
                if item.enabled:
                    details = {
                        "service_id": self.service_id.id,
                        "asks_pin": item.needs_pin,
                        "otp_kind": item.otp if item.otp in ("none", "online") else "offline",
                        "batch_limit": item.limit,
                    }
                    yield item.certificate, {"credential_id": name}, details

    def _fits(self, certificate):
        """A school's seal, or a person's certificate that does not name another person."""
        holder = holder_of(certificate)
        if self.kind == "organisation":
            return holder.person_id is None
        mine = self.env.user.sudo().hocba_id_number
        return not (holder.person_id and mine and holder.person_id != mine) and not (
            holder.organisation_id and not holder.person_id
        )

    def _candidate(self, certificate, reference, details):
        holder = holder_of(certificate)
        return {
            "wizard_id": self.id,
            "name": self.env._(
                "%(name)s, issued by %(issuer)s, valid until %(date)s",
                name=holder.name,
                issuer=_short(certificate.issuer),
                date=f"{certificate.not_valid_after_utc:%d/%m/%Y}",
            ),
            "der": base64.b64encode(certificate.public_bytes(Encoding.DER)),
            "reference": json.dumps(reference),
            "details": details,
        }

    def _register_candidate(self):
        chosen = self.candidate_id.sudo().with_context(bin_size=False)
        certificate = x509.load_der_x509_certificate(base64.b64decode(chosen.der))
        self.certificate_id = self.env["hocba.certificate"]._enrol(
            certificate, self.kind, self.provider, chosen.reference.encode(), **(chosen.details or {})
        )

    def _register_token(self, pin):
        """Register, and sign something with the PIN: what does not work is found out now and not on the last day."""
        self._register_candidate()
        digest = os.urandom(32)
        try:
            answer = self.certificate_id._signer(pin).request([digest])
            verified_values(self.certificate_id._x509(), [digest], answer.values)
        except SigningError as error:
            raise UserError(self.env["hocba.certificate"]._key_text(error.code)) from error

    def action_import(self):
        """Show the certificate that was registered when everything was given."""
        self.ensure_one()
        if self.provider == "agent":
            return self._open_agent()
        if self.provider == "remote" and self.candidate_id:
            self._register_candidate()
        if not self.certificate_id:
            raise UserError(
                self.env._("Choose the key file and enter its PIN.")
                if self.provider == "software"
                else self.env._("Choose the certificate.")
                if not self.candidate_id
                else self.env._("Enter your PIN.")
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "hocba.certificate",
            "res_id": self.certificate_id.id,
            "views": [(False, "form")],
            "target": "main",
            "name": self.env._("My certificates"),
        }

    def _open_agent(self):
        return {
            "type": "ir.actions.client",
            "tag": "hocba_agent_registration",
            "target": "new",
            "name": self.env._("Connect to the signing agent"),
            "params": {"kind": self.kind},
        }


def _short(name):
    names = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME) or list(name)
    return names[0].value
