"""Small signed documents of our own (acknowledgement, hand-over, receipt): flat XML in exclusive canonical form.

They carry the Id of a transaction's list: ``signing.sign_list`` signs them, ``signing.verify_list`` verifies them.
"""

from xml.sax.saxutils import escape

from lxml import etree

from .errors import PacketError
from .limits import DEFAULT_LIMITS
from .profile import LIST_ID
from .xml import canonical, safe_parse


def element(tag: str, *texts: str) -> str:
    """An element that holds ``texts``, which are markup of this function or escaped by :func:`leaf`."""
    return f"<{tag}>{''.join(texts)}</{tag}>"


def leaf(tag: str, text: str) -> str:
    """An element that holds a text."""
    return element(tag, escape(text))


def given(tag: str, value: object) -> list[str]:
    """The element of a value, or nothing where there is none (None or an empty text)."""
    return [] if value is None or value == "" else [leaf(tag, str(value))]


def build_sheet(tag: str, *parts: str) -> bytes:
    """A document of elements, in canonical form, not signed yet."""
    return f'<{tag} Id="{LIST_ID}">{"".join(parts)}</{tag}>'.encode()


def open_sheet(content: bytes, tag: str, *, max_elements: int) -> etree._Element:
    """Root of a document of this kind, signed or not; its signature is NOT verified here. Raises PacketError."""
    limits = DEFAULT_LIMITS
    root = safe_parse(content, max_bytes=limits.list_bytes, max_depth=limits.packet_depth, max_elements=max_elements)
    if root.tag != tag or root.get("Id") != LIST_ID or canonical(root) != content:
        raise PacketError("schema", f"not {tag} in canonical form")
    return root
