"""Checking a raw signature value with a public key."""

from collections.abc import Sequence
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

from .certificates import Holder, holder_of
from .errors import SigningError

_SHA256 = Prehashed(hashes.SHA256())
_PKCS1V15 = padding.PKCS1v15()
_ECDSA = ec.ECDSA(_SHA256)
_P256_BYTES = 32


def check_value(holder: Holder, value: bytes, payload: bytes) -> bool:
    """Whether the value is the holder's signature over the payload (RSA PKCS#1 v1.5, or P-256 as r||s; SHA-256)."""
    return check_digest(holder, value, sha256(payload).digest())


def check_digest(holder: Holder, value: bytes, digest: bytes) -> bool:
    """``check_value`` where only the payload's SHA-256 is at hand."""
    try:
        if holder.algorithm == "rsa":
            holder.public_key.verify(value, digest, _PKCS1V15, _SHA256)
            return True
        if holder.algorithm == "ecdsa" and len(value) == 2 * _P256_BYTES:
            r, s = int.from_bytes(value[:_P256_BYTES], "big"), int.from_bytes(value[_P256_BYTES:], "big")
            holder.public_key.verify(encode_dss_signature(r, s), digest, _ECDSA)
            return True
    except InvalidSignature:
        pass
    return False


def verified_values(
    certificate: x509.Certificate, digests: Sequence[bytes], values: Sequence[bytes]
) -> tuple[bytes, ...]:
    """The values, when each is the certificate's signature over its digest. Raises SigningError ``signer``."""
    holder = holder_of(certificate)
    if len(values) != len(digests):
        raise SigningError("signer", f"{len(values)} signatures for {len(digests)} digests")
    if not all(check_digest(holder, value, digest) for value, digest in zip(values, digests, strict=True)):
        raise SigningError("signer", "the signer returned a signature that does not verify")
    return tuple(values)
