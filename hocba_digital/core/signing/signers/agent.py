"""A key on the user's own computer, behind a signing agent: digests go out and values come back through the browser.

The protocol between browser and agent is docs/signing-agent.md. The server never talks to the agent and believes
nothing that comes back: ``Prepared.finish`` verifies every value against the certificate that the user registered.
"""

import base64
import binascii
from collections.abc import Sequence

from cryptography import x509

from ..errors import SigningError
from .port import Answer, BaseSigner

MAX_DIGESTS = 2_000
_MAX_VALUE = 1_024


class AgentSigner(BaseSigner):
    """``request`` gives a ticket for the browser; ``collect`` reads what the browser brought back."""

    limit = MAX_DIGESTS

    def __init__(self, certificate: x509.Certificate, *, nonce: str = "", delivered: Sequence[str] = ()):
        self.certificate = certificate
        self._nonce = nonce
        self._delivered = delivered

    def request(self, digests: Sequence[bytes], *, label: str = "") -> Answer:
        """A ticket: the agent has to be asked by the browser."""
        if len(digests) > self.limit:
            raise SigningError("too_many", f"an agent signs {self.limit} at a time, not {len(digests)}")
        return Answer(ticket=self._nonce)

    def collect(self, ticket: str, digests: Sequence[bytes]) -> Answer:
        """The delivered values, decoded. Raises SigningError ``signer`` when they are not one a digest."""
        if ticket != self._nonce or len(self._delivered) != len(digests):
            raise SigningError("signer", "the agent's answer does not belong to this request")
        try:
            values = tuple(base64.b64decode(text, validate=True) for text in self._delivered)
        except (binascii.Error, ValueError, TypeError):
            raise SigningError("signer", "the agent's answer is not base64") from None
        if any(len(value) > _MAX_VALUE for value in values):
            raise SigningError("signer", "the agent's answer is too long")
        return Answer(values)
