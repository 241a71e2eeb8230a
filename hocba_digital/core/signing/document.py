"""One report on the bytes of any file: a packet, a list of packets, or the PDF of a record."""

import re
from collections.abc import Collection
from datetime import datetime

from ..packet import DEFAULT_LIMITS, PacketError, default_profile, reading_profile
from .document_report import LIST, PACKET, UNKNOWN, DocumentReport
from .evidence import Evidence
from .pdf_verify import pdf_report
from .report import Reason, reason, verdict
from .trust import TrustStore
from .verify import verify_list, verify_packet

_HEAD = 1024
_ROOT = re.compile(rb"<\s*([A-Za-z_][\w.-]*)")


def document_report(
    content: bytes,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    approved_seals: Collection[str] | None = None,
    evidence: Evidence | None = None,
) -> DocumentReport:
    """Verify a file, whatever it is. Parameters as for ``verify_packet``. Never raises for what the bytes hold.

    ``evidence``: certificates, CRLs and OCSP responses in it serve every signature, evidence records the packets that
    they cover.
    """
    profile = default_profile()
    if evidence:
        trust = trust.with_material(certificates=evidence.certificates, crls=evidence.crls, ocsps=evidence.ocsps)
        evidence = Evidence(records=evidence.records) if evidence.records else None
    options = {"at": at, "approved_seals": approved_seals, "evidence": evidence}
    head = content[:_HEAD]
    if b"%PDF-" in head:
        return pdf_report(content, trust, **options)
    root = _ROOT.search(head)
    tag = root[1].decode("ascii", "replace") if root else ""
    if tag == profile.root_tag:
        report = verify_packet(content, trust, profile=reading_profile(content), **options)
        return _document(PACKET, report.reasons, packets=(report,))
    if tag == profile.list_tag:
        return _list_report(content, trust, options)
    return _document(UNKNOWN, [reason("file_unknown", tag[:40] or None)])


def _list_report(content: bytes, trust: TrustStore, options: dict) -> DocumentReport:
    profile = default_profile()
    if len(content) > DEFAULT_LIMITS.list_bytes:
        return _document(LIST, [reason("file_too_large", f"{len(content)} bytes")])
    signature = verify_list(content, trust, at=options["at"], approved_seals=options["approved_seals"])
    try:
        cut = profile.split_list(content)
    except PacketError as error:
        return _document(LIST, [*signature.reasons, reason("list_format", str(error))], (signature,))
    packets = tuple(verify_packet(item, trust, profile=reading_profile(item), **options) for item in cut.packets)
    reasons = [*signature.reasons, *(item for report in packets for item in report.reasons)]
    return _document(LIST, reasons, (signature,), packets)


def _document(kind: str, reasons: list[Reason] | tuple[Reason, ...], signatures=(), packets=()) -> DocumentReport:
    result, sub_indication = verdict(reasons)
    return DocumentReport(
        kind=kind,
        result=result,
        sub_indication=sub_indication,
        reasons=tuple(dict.fromkeys(reasons)),
        signatures=signatures,
        packets=packets,
    )
