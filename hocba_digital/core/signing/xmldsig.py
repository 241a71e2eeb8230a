"""The XML Signature of the house: how it is written, and how one is read back without believing it.

Shape (CV 2088 annex 1 §1.6; XML Signature 1.1): exclusive C14N, SHA-256, RSA PKCS#1 v1.5 or ECDSA P-256, exactly two
references (the signed element, then the property with the signing time), KeyInfo/X509Data with X509SubjectName and
X509Certificate, Object/SignatureProperties/SignatureProperty/SigningTime. Written as text that is its own canonical
form: inserting it leaves every other byte of a document alone.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from lxml import etree

from ..packet import Limits, PacketError, safe_parse
from .certificates import Holder

DS = "http://www.w3.org/2000/09/xmldsig#"
# The namespace that electronic documents of Vietnam (invoices, tax) use for this property.
PROPERTIES = "http://example.org/#signatureProperties"
C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = DS + "enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SIGNATURE_METHODS = {
    "rsa": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "ecdsa": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
}
SIGNATURE = f"{{{DS}}}Signature"
_ALGORITHM_OF = {uri: name for name, uri in SIGNATURE_METHODS.items()}
_NONE: list[str] = []
_ID = ["Id"]
_ID_TARGET = ["Id", "Target"]
_URI = ["URI"]
_ALGORITHM = ["Algorithm"]


def _tags(*names: str) -> tuple[str, ...]:
    return tuple(f"{{{DS}}}{name}" for name in names)


_SIGNATURE_PARTS = _tags("SignedInfo", "SignatureValue", "KeyInfo", "Object")
_SIGNED_INFO_PARTS = _tags("CanonicalizationMethod", "SignatureMethod", "Reference", "Reference")
_REFERENCE_PARTS = _tags("Transforms", "DigestMethod", "DigestValue")
_TRANSFORM = _tags("Transform")
_KEY_INFO_PARTS = _tags("X509Data")
_X509_PARTS = _tags("X509SubjectName", "X509Certificate")
_OBJECT_PARTS = _tags("SignatureProperties")
_PROPERTIES_PARTS = _tags("SignatureProperty")
_PROPERTY_PARTS = (f"{{{PROPERTIES}}}SigningTime",)
_MAX_CERTIFICATE = 16_384
_MAX_VALUE = 2_048


class SignatureFormatError(Exception):
    """A Signature element is not of the one accepted shape. ``code`` is a reason code of the report."""

    def __init__(self, code: str, detail: str):
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Reference:
    """One ds:Reference: target Id, algorithms of its transforms, expected SHA-256."""

    target: str
    transforms: tuple[str, ...]
    digest: bytes


@dataclass(frozen=True, slots=True)
class ParsedSignature:
    """A Signature element of the accepted shape, nothing in it verified yet."""

    element: etree._Element
    signed_info: etree._Element
    property: etree._Element
    algorithm: str
    references: tuple[Reference, Reference]
    value: bytes
    subject_name: str
    certificate: bytes
    signing_time: str


def base64_of(data: bytes) -> str:
    """Base64 on one line."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def key_info(holder: Holder) -> str:
    """The KeyInfo element of a signer as canonical text."""
    name = holder.subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")
    return (
        f"<KeyInfo><X509Data><X509SubjectName>{name}</X509SubjectName>"
        f"<X509Certificate>{base64_of(holder.der)}</X509Certificate></X509Data></KeyInfo>"
    )


def time_text(at: datetime) -> str:
    """A moment as CV 2088 annex 1 §1.3 writes it, to the second and with its offset."""
    return at.replace(microsecond=0).isoformat()


class Template:
    """Text of one kind of signature (Id, signed element, key, moment fixed), filled in per document.

    ``signed_info(digest)`` is the canonical SignedInfo to sign; ``signature(digest, value)`` the finished element.
    """

    def __init__(self, *, sig_id: str, target: str, transforms: tuple[str, ...], holder: Holder, at: datetime):
        prop = (
            f' Id="{sig_id}-prop" Target="#{sig_id}"><SigningTime xmlns="{PROPERTIES}">{time_text(at)}'
            "</SigningTime></SignatureProperty>"
        )
        prop_digest = sha256(f'<SignatureProperty xmlns="{DS}"{prop}'.encode()).digest()
        self._info_start = (
            f'><CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>'
            f'<SignatureMethod Algorithm="{SIGNATURE_METHODS[holder.algorithm]}"></SignatureMethod>'
            + _reference_start(target, transforms)
        )
        self._info_end = (
            "</DigestValue></Reference>"
            + _reference_start(f"{sig_id}-prop", (C14N,))
            + base64_of(prop_digest)
            + "</DigestValue></Reference></SignedInfo>"
        )
        self._start = f'<Signature xmlns="{DS}" Id="{sig_id}"><SignedInfo'
        self._end = (
            f"</SignatureValue>{key_info(holder)}<Object><SignatureProperties><SignatureProperty{prop}"
            "</SignatureProperties></Object></Signature>"
        )

    def signed_info(self, digest: str) -> bytes:
        """Canonical SignedInfo for a signed element with this SHA-256 (base64)."""
        return f'<SignedInfo xmlns="{DS}"{self._info_start}{digest}{self._info_end}'.encode()

    def signature(self, digest: str, value: bytes) -> str:
        """The Signature element with this raw signature value."""
        info = f"{self._info_start}{digest}{self._info_end}"
        return f"{self._start}{info}<SignatureValue>{base64_of(value)}{self._end}"


def read_signature(element: etree._Element) -> ParsedSignature:
    """Read a ds:Signature of exactly the shape above; white space between elements and in base64 is allowed.

    Raises SignatureFormatError ``signature_format`` for anything more, less or elsewhere, ``algorithm`` for another
    algorithm or transform.
    """
    if element.tag != SIGNATURE:
        raise SignatureFormatError("signature_format", f"{element.tag} instead of Signature")
    info, value, keys, content = _children(element, _SIGNATURE_PARTS, _ID)
    method, data, prop = _signed_info(info)
    (x509_data,) = _children(keys, _KEY_INFO_PARTS)
    subject, certificate = _children(x509_data, _X509_PARTS)
    (properties,) = _children(content, _OBJECT_PARTS)
    (property_element,) = _children(properties, _PROPERTIES_PARTS)
    moment = _signing_time(property_element, element.get("Id"))
    return ParsedSignature(
        element=element,
        signed_info=info,
        property=property_element,
        algorithm=method,
        references=(data, prop),
        value=_base64(value, _MAX_VALUE),
        subject_name=_text(subject).strip(),
        certificate=_base64(certificate, _MAX_CERTIFICATE),
        signing_time=moment,
    )


def has_foreign_algorithm(data: bytes, limits: Limits) -> bool:
    """Whether a well-formed document names an algorithm that is not accepted anywhere in a signature."""
    try:
        root = safe_parse(
            data, max_bytes=limits.packet_bytes, max_depth=limits.packet_depth, max_elements=limits.packet_elements
        )
    except PacketError:
        return False
    accepted = {C14N, ENVELOPED, SHA256, *_ALGORITHM_OF}
    return any(element.get("Algorithm", C14N) not in accepted for element in root.iter(f"{{{DS}}}*"))


def _reference_start(target: str, transforms: tuple[str, ...]) -> str:
    steps = "".join(f'<Transform Algorithm="{uri}"></Transform>' for uri in transforms)
    return (
        f'<Reference URI="#{target}"><Transforms>{steps}</Transforms>'
        f'<DigestMethod Algorithm="{SHA256}"></DigestMethod><DigestValue>'
    )


def _signed_info(info) -> tuple[str, Reference, Reference]:
    canonicalization, method, data, prop = _children(info, _SIGNED_INFO_PARTS)
    if _algorithm(canonicalization) != C14N:
        raise SignatureFormatError("algorithm", f"canonicalisation {canonicalization.get('Algorithm')}")
    algorithm = _ALGORITHM_OF.get(_algorithm(method))
    if algorithm is None:
        raise SignatureFormatError("algorithm", f"signature method {method.get('Algorithm')}")
    return algorithm, _reference(data), _reference(prop)


def _reference(element) -> Reference:
    steps, method, digest = _children(element, _REFERENCE_PARTS, _URI)
    uri = element.get("URI")
    if len(uri) < 2 or uri[0] != "#":
        raise SignatureFormatError("signature_format", f"Reference to {uri!r}")
    if _algorithm(method) != SHA256:
        raise SignatureFormatError("algorithm", f"digest method {method.get('Algorithm')}")
    transforms = tuple(_algorithm(step) for step in _children(steps, _TRANSFORM * len(steps)))
    return Reference(uri[1:], transforms, _base64(digest, 64))


def _signing_time(element, sig_id: str) -> str:
    if element.get("Target") != f"#{sig_id}":
        raise SignatureFormatError("signature_format", "SignatureProperty targets another signature")
    (inner,) = _children(element, _PROPERTY_PARTS, _ID_TARGET)
    return _text(inner).strip()


def _algorithm(element) -> str:
    if len(element) or element.text or element.keys() != _ALGORITHM:
        raise SignatureFormatError("signature_format", f"{element.tag} holds more than an algorithm")
    return element.get("Algorithm")


def _children(element, tags: tuple[str, ...], attributes: list[str] = _NONE) -> list[etree._Element]:
    """Children, after checking that they and the attributes are exactly the named ones, with no text between."""
    keys = element.keys()
    if keys != attributes and sorted(keys) != attributes:
        raise SignatureFormatError("signature_format", f"attributes of {element.tag}: {keys}")
    children = list(element)
    text = element.text
    if len(children) != len(tags) or (text and not text.isspace()):
        raise SignatureFormatError("signature_format", f"children or text of {element.tag}")
    for child, tag in zip(children, tags, strict=True):
        tail = child.tail
        if child.tag != tag or (tail and not tail.isspace()):
            raise SignatureFormatError("signature_format", f"{child.tag} in {element.tag}")
    return children


def _text(element) -> str:
    if len(element) or element.keys():
        raise SignatureFormatError("signature_format", f"{element.tag} holds more than text")
    return element.text or ""


def _base64(element, limit: int) -> bytes:
    text = _text(element)
    if "\n" in text or " " in text:
        text = "".join(text.split())
    if not text or len(text) > limit * 4 // 3 + 4:
        raise SignatureFormatError("signature_format", f"length of {element.tag}")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise SignatureFormatError("signature_format", f"{element.tag} is not base64") from None
