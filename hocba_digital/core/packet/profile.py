"""A profile: one format of the packet. Everything outside this package works with this interface only."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from lxml import etree

from . import layout, listing, schemas
from .data import RecordData
from .errors import PacketError
from .layout import Section
from .limits import DEFAULT_LIMITS, Limits
from .values import VIETNAM_TIME
from .xml import canonical, safe_parse

# White space between two tags, of canonical XML.
_BLANK = re.compile(rb">(?:\s|&#xD;)+<")
DATA_ID = "data"
LIST_ID = "dataDanhSach"
#: Signatures of subject teachers in one packet: each subject has one line and one teacher.
MOST_SIGNERS = 40


@dataclass(frozen=True, slots=True)
class SignerTag:
    """Where a role's signature stands: <tag>NGAY_KY, SO_CCCD (persons), Signature</tag>.

    ``target``: Id of the element that it signs (``Profile.targets`` where a role signs one of several). ``list_tag``:
    the child of the root in which it stands, None for the profile's ``signatures_tag``. ``inner_tag``: the list inside
    that one, for a role with any number of signatures; None: a role signs once.
    """

    role: str
    tag: str
    has_id_number: bool
    required: bool
    target: str = DATA_ID
    list_tag: str | None = None
    inner_tag: str | None = None


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """What a packet says of one signature, before anybody has verified it."""

    role: str
    signed_on: datetime
    id_number: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """What one of several signers of a role signs: the line's code, the element's Id and its canonical bytes."""

    code: str
    target: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ParsedPacket:
    """A packet that passed the schema; ``signers`` in the order of the profile's roles."""

    data: RecordData
    signers: tuple[SignerInfo, ...]
    root: etree._Element


# Compared and hashed by identity: a profile is one of a few constants, and its tables are deep.
@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """One format. A new one is an instance (of a subclass, where it differs in more than tables) and a registration."""

    name: str
    layout: Section
    signers: tuple[SignerTag, ...]
    root_tag: str
    signatures_tag: str
    list_tag: str
    limits: Limits = DEFAULT_LIMITS
    #: Whether a record without levels and result can be written: a pupil with a disability who is not assessed.
    carries_not_assessed: bool = False

    def text_limit(self, attribute: str) -> int | None:
        """Characters that a text may have ("homeroom_comment", "subjects.comment"); None where it is no text."""
        owner, _dot, name = attribute.rpartition(".")
        for node in layout.walk(self.layout):
            found = node.fields if owner and getattr(node, "attribute", None) == owner else (node,)
            for item in found:
                if getattr(item, "attribute", None) == (name or attribute) and hasattr(item, "kind"):
                    return getattr(item.kind, "max_length", None)
        return None

    @property
    def roles(self) -> tuple[str, ...]:
        """Signing roles in the order of their tags."""
        return tuple(signer.role for signer in self.signers)

    @property
    def data_end(self) -> bytes:
        """The end of the data element, and the start of whatever follows without a blank."""
        return f"</{self.layout.tag}><".encode()

    @property
    def role_tag(self) -> dict[str, str]:
        """Role -> tag that holds its signature."""
        return {signer.role: signer.tag for signer in self.signers}

    def prepare(self, data: RecordData, *, strict: bool) -> RecordData:
        """Hook: fit the data to the format before it is written. ``strict`` leaves out what the text does not name."""
        return data

    def problems(self, data) -> list[PacketError]:
        """Everything that keeps the data (RecordData or a draft with gaps) from being written, field by field."""
        found: list[PacketError] = []
        layout.write(self.layout, data, found)
        return found

    def build_data(self, data: RecordData, *, strict: bool = False) -> bytes:
        """Canonical packet without signatures, checked against the schema.

        Text is brought to NFC and stripped of outer blanks; ``parse`` gives back ``normalise(data)``.
        Raises PacketError with the field for the first value that cannot be written.
        """
        result = f"{self._data_text(self.prepare(data, strict=strict))}{self.no_signatures()}".encode()
        self._check_form(result, signed=False)
        return result

    def validate(self, packet: bytes, signed: bool = False) -> None:
        """Check bytes against the format: safe XML, schema, exclusive-C14N form, data exactly as this profile writes.

        ``signed`` False: a packet in work, with none to all of the signatures. True: the mandatory ones are there.
        Signatures are checked for their structure only. Raises PacketError.
        """
        self._parse(packet, signed)

    def parse(self, packet: bytes, signed: bool = False) -> ParsedPacket:
        """Validate as ``validate`` does and read. Raises PacketError.

        Strict: building the result again gives the same data bytes. The signatures are NOT verified here.
        """
        root, data = self._parse(packet, signed)
        return ParsedPacket(data, tuple(self._signers(root)), root)

    def data_element(self, root: etree._Element) -> etree._Element:
        """The element that persons and the seal sign, of a parsed packet."""
        return root[0]

    def targets(self, signer: SignerTag, root: etree._Element) -> tuple[str, ...]:
        """Ids of the elements that a role may sign in a packet, each with a signature of its own."""
        return (signer.target,)

    @property
    def part_role(self) -> str | None:
        """The role whose holders each sign a part of the data by itself; None where a format knows none."""
        return next((signer.role for signer in self.signers if signer.inner_tag), None)

    def parts(self, data) -> list[Part]:
        """The parts of the data (RecordData or a draft with gaps) that can be written, for ``part_role`` to sign."""
        return []

    def part_label(self, data: RecordData, target: str) -> str | None:
        """Name of the part with this Id, as people call it; None where there is none."""
        return None

    def signature_lists(self) -> tuple[tuple[str, tuple[SignerTag, ...]], ...]:
        """The children of the root after the data: tag, and the roles whose signatures stand there, in order."""
        places = dict.fromkeys(signer.list_tag or self.signatures_tag for signer in self.signers)
        return tuple(
            (place, tuple(item for item in self.signers if (item.list_tag or self.signatures_tag) == place))
            for place in places
        )

    def signature_holders(self, root: etree._Element) -> list[tuple[SignerTag, etree._Element]]:
        """Every element that holds a signature, with its role's entry, in document order."""
        lists = dict(self.signature_lists())
        found = []
        for place in root:
            if place.tag not in lists:
                continue
            tags = {item.inner_tag or item.tag: item for item in lists[place.tag]}
            for child in place:
                signer = tags[child.tag]
                found += [(signer, holder) for holder in (child if signer.inner_tag else (child,))]
        return found

    def signature_end(self, signer: SignerTag) -> bytes:
        """The text before which a role's signature is put, after those that stand there already."""
        return f"</{signer.inner_tag or signer.list_tag or self.signatures_tag}>".encode()

    def recognises(self, packet: bytes) -> bool:
        """Whether the first bytes are those of this format; says nothing about the rest."""
        first = self.layout.nodes[0]
        return packet.startswith(f'<{self.root_tag}><{self.layout.tag} Id="{DATA_ID}"><{first.tag}'.encode())

    def with_parts(self, packet: bytes, signatures: Iterable[bytes]) -> bytes:
        """A packet that nobody has signed yet, with the signatures on its parts (elements of ``part_role``)."""
        tag = next(signer for signer in self.signers if signer.role == self.part_role)
        end = self.signature_end(tag)
        if packet.count(end) != 1:
            raise PacketError("not_canonical", f"{tag.inner_tag} is not there once")
        return packet.replace(end, b"".join((*signatures, end)))

    def no_signatures(self) -> str:
        """What follows the data in a packet that nobody has signed: the lists that signatures are put into."""
        lists = []
        for place, signers in self.signature_lists():
            inner = "".join(f"<{item.inner_tag}></{item.inner_tag}>" for item in signers if item.inner_tag)
            lists.append(f"<{place}>{inner}</{place}>")
        return f"{''.join(lists)}</{self.root_tag}>"

    def signed_bytes(self, packet: bytes, target: str) -> bytes:
        """The element with an Id, of a packet that is known to be canonical: a slice, nothing is serialised again.

        Exact because in canonical XML ``">`` ends a start tag and "<" starts one; signed elements carry an Id, no other
        attribute, and none of their own kind inside. Raises PacketError("not_canonical").
        """
        mark = f' Id="{target}">'.encode()
        at = packet.find(mark)
        start = packet.rfind(b"<", 0, at) if at > 0 else -1
        tag = packet[start + 1 : at]
        closing = b"</" + tag + b">"
        end = packet.find(closing, at)
        twice = packet.find(mark, at + 1) >= 0 or packet.find(b"<" + tag + b" ", at, end) >= 0
        if start < 0 or end < 0 or twice:
            raise PacketError("not_canonical", f"the element {target} cannot be told apart")
        return packet[start : end + len(closing)]

    def data_digest(self, packet: bytes) -> str:
        """SHA-256, hexadecimal, of the exclusive C14N of the data element. The packet is parsed safely."""
        root = self._safe_root(packet)
        if len(root) == 0 or root[0].tag != self.layout.tag:
            raise PacketError("schema", f"{self.layout.tag} is missing", self.layout.tag)
        return hashlib.sha256(canonical(root[0])).hexdigest()

    def build_list(self, packets: Iterable[bytes]) -> bytes:
        """Join packets, byte for byte, to the list of one transaction (no organisation signature yet)."""
        return listing.build(self.list_tag, LIST_ID, self.root_tag, packets, self.limits)

    def split_list(self, list_bytes: bytes, limits: Limits | None = None) -> listing.ListContent:
        """Cut a list into its packets, byte for byte as they stand in it. The packets are not validated here."""
        return listing.split(list_bytes, self.list_tag, LIST_ID, self.root_tag, limits or self.limits)

    def _data_text(self, data: RecordData) -> str:
        found: list[PacketError] = []
        body = layout.write(self.layout, data, found)
        if found:
            raise found[0]
        return f'<{self.root_tag}><{self.layout.tag} Id="{DATA_ID}">{body}</{self.layout.tag}>'

    def _safe_root(self, packet: bytes) -> etree._Element:
        limits = self.limits
        return safe_parse(
            packet, max_bytes=limits.packet_bytes, max_depth=limits.packet_depth, max_elements=limits.packet_elements
        )

    def _parse(self, packet: bytes, signed: bool) -> tuple[etree._Element, RecordData]:
        root = self._check_form(packet, signed)
        data = RecordData(**layout.read(self.layout, root[0]))
        # Reading was strict about every text; what is left is white space between the tags of the data.
        end = packet.find(self.data_end)
        if end < 0 or _BLANK.search(packet, 0, end + len(self.data_end)):
            raise PacketError("not_canonical", "white space between the tags of the data")
        return root, data

    def _check_form(self, packet: bytes, signed: bool) -> etree._Element:
        root = self._safe_root(packet)
        schemas.validate(self.name, root, signed=signed, name_field=self._field_of)
        if canonical(root) != packet:
            raise PacketError("not_canonical", "the packet is not in exclusive canonical form")
        return root

    def _signers(self, root: etree._Element) -> Iterable[SignerInfo]:
        for signer, child in self.signature_holders(root):
            yield self.signer_info(signer, child)

    def signer_info(self, signer: SignerTag, holder: etree._Element) -> SignerInfo:
        """What stands beside a signature. Raises PacketError for a time that is none."""
        number = holder[1].text if signer.has_id_number and holder[1].tag == "SO_CCCD" else None
        try:
            moment = datetime.fromisoformat(holder[0].text).astimezone(VIETNAM_TIME)
        except ValueError:
            raise PacketError("format", f"{holder[0].text} is not a date and time", holder.tag) from None
        return SignerInfo(signer.role, moment, number)

    def _field_of(self, path: list[tuple[str, int | None]]) -> str | None:
        """Attribute of RecordData for a path of (tag, index from 1) below the root; the last tag when unknown."""
        node = self.layout
        name = ""
        for tag, index in path[1:]:
            if isinstance(node, layout.Lines) and tag == node.line_tag:
                name = f"{node.attribute}[{(index or 1) - 1}]"
                continue
            node = getattr(node, "by_tag", {}).get(tag)
            if node is None:
                break
            code = getattr(node, "code", None)
            attribute = f"{node.attribute}.{code}" if code else getattr(node, "attribute", None)
            name = f"{name}.{attribute}" if name and attribute else attribute or name
        return name or (path[-1][0] if path else None)


_profiles: dict[str, Profile] = {}


def register(profile: Profile) -> Profile:
    """Make a profile known under its name. Its schema files must stand in ``core/packet/schema``."""
    _profiles[profile.name] = profile
    return profile


def get_profile(name: str) -> Profile:
    """The profile of that name. Raises PacketError("unknown_profile")."""
    try:
        return _profiles[name]
    except KeyError:
        raise PacketError("unknown_profile", f"no profile {name!r}") from None


def profile_of(packet: bytes) -> Profile | None:
    """The profile whose format a packet begins like; None for bytes of no known format."""
    return next((profile for profile in _profiles.values() if profile.recognises(packet)), None)


def default_profile() -> Profile:
    """The profile that is used where nobody has chosen one: the first that was registered."""
    return next(iter(_profiles.values()))


def reading_profile(packet: bytes) -> Profile:
    """The profile to read bytes with: the one whose format they begin like, else the default, which says what is wrong
    with them.
    """
    return profile_of(packet) or default_profile()


def profile_names() -> tuple[str, ...]:
    """Names of all profiles, in order of registration."""
    return tuple(_profiles)


def attributes_written(profile: Profile) -> set[str]:
    """Attributes of RecordData that a profile carries (all of them, unless a format knows less)."""
    known = {spec.name for spec in fields(RecordData)}
    return {getattr(node, "attribute", None) for node in layout.walk(profile.layout)} & known
