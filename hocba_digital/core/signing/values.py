"""Checking a raw signature value with a public key."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .certificates import Holder

_SHA256 = hashes.SHA256()
_PKCS1V15 = padding.PKCS1v15()
_ECDSA = ec.ECDSA(_SHA256)
_P256_BYTES = 32


def check_value(holder: Holder, value: bytes, payload: bytes) -> bool:
    """Whether the value is the holder's signature over the payload (RSA PKCS#1 v1.5, or P-256 as r||s; SHA-256)."""
    try:
        if holder.algorithm == "rsa":
            holder.public_key.verify(value, payload, _PKCS1V15, _SHA256)
            return True
        if holder.algorithm == "ecdsa" and len(value) == 2 * _P256_BYTES:
            r, s = int.from_bytes(value[:_P256_BYTES], "big"), int.from_bytes(value[_P256_BYTES:], "big")
            holder.public_key.verify(encode_dss_signature(r, s), payload, _ECDSA)
            return True
    except InvalidSignature:
        pass
    return False
