"""XML of a stranger, read without trusting it."""

import re
import threading
from functools import lru_cache

from lxml import etree

from .errors import PacketError

_DECLARATION = re.compile(
    rb"""<\?xml\s+version\s*=\s*["']1\.0["'](\s+encoding\s*=\s*["'][Uu][Tt][Ff]-8["'])?"""
    rb"""(\s+standalone\s*=\s*["'](yes|no)["'])?\s*\?>"""
)
_FOREIGN_ATTRIBUTE = etree.XPath("boolean(//@*[namespace-uri() != ''])")
_IDS = etree.XPath("//@Id | //@ID | //@id | //@iD", smart_strings=False)
# Above this size libxml2 needs its own safety limits lifted; ours (bytes, depth, elements) stay.
_LIBXML_COMFORT = 9_000_000
_local = threading.local()


def safe_parse(
    data: bytes, *, max_bytes: int, max_depth: int, max_elements: int, unique_ids: bool = True
) -> etree._Element:
    """Parse hostile bytes and return the root element.

    Accepted is plain UTF-8 XML 1.0 of elements, attributes without namespace and text. Refused, each with its own
    code: other encodings and a byte order mark, DTD (and so every entity of one's own), comments, processing
    instructions, CDATA sections, attributes in a namespace (``xsi:schemaLocation`` would make a validator fetch),
    anything beyond the three limits, and, unless ``unique_ids`` is False, two attributes Id with one value.
    ``max_depth`` counts the root as 1. Nothing is ever fetched.
    """
    _check_bytes(data, max_bytes, max_elements)
    try:
        root = etree.fromstring(data, _parser(huge=len(data) > _LIBXML_COMFORT))
    except etree.XMLSyntaxError as error:
        raise PacketError("syntax", f"not well-formed XML: {error.msg}") from None
    if _deeper_than(max_depth)(root):
        raise PacketError("too_deep", f"more than {max_depth} levels of elements")
    # Only a prefix puts an attribute into a namespace: xml: or one that xmlns: declares.
    if (b"xml:" in data or b"xmlns:" in data) and _FOREIGN_ATTRIBUTE(root):
        raise PacketError("attribute", "attributes in a namespace are not accepted")
    if unique_ids:
        ids = _IDS(root)
        if len(ids) != len(set(ids)):
            raise PacketError("duplicate_id", "two elements carry the same Id")
    return root


def canonical(element: etree._Element) -> bytes:
    """Exclusive C14N 1.0 without comments of the element and what is in it."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False, with_tail=False)


def all_ids(element: etree._Element) -> list[str]:
    """Values of every attribute Id, ID or id in and under the element."""
    return _IDS(element)


def _check_bytes(data: bytes, max_bytes: int, max_elements: int) -> None:
    if not isinstance(data, bytes):
        raise PacketError("type", "bytes are expected")
    if len(data) > max_bytes:
        raise PacketError("too_large", f"{len(data)} bytes, at most {max_bytes}")
    if data.startswith(b"\xef\xbb\xbf"):
        raise PacketError("encoding", "a byte order mark is not accepted")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise PacketError("encoding", "the bytes are not UTF-8") from None
    start = 0
    if data.startswith(b"<?xml"):
        declaration = _DECLARATION.match(data)
        if declaration is None:
            raise PacketError("declaration", "only an XML 1.0 declaration with encoding UTF-8 is accepted")
        start = declaration.end()
    # In well-formed XML "<" stands only where a markup starts, so these searches of the raw bytes are exact. Looking
    # for the single byte first is many times faster.
    if b"!" in data and data.find(b"<!", start) >= 0:
        raise _markup_error(data, data.find(b"<!", start))
    if b"?" in data and data.find(b"<?", start) >= 0:
        raise PacketError("processing_instruction", "processing instructions are not accepted")
    tags = data.count(b"<")
    if tags > max_elements and tags - data.count(b"</") > max_elements + (start > 0):
        raise PacketError("too_many_elements", f"more than {max_elements} elements")


def _markup_error(data: bytes, at: int) -> PacketError:
    if data.startswith(b"<!--", at):
        return PacketError("comment", "comments are not accepted")
    if data.startswith(b"<![CDATA[", at):
        return PacketError("cdata", "CDATA sections are not accepted")
    return PacketError("dtd", "document type declarations are not accepted")


def _parser(*, huge: bool) -> etree.XMLParser:
    name = "huge" if huge else "plain"
    parser = getattr(_local, name, None)
    if parser is None:
        # A parser locks while it works: one a thread lets threads work side by side.
        parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            attribute_defaults=False,
            strip_cdata=False,
            remove_blank_text=False,
            huge_tree=huge,
        )
        setattr(_local, name, parser)
    return parser


@lru_cache(maxsize=16)
def _deeper_than(depth: int):
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")
