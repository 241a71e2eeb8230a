"""The list of packets of one transaction (CV 2088 annex 1, part II §2.2).

``<DANH_SACH_HOC_BA Id="dataDanhSach">packet packet ... [Signature of the organisation]</DANH_SACH_HOC_BA>``. Every
packet in it uses the same Ids, so a packet is only ever read as a document of its own, cut out byte for byte.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from . import schemas
from .errors import PacketError
from .limits import DEFAULT_LIMITS, Limits
from .xml import all_ids, safe_parse

SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


@dataclass(frozen=True, slots=True)
class ListContent:
    """Packets as they came; the organisation's Signature within ``root`` (structure checked, not verified) or None."""

    packets: list[bytes]
    signature: etree._Element | None
    root: etree._Element


def build(list_tag: str, list_id: str, entry_tag: str, packets: Iterable[bytes], limits: Limits) -> bytes:
    """Join entries. Each must be one element ``entry_tag`` without attributes, without anything around it."""
    opening, closing = f"<{entry_tag}>".encode(), f"</{entry_tag}>".encode()
    parts = [f'<{list_tag} Id="{list_id}">'.encode()]
    for packet in packets:
        whole = packet.startswith(opening) and packet.endswith(closing)
        if not whole or packet.count(opening) != 1 or packet.count(closing) != 1:
            raise PacketError("list", f"an entry of the list is not exactly one {entry_tag}")
        parts.append(packet)
    if len(parts) == 1:
        raise PacketError("list", "a list needs at least one entry")
    if len(parts) - 1 > limits.list_entries:
        raise PacketError("too_many_entries", f"more than {limits.list_entries} entries")
    parts.append(f"</{list_tag}>".encode())
    result = b"".join(parts)
    if len(result) > limits.list_bytes:
        raise PacketError("too_large", f"{len(result)} bytes, at most {limits.list_bytes}")
    return result


def split(data: bytes, list_tag: str, list_id: str, entry_tag: str, limits: Limits = DEFAULT_LIMITS) -> ListContent:
    """Cut a list into entries. Raises PacketError where it is anything but a list of entries and a Signature."""
    root = safe_parse(
        data,
        max_bytes=limits.list_bytes,
        max_depth=limits.packet_depth + 1,
        max_elements=limits.list_entries * limits.packet_elements,
        unique_ids=False,
    )
    if root.tag != list_tag or root.nsmap or dict(root.attrib) != {"Id": list_id}:
        raise PacketError("list", f'the root must be <{list_tag} Id="{list_id}">')
    if all_ids(root).count(list_id) != 1:
        raise PacketError("duplicate_id", "two elements carry the Id of the list")
    signature = root[-1] if len(root) and root[-1].tag == SIGNATURE else None
    entries = len(root) - (signature is not None)
    if entries == 0:
        raise PacketError("list", "the list has no entry")
    if entries > limits.list_entries:
        raise PacketError("too_many_entries", f"more than {limits.list_entries} entries")
    if signature is not None:
        schemas.validate_signature(signature)
    packets = list(_slices(data, entry_tag.encode()))
    # The tree and the bytes must tell the same story: as many entries, and all of them directly under the root.
    if len(packets) != entries or len(root.findall(entry_tag)) != entries:
        raise PacketError("list", f"the list may hold {entry_tag} without attributes and one Signature only")
    if (root.text or "").strip() or any((child.tail or "").strip() for child in root):
        raise PacketError("list", "text between the entries of the list")
    return ListContent(packets, signature, root)


def batches(packets: Iterable[bytes], *, entries: int = 500, size: int = 8_000_000) -> Iterator[list[bytes]]:
    """Group packets, in order, for transactions of at most ``entries`` packets and ``size`` bytes uncompressed.

    Compressed and in Base64 a list is never larger than its XML, so 8 MB keeps the official 10 MB.
    """
    group: list[bytes] = []
    total = 0
    for packet in packets:
        if group and (len(group) >= entries or total + len(packet) > size):
            yield group
            group, total = [], 0
        group.append(packet)
        total += len(packet)
    if group:
        yield group


def _slices(data: bytes, tag: bytes) -> Iterator[bytes]:
    """Byte ranges of the elements named ``tag``. Exact, because the bytes are well-formed and free of comments,
    CDATA and DTD: then "<" stands only where a tag starts.
    """
    start = None
    for mark in re.finditer(rb"<(/?)" + re.escape(tag) + rb"(?=[\s/>])[^<>]*>", data):
        if mark.group(1):
            if start is None:
                raise PacketError("list", "entries of the list are nested")
            yield data[start : mark.end()]
            start = None
        elif start is not None or mark.group() != b"<" + tag + b">":
            raise PacketError("list", f"an entry must be <{tag.decode()}> without attributes and not nested")
        else:
            start = mark.start()
