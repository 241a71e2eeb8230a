"""Keys that sign: what a signer is, and the one that keeps its key in a PKCS#12 file."""

from collections.abc import Sequence
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import pkcs12

from .certificates import algorithm_of
from .errors import SigningError

_SHA256 = hashes.SHA256()
_PKCS1V15 = padding.PKCS1v15()
_P256_BYTES = 32


class Signer(Protocol):
    """Whoever holds a key: a file, a token, a remote service.

    ``certificate``: the signer's; ``chain``: issuing authorities, nearest first, as far as known. ``sign`` takes
    canonical SignedInfo elements and returns one raw signature value each, in order: RSASSA-PKCS1-v1_5 with SHA-256
    (RFC 8017), or for P-256 keys ECDSA with SHA-256 as r||s of 64 bytes (XML Signature 1.1 §6.4.3). It takes many at
    once because a remote service asks its owner for a confirmation per call.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    def sign(self, payloads: Sequence[bytes]) -> list[bytes]:
        """One raw signature value per payload. Raises SigningError."""


class Pkcs12Signer:
    """A signer whose key was loaded from a PKCS#12 file. Loading costs tens of milliseconds: keep the object."""

    def __init__(self, key, certificate: x509.Certificate, chain: tuple[x509.Certificate, ...] = ()):
        algorithm = algorithm_of(certificate.public_key())
        if algorithm is None:
            raise SigningError("weak_key", "RSA of at least 2048 bits or ECDSA P-256 is required")
        if key.public_key() != certificate.public_key():
            raise SigningError("key_mismatch", "the private key is not the certificate's")
        self.certificate = certificate
        self.chain = tuple(chain)
        self._key = key
        self._sign_one = self._sign_rsa if algorithm == "rsa" else self._sign_ecdsa

    @classmethod
    def load(cls, p12: bytes, password: str) -> "Pkcs12Signer":
        """Open a PKCS#12 file. Raises SigningError: wrong_password, bad_key_file, no_key, weak_key, key_mismatch."""
        if not p12.startswith(b"\x30"):
            raise SigningError("bad_key_file", "not a PKCS#12 file")
        try:
            store = pkcs12.load_pkcs12(p12, password.encode())
        except ValueError as error:
            if "password" in str(error).lower():
                raise SigningError("wrong_password", "the password does not open the PKCS#12 file") from None
            raise SigningError("bad_key_file", "the PKCS#12 file cannot be read") from None
        except Exception as error:  # the binding raises several kinds of its own for algorithms it does not know
            raise SigningError("bad_key_file", f"the PKCS#12 file cannot be read: {type(error).__name__}") from None
        if store.key is None or store.cert is None:
            raise SigningError("no_key", "the PKCS#12 file holds no key with its certificate")
        return cls(store.key, store.cert.certificate, tuple(item.certificate for item in store.additional_certs))

    def sign(self, payloads: Sequence[bytes]) -> list[bytes]:
        """One raw signature value per payload, in order."""
        return [self._sign_one(payload) for payload in payloads]

    def _sign_rsa(self, payload: bytes) -> bytes:
        key: rsa.RSAPrivateKey = self._key
        return key.sign(payload, _PKCS1V15, _SHA256)

    def _sign_ecdsa(self, payload: bytes) -> bytes:
        key: ec.EllipticCurvePrivateKey = self._key
        r, s = decode_dss_signature(key.sign(payload, ec.ECDSA(_SHA256)))
        return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")

    def __repr__(self):
        return f"<Pkcs12Signer {self.certificate.subject.rfc4514_string()}>"
