"""How large things may be before they are refused unread."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of packets and lists, in bytes, levels, elements and entries.

    ``transaction_bytes`` is the official limit on what goes over the wire, compressed (CV 2088 annex 1, part II
    §2.8: 10 MB, read as 10^7 bytes so that both readings are kept). ``list_bytes`` limits the same after
    decompression: a packet compresses about 2.5 times, so honest lists stay far below.
    """

    packet_bytes: int = 512 * 1024
    packet_depth: int = 24
    packet_elements: int = 2_000
    list_entries: int = 5_000
    list_bytes: int = 64 * 1024 * 1024
    transaction_bytes: int = 10_000_000


DEFAULT_LIMITS = Limits()
