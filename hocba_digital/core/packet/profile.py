"""A profile: one format of the packet. Everything outside this package works with this interface only."""

import hashlib
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

DATA_ID = "data"
LIST_ID = "dataDanhSach"


@dataclass(frozen=True, slots=True)
class SignerTag:
    """Where a role's signature stands: <tag>NGAY_KY, SO_CCCD (persons), Signature</tag>."""

    role: str
    tag: str
    has_id_number: bool
    required: bool


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """What a packet says of one signature, before anybody has verified it."""

    role: str
    signed_on: datetime
    id_number: str | None


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

    @property
    def roles(self) -> tuple[str, ...]:
        """Signing roles in the order of their tags."""
        return tuple(signer.role for signer in self.signers)

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
        packet = f"{self._data_text(self.prepare(data, strict=strict))}<{self.signatures_tag}></{self.signatures_tag}>"
        result = f"{packet}</{self.root_tag}>".encode()
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
        return ParsedPacket(data, tuple(self._signers(root[1])), root)

    def data_element(self, root: etree._Element) -> etree._Element:
        """The element that persons and the seal sign, of a parsed packet."""
        return root[0]

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
        # Writing what was read finds every deviation at once: NFD, blanks, hidden characters, contradictory years.
        if not packet.startswith(self._data_text(data).encode()):
            raise PacketError("not_canonical", "the data are not in the one form that this profile writes")
        return root, data

    def _check_form(self, packet: bytes, signed: bool) -> etree._Element:
        root = self._safe_root(packet)
        schemas.validate(self.name, root, signed=signed, name_field=self._field_of)
        if canonical(root) != packet:
            raise PacketError("not_canonical", "the packet is not in exclusive canonical form")
        return root

    def _signers(self, element: etree._Element) -> Iterable[SignerInfo]:
        tags = {signer.tag: signer for signer in self.signers}
        for child in element:
            number = child[1].text if tags[child.tag].has_id_number and child[1].tag == "SO_CCCD" else None
            try:
                moment = datetime.fromisoformat(child[0].text).astimezone(VIETNAM_TIME)
            except ValueError:
                raise PacketError("format", f"{child[0].text} is not a date and time", child.tag) from None
            yield SignerInfo(tags[child.tag].role, moment, number)

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


def profile_names() -> tuple[str, ...]:
    """Names of all profiles, in order of registration."""
    return tuple(_profiles)


def attributes_written(profile: Profile) -> set[str]:
    """Attributes of RecordData that a profile carries (all of them, unless a format knows less)."""
    known = {spec.name for spec in fields(RecordData)}
    return {getattr(node, "attribute", None) for node in layout.walk(profile.layout)} & known
