"""Reading what the user gave, and checking each file."""

import argparse
import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from asn1crypto import crl, ocsp, pem
from cryptography import x509

from ..signing import (
    DocumentReport,
    Evidence,
    SigningError,
    TrustStore,
    VerificationPolicy,
    collect,
    default_policy,
    document_report,
    holder_of_der,
)
from ..signing.fetch import FetchLimits

_MAX_BYTES = 80_000_000
_CERTIFICATE = "CERTIFICATE"


class InputError(Exception):
    """What the user gave cannot be used; the text is for the user."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One file and the report on it."""

    path: Path
    report: DocumentReport


def run_checks(options: argparse.Namespace) -> list[Checked]:
    """Check every file of the command line. Raises InputError."""
    files, revocations = _sorted_files(options)
    if not files:
        raise InputError("chưa nêu tệp cần kiểm tra (xem --help)")
    trust = _trust(options, revocations)
    at = _moment(options.at) if options.at else None
    shared = [_evidence(path) for path in options.evidence]
    return [_check(path, trust, shared, at, options.online) for path in files]


def _check(path: Path, trust: TrustStore, shared: list[Evidence], at: datetime | None, online: bool) -> Checked:
    content = _read(path)
    beside = path.with_name(f"{path.name}.evidence.pem")
    evidence = _joined([*shared, *([_evidence(beside)] if beside.is_file() else [])])
    report = document_report(content, trust, at=at, evidence=evidence)
    if online:
        # The roots are this user's own, and so is the network: a court's or a school's authority may stand in it.
        fetched = collect(_holders(report), trust, limits=FetchLimits(private=True)).evidence
        report = document_report(content, trust, at=at, evidence=_joined([evidence or Evidence(), fetched]))
    return Checked(path, report)


def _holders(report: DocumentReport) -> list:
    signatures = [*report.signatures, *(item for packet in report.packets for item in packet.signatures)]
    return [holder_of_der(item.certificate_der) for item in signatures if item.certificate_der]


def _sorted_files(options: argparse.Namespace) -> tuple[list[Path], list[Path]]:
    """Files to check and revocation data: ``--crl A B`` swallows the files that follow it."""
    files, revocations = list(options.files), []
    for path in options.crl:
        head = _read(path)[:64].lstrip()
        (files if head.startswith((b"<", b"%PDF")) else revocations).append(path)
    return files, revocations


def _trust(options: argparse.Namespace, revocations: list[Path]) -> TrustStore:
    roots, intermediates = _certificates(options.trust)
    stamping = None
    if options.tsa_trust is not None:
        stamping, more = _certificates(options.tsa_trust)
        intermediates += more
    crls, ocsps = [], []
    for path in revocations:
        for der in _ders(path):
            (crls if _is_crl(der, path) else ocsps).append(der)
    return TrustStore(roots, intermediates, tsa_roots=stamping, crls=crls, ocsps=ocsps, policy=_policy(options))


def _certificates(paths: list[Path]) -> tuple[list[x509.Certificate], list[x509.Certificate]]:
    """(roots, intermediates): a certificate that issued itself is a root."""
    roots, others = [], []
    for path in paths:
        try:
            found = x509.load_pem_x509_certificates(_read(path))
        except ValueError:
            raise InputError(f"{path}: không phải tệp chứng thư số dạng PEM") from None
        for certificate in found:
            (roots if certificate.issuer == certificate.subject else others).append(certificate)
    return roots, others


def _ders(path: Path) -> list[bytes]:
    content = _read(path)
    if not pem.detect(content):
        return [content]
    try:
        return [der for _label, _headers, der in pem.unarmor(content, multiple=True)]
    except ValueError:
        raise InputError(f"{path}: tệp PEM bị hỏng") from None


def _is_crl(der: bytes, path: Path) -> bool:
    for kind, is_crl in ((crl.CertificateList, True), (ocsp.OCSPResponse, False)):
        try:
            kind.load(der, strict=True).native  # noqa: B018  reads the whole structure
        except (ValueError, TypeError):
            continue
        return is_crl
    raise InputError(f"{path}: không phải CRL hay OCSP")


def _policy(options: argparse.Namespace) -> VerificationPolicy:
    path = options.policy
    if path is None:
        return default_policy(strict=not options.lenient)
    try:
        return VerificationPolicy.from_data(json.loads(_read(path)))
    except ValueError as error:
        raise InputError(f"{path}: không phải chính sách kiểm tra ({error})") from None


def _evidence(path: Path) -> Evidence:
    try:
        return Evidence.from_pem(_read(path))
    except (ValueError, SigningError):
        raise InputError(f"{path}: không phải tệp bằng chứng") from None


def _joined(parts: list[Evidence]) -> Evidence | None:
    if not parts:
        return None
    joined = parts[0]
    for part in parts[1:]:
        joined = replace(
            joined,
            records=joined.records + part.records,
            certificates=joined.certificates + part.certificates,
            crls=joined.crls + part.crls,
            ocsps=joined.ocsps + part.ocsps,
        )
    return joined


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise InputError(f"{text}: không phải thời điểm ISO 8601 có múi giờ, ví dụ 2026-06-01T08:00:00+07:00")
    return moment


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(f"{path}: tệp quá lớn")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: không đọc được ({error.strerror})") from None
