"""A profile's table of tags as data, and the one writer and reader that work from it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from .errors import PacketError
from .values import Choice, Kind

# Texts that were read lately are remembered tag by tag: names of schools and subjects, levels, dates come again.
_REMEMBERED = 1024
_SHORT = 80


@dataclass(frozen=True, slots=True)
class Field:
    """A simple tag. ``attribute`` None: a constant. ``derived``: written from an attribute that another tag holds."""

    tag: str
    attribute: str | None
    kind: Kind
    required: bool = True
    derived: bool = False
    known: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Level:
    """A simple tag that holds one entry of a tuple of pairs (code, level)."""

    tag: str
    attribute: str
    code: str
    kind: Choice
    required: bool = True
    known: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Lines:
    """A complex tag that holds one complex tag a line.

    ``id_prefix``: each line carries Id="<prefix>-<n>-<owner>", n from 1; ``id_owner``: the attribute of the whole data
    that ends it, so that a line signed by itself belongs to one record and no other.
    """

    tag: str
    line_tag: str
    attribute: str
    line_type: type
    fields: tuple[Field, ...]
    maximum: int
    minimum: int = 1
    key: str | None = None
    id_prefix: str | None = None
    id_owner: str | None = None
    by_tag: dict[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "by_tag", {item.tag: item for item in self.fields})

    def line_id(self, index: int, owner: str | None) -> str | None:
        """Id of the line at an index (from 0); None where lines carry none."""
        return f"{self.id_prefix}-{index + 1}-{owner}" if self.id_prefix else None


@dataclass(frozen=True, slots=True)
class Section:
    """A complex tag of the layout. ``element_id``: the Id that it carries, where it can be signed on its own."""

    tag: str
    nodes: tuple["Field | Level | Lines | Section", ...]
    element_id: str | None = None
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


def write_line(node: Lines, index: int, data: Any, problems: list[PacketError]) -> str:
    """The line at an index by itself, exactly as ``write`` puts it there."""
    out: list[str] = []
    _write_line(node, index, data, out, problems)
    return "".join(out)


def read(section: Section, element: etree._Element) -> dict[str, Any]:
    """Attributes of the data from a schema-valid element of this section.

    Strict: each text must be the one that ``write`` gives for its value. Raises PacketError, "not_canonical" where
    another text of the same value stands.
    """
    values = dict(section.defaults)
    derived: list[tuple[Field, str]] = []
    _read_nodes(section, element, values, derived)
    for node, text in derived:
        if node.kind.write(values[node.attribute]) != text:
            raise PacketError("not_canonical", f"{text} contradicts another tag", node.attribute)
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
            out.append(f'<{node.tag} Id="{node.element_id}">' if node.element_id else f"<{node.tag}>")
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
        _write_line(node, index, data, out, problems)
        key = getattr(line, node.key) if node.key else index
        if key in seen:
            name = f"{node.attribute}[{index}].{node.key}"
            problems.append(PacketError("duplicate", f"{key!r} stands there twice", name))
        seen.add(key)
    out.append(f"</{node.tag}>")


def _write_line(node: Lines, index: int, data, out, problems) -> None:
    name = node.line_id(index, node.id_owner and getattr(data, node.id_owner))
    out.append(f'<{node.line_tag} Id="{name}">' if name else f"<{node.line_tag}>")
    _write_nodes(node.fields, getattr(data, node.attribute)[index], f"{node.attribute}[{index}].", out, problems)
    out.append(f"</{node.line_tag}>")


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


def _read_nodes(section: Section, element, values, derived) -> None:
    by_tag = section.by_tag
    for child in element:
        node = by_tag[child.tag]
        kind = type(node)
        if kind is Field:
            if node.derived:
                derived.append((node, child.text or ""))
            else:
                value = _exact(node, child.text or "", "")
                if node.attribute is not None:
                    values[node.attribute] = value
        elif kind is Level:
            values[node.attribute] += ((node.code, _exact(node, child.text or "", "")),)
        elif kind is Section:
            _read_nodes(node, child, values, derived)
        else:
            values[node.attribute] = _read_lines(node, child, values)


def _read_lines(node: Lines, element, values) -> tuple:
    owner = node.id_owner and values[node.id_owner]
    lines = tuple(_read_line(node, index, line, owner) for index, line in enumerate(element))
    if node.key:
        seen = set()
        for index, line in enumerate(lines):
            key = getattr(line, node.key)
            if key in seen:
                name = f"{node.attribute}[{index}].{node.key}"
                raise PacketError("duplicate", f"{key!r} stands there twice", name)
            seen.add(key)
    return lines


def _read_line(node: Lines, index: int, element, owner: str | None):
    if element.get("Id") != node.line_id(index, owner):
        raise PacketError("not_canonical", f"Id {element.get('Id')} of line {index + 1}", node.attribute)
    values = {item.attribute: None for item in node.fields if not item.required}
    by_tag = node.by_tag
    for child in element:
        item = by_tag[child.tag]
        known = item.known.get(child.text)
        values[item.attribute] = (
            _exact(item, child.text or "", f"{node.attribute}[{index}].") if known is None else known
        )
    return node.line_type(**values)


def _exact(node: Field | Level, text: str, prefix: str) -> Any:
    """The value of a text, which must be what ``write`` gives for it."""
    known = node.known.get(text)
    if known is not None:
        return known
    try:
        value = node.kind.read(text)
        if (not text and not node.required) or node.kind.write(value) != text:
            raise PacketError("not_canonical", f"{text!r} is not in the one form that this profile writes")
    except PacketError as error:
        raise PacketError(error.code, error.message, f"{prefix}{node.attribute}") from None
    if len(text) <= _SHORT:
        if len(node.known) >= _REMEMBERED:
            node.known.clear()
        node.known[text] = value
    return value
