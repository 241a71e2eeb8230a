"""A software key in a PKCS#12 file: signs at once, as often as it is asked."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import pkcs12

from ..certificates import algorithm_of
from ..errors import SigningError
from .port import Answer, BaseSigner, raw_ecdsa

_SHA256 = Prehashed(hashes.SHA256())
_PKCS1V15 = padding.PKCS1v15()


class Pkcs12Signer(BaseSigner):
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

    def request(self, digests: Sequence[bytes], *, label: str = "") -> Answer:
        """One raw signature value per digest, at once."""
        return Answer(tuple(self._sign_one(digest) for digest in digests))

    def _sign_rsa(self, digest: bytes) -> bytes:
        key: rsa.RSAPrivateKey = self._key
        return key.sign(digest, _PKCS1V15, _SHA256)

    def _sign_ecdsa(self, digest: bytes) -> bytes:
        key: ec.EllipticCurvePrivateKey = self._key
        return raw_ecdsa(key.sign(digest, ec.ECDSA(_SHA256)))

    def __repr__(self):
        return f"<Pkcs12Signer {self.certificate.subject.rfc4514_string()}>"
