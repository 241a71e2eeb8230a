"""The one interface behind which every key stands: here are N digests, give N signatures, now or later.

A kind of signer is one file of this package. Digests are SHA-256 (32 bytes each) of what is to be signed; values are
raw: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017), or for P-256 keys ECDSA with SHA-256 as r||s of 64 bytes (XML Signature
1.1 §6.4.3). Many digests go into one request because the owner of a remote or personal key approves once a request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ..errors import SigningError

_P256_BYTES = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """What a signer says to a request.

    ``values``: one raw signature a digest, in order, when it has signed. Otherwise ``ticket`` is what to ask again with
    (``Signer.collect``), until ``expires_at`` (aware) where the signer names an end.
    """

    values: tuple[bytes, ...] = ()
    ticket: str = ""
    expires_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody still has to approve."""
        return bool(self.ticket)


class Signer(Protocol):
    """Whoever holds a key: a file, a token, a remote service, the user's own computer.

    ``certificate``: the signer's; ``chain``: issuing authorities, nearest first, as far as known. ``limit``: how many
    digests one request takes at most. Every method raises SigningError.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    limit: int

    def request(self, digests: Sequence[bytes], *, label: str = "") -> Answer:
        """Ask for signatures. ``label``: what is being signed, for the eyes of whoever approves."""

    def collect(self, ticket: str, digests: Sequence[bytes]) -> Answer:
        """Ask what became of a request that waits; ``digests`` are the same as then."""

    def sign(self, payloads: Sequence[bytes]) -> list[bytes]:
        """Values for the payloads' digests, now. A signer that has to wait for somebody raises ``approval_needed``."""


class BaseSigner:
    """What all signers share: signing now is a request that must not wait."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    limit = 100_000

    def request(self, digests: Sequence[bytes], *, label: str = "") -> Answer:
        """One request. Raises SigningError."""
        raise NotImplementedError

    def collect(self, ticket: str, digests: Sequence[bytes]) -> Answer:
        """Nothing of a signer that answers at once is left to be collected."""
        raise SigningError("approval_expired", "this signer answers at once")

    def sign(self, payloads: Sequence[bytes]) -> list[bytes]:
        """One raw signature value per payload, in order."""
        answer = self.request([sha256(payload).digest() for payload in payloads])
        if answer.waits:
            raise SigningError("approval_needed", "the signer waits for its owner's approval")
        return list(answer.values)


def raw_ecdsa(der: bytes) -> bytes:
    """An ECDSA value for P-256 from its DER form as r||s. Raises ValueError."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")
