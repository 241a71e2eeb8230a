"""Registering a certificate whose key is at the user's own computer: the agent proves that it holds the key."""

import base64
import binascii
import json
import time
from hashlib import sha256

from cryptography import x509

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..core.signing import SigningError
from ..core.signing.values import verified_values
from ..tools import vault

_PURPOSE = "agent challenge"
_CHALLENGE_SECONDS = 600


class CertificateAgent(models.Model):
    _inherit = "hocba.certificate"

    @api.model
    def agent_challenge(self):
        """{token, digest (SHA-256, base64)}: what the agent has to sign to show that it holds a key."""
        self._check_signer()
        content = json.dumps({"user": self.env.uid, "at": time.time()}).encode()
        token = vault.seal(self.env, content, _PURPOSE)
        return {"token": token, "digest": base64.b64encode(_digest(token)).decode()}

    @api.model
    def register_agent(self, kind, der, token, value):
        """Register the certificate ``der`` when ``value`` is its signature over the challenge (both base64).

        Returns its id.
        """
        self._check_signer()
        self._check_challenge(token)
        try:
            certificate = x509.load_der_x509_certificate(base64.b64decode(der, validate=True))
            verified_values(certificate, [_digest(token)], [base64.b64decode(value, validate=True)])
        except (binascii.Error, ValueError, TypeError):
            raise UserError(self.env._("The agent's answer cannot be read."))
        except SigningError:
            raise UserError(self.env._("The agent does not hold the key of this certificate."))
        return self._enrol(certificate, kind, "agent", b"{}", asks_pin=False).id

    def _check_challenge(self, token):
        try:
            content = json.loads(vault.unseal(self.env, token, _PURPOSE))
        except (vault.VaultError, TypeError):
            content = {}
        if content.get("user") != self.env.uid or time.time() - content.get("at", 0) > _CHALLENGE_SECONDS:
            raise UserError(self.env._("The connection took too long. Start again."))

    def _check_signer(self):
        groups = ("group_subject_teacher", "group_head", "group_clerk")
        if not any(self.env.user.has_group(f"hocba_digital.{name}") for name in groups):
            raise AccessError(self.env._("Only people who sign register a certificate."))


def _digest(token):
    return sha256(b"hocba_digital registers a certificate\n" + token.encode()).digest()
