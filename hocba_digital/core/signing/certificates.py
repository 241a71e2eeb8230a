"""What a certificate says about its holder, in the ways of Vietnam's certification authorities."""

import re
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

# RFC 4514 §2.4 knows nine short names; the others are the ones that xmldsig tools of the field print.
_SHORT_NAMES = {
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.TITLE: "title",
    NameOID.ORGANIZATION_IDENTIFIER: "organizationIdentifier",
    NameOID.EMAIL_ADDRESS: "emailAddress",
}
# Short names as other signing tools write them.
_OIDS = {name: oid for oid, name in _SHORT_NAMES.items()} | {
    "T": NameOID.TITLE,
    "S": NameOID.STATE_OR_PROVINCE_NAME,
    "E": NameOID.EMAIL_ADDRESS,
    "SERIALNUMBER": NameOID.SERIAL_NUMBER,
}
_BLANK_AFTER_COMMA = re.compile(r"(?<!\\),\s+(?=(?:OID\.)?[A-Za-z0-9.]+=)")
_IDENTIFIERS = (NameOID.USER_ID, NameOID.SERIAL_NUMBER, NameOID.ORGANIZATION_IDENTIFIER)
_PERSON = re.compile(r"(?:CCCD|CMND)[:\-]\s*([0-9]{9,12})", re.IGNORECASE)
_ORGANISATION = re.compile(r"(?:MST|MNS|MQHNS|VATVN)[:\-]\s*([0-9][0-9\-]{3,20})", re.IGNORECASE)
MIN_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate, read once.

    ``person_id``: citizen number in the subject, ``organisation_id``: tax or budget code, each None where the subject
    has none. ``algorithm``: ``rsa`` or ``ecdsa`` for keys accepted here (RSA >= 2048 bits, P-256), else None.
    ``may_sign``: the key usage allows signing documents (digitalSignature or nonRepudiation; RFC 5280 §4.2.1.3).
    """

    certificate: x509.Certificate
    der: bytes
    fingerprint: bytes
    public_key: object
    algorithm: str | None
    may_sign: bool
    subject: str
    issuer: str
    name: str
    person_id: str | None
    organisation_id: str | None


def holder_of(certificate: x509.Certificate) -> Holder:
    """Read a certificate. Raises ValueError when it cannot be read."""
    public_key = certificate.public_key()
    return Holder(
        certificate=certificate,
        der=certificate.public_bytes(Encoding.DER),
        fingerprint=certificate.fingerprint(hashes.SHA256()),
        public_key=public_key,
        algorithm=algorithm_of(public_key),
        may_sign=_may_sign(certificate),
        subject=name_text(certificate.subject),
        issuer=name_text(certificate.issuer),
        name=_first(certificate.subject, NameOID.COMMON_NAME) or name_text(certificate.subject),
        person_id=_identifier(certificate.subject, _PERSON),
        organisation_id=_identifier(certificate.subject, _ORGANISATION),
    )


@lru_cache(maxsize=4096)
def holder_of_der(der: bytes) -> Holder:
    """``holder_of`` for DER bytes; remembered, since a school signs thousands of records with a few certificates."""
    holder = holder_of(x509.load_der_x509_certificate(der))
    if holder.der != der:
        raise ValueError("bytes after the certificate")
    return holder


def algorithm_of(public_key: object) -> str | None:
    """``rsa`` or ``ecdsa`` for a public key strong enough to sign records, else None."""
    if isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size >= MIN_RSA_BITS:
        return "rsa"
    if isinstance(public_key, ec.EllipticCurvePublicKey) and isinstance(public_key.curve, ec.SECP256R1):
        return "ecdsa"
    return None


def name_text(name: x509.Name) -> str:
    """A distinguished name as RFC 4514 text."""
    return name.rfc4514_string(_SHORT_NAMES)


@lru_cache(maxsize=4096)
def names_certificate(text: str, der: bytes) -> bool:
    """Whether an X509SubjectName names the certificate: same attributes and values, in any order."""
    subject = holder_of_der(der).certificate.subject
    if text == name_text(subject):
        return True
    try:
        named = x509.Name.from_rfc4514_string(_BLANK_AFTER_COMMA.sub(",", text), _OIDS)
    except ValueError:
        return False
    return _values(named) == _values(subject)


def _values(name: x509.Name) -> list[tuple[str, str]]:
    return sorted((item.oid.dotted_string, str(item.value)) for item in name)


def _first(name: x509.Name, oid) -> str | None:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if found else None


def _identifier(name: x509.Name, pattern: re.Pattern) -> str | None:
    for oid in _IDENTIFIERS:
        for attribute in name.get_attributes_for_oid(oid):
            found = pattern.fullmatch(str(attribute.value).strip())
            if found:
                return found[1]
    return None


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.digital_signature or usage.content_commitment
