"""A key in a PKCS#11 token: a smart card, a USB token, an HSM, SoftHSM. The key never leaves it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pkcs11
from cryptography import x509
from pkcs11 import exceptions as failures

from ..certificates import algorithm_of
from ..errors import SigningError
from .port import Answer, BaseSigner

# DigestInfo of SHA-256 up to the digest (RFC 8017 §9.2 note 1): raw RSA mechanisms leave it to the caller.
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
# A token knows one login for the whole process: without this, whoever comes second would sign with the first one's PIN.
_LOGIN = threading.Lock()


@dataclass(frozen=True, slots=True)
class TokenKey:
    """Where a key is: ``token`` is the label of the token, ``key_id`` the CKA_ID that key and certificate share."""

    token: str
    key_id: bytes


@dataclass(frozen=True, slots=True)
class TokenCertificate:
    """A certificate found on a token, with where its key is. ``label`` is the token's own name for it."""

    where: TokenKey
    label: str
    certificate: x509.Certificate


class Pkcs11Signer(BaseSigner):
    """Signs with a key of a token; the PIN lives as long as this object, the login as long as one request."""

    def __init__(self, library: str, where: TokenKey, certificate: x509.Certificate, pin: str):
        self.certificate = certificate
        self._algorithm = algorithm_of(certificate.public_key())
        if self._algorithm is None:
            raise SigningError("weak_key", "RSA of at least 2048 bits or ECDSA P-256 is required")
        self._library = library
        self._where = where
        self._pin = pin

    def request(self, digests: Sequence[bytes], *, label: str = "") -> Answer:
        """One raw signature value per digest. Raises SigningError: wrong_pin, pin_locked, token_missing, ..."""
        with _session(self._library, self._where.token, self._pin) as session:
            try:
                key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, id=self._where.key_id)
            except (failures.NoSuchKey, failures.MultipleObjectsReturned):
                raise SigningError("key_missing", "the token has no such key, or several") from None
            if self._algorithm == "rsa":
                sign, start = pkcs11.Mechanism.RSA_PKCS, _SHA256_INFO
            else:
                sign, start = pkcs11.Mechanism.ECDSA, b""
            return Answer(tuple(key.sign(start + digest, mechanism=sign) for digest in digests))

    def __repr__(self):
        return f"<Pkcs11Signer {self.certificate.subject.rfc4514_string()}>"


def token_certificates(library: str) -> list[TokenCertificate]:
    """The certificates of every token that is plugged in and whose key may sign records. Needs no PIN."""
    found = []
    with _failures(), _LOGIN:
        for slot in _load(library).get_slots(token_present=True):
            token = slot.get_token()
            if pkcs11.TokenFlag.TOKEN_INITIALIZED not in token.flags:
                continue
            with token.open() as session:
                found += _certificates(session, token.label.strip())
    return found


def _certificates(session, token: str) -> Iterator[TokenCertificate]:
    wanted = {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
        pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
    }
    for item in session.get_objects(wanted):
        try:
            certificate = x509.load_der_x509_certificate(bytes(item[pkcs11.Attribute.VALUE]))
        except ValueError:
            continue
        key_id = bytes(item[pkcs11.Attribute.ID] or b"")
        if key_id and algorithm_of(certificate.public_key()) and not _is_authority(certificate):
            yield TokenCertificate(TokenKey(token, key_id), str(item[pkcs11.Attribute.LABEL] or ""), certificate)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _load(library: str):
    try:
        return pkcs11.lib(library)
    except (RuntimeError, OSError, failures.PKCS11Error) as error:
        raise SigningError("token_missing", f"the PKCS#11 library cannot be loaded: {error}") from None


@contextmanager
def _session(library: str, label: str, pin: str):
    with _failures(), _LOGIN:
        try:
            token = _load(library).get_token(token_label=label)
        except (failures.NoSuchToken, failures.MultipleTokensReturned):
            raise SigningError("token_missing", "the token is not there, or several have its label") from None
        with token.open(user_pin=pin) as session:
            yield session


@contextmanager
def _failures():
    try:
        yield
    except (failures.PinIncorrect, failures.PinLenRange, failures.PinInvalid):
        raise SigningError("wrong_pin", "the token refuses the PIN") from None
    except failures.PinLocked:
        raise SigningError("pin_locked", "the token is locked after too many wrong PINs") from None
    except (failures.TokenNotPresent, failures.DeviceRemoved, failures.TokenNotRecognised):
        raise SigningError("token_missing", "the token was taken out") from None
    except failures.PKCS11Error as error:
        raise SigningError("token_failed", f"the token failed: {type(error).__name__}") from None
