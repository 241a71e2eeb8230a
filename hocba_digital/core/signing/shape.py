"""Reading elements of exactly one shape, and the few names that writing and reading a signature share."""

import base64
import binascii

from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_NONE: list[str] = []
_ALGORITHM = ["Algorithm"]


class SignatureFormatError(Exception):
    """A Signature element is not of the one accepted shape. ``code`` is a reason code of the report."""

    def __init__(self, code: str, detail: str):
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def ds_tags(*names: str) -> tuple[str, ...]:
    """Tags in the namespace of XML Signature."""
    return tuple(f"{{{DS}}}{name}" for name in names)


def base64_of(data: bytes) -> str:
    """Base64 on one line."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def children(element, tags: tuple[str, ...], attributes: list[str] = _NONE) -> list[etree._Element]:
    """Children, after checking that they and the attributes are exactly the named ones, with no text between."""
    keys = element.keys()
    if keys != attributes and sorted(keys) != attributes:
        raise SignatureFormatError("signature_format", f"attributes of {element.tag}: {keys}")
    found = list(element)
    text = element.text
    if len(found) != len(tags) or (text and not text.isspace()):
        raise SignatureFormatError("signature_format", f"children or text of {element.tag}")
    for child, tag in zip(found, tags, strict=True):
        tail = child.tail
        if child.tag != tag or (tail and not tail.isspace()):
            raise SignatureFormatError("signature_format", f"{child.tag} in {element.tag}")
    return found


def one_algorithm(element) -> str:
    """The URI of an element that holds an Algorithm and nothing else."""
    if len(element) or element.text or element.keys() != _ALGORITHM:
        raise SignatureFormatError("signature_format", f"{element.tag} holds more than an algorithm")
    return element.get("Algorithm")


def text_of(element) -> str:
    """The text of an element that holds nothing else."""
    if len(element) or element.keys():
        raise SignatureFormatError("signature_format", f"{element.tag} holds more than text")
    return element.text or ""


def base64_value(element, limit: int) -> bytes:
    """The bytes of an element that holds Base64, at most ``limit`` of them; white space is allowed."""
    text = text_of(element)
    if "\n" in text or " " in text:
        text = "".join(text.split())
    if not text or len(text) > limit * 4 // 3 + 4:
        raise SignatureFormatError("signature_format", f"length of {element.tag}")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise SignatureFormatError("signature_format", f"{element.tag} is not base64") from None
