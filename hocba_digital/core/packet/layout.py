"""A profile's table of tags as data, and the one writer and reader that work from it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from .errors import PacketError
from .values import Choice, Kind


@dataclass(frozen=True, slots=True)
class Field:
    """A simple tag. ``attribute`` None: a constant. ``derived``: written from an attribute that another tag holds."""

    tag: str
    attribute: str | None
    kind: Kind
    required: bool = True
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A simple tag that holds one entry of a tuple of pairs (code, level)."""

    tag: str
    attribute: str
    code: str
    kind: Choice
    required: bool = True


@dataclass(frozen=True, slots=True)
class Lines:
    """A complex tag that holds one complex tag a line."""

    tag: str
    line_tag: str
    attribute: str
    line_type: type
    fields: tuple[Field, ...]
    maximum: int
    minimum: int = 1
    key: str | None = None
    by_tag: dict[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "by_tag", {item.tag: item for item in self.fields})


@dataclass(frozen=True, slots=True)
class Section:
    """A complex tag of the layout."""

    tag: str
    nodes: tuple["Field | Level | Lines | Section", ...]
    by_tag: dict[str, Any] = field(init=False, repr=False, compare=False)
    # Attribute -> codes of its levels, and attribute -> value of what may be absent, of all nodes below.
    codes: dict[str, frozenset[str]] = field(init=False, repr=False, compare=False)
    defaults: dict[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        codes: dict[str, frozenset[str]] = {}
        defaults: dict[str, Any] = {}
        for node in walk(self):
            if isinstance(node, Level):
                codes[node.attribute] = codes.get(node.attribute, frozenset()) | {node.code}
                defaults[node.attribute] = ()
            elif isinstance(node, Field) and node.attribute and not node.required:
                defaults[node.attribute] = None
        object.__setattr__(self, "by_tag", {item.tag: item for item in self.nodes})
        object.__setattr__(self, "codes", codes)
        object.__setattr__(self, "defaults", defaults)


def walk(section: Section) -> Iterator["Field | Level | Lines | Section"]:
    """Every node under a section, in document order (fields of lines included in their Lines node)."""
    for node in section.nodes:
        yield node
        if isinstance(node, Section):
            yield from walk(node)


def write(section: Section, data: Any, problems: list[PacketError]) -> str:
    """The content of a section as canonical XML text. What cannot be written is added to ``problems``."""
    out: list[str] = []
    _write_nodes(section.nodes, data, "", out, problems)
    for attribute, known in section.codes.items():
        _check_codes(known, attribute, data, problems)
    return "".join(out)


def read(section: Section, element: etree._Element) -> dict[str, Any]:
    """Attributes of the data from a schema-valid element of this section."""
    values = dict(section.defaults)
    _read_nodes(section, element, values)
    return values


def _write_nodes(nodes, data, prefix, out, problems) -> None:
    for node in nodes:
        if isinstance(node, Field):
            value = getattr(data, node.attribute) if node.attribute else None
            _write_value(node, value, f"{prefix}{node.attribute}", out, problems)
        elif isinstance(node, Level):
            value = dict(getattr(data, node.attribute) or ()).get(node.code)
            _write_value(node, value, f"{node.attribute}.{node.code}", out, problems)
        elif isinstance(node, Section):
            out.append(f"<{node.tag}>")
            _write_nodes(node.nodes, data, prefix, out, problems)
            out.append(f"</{node.tag}>")
        else:
            _write_lines(node, data, out, problems)


def _write_lines(node: Lines, data, out, problems) -> None:
    lines = getattr(data, node.attribute) or ()
    if len(lines) < node.minimum:
        problems.append(PacketError("required", f"at least {node.minimum} line is required", node.attribute))
    if len(lines) > node.maximum:
        problems.append(PacketError("too_long", f"at most {node.maximum} lines", node.attribute))
        return
    seen = set()
    out.append(f"<{node.tag}>")
    for index, line in enumerate(lines):
        out.append(f"<{node.line_tag}>")
        _write_nodes(node.fields, line, f"{node.attribute}[{index}].", out, problems)
        out.append(f"</{node.line_tag}>")
        key = getattr(line, node.key) if node.key else index
        if key in seen:
            name = f"{node.attribute}[{index}].{node.key}"
            problems.append(PacketError("duplicate", f"{key!r} stands there twice", name))
        seen.add(key)
    out.append(f"</{node.tag}>")


def _write_value(node, value, name, out, problems) -> None:
    if not node.required and (value is None or value == ""):
        return
    try:
        if value is None and node.attribute:
            raise PacketError("required", "a value is required")
        text = node.kind.write(value)
    except PacketError as error:
        if not getattr(node, "derived", False):
            problems.append(PacketError(error.code, error.message, name))
        return
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    out.append(f"<{node.tag}>{text}</{node.tag}>")


def _check_codes(known, attribute, data, problems) -> None:
    seen = set()
    for code, _level in getattr(data, attribute) or ():
        if code not in known:
            problems.append(PacketError("unknown_code", f"{code!r} is not known", attribute))
        elif code in seen:
            problems.append(PacketError("duplicate", f"{code!r} stands there twice", attribute))
        seen.add(code)


def _read_nodes(section: Section, element, values) -> None:
    for child in element:
        node = section.by_tag[child.tag]
        if isinstance(node, Field):
            _read_field(node, child, "", values)
        elif isinstance(node, Level):
            values[node.attribute] += ((node.code, node.kind.read(child.text or "")),)
        elif isinstance(node, Section):
            _read_nodes(node, child, values)
        else:
            values[node.attribute] = tuple(_read_line(node, index, line) for index, line in enumerate(child))


def _read_line(node: Lines, index: int, element):
    values = {item.attribute: None for item in node.fields if not item.required}
    for child in element:
        _read_field(node.by_tag[child.tag], child, f"{node.attribute}[{index}].", values)
    return node.line_type(**values)


def _read_field(node: Field, element, prefix, values) -> None:
    if node.attribute is None or node.derived:
        return
    try:
        values[node.attribute] = node.kind.read(element.text or "")
    except PacketError as error:
        raise PacketError(error.code, error.message, f"{prefix}{node.attribute}") from None
