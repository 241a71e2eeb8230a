"""Verification: hostile bytes in, a three-valued report out. Never raises for what the bytes hold.

``checks`` looks at each signature; here is what a packet and a transaction's list add: whose signature stands where,
whose turn it was, and what the data say about the signers.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from lxml import etree

from ..packet import (
    LIST_ID,
    VIETNAM_TIME,
    PacketError,
    ParsedPacket,
    Part,
    Profile,
    SignerInfo,
    SignerTag,
    canonical,
    safe_parse,
)
from .checks import Circumstances, Findings, Proof, Target, check_signature, circumstances
from .evidence import Evidence, check_record
from .quick import quick_packet
from .report import INDETERMINATE, TOTAL_FAILED, PacketReport, Reason, SignatureReport, reason, verdict
from .shape import C14N
from .sign import ID_ATTRIBUTES, parse_list, signed_target
from .trust import TrustStore
from .xmldsig import ENVELOPED, SIGNATURE, ParsedSignature, has_foreign_algorithm

TRANSACTION = "transaction"
_WITH_ID = etree.XPath("descendant-or-self::*[@Id]")


def verify_packet(
    packet: bytes,
    trust: TrustStore,
    *,
    profile: Profile,
    at: datetime | None = None,
    required_roles: Collection[str] = ("cbql", "seal"),
    approved_seals: Collection[str] | None = None,
    evidence: Evidence | None = None,
) -> PacketReport:
    """Verify every signature of a packet; a role of ``required_roles`` without one leaves the result open.

    ``at``: a moment, aware, at which the packet provably existed (when it was received); certificates must be valid
    then, and no signature may be younger. Time stamps and evidence prove moments too; the earliest counts. With none
    of them the store's policy says whether the claimed signing times are taken, and the report notes it.
    ``approved_seals``: SHA-256 fingerprints (hexadecimal) of the organisation certificates that the authority has
    approved for this school (CV 2088 annex 1, part III §1); None: not compared. ``evidence``: what is kept
    beside the packet.
    """
    quick = quick_packet(packet, profile)
    try:
        parsed = profile.parse(quick.skeleton if quick else packet)
    except PacketError as error:
        return _refused(packet, profile, error)
    signatures = quick.signatures if quick else _from_tree(parsed, profile)
    known, notes = _known_of(packet, trust, at, evidence)
    targets: dict[str, Target] = {}
    allowed = {tag: profile.targets(tag, parsed.root) for tag, _stated, _signature in signatures}
    findings: list[Findings] = []
    for tag, stated, signature in signatures:
        name = _target_name(signature, allowed[tag])
        if name not in targets:
            # The profile has made sure that the packet is its own canonical form.
            targets[name] = Target(name, sha256(profile.signed_bytes(packet, name)).digest(), (C14N,))
        found = check_signature(signature, tag.role, targets[name], known)
        found.target, found.about = name, profile.part_label(parsed.data, name)
        _check_statement(found, stated, tag, parsed, approved_seals)
        _check_order(found, findings)
        findings.append(found)
    return _packet_report(findings, required_roles, parsed, notes)


def verify_part(
    signature: bytes, part: Part, trust: TrustStore, *, profile: Profile, at: datetime | None = None
) -> SignatureReport:
    """Verify the signature on a part of a record that has no packet yet: an element of ``profile.part_role``, as
    ``prepare_parts`` makes it. Parameters as for ``verify_packet``. Never raises for what the bytes hold.
    """
    tag = next(item for item in profile.signers if item.role == profile.part_role)
    limits = profile.limits
    try:
        root = safe_parse(
            signature, max_bytes=limits.packet_bytes, max_depth=limits.packet_depth, max_elements=limits.packet_elements
        )
        stated = profile.signer_info(tag, root)
    except (PacketError, IndexError, TypeError) as error:
        findings = Findings(tag.role, target=part.target)
        findings.add("signature_format", str(error))
        return findings.report()
    target = Target(part.target, sha256(part.content).digest(), (C14N,))
    found = check_signature(root[-1], tag.role, target, circumstances(trust, at))
    found.target = part.target
    _check_person(found, stated, None)
    return found.report()


def _known_of(
    packet: bytes, trust: TrustStore, at: datetime | None, evidence: Evidence | None
) -> tuple[Circumstances, list[Reason]]:
    """What is known besides the packet, and what is to be noted about the evidence."""
    if evidence is None:
        return circumstances(trust, at), []
    # Packets of one archive stamp share their certificates and lists, and so the store that knows them.
    trust = _store_with(trust, replace(evidence, records=()))
    digest = sha256(packet).digest()
    proofs, notes = [], []
    for record in evidence.records:
        status = check_record(record, digest, trust, datetime.now(UTC))
        if status.failure:
            notes.append(reason(status.failure, status.detail))
        else:
            proofs.append(Proof(status.time.astimezone(VIETNAM_TIME), "evidence", status.authority))
    return circumstances(trust, at, *proofs), notes


@lru_cache(maxsize=16)
def _store_with(trust: TrustStore, evidence: Evidence) -> TrustStore:
    return trust.with_material(certificates=evidence.certificates, crls=evidence.crls, ocsps=evidence.ocsps)


def _from_tree(parsed: ParsedPacket, profile: Profile) -> list[tuple[SignerTag, SignerInfo, etree._Element]]:
    holders = profile.signature_holders(parsed.root)
    return [(tag, stated, holder[-1]) for (tag, holder), stated in zip(holders, parsed.signers, strict=True)]


def _target_name(signature: etree._Element | ParsedSignature, allowed: tuple[str, ...]) -> str:
    """Id of the element that the signature has to cover: the one that it names, when its role may sign that."""
    known = isinstance(signature, ParsedSignature)
    name = signature.references[0].target if known else signed_target(signature)
    return name if name in allowed else allowed[0]


def verify_list(
    list_bytes: bytes,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    approved_seals: Collection[str] | None = None,
    id_number: str | None = None,
) -> SignatureReport:
    """Verify the organisation's signature over the list of a transaction; parameters as for ``verify_packet``.

    The packets in it are not looked at: cut them out with ``profile.split_list`` and verify each. ``id_number``: the
    citizen number of the person who has to have signed it instead of an organisation.
    """
    findings = Findings(TRANSACTION)
    try:
        root = parse_list(list_bytes)
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
    return _check_transaction(root, signatures[0], trust, at, approved_seals, id_number)


def _check_transaction(
    root,
    signature,
    trust: TrustStore,
    at: datetime | None,
    approved_seals: Collection[str] | None,
    id_number: str | None,
) -> SignatureReport:
    if signature is not root[-1] or signature.tail:
        findings = Findings(TRANSACTION)
        findings.add("list_format", "the Signature is not the last child")
        return findings.report()
    ids = [element.get("Id") for element in _WITH_ID(signature)]
    if any(len(root.xpath("//@Id[. = $id]", id=name)) != 1 for name in ids):
        findings = Findings(TRANSACTION)
        findings.add("list_format", "an Id of the signature stands there twice")
        return findings.report()
    copy = canonical(signature)
    # The enveloped-signature transform: the list as it is without its own signature.
    root.remove(signature)
    element = etree.fromstring(copy, etree.XMLParser(resolve_entities=False, no_network=True))
    digest = sha256(canonical(root)).digest()
    target = Target(LIST_ID, digest, (ENVELOPED, C14N))
    findings = check_signature(element, TRANSACTION, target, circumstances(trust, at))
    if id_number is None:
        check_organisation(findings, approved_seals)
    else:
        _check_citizen(findings, id_number)
    return findings.report()


def _check_order(found: Findings, earlier: list[Findings]) -> None:
    """No role signs before an earlier one. The signers of one role wait for nobody among them."""
    times = [item.signed_at for item in earlier if item.role != found.role and item.signed_at]
    if found.signed_at and times and found.signed_at < max(times):
        found.add("order")


def _check_statement(
    findings: Findings,
    stated: SignerInfo,
    tag: SignerTag,
    parsed: ParsedPacket,
    approved_seals: Collection[str] | None,
) -> None:
    """Compare what stands beside the signature, unsigned, with what was signed and with the certificate."""
    if tag.has_id_number:
        _check_person(findings, stated, getattr(parsed.data, ID_ATTRIBUTES.get(tag.role, ""), None))
        return
    _check_stated_moment(findings, stated)
    check_organisation(findings, approved_seals, parsed.data.school_name)


def _check_stated_moment(findings: Findings, stated: SignerInfo) -> None:
    if findings.signed_at is not None and stated.signed_on != findings.signed_at:
        findings.add("signing_time_differs")


def _check_person(findings: Findings, stated: SignerInfo, expected: str | None) -> None:
    """``expected``: the citizen number that the data name for the role."""
    _check_stated_moment(findings, stated)
    if expected is not None and stated.id_number != expected:
        findings.add("signer_id_differs")
    _check_citizen(findings, expected or stated.id_number)


def _check_citizen(findings: Findings, id_number: str | None) -> None:
    holder = findings.holder
    if holder is None:
        return
    if holder.person_id is None:
        findings.add("no_id_in_certificate" if holder.organisation_id is None else "not_person")
    elif holder.person_id != id_number:
        findings.add("certificate_id_differs")


def check_organisation(
    findings: Findings, approved_seals: Collection[str] | None, school_name: str | None = None
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


def _packet_report(
    findings: list[Findings], required_roles: Collection[str], parsed: ParsedPacket, notes: list[Reason]
) -> PacketReport:
    signatures = tuple(item.report() for item in findings)
    present = {item.role for item in findings}
    reasons = [reason("signature_missing", role) for role in required_roles if role not in present]
    if not findings and not reasons:
        reasons.append(reason("signature_missing", "any"))
    every = reasons + notes + [item for found in findings for item in found.reasons]
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


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
