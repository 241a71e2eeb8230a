"""Time stamps on signatures that are made: B-B becomes B-T (ETSI EN 319 132-1 §5.3), every signed byte untouched."""

import base64
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ..packet import Profile
from .errors import SigningError
from .shape import DS
from .sign import signature_id
from .timestamp import TimeStamper
from .xades import SIGNATURE_END, stamped_bytes, unsigned_properties

_VALUE = b"<SignatureValue>"
_END_OF_VALUE = b"</SignatureValue>"
_PLACE = f"</SignedProperties>{SIGNATURE_END}".encode()
# An authority answers in a tenth of a second; a few requests at once hide that without pressing it.
_AT_ONCE = 4


def stamp_packets(
    packets: Sequence[bytes],
    role: str,
    stamper: TimeStamper,
    *,
    profile: Profile,
    targets: Sequence[str] | None = None,
) -> list[bytes]:
    """Have a role's signature in each packet stamped; returns the packets in order.

    ``packets``: as ``sign_packets`` returned them, or signed parts; ``targets``: the element that is signed in each,
    where the role signs one of several. All or nothing: raises SigningError
    tsa_unreachable, tsa_refused, or not_canonical for a signature that is missing or stamped already.
    """
    tag = next(item for item in profile.signers if item.role == role)
    names = [signature_id(tag, target) for target in targets or (tag.target,) * len(packets)]
    places = [_place(packet, name) for packet, name in zip(packets, names, strict=True)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        tokens = list(pool.map(lambda place: stamper.stamp(stamped_bytes(place[1])), places))
    return [
        b"".join((packet[:at], unsigned_properties(name, token).encode(), packet[at:]))
        for packet, name, (at, _value), token in zip(packets, names, places, tokens, strict=True)
    ]


def _place(packet: bytes, sig_id: str) -> tuple[int, bytes]:
    """(where the unsigned properties go, the raw signature value)."""
    start = packet.find(f'<Signature xmlns="{DS}" Id="{sig_id}">'.encode())
    end = packet.find(b"</Signature>", start)
    value = packet.find(_VALUE, start, end) + len(_VALUE)
    place = packet.find(_PLACE, value, end + len(b"</Signature>"))
    if start < 0 or value < len(_VALUE) or place < 0:
        raise SigningError("not_canonical", f"{sig_id} is missing or has a time stamp already")
    raw = base64.b64decode(packet[value : packet.find(_END_OF_VALUE, value)])
    return place + len(b"</SignedProperties>"), raw
