"""Verification of a signed soft copy: hostile bytes in, a three-valued report out. Never raises for what they hold.

pyHanko answers what is particular to PDF: is each signature intact, what does it cover, and was anything added later
that the signers did not allow. Certificates are judged by the rules that packets are judged by. The attached packet is
verified as any packet is, and must be the one that the signatures name, issued by the school that sealed the PDF.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.errors import DisallowedAlgorithmError, SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus

from ..packet import DEFAULT_LIMITS, VIETNAM_TIME, reading_profile
from .certificates import Holder, holder_of_der
from .checks import Circumstances, Findings, check_certificate, check_policy, circumstances
from .cms import policy_of
from .document_report import PDF, DocumentReport
from .evidence import Evidence
from .pades import FIELDS, NAMED, attached_packets
from .report import PacketReport, Reason, SignatureReport, reason, verdict
from .timestamp import time_of
from .trust import TrustStore, run
from .verify import verify_packet

MAX_PDF_BYTES = 20_000_000
_MOST_SIGNATURES, _MOST_REVISIONS = 12, 60
_ROLES = {name: role for role, name in FIELDS.items()}
_USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
_LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=16_000_000),
    document_budget=DocumentDecodeBudget(base_allowance=64_000_000, max_ratio=40),
)


@dataclass
class _Findings(Findings):
    """Everything learned about one signature. ``named``: the look-up code that it says it is for."""

    named: str | None = None


def pdf_report(
    content: bytes,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    approved_seals: Collection[str] | None = None,
    evidence: Evidence | None = None,
) -> DocumentReport:
    """Verify a PDF file: signatures, and the packet in it. Parameters as for ``verify_packet``."""
    if len(content) > MAX_PDF_BYTES:
        return _refused("file_too_large", f"{len(content)} bytes")
    # Nothing before or after: a file that is also something else shows one thing here and another elsewhere.
    if not content.startswith(b"%PDF-") or not content.rstrip(b"\r\n").endswith(b"%%EOF"):
        return _refused("pdf_format", "bytes before the header or after the end")
    try:
        reader = PdfFileReader(BytesIO(content), strict=True, decode_limits=_LIMITS)
        if reader.encrypted or reader.xrefs.total_revisions > _MOST_REVISIONS:
            return _refused("pdf_format", "encrypted, or more revisions than any honest file has")
        embedded = reader.embedded_regular_signatures
        if len(embedded) > _MOST_SIGNATURES:
            return _refused("pdf_format", f"{len(embedded)} signatures")
        known = circumstances(trust, at)
        findings = [_check(item, known) for item in embedded]
        packets = attached_packets(reader, DEFAULT_LIMITS.packet_bytes)
    except Exception as error:  # a parser of hostile files raises anything; whatever it is, the file is not whole
        return _refused("pdf_format", f"{type(error).__name__}: {error}")
    attached = [
        (
            name,
            data,
            verify_packet(
                data,
                trust,
                profile=reading_profile(data),
                at=at,
                approved_seals=approved_seals,
                evidence=evidence,
            ),
        )
        for name, data in packets
    ]
    reasons = _check_roles(findings, approved_seals)
    if len(attached) == 1:
        reasons += _check_attached(attached[0][0], attached[0][2], findings)
    else:
        reasons.append(reason("packet_missing" if not attached else "packet_not_shown", f"{len(attached)} packets"))
    return _report(reasons, findings, attached)


def _report(reasons, findings, attached) -> DocumentReport:
    signatures = tuple(item.report() for item in findings)
    every = [*reasons, *(item for found in findings for item in found.reasons)]
    every += [item for _name, _data, report in attached for item in report.reasons]
    result, sub_indication = verdict(every)
    return DocumentReport(
        kind=PDF,
        result=result,
        sub_indication=sub_indication,
        reasons=tuple(dict.fromkeys(every)),
        signatures=signatures,
        packets=tuple(report for _name, _data, report in attached),
    )


def _refused(code: str, detail: str) -> DocumentReport:
    found = reason(code, detail)
    result, sub_indication = verdict([found])
    return DocumentReport(kind=PDF, result=result, sub_indication=sub_indication, reasons=(found,))


def _check(embedded: EmbeddedPdfSignature, known: Circumstances) -> _Findings:
    findings = _Findings(_ROLES.get(embedded.fq_name, embedded.fq_name[:40]))
    findings.named = _named(embedded)
    try:
        findings.holder = holder_of_der(embedded.signer_cert.dump())
    except Exception as error:  # the bindings raise several kinds for broken certificates; none may pass
        findings.add("certificate_unreadable", f"{type(error).__name__}: {error}")
        return findings
    try:
        status = _status(embedded, known)
    except DisallowedAlgorithmError as error:
        findings.add("algorithm", str(error))
        return findings
    except SignatureValidationError as error:
        findings.add("signature_format", str(error))
        return findings
    _check_integrity(findings, status)
    try:
        findings.policy = policy_of(embedded.signer_info["signed_attrs"])
    except (ValueError, TypeError, KeyError) as error:
        findings.add("signature_format", f"signature policy: {error}")
    check_policy(findings, known.trust)
    _check_time(findings, embedded, status, known)
    return findings


def _status(embedded: EmbeddedPdfSignature, known: Circumstances) -> PdfSignatureStatus:
    """pyHanko's findings; of the certificates ours count."""
    context = known.trust.context(known.known_since)
    return run(async_validate_pdf_signature(embedded, context, key_usage_settings=_USAGE))


def _check_integrity(findings: _Findings, status: PdfSignatureStatus) -> None:
    if not status.intact:
        findings.add("data_changed")
    elif not status.valid:
        findings.add("signature_value")
    if not status.docmdp_ok:
        findings.add("pdf_changed_later", f"{status.coverage}, {status.modification_level}")
    if status.md_algorithm.lower() not in ("sha256", "sha384", "sha512"):
        findings.add("algorithm", status.md_algorithm)
    if findings.holder.algorithm is None:
        findings.add("weak_key")


def _check_time(
    findings: _Findings, embedded: EmbeddedPdfSignature, status: PdfSignatureStatus, known: Circumstances
) -> None:
    attributes = embedded.signer_info["unsigned_attrs"] or ()
    tokens = [item["values"] for item in attributes if item["type"].native == "signature_time_stamp_token"]
    stamps = tuple(token.dump() for values in tokens for token in values)
    stated = status.signer_reported_dt or (time_of(stamps[0]) if stamps else None)
    if stated is None:
        findings.add("signing_time_unreadable")
        return
    findings.signed_at = stated.astimezone(VIETNAM_TIME)
    check_certificate(findings, known, stamps, embedded.signer_info["signature"].native)


def _check_roles(findings: list[_Findings], approved_seals: Collection[str] | None) -> list[Reason]:
    """Head and school have to sign, each with a certificate of its kind, in this order."""
    by_role = {item.role: item for item in findings}
    missing = [reason("signature_missing", role) for role in FIELDS if role not in by_role]
    head, seal = by_role.get("cbql"), by_role.get("seal")
    if head and head.holder and head.holder.person_id is None:
        head.add("no_id_in_certificate" if head.holder.organisation_id is None else "not_person")
    if seal and seal.holder and seal.holder.person_id is not None:
        seal.add("not_organisation")
    if seal and seal.holder and approved_seals is not None and seal.holder.fingerprint.hex() not in approved_seals:
        seal.add("seal_not_approved")
    if head and seal and [item.role for item in findings if item.role in FIELDS] != list(FIELDS):
        seal.add("order")
    return missing


def _check_attached(name: str, report: PacketReport, findings: list[_Findings]) -> list[Reason]:
    """The packet must be the record that the signatures name, and sealed by the organisation that sealed the PDF."""
    if report.data is None:
        return []
    uuid = report.data.uuid
    found = []
    if any(item.named != uuid for item in findings if item.role in FIELDS) or uuid not in name:
        found.append(reason("packet_not_shown", uuid))
    for item in findings:
        inside = report.signature(item.role) if item.role in FIELDS else None
        if item.holder is None or inside is None or _same_holder(item.holder, inside):
            continue
        found.append(reason("pdf_seal_differs" if item.role == "seal" else "pdf_head_differs", item.holder.subject))
    return found


def _same_holder(holder: Holder, inside: SignatureReport) -> bool:
    number = holder.person_id or holder.organisation_id
    return inside.fingerprint == holder.fingerprint.hex() or (number is not None and number == inside.signer_id)


def _named(embedded: EmbeddedPdfSignature) -> str | None:
    """The look-up code that the signature itself says it is for."""
    found = NAMED.search(str(embedded.sig_object.get("/Reason", "")))
    return found[1] if found else None
