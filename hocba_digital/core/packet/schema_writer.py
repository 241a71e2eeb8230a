"""Writes the XSD files of the profiles from their tables.

``python -m hocba_core.packet.schema_writer`` (with host/lib on the path) writes the shipped files; a test compares.
"""

from .layout import Field, Level, Lines, Section
from .profile import MOST_SIGNERS, Profile, SignerTag
from .schemas import FOLDER, SIGNATURE_FILE, file_of

DSIG = "http://www.w3.org/2000/09/xmldsig#"
_MOMENT = r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\+07:00"


def data_file(profile: Profile) -> str:
    """Name of the file with the types that both schemas of a profile include."""
    return f"{profile.name}-data.xsd"


def data_schema(profile: Profile) -> str:
    """XSD of the data element, from the profile's layout."""
    lines = [
        *_head(f"Profile {profile.name}: the data of a record. Written from the profile's tables."),
        '  <xs:complexType name="DataType">',
        "    <xs:sequence>",
        *_nodes(profile.layout, 6),
        "    </xs:sequence>",
        '    <xs:attribute name="Id" use="required">',
        '      <xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="data"/>'
        "</xs:restriction></xs:simpleType>",
        "    </xs:attribute>",
        "  </xs:complexType>",
        "</xs:schema>",
    ]
    return "\n".join(lines) + "\n"


def packet_schema(profile: Profile, *, signed: bool) -> str:
    """XSD of a packet: ``signed`` with the mandatory signatures, else with none to all of them."""
    kind = "a complete packet" if signed else "a packet in work: none to all of its signatures"
    lines = [
        *_head(f"Profile {profile.name}: {kind}. Written from the profile's tables.", imports=True),
        f'  <xs:include schemaLocation="{data_file(profile)}"/>',
        f'  <xs:element name="{profile.root_tag}">',
        "    <xs:complexType>",
        "      <xs:sequence>",
        f'        <xs:element name="{profile.layout.tag}" type="DataType"/>',
    ]
    for place, signers in profile.signature_lists():
        entries = [line for signer in signers for line in _signer(signer, signed)]
        lines += _complex(place, entries, 8)
    lines += [
        "      </xs:sequence>",
        "    </xs:complexType>",
        "  </xs:element>",
        *_signature_type("PersonSignatureType", with_number=True),
        *_signature_type("OrganisationSignatureType", with_number=False),
        "</xs:schema>",
    ]
    return "\n".join(lines) + "\n"


def _signer(signer: SignerTag, signed: bool) -> list[str]:
    kind = "PersonSignatureType" if signer.has_id_number else "OrganisationSignatureType"
    if signer.inner_tag:
        occurs = f'minOccurs="0" maxOccurs="{MOST_SIGNERS}"'
        many = f'                    <xs:element name="{signer.tag}" type="{kind}" {occurs}/>'
        return _complex(signer.inner_tag, [many], 14)
    optional = "" if signed and signer.required else ' minOccurs="0"'
    return [f'              <xs:element name="{signer.tag}" type="{kind}"{optional}/>']


def files(profile: Profile) -> dict[str, str]:
    """File name -> content of every schema file of a profile (the signature's own file is written by hand)."""
    return {
        data_file(profile): data_schema(profile),
        file_of(profile.name, signed=True).name: packet_schema(profile, signed=True),
        file_of(profile.name, signed=False).name: packet_schema(profile, signed=False),
    }


def _head(title: str, imports: bool = False) -> list[str]:
    dsig = f' xmlns:ds="{DSIG}"' if imports else ""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"{dsig} elementFormDefault="qualified">',
        f"  <xs:annotation><xs:documentation>{title}</xs:documentation></xs:annotation>",
    ]
    if imports:
        lines.append(f'  <xs:import namespace="{DSIG}" schemaLocation="{SIGNATURE_FILE}"/>')
    return lines


def _nodes(section: Section, indent: int) -> list[str]:
    lines: list[str] = []
    for node in section.nodes:
        if isinstance(node, Field | Level):
            lines += _simple(node, indent)
        elif isinstance(node, Section):
            lines += _complex(node.tag, _nodes(node, indent + 6), indent, identity=_fixed_id(node.element_id))
        else:
            lines += _list(node, indent)
    return lines


def _simple(node: Field | Level, indent: int) -> list[str]:
    pad = " " * indent
    optional = "" if node.required else ' minOccurs="0"'
    return [
        f'{pad}<xs:element name="{node.tag}"{optional}>',
        f'{pad}  <xs:simpleType><xs:restriction base="{node.kind.base}">',
        *(f"{pad}    {facet}" for facet in node.kind.facets()),
        f"{pad}  </xs:restriction></xs:simpleType>",
        f"{pad}</xs:element>",
    ]


def _list(node: Lines, indent: int) -> list[str]:
    fields = [line for item in node.fields for line in _simple(item, indent + 12)]
    occurs = f' minOccurs="{node.minimum}" maxOccurs="{node.maximum}"'
    identity = f'<xs:pattern value="{node.id_prefix}-[1-9][0-9]{{0,2}}-[0-9a-f-]{{36}}"/>' if node.id_prefix else ""
    return _complex(node.tag, _complex(node.line_tag, fields, indent + 6, occurs, identity), indent)


def _fixed_id(name: str | None) -> str:
    return f'<xs:enumeration value="{name}"/>' if name else ""


def _complex(tag: str, content: list[str], indent: int, occurs: str = "", identity: str = "") -> list[str]:
    """An element with its children; ``identity``: the facet that its Id has to meet, when it carries one."""
    pad = " " * indent
    restriction = f'<xs:simpleType><xs:restriction base="xs:string">{identity}</xs:restriction></xs:simpleType>'
    attribute = [f'{pad}    <xs:attribute name="Id" use="required">{restriction}</xs:attribute>'] if identity else []
    return [
        f'{pad}<xs:element name="{tag}"{occurs}>',
        f"{pad}  <xs:complexType>",
        f"{pad}    <xs:sequence>",
        *content,
        f"{pad}    </xs:sequence>",
        *attribute,
        f"{pad}  </xs:complexType>",
        f"{pad}</xs:element>",
    ]


def _signature_type(name: str, *, with_number: bool) -> list[str]:
    pattern = (
        '<xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="{}"/></xs:restriction></xs:simpleType>'
    )
    number = [
        '      <xs:element name="SO_CCCD" minOccurs="0">',
        f"        {pattern.format('[0-9]{12}')}",
        "      </xs:element>",
    ]
    return [
        f'  <xs:complexType name="{name}">',
        "    <xs:sequence>",
        '      <xs:element name="NGAY_KY">',
        f"        {pattern.format(_MOMENT)}",
        "      </xs:element>",
        *(number if with_number else []),
        '      <xs:element ref="ds:Signature"/>',
        "    </xs:sequence>",
        "  </xs:complexType>",
    ]


def main() -> None:
    """Write the schema files of every profile."""
    from . import get_profile, profile_names

    for profile_name in profile_names():
        for name, content in files(get_profile(profile_name)).items():
            (FOLDER / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
