"""A certificate authority for demonstrations and tests, with keys made when it runs.

Names, extensions and the way a person or an organisation is identified follow the public certification authorities of
Vietnam: ``UID=CCCD:<citizen number>`` for a person, ``UID=MST:<tax code>`` for an organisation. Nothing made here is
trusted anywhere else.
"""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

ROOT_NAME = "Hoc ba so Test Root CA"
INTERMEDIATE_NAME = "Hoc ba so Test CA"
_DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """A key and its certificate. ``chain`` holds the issuing authorities, nearest first, the root left out."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self) -> bytes:
        """The private key as PEM (PKCS#8), unencrypted."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def pkcs12(self, password: str, name: str = "key") -> bytes:
        """PKCS#12 with key, certificate and chain (AES-256-CBC, PBKDF2, HMAC-SHA-256; OpenSSL 3 reads it)."""
        encryption = serialization.BestAvailableEncryption(password.encode())
        return pkcs12.serialize_key_and_certificates(
            name.encode(), self.key, self.certificate, list(self.chain), encryption
        )


@dataclass(frozen=True)
class Pki:
    """What ``make_pki`` made. ``holders`` is keyed by login or organisation key; so is ``files`` (PKCS#12)."""

    root: Issued
    intermediate: Issued
    holders: dict[str, Issued] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)


def new_key(kind: str = "rsa"):
    """A fresh private key: ``rsa`` (2048 bits), ``rsa1024`` (for refusal tests) or ``ec`` (P-256)."""
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, {"rsa": 2048, "rsa1024": 1024}[kind])


def person_name(name: str, id_number: str, title: str | None = None, organisation: str | None = None) -> x509.Name:
    """Subject of a person's certificate. ``id_number``: 12 digits of the citizen identity card."""
    pairs = [(NameOID.COUNTRY_NAME, "VN")]
    if organisation:
        pairs.append((NameOID.ORGANIZATION_NAME, organisation))
    if title:
        pairs.append((NameOID.TITLE, title))
    pairs += [(NameOID.COMMON_NAME, name), (NameOID.USER_ID, f"CCCD:{id_number}")]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


def organisation_name(name: str, tax_code: str) -> x509.Name:
    """Subject of an organisation's certificate (its electronic seal)."""
    pairs = [
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, name),
        (NameOID.COMMON_NAME, name),
        (NameOID.USER_ID, f"MST:{tax_code}"),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


def authority(name: str, issuer: Issued | None = None, *, now: datetime | None = None) -> Issued:
    """A root (no ``issuer``) or an intermediate authority, valid from ten years back to ten years on."""
    now = now or datetime.now(UTC)
    key = new_key()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Hoc ba so test"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    builder = _builder(subject, key, issuer, now - 3650 * _DAY, now + 3650 * _DAY)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0 if issuer else 1), critical=True)
    builder = builder.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
    certificate = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    return Issued(key, certificate, (certificate,) if issuer else ())


def issue(
    issuer: Issued,
    subject: x509.Name,
    *,
    key=None,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    usage: Iterable[str] = ("digital_signature", "content_commitment"),
    crl_url: str | None = None,
) -> Issued:
    """A certificate for signing documents. Default validity: from 400 days back to 1,095 days on.

    ``crl_url``: where it says that its authority publishes its revocation list.
    """
    now = datetime.now(UTC)
    key = key or new_key()
    builder = _builder(subject, key, issuer, not_before or now - 400 * _DAY, not_after or now + 1095 * _DAY)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(*usage), critical=True)
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION, _DOCUMENT_SIGNING]
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if crl_url:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl_url)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return Issued(key, builder.sign(issuer.key, hashes.SHA256()), issuer.chain)


def issue_time_stamper(issuer: Issued) -> Issued:
    """A certificate for time stamps and nothing else (RFC 3161 §2.3)."""
    now = datetime.now(UTC)
    key = new_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hoc ba so Test TSA")])
    builder = _builder(subject, key, issuer, now - 400 * _DAY, now + 1095 * _DAY)
    builder = builder.add_extension(_usage("digital_signature"), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return Issued(key, builder.sign(issuer.key, hashes.SHA256()), issuer.chain)


def make_pki(
    folder: str | os.PathLike,
    people: Iterable[tuple[str, str, str, str]],
    organisations: Iterable[tuple[str, str, str]],
    *,
    password: str | Mapping[str, str],
    key_kind: str = "rsa",
    now: datetime | None = None,
) -> Pki:
    """Make an authority and its holders, and write ``root.pem``, ``intermediates.pem`` and ``<login>.p12``.

    ``people``: (login, name, citizen number, title); ``organisations``: (key, name, tax code), their file is
    ``<key>.p12``. ``password`` protects the PKCS#12 files: one for all, or a mapping by login and key. Files are
    readable by their owner only. Raises ValueError when a login cannot be a file name or stands there twice.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    subjects = _subjects(people, organisations)
    root = authority(ROOT_NAME, now=now)
    intermediate = authority(INTERMEDIATE_NAME, root, now=now)
    _write(folder / "root.pem", root.pem())
    _write(folder / "intermediates.pem", intermediate.pem())

    def make(item: tuple[str, x509.Name]) -> tuple[str, Issued, Path]:
        login, subject = item
        times = {"not_before": now - 400 * _DAY, "not_after": now + 1095 * _DAY} if now else {}
        issued = issue(intermediate, subject, key=new_key(key_kind), **times)
        secret = password if isinstance(password, str) else password[login]
        path = folder / f"{login}.p12"
        _write(path, issued.pkcs12(secret, login))
        return login, issued, path

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        made = list(pool.map(make, subjects.items()))
    holders = {login: issued for login, issued, _path in made}
    return Pki(root, intermediate, holders, {login: path for login, _issued, path in made})


def _subjects(people, organisations) -> dict[str, x509.Name]:
    found: dict[str, x509.Name] = {}
    named = [(login, person_name(name, number, title)) for login, name, number, title in people]
    named += [(key, organisation_name(name, code)) for key, name, code in organisations]
    for login, subject in named:
        if not login or login != os.path.basename(login) or login.startswith("."):
            raise ValueError(f"{login!r} cannot be a file name")
        if login in found:
            raise ValueError(f"{login!r} stands there twice")
        found[login] = subject
    return found


def _builder(subject, key, issuer: Issued | None, not_before, not_after) -> x509.CertificateBuilder:
    issuer_key = (issuer.key if issuer else key).public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _usage(*names: str) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in names for name in every})


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
