"""Verification: hostile bytes in, a three-valued report out. Never raises for what the bytes hold.

Nothing in a signature chooses what is checked: the signed element is found by its path, its Id and the reference must
agree with that, and algorithms, transforms and the number of references are fixed. The certificate must have been
valid when the signature was made. Revocation is not checked yet, and every report says so.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from lxml import etree

from ..packet import (
    DEFAULT_LIMITS,
    LIST_ID,
    VIETNAM_TIME,
    PacketError,
    ParsedPacket,
    Profile,
    SignerTag,
    canonical,
    safe_parse,
)
from .certificates import Holder, holder_of_der, names_certificate
from .report import INDETERMINATE, TOTAL_FAILED, PacketReport, Reason, SignatureReport, reason, verdict
from .sign import ID_ATTRIBUTES, data_bytes
from .trust import TrustStore, chain_of
from .values import check_value
from .xmldsig import (
    C14N,
    ENVELOPED,
    SIGNATURE,
    ParsedSignature,
    SignatureFormatError,
    has_foreign_algorithm,
    read_signature,
)

TRANSACTION = "transaction"
_WITH_ID = etree.XPath("descendant-or-self::*[@Id]")
# Clocks of schools and authorities differ a little.
_CLOCK_SKEW = timedelta(minutes=5)
# Findings after which a signature says nothing about the data.
_BROKEN = frozenset({"FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE"})
_UNREAD = frozenset({"certificate_unreadable", "algorithm", "weak_key"})


@dataclass(frozen=True)
class _Target:
    """What a signature has to cover: the element, its canonical SHA-256, and the transforms that lead there."""

    element: etree._Element
    digest: bytes
    transforms: tuple[str, ...]
    elements_by_id: dict[str, etree._Element]


@dataclass
class _Findings:
    """Everything learned about one signature."""

    role: str
    reasons: list[Reason] = field(default_factory=list)
    parsed: ParsedSignature | None = None
    holder: Holder | None = None
    signed_at: datetime | None = None
    path: tuple[bytes, ...] = ()

    def add(self, code: str, detail: str | None = None) -> None:
        """Add the table's entry for a code."""
        self.reasons.append(reason(code, detail))

    @property
    def intact(self) -> bool:
        """Whether the key in the certificate has signed exactly the data."""
        codes = {item.code for item in self.reasons}
        return not (_BROKEN & {item.sub_indication for item in self.reasons}) and not (_UNREAD & codes)

    def report(self) -> SignatureReport:
        """The finished report."""
        result, sub_indication = verdict(self.reasons)
        certificate = self.holder.certificate if self.holder else None
        return SignatureReport(
            role=self.role,
            result=result,
            sub_indication=sub_indication,
            reasons=tuple(self.reasons),
            signer_name=self.holder.name if self.holder else None,
            signer_id=(self.holder.person_id or self.holder.organisation_id) if self.holder else None,
            serial=f"{certificate.serial_number:x}" if certificate else None,
            subject=self.holder.subject if self.holder else None,
            issuer=self.holder.issuer if self.holder else None,
            signed_at=self.signed_at,
            certificate_der=self.holder.der if self.holder else None,
            fingerprint=self.holder.fingerprint.hex() if self.holder else None,
            path=self.path,
        )


def verify_packet(
    packet: bytes,
    trust: TrustStore,
    *,
    profile: Profile,
    at: datetime | None = None,
    required_roles: Collection[str] = ("cbql", "seal"),
    approved_seals: Collection[str] | None = None,
) -> PacketReport:
    """Verify every signature of a packet; a role of ``required_roles`` without one leaves the result open.

    ``at``: a moment, aware, at which the packet provably existed (when it was received); certificates must be valid
    then, and no signature may be younger. None: the claimed signing times are taken, and the report notes it.
    ``approved_seals``: SHA-256 fingerprints (hexadecimal) of the organisation certificates that the authority has
    approved for this school (CV 2088 annex 1, part III §1); None: not compared.
    """
    try:
        parsed = profile.parse(packet)
    except PacketError as error:
        return _refused(packet, profile, error)
    data = profile.data_element(parsed.root)
    # The profile has made sure that the packet is its own canonical form.
    digest = sha256(data_bytes(packet, profile)).digest()
    # No Id stands there twice in the whole packet (safe_parse), and only these can be meant.
    target = _Target(data, digest, (C14N,), {data.get("Id"): data, **_by_id(parsed.root[1])})
    tags = {item.tag: item for item in profile.signers}
    findings: list[_Findings] = []
    for element in parsed.root[1]:
        found = _check(element[-1], tags[element.tag].role, target, trust, at)
        _check_statement(found, element, tags[element.tag], parsed, approved_seals)
        earlier = findings[-1].signed_at if findings else None
        if None not in (found.signed_at, earlier) and found.signed_at < earlier:
            found.add("order")
        findings.append(found)
    return _packet_report(findings, required_roles, parsed)


def verify_list(
    list_bytes: bytes,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    approved_seals: Collection[str] | None = None,
) -> SignatureReport:
    """Verify the organisation's signature over the list of a transaction; parameters as for ``verify_packet``.

    The packets in it are not looked at: cut them out with ``profile.split_list`` and verify each.
    """
    findings = _Findings(TRANSACTION)
    limits = DEFAULT_LIMITS
    try:
        root = safe_parse(
            list_bytes,
            max_bytes=limits.list_bytes,
            max_depth=limits.packet_depth + 1,
            max_elements=limits.list_entries * limits.packet_elements,
            unique_ids=False,
        )
    except PacketError as error:
        findings.add("list_format", str(error))
        return findings.report()
    holders = len(root.xpath("//@Id[. = $id]", id=LIST_ID))
    signatures = [child for child in root if child.tag == SIGNATURE]
    if root.get("Id") != LIST_ID or holders != 1 or len(signatures) > 1:
        findings.add("list_format", "not one list with one Id and one Signature")
        return findings.report()
    if not signatures:
        findings.add("signature_missing")
        return findings.report()
    return _check_transaction(root, signatures[0], trust, at=at, approved_seals=approved_seals)


def _check_transaction(
    root, signature, trust: TrustStore, *, at: datetime | None, approved_seals: Collection[str] | None
) -> SignatureReport:
    if signature is not root[-1] or signature.tail:
        findings = _Findings(TRANSACTION)
        findings.add("list_format", "the Signature is not the last child")
        return findings.report()
    ids = [element.get("Id") for element in _WITH_ID(signature)]
    if any(len(root.xpath("//@Id[. = $id]", id=name)) != 1 for name in ids):
        findings = _Findings(TRANSACTION)
        findings.add("list_format", "an Id of the signature stands there twice")
        return findings.report()
    copy = canonical(signature)
    # The enveloped-signature transform: the list as it is without its own signature.
    root.remove(signature)
    element = etree.fromstring(copy, etree.XMLParser(resolve_entities=False, no_network=True))
    digest = sha256(canonical(root)).digest()
    target = _Target(root, digest, (ENVELOPED, C14N), {LIST_ID: root, **_by_id(element)})
    findings = _check(element, TRANSACTION, target, trust, at)
    _check_organisation(findings, approved_seals)
    return findings.report()


def _check(element, role: str, target: _Target, trust: TrustStore, at: datetime | None) -> _Findings:
    """All that can be said of a signature without knowing whose turn it was."""
    findings = _Findings(role)
    try:
        findings.parsed = parsed = read_signature(element)
    except SignatureFormatError as error:
        findings.add(error.code, error.detail)
        return findings
    try:
        findings.holder = holder = holder_of_der(parsed.certificate)
    except Exception as error:  # the binding raises several kinds for broken certificates; none may pass
        findings.add("certificate_unreadable", f"{type(error).__name__}: {error}")
        return findings
    _check_references(findings, target)
    if holder.algorithm is None:
        findings.add("weak_key")
    elif holder.algorithm != parsed.algorithm:
        findings.add("algorithm", "signature method and key do not fit")
    elif not check_value(holder, parsed.value, canonical(parsed.signed_info)):
        findings.add("signature_value")
    if not names_certificate(parsed.subject_name, parsed.certificate):
        findings.add("subject_name", parsed.subject_name)
    _check_certificate(findings, trust, at)
    return findings


def _check_references(findings: _Findings, target: _Target) -> None:
    parsed = findings.parsed
    data, prop = parsed.references
    ids = target.elements_by_id
    for reference, element, transforms in (
        (data, target.element, target.transforms),
        (prop, parsed.property, (C14N,)),
    ):
        if ids.get(reference.target) is not element:
            findings.add("reference", f"#{reference.target}")
        if reference.transforms != transforms:
            findings.add("algorithm", f"transforms {reference.transforms}")
    if data.digest != target.digest:
        findings.add("data_changed")
    if prop.digest != sha256(canonical(parsed.property)).digest():
        findings.add("property_changed")


def _check_certificate(findings: _Findings, trust: TrustStore, at: datetime | None) -> None:
    holder = findings.holder
    findings.add("revocation_not_checked")
    findings.signed_at = signed_at = _moment(findings.parsed.signing_time)
    if signed_at is None:
        findings.add("signing_time_unreadable", findings.parsed.signing_time)
        return
    if at is None:
        findings.add("time_not_proven")
    elif signed_at > at + _CLOCK_SKEW:
        findings.add("signed_in_future")
    if not holder.may_sign:
        findings.add("key_usage")
    latest = signed_at if at is None else max(signed_at, at)
    if signed_at < holder.certificate.not_valid_before_utc:
        findings.add("certificate_not_yet_valid")
    elif latest > holder.certificate.not_valid_after_utc:
        findings.add("certificate_expired")
    else:
        chain = chain_of(holder, trust, signed_at)
        findings.path = chain.path
        if chain.failure:
            findings.add(chain.failure, chain.detail)


def _check_statement(
    findings: _Findings, element, tag: SignerTag, parsed: ParsedPacket, approved_seals: Collection[str] | None
) -> None:
    """Compare what stands beside the signature, unsigned, with what was signed and with the certificate."""
    stated = next(item for item in parsed.signers if item.role == tag.role)
    if findings.signed_at is not None and stated.signed_on != findings.signed_at:
        findings.add("signing_time_differs")
    if not tag.has_id_number:
        _check_organisation(findings, approved_seals, parsed.data.school_name)
        return
    expected = getattr(parsed.data, ID_ATTRIBUTES.get(tag.role, ""), None)
    if expected is not None and stated.id_number != expected:
        findings.add("signer_id_differs")
    holder = findings.holder
    if holder is None:
        return
    if holder.person_id is None:
        findings.add("no_id_in_certificate" if holder.organisation_id is None else "not_person")
    elif holder.person_id != (expected or stated.id_number):
        findings.add("certificate_id_differs")


def _check_organisation(
    findings: _Findings, approved_seals: Collection[str] | None, school_name: str | None = None
) -> None:
    holder = findings.holder
    if holder is None:
        return
    if holder.person_id is not None:
        findings.add("not_organisation")
    elif holder.organisation_id is None:
        findings.add("no_id_in_certificate")
    if approved_seals is not None and holder.fingerprint.hex() not in approved_seals:
        findings.add("seal_not_approved")
    if school_name is not None and _plain(holder.name) != _plain(school_name):
        findings.add("seal_name_differs")


def _packet_report(findings: list[_Findings], required_roles, parsed: ParsedPacket) -> PacketReport:
    signatures = tuple(item.report() for item in findings)
    present = {item.role for item in findings}
    reasons = [reason("signature_missing", role) for role in required_roles if role not in present]
    if not findings and not reasons:
        reasons.append(reason("signature_missing", "any"))
    every = reasons + [item for found in findings for item in found.reasons]
    result, sub_indication = verdict(every)
    usable = result != TOTAL_FAILED and any(found.intact for found in findings)
    return PacketReport(
        result=result,
        sub_indication=sub_indication,
        reasons=tuple(dict.fromkeys(every)),
        signatures=signatures,
        data=parsed.data if usable else None,
    )


def _refused(packet: bytes, profile: Profile, error: PacketError) -> PacketReport:
    """Report on bytes that are not a packet. A packet signed with other algorithms is open, not proven wrong."""
    if error.code == "schema" and has_foreign_algorithm(packet, profile.limits):
        found = reason("algorithm", str(error))
        return PacketReport(result=INDETERMINATE, sub_indication=found.sub_indication, reasons=(found,))
    found = reason("packet_format", str(error))
    return PacketReport(result=TOTAL_FAILED, sub_indication=found.sub_indication, reasons=(found,))


def _by_id(root: etree._Element) -> dict[str, etree._Element]:
    """Elements by Id, of a tree in which an Id stands once."""
    return {element.get("Id"): element for element in _WITH_ID(root)}


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(VIETNAM_TIME) if moment.utcoffset() is not None else None
    except (ValueError, OverflowError):
        return None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
