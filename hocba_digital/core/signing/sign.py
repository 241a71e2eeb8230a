"""Adding signatures to packets and to the list of a transaction.

A signature is spliced into the bytes: the data and the earlier signatures stay as they are, byte for byte.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from cryptography import x509
from lxml import etree

from ..packet import (
    DEFAULT_LIMITS,
    LIST_ID,
    VIETNAM_TIME,
    PacketError,
    Part,
    Profile,
    SignerTag,
    canonical,
    safe_parse,
)
from .certificates import Holder, holder_of
from .errors import SigningError
from .shape import C14N, DS
from .signers.port import Signer
from .template import Template, key_info, time_text
from .values import check_value
from .xades import SignaturePolicy
from .xmldsig import ENVELOPED, SIGNATURE

# Where the signed data say who has to sign for a role.
ID_ATTRIBUTES = {"gvcn": "homeroom_id_number", "cbql": "head_id_number"}
LIST_SIGNATURE_ID = "sig-list"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Documents that wait for signature values only: checked, with everything that will be signed fixed.

    ``payloads``: the canonical SignedInfo elements, in the order of the documents; ``digests``: their SHA-256, which is
    what a key signs. The same documents, role, certificate and moment always give the same digests.
    """

    payloads: tuple[bytes, ...]
    _holder: Holder
    _templates: tuple[Template, ...]
    _contents: tuple[str, ...]
    _starts: tuple[bytes, ...]
    _ends: tuple[bytes, ...]

    @property
    def digests(self) -> list[bytes]:
        """What a signer is given: one SHA-256 a document."""
        return [sha256(payload).digest() for payload in self.payloads]

    def only(self, positions: Sequence[int]) -> "Prepared":
        """The same for some of the documents, by their positions."""
        return replace(
            self,
            payloads=tuple(self.payloads[at] for at in positions),
            _templates=tuple(self._templates[at] for at in positions),
            _contents=tuple(self._contents[at] for at in positions),
            _starts=tuple(self._starts[at] for at in positions),
            _ends=tuple(self._ends[at] for at in positions),
        )

    def finish(self, values: Sequence[bytes]) -> list[bytes]:
        """The signed documents, in order. Raises SigningError ``signer`` unless every value verifies."""
        if len(values) != len(self.payloads):
            raise SigningError("signer", f"{len(values)} signatures for {len(self.payloads)} documents")
        signed = []
        parts = zip(self.payloads, values, self._templates, self._contents, self._starts, self._ends, strict=True)
        for payload, value, template, content, start, end in parts:
            # A token with the wrong key, or a faulty one, must never end up in a record.
            if not check_value(self._holder, value, payload):
                raise SigningError("signer", "the signer returned a signature that does not verify")
            signed.append(b"".join((start, template.signature(content, value).encode(), end)))
        return signed


def sign_packets(
    packets: Sequence[bytes],
    role: str,
    signer: Signer,
    *,
    id_number: str | None,
    at: datetime,
    profile: Profile,
    target: str | None = None,
    policy: SignaturePolicy | None = None,
) -> list[bytes]:
    """``prepare_packets``, one call of the signer, ``finish``: for signers that answer at once."""
    options = {"id_number": id_number, "at": at, "profile": profile, "target": target, "policy": policy}
    prepared = prepare_packets(packets, role, signer.certificate, **options)
    return prepared.finish(signer.sign(prepared.payloads) if prepared.payloads else [])


def prepare_packets(
    packets: Sequence[bytes],
    role: str,
    certificate: x509.Certificate,
    *,
    id_number: str | None,
    at: datetime,
    profile: Profile,
    target: str | None = None,
    policy: SignaturePolicy | None = None,
) -> Prepared:
    """Check everything about one role's signature on each packet, and compute what has to be signed.

    ``packets``: canonical bytes as ``profile.build_data`` and ``Prepared.finish`` make them. ``id_number``: citizen
    number of the person who signs (SO_CCCD; ignored for the seal); it must be the one that the data name for the role
    and the one of the certificate, where they name any. ``at``: the signing time, aware, written to the second in
    Vietnam's time. ``target``: Id of the element to sign, where the role signs one of several. ``policy``: a signature
    policy to name. All or nothing: raises SigningError, with ``index`` where one packet is to blame, or PacketError.
    """
    tag, holder, at = _signer_of(role, certificate, id_number, at, profile)
    target = target or tag.target
    template = _template(tag, target, holder, at, policy)
    number = id_number if tag.has_id_number else None
    digests = []
    for index, packet in enumerate(packets):
        try:
            digests.append(_digest(packet, tag, target, profile, number, at))
        except SigningError as error:
            raise SigningError(error.code, error.message, index) from None
    opening, closing = _holder_text(tag, at, number)
    places = [packet.rindex(profile.signature_end(tag)) for packet in packets]
    return Prepared(
        payloads=tuple(template.signed_info(digest) for digest in digests),
        _holder=holder,
        _templates=(template,) * len(digests),
        _contents=tuple(digests),
        _starts=tuple(packet[:place] + opening for packet, place in zip(packets, places, strict=True)),
        _ends=tuple(closing + packet[place:] for packet, place in zip(packets, places, strict=True)),
    )


def prepare_parts(
    parts: Sequence[Part],
    certificate: x509.Certificate,
    *,
    id_number: str | None,
    at: datetime,
    profile: Profile,
    policy: SignaturePolicy | None = None,
) -> Prepared:
    """The same for parts of records (``profile.parts``) before there is a packet; parameters as in ``prepare_packets``.

    ``finish`` gives elements of ``profile.part_role``, which ``profile.with_parts`` puts into the packet. Raises
    SigningError; the parts are taken as they are.
    """
    tag, holder, at = _signer_of(profile.part_role, certificate, id_number, at, profile)
    templates = {part.target: _template(tag, part.target, holder, at, policy) for part in parts}
    chosen = tuple(templates[part.target] for part in parts)
    digests = tuple(base64.b64encode(sha256(part.content).digest()).decode() for part in parts)
    opening, closing = _holder_text(tag, at, id_number)
    return Prepared(
        payloads=tuple(template.signed_info(digest) for template, digest in zip(chosen, digests, strict=True)),
        _holder=holder,
        _templates=chosen,
        _contents=digests,
        _starts=(opening,) * len(parts),
        _ends=(closing,) * len(parts),
    )


def signature_id(tag: SignerTag, target: str) -> str:
    """Id of the signature of a role on an element."""
    return f"sig-{tag.role}" if target == tag.target else f"sig-{tag.role}-{target}"


def sign_list(
    list_bytes: bytes,
    signer: Signer,
    *,
    at: datetime,
    policy: SignaturePolicy | None = None,
    id_number: str | None = None,
) -> bytes:
    """``prepare_list``, one call of the signer, ``finish``: for signers that answer at once."""
    prepared = prepare_list(list_bytes, signer.certificate, at=at, policy=policy, id_number=id_number)
    return prepared.finish(signer.sign(prepared.payloads))[0]


def parse_list(list_bytes: bytes) -> etree._Element:
    """The list of a transaction, within the limits of a list of packets. Raises PacketError."""
    limits = DEFAULT_LIMITS
    return safe_parse(
        list_bytes,
        max_bytes=limits.list_bytes,
        max_depth=limits.packet_depth + 1,
        max_elements=limits.list_entries * limits.packet_elements,
        unique_ids=False,
    )


def prepare_list(
    list_bytes: bytes,
    certificate: x509.Certificate,
    *,
    at: datetime,
    policy: SignaturePolicy | None = None,
    id_number: str | None = None,
) -> Prepared:
    """The organisation's transaction signature as the list's last child (CV 2088 annex 1, part II §2.2).

    Enveloped: it covers the whole list but itself. With ``id_number`` (citizen number of 12 digits) it is that
    person's signature, as on the results of a year under way. Raises SigningError or PacketError.
    """
    at = _vietnam_time(at)
    holder = _usable(certificate, at)
    _check_holder(holder, person=id_number is not None, id_number=id_number)
    root = parse_list(list_bytes)
    if root.get("Id") != LIST_ID or len(root) == 0:
        raise SigningError("not_canonical", f'not a list with Id="{LIST_ID}"')
    if any(child.tag == SIGNATURE for child in root):
        raise SigningError("role_signed", "the list has a signature already")
    closing = f"</{root.tag}>".encode()
    if canonical(root) != list_bytes or not list_bytes.endswith(closing):
        raise SigningError("not_canonical", "the list is not in exclusive canonical form")
    template = Template(
        sig_id=LIST_SIGNATURE_ID,
        target=LIST_ID,
        transforms=(ENVELOPED, C14N),
        holder=holder,
        at=at,
        policy=policy,
    )
    digest = base64.b64encode(sha256(list_bytes).digest()).decode()
    return Prepared(
        payloads=(template.signed_info(digest),),
        _holder=holder,
        _templates=(template,),
        _contents=(digest,),
        _starts=(list_bytes[: -len(closing)],),
        _ends=(closing,),
    )


def data_path(profile: Profile, attribute: str) -> str | None:
    """Path, below the data element, of the tag that holds an attribute of the record; None where there is none."""
    return _paths(profile).get(attribute)


def _vietnam_time(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise SigningError("time", "the signing time needs a time zone")
    return at.astimezone(VIETNAM_TIME).replace(microsecond=0)


def _signer_of(
    role: str | None, certificate: x509.Certificate, id_number: str | None, at: datetime, profile: Profile
) -> tuple[SignerTag, Holder, datetime]:
    tag = next((item for item in profile.signers if item.role == role), None)
    if tag is None:
        raise SigningError("unknown_role", f"{role!r} is not a role of {profile.name}")
    at = _vietnam_time(at)
    holder = _usable(certificate, at)
    _check_holder(holder, person=tag.has_id_number, id_number=id_number)
    return tag, holder, at


def _template(tag: SignerTag, target: str, holder: Holder, at: datetime, policy: SignaturePolicy | None) -> Template:
    sig_id = signature_id(tag, target)
    return Template(sig_id=sig_id, target=target, transforms=(C14N,), holder=holder, at=at, policy=policy)


def _holder_text(tag: SignerTag, at: datetime, number: str | None) -> tuple[bytes, bytes]:
    """What stands around a signature: opening with the unsigned statements, closing."""
    stated = f"<SO_CCCD>{number}</SO_CCCD>" if number else ""
    return f"<{tag.tag}><NGAY_KY>{time_text(at)}</NGAY_KY>{stated}".encode(), f"</{tag.tag}>".encode()


def _usable(certificate: x509.Certificate, at: datetime) -> Holder:
    holder = holder_of(certificate)
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


def _digest(packet: bytes, tag: SignerTag, target: str, profile: Profile, id_number: str | None, at: datetime) -> str:
    """Base64 of the signed element's SHA-256, after checking that this role may sign this packet now."""
    limits = profile.limits
    root = safe_parse(
        packet, max_bytes=limits.packet_bytes, max_depth=limits.packet_depth, max_elements=limits.packet_elements
    )
    if root.tag != profile.root_tag or len(root) < 2 or root[0].tag != profile.layout.tag:
        raise PacketError("schema", "not a packet of this profile")
    end = profile.signature_end(tag)
    between = root.text or any(child.tail for child in root)
    if between or packet.count(end) != 1 or canonical(root) != packet:
        raise SigningError("not_canonical", "the packet is not in exclusive canonical form")
    if target not in profile.targets(tag, root):
        raise SigningError("target", f"{tag.role} does not sign {target}")
    _check_turn(root, tag, target, profile, at)
    path = data_path(profile, ID_ATTRIBUTES.get(tag.role, ""))
    expected = root[0].findtext(path) if path else None
    if expected is not None and expected != id_number:
        raise SigningError("id_mismatch", "the data name another person for this role")
    try:
        signed = profile.signed_bytes(packet, target)
    except PacketError as error:
        raise SigningError("not_canonical", error.message) from None
    return base64.b64encode(sha256(signed).digest()).decode()


def _check_turn(root: etree._Element, tag: SignerTag, target: str, profile: Profile, at: datetime) -> None:
    try:
        holders = profile.signature_holders(root)
    except KeyError as error:
        raise PacketError("schema", f"unknown signature {error}") from None
    position = profile.signers.index(tag)
    present = [profile.signers.index(signer) for signer, _holder in holders]
    if (tag, target) in [(signer, signed_target(holder[-1])) for signer, holder in holders]:
        raise SigningError("role_signed", f"{tag.role} has signed already")
    missing = [
        item.role for item in profile.signers[:position] if item.required and profile.signers.index(item) not in present
    ]
    if missing or any(other > position for other in present):
        raise SigningError("role_order", f"it is not the turn of {tag.role}")
    for signer, holder in holders:
        # Who signs a part of the data does so whenever it is ready: the signers of a role wait for nobody among them.
        if signer is not tag and datetime.fromisoformat(holder.findtext("NGAY_KY")) > at:
            raise SigningError("time", "the signing time is before that of an earlier signature")


def signed_target(signature: etree._Element) -> str | None:
    """Id of what a Signature says to sign; None where it says nothing."""
    reference = signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    return None if reference is None else reference.get("URI", "")[1:]


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
