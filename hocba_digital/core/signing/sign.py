"""Adding signatures to packets and to the list of a transaction.

A signature is spliced into the bytes: the data and the earlier signatures stay as they are, byte for byte.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from lxml import etree

from ..packet import DATA_ID, DEFAULT_LIMITS, LIST_ID, VIETNAM_TIME, PacketError, Profile, canonical, safe_parse
from .certificates import Holder, holder_of
from .errors import SigningError
from .signer import Signer
from .values import check_value
from .xmldsig import C14N, ENVELOPED, SIGNATURE, Template, key_info, time_text

# Where the signed data say who has to sign for a role.
ID_ATTRIBUTES = {"gvcn": "homeroom_id_number", "cbql": "head_id_number"}
LIST_SIGNATURE_ID = "sig-list"


def sign_packets(
    packets: Sequence[bytes],
    role: str,
    signer: Signer,
    *,
    id_number: str | None,
    at: datetime,
    profile: Profile,
) -> list[bytes]:
    """Add one role's signature to each packet, with one call of the signer; returns the packets in order.

    ``packets``: canonical bytes as ``profile.build_data`` and this function make them. ``id_number``: citizen number of
    the person who signs (SO_CCCD; ignored for the seal); it must be the one that the data name for the role and the one
    of the certificate, where they name any. ``at``: the signing time, aware, written to the second in Vietnam's time.
    All or nothing: raises SigningError, with ``index`` where one packet is to blame, or PacketError.
    """
    tag = next((item for item in profile.signers if item.role == role), None)
    if tag is None:
        raise SigningError("unknown_role", f"{role!r} is not a role of {profile.name}")
    at = _vietnam_time(at)
    holder = _usable(signer, at)
    _check_holder(holder, person=tag.has_id_number, id_number=id_number)
    template = Template(sig_id=f"sig-{role}", target=DATA_ID, transforms=(C14N,), holder=holder, at=at)
    number = id_number if tag.has_id_number else None
    digests = []
    for index, packet in enumerate(packets):
        try:
            digests.append(_digest(packet, role, profile, number, at))
        except SigningError as error:
            raise SigningError(error.code, error.message, index) from None
    values = _values(signer, holder, [template.signed_info(digest) for digest in digests])
    opening = f"<{tag.tag}><NGAY_KY>{time_text(at)}</NGAY_KY>" + (f"<SO_CCCD>{number}</SO_CCCD>" if number else "")
    closing = _closing(profile)
    return [
        b"".join(
            (
                packet[: -len(closing)],
                f"{opening}{template.signature(digest, value)}</{tag.tag}>".encode(),
                closing,
            )
        )
        for packet, digest, value in zip(packets, digests, values, strict=True)
    ]


def sign_list(list_bytes: bytes, signer: Signer, *, at: datetime) -> bytes:
    """Add the organisation's transaction signature as the list's last child (CV 2088 annex 1, part II §2.2).

    Enveloped: it covers the whole list but itself. Raises SigningError or PacketError.
    """
    at = _vietnam_time(at)
    holder = _usable(signer, at)
    _check_holder(holder, person=False, id_number=None)
    limits = DEFAULT_LIMITS
    root = safe_parse(
        list_bytes,
        max_bytes=limits.list_bytes,
        max_depth=limits.packet_depth + 1,
        max_elements=limits.list_entries * limits.packet_elements,
        unique_ids=False,
    )
    if root.get("Id") != LIST_ID or len(root) == 0:
        raise SigningError("not_canonical", f'not a list with Id="{LIST_ID}"')
    if any(child.tag == SIGNATURE for child in root):
        raise SigningError("role_signed", "the list has a signature already")
    closing = f"</{root.tag}>".encode()
    if canonical(root) != list_bytes or not list_bytes.endswith(closing):
        raise SigningError("not_canonical", "the list is not in exclusive canonical form")
    template = Template(sig_id=LIST_SIGNATURE_ID, target=LIST_ID, transforms=(ENVELOPED, C14N), holder=holder, at=at)
    digest = base64.b64encode(sha256(list_bytes).digest()).decode()
    (value,) = _values(signer, holder, [template.signed_info(digest)])
    return list_bytes[: -len(closing)] + template.signature(digest, value).encode() + closing


def data_path(profile: Profile, attribute: str) -> str | None:
    """Path, below the data element, of the tag that holds an attribute of the record; None where there is none."""
    return _paths(profile).get(attribute)


def data_bytes(packet: bytes, profile: Profile) -> bytes:
    """The data element of a packet that is known to be canonical: a slice, so nothing is serialised again.

    Exact because "<" stands only where a tag starts and the tag after the data stands there once. Raises SigningError.
    """
    opening = f"<{profile.root_tag}>".encode()
    follower = f"<{profile.signatures_tag}>".encode()
    end = packet.find(follower)
    data = packet[len(opening) : end]
    tag = profile.layout.tag
    whole = packet.startswith(opening) and data.startswith(f'<{tag} Id="{DATA_ID}">'.encode())
    if not whole or not data.endswith(f"</{tag}>".encode()) or end < 0 or packet.count(follower) != 1:
        raise SigningError("not_canonical", "the packet is not data followed by signatures")
    return data


def _vietnam_time(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise SigningError("time", "the signing time needs a time zone")
    return at.astimezone(VIETNAM_TIME).replace(microsecond=0)


def _usable(signer: Signer, at: datetime) -> Holder:
    holder = holder_of(signer.certificate)
    if holder.algorithm is None:
        raise SigningError("weak_key", "RSA of at least 2048 bits or ECDSA P-256 is required")
    if not holder.may_sign:
        raise SigningError("key_usage", "the certificate is not for signing")
    if at < holder.certificate.not_valid_before_utc:
        raise SigningError("certificate_not_yet_valid", "the certificate is not valid yet")
    if at > holder.certificate.not_valid_after_utc:
        raise SigningError("certificate_expired", "the certificate has expired")
    text = key_info(holder)
    try:
        same = canonical(etree.fromstring(text)) == text.encode()
    except (etree.XMLSyntaxError, ValueError):
        same = False
    if not same:
        raise SigningError("signer", "the certificate's subject cannot be written in XML")
    return holder


def _check_holder(holder: Holder, *, person: bool, id_number: str | None) -> None:
    if not person:
        if holder.person_id is not None:
            raise SigningError("not_organisation", "the seal needs the certificate of an organisation")
        return
    if id_number is not None and not (len(id_number) == 12 and id_number.isascii() and id_number.isdigit()):
        raise SigningError("id_number", "a citizen number has 12 digits")
    if holder.person_id is None and holder.organisation_id is not None:
        raise SigningError("not_person", "a person has to sign with a personal certificate")
    if None not in (holder.person_id, id_number) and holder.person_id != id_number:
        raise SigningError("id_mismatch", "the certificate names another citizen number")


def _digest(packet: bytes, role: str, profile: Profile, id_number: str | None, at: datetime) -> str:
    """Base64 of the data's SHA-256, after checking that this role may sign this packet now."""
    limits = profile.limits
    root = safe_parse(
        packet, max_bytes=limits.packet_bytes, max_depth=limits.packet_depth, max_elements=limits.packet_elements
    )
    if [child.tag for child in root] != [profile.layout.tag, profile.signatures_tag] or root.tag != profile.root_tag:
        raise PacketError("schema", "not a packet of this profile")
    data = root[0]
    if data.get("Id") != DATA_ID or not packet.endswith(_closing(profile)) or canonical(root) != packet:
        raise SigningError("not_canonical", "the packet is not in exclusive canonical form")
    _check_turn(root[1], role, profile, at)
    path = data_path(profile, ID_ATTRIBUTES.get(role, ""))
    expected = data.findtext(path) if path else None
    if expected is not None and expected != id_number:
        raise SigningError("id_mismatch", "the data name another person for this role")
    return base64.b64encode(sha256(data_bytes(packet, profile)).digest()).decode()


def _closing(profile: Profile) -> bytes:
    return f"</{profile.signatures_tag}></{profile.root_tag}>".encode()


def _check_turn(signatures: etree._Element, role: str, profile: Profile, at: datetime) -> None:
    order = {signer.tag: position for position, signer in enumerate(profile.signers)}
    position = profile.roles.index(role)
    present = [order.get(child.tag, -1) for child in signatures]
    if position in present:
        raise SigningError("role_signed", f"{role} has signed already")
    missing = [item.role for item in profile.signers[:position] if item.required and order[item.tag] not in present]
    if missing or any(other > position for other in present):
        raise SigningError("role_order", f"it is not the turn of {role}")
    for child in signatures:
        if datetime.fromisoformat(child.findtext("NGAY_KY")) > at:
            raise SigningError("time", "the signing time is before that of an earlier signature")


def _values(signer: Signer, holder: Holder, payloads: list[bytes]) -> list[bytes]:
    values = signer.sign(payloads) if payloads else []
    if len(values) != len(payloads):
        raise SigningError("signer", f"{len(values)} signatures for {len(payloads)} documents")
    for payload, value in zip(payloads, values, strict=True):
        # A token with the wrong key, or a faulty one, must never end up in a record.
        if not check_value(holder, value, payload):
            raise SigningError("signer", "the signer returned a signature that does not verify")
    return values


@lru_cache(maxsize=16)
def _paths(profile: Profile) -> dict[str, str]:
    found: dict[str, str] = {}

    def visit(nodes, prefix: str) -> None:
        for node in nodes:
            if hasattr(node, "nodes"):
                visit(node.nodes, f"{prefix}{node.tag}/")
            elif getattr(node, "attribute", None) and not getattr(node, "derived", False):
                found.setdefault(node.attribute, f"{prefix}{node.tag}")

    visit(profile.layout.nodes, "")
    return found
