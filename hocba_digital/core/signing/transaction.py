"""A transaction's list opened at once: its packets, where each stands, and the report on the organisation's signature.

A list in canonical form whose packets follow each other without a byte between them needs no tree of its own: the
signature covers exactly these bytes, which one digest proves, and each packet is a document of its own that
``verify_packet`` parses. Every other list is read as a tree by ``split_list`` and ``verify_list``.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from lxml import etree

from ..packet import LIST_ID, PacketError, Profile, canonical, safe_parse
from ..packet.schemas import validate_signature
from .checks import Target, check_signature, circumstances
from .report import SignatureReport
from .shape import C14N
from .trust import TrustStore
from .verify import TRANSACTION, check_organisation, verify_list
from .xmldsig import ENVELOPED

_SIGNATURE = b"<Signature "
_IDS = etree.XPath("descendant-or-self::*/@Id", smart_strings=False)
_SIGNATURE_LIMITS = {"max_bytes": 65_536, "max_depth": 16, "max_elements": 200}


@dataclass(frozen=True, slots=True)
class OpenedList:
    """``packets``: as they stand in the list, not verified; ``starts``: their offsets in it, in bytes."""

    packets: list[bytes]
    starts: list[int]
    report: SignatureReport


def open_list(
    list_bytes: bytes,
    trust: TrustStore,
    *,
    profile: Profile,
    at: datetime | None = None,
    approved_seals: Collection[str] | None = None,
) -> OpenedList:
    """Cut a list into packets and verify the signature over it; parameters as for ``verify_list``.

    Raises PacketError where it is no list. Where only a packet is not well-formed, the canonical list around it still
    counts and the packet fails by itself.
    """
    found = _open_bytes(list_bytes, trust, profile, at, approved_seals)
    if found:
        return found
    packets = profile.split_list(list_bytes).packets
    starts, position = [], 0
    for packet in packets:
        starts.append(list_bytes.find(packet, position))
        position = starts[-1] + len(packet)
    return OpenedList(packets, starts, verify_list(list_bytes, trust, at=at, approved_seals=approved_seals))


def _open_bytes(
    data: bytes, trust: TrustStore, profile: Profile, at: datetime | None, approved_seals: Collection[str] | None
) -> OpenedList | None:
    """The list read from its bytes; None where they are not the canonical form that was signed."""
    opening = f'<{profile.list_tag} Id="{LIST_ID}">'.encode()
    closing = f"</{profile.list_tag}>".encode()
    bare = data.startswith(opening) and data.endswith(closing) and b"<!" not in data and b"<?" not in data
    places = _places(data, len(opening), profile) if bare and len(data) <= profile.limits.list_bytes else []
    if not places or len(places) > profile.limits.list_entries:
        return None
    end = places[-1][1]
    signature = _signature(data[end : len(data) - len(closing)])
    if signature is None or _stands_before(data, len(opening), end, {LIST_ID, *_IDS(signature)}):
        return None
    digest = sha256(memoryview(data)[:end])
    digest.update(closing)
    target = Target(LIST_ID, digest.digest(), (ENVELOPED, C14N))
    findings = check_signature(signature, TRANSACTION, target, circumstances(trust, at))
    if any(item.code == "data_changed" for item in findings.reasons):
        return None  # or signed in another form of the same list: the tree decides
    check_organisation(findings, approved_seals)
    packets = [data[start:stop] for start, stop in places]
    return OpenedList(packets, [start for start, _stop in places], findings.report())


def _places(data: bytes, position: int, profile: Profile) -> list[tuple[int, int]]:
    """Start and end of each packet, one after the other up to the signature; empty where anything else stands there."""
    first, last = f"<{profile.root_tag}>".encode(), f"</{profile.root_tag}>".encode()
    places = []
    while data.startswith(first, position):
        stop = data.find(last, position)
        if stop < 0:
            return []
        places.append((position, stop + len(last)))
        position = stop + len(last)
    return places if data.startswith(_SIGNATURE, position) else []


def _signature(text: bytes) -> etree._Element | None:
    """The list's own Signature; None where the text is anything but one in canonical form."""
    try:
        element = safe_parse(text, **_SIGNATURE_LIMITS)
        validate_signature(element)
    except PacketError:
        return None
    return element if canonical(element) == text else None


def _stands_before(data: bytes, start: int, end: int, names: Collection[str]) -> bool:
    """Whether a packet has an attribute with one of these Ids: an Id must say which element is meant."""
    return any(data.find(f"{quote}{name}{quote}".encode(), start, end) >= 0 for name in names for quote in "\"'")
