"""The XML Signature of the house, read back without believing it (``template`` writes it).

Shape (CV 2088 annex 1 §1.6; XML Signature 1.1; ETSI EN 319 132-1): exclusive C14N, SHA-256, RSA PKCS#1 v1.5 or ECDSA
P-256; exactly three references (the signed element, the property with the signing time, the XAdES SignedProperties),
KeyInfo/X509Data with X509SubjectName and X509Certificate, Object/SignatureProperties/SignatureProperty/SigningTime and
Object/QualifyingProperties. Signatures of systems that know no XAdES lack the third reference and the second Object.
"""

from dataclasses import dataclass
from hashlib import sha256

from lxml import etree

from ..packet import Limits, PacketError, canonical, safe_parse
from .shape import C14N, DS, SHA256, SignatureFormatError, base64_value, children, ds_tags, one_algorithm, text_of
from .xades import QUALIFYING_PARTS, SIGNED_PROPERTIES_TYPE, Qualifying, read_qualifying

# The namespace that electronic documents of Vietnam (invoices, tax) use for this property.
PROPERTIES = "http://example.org/#signatureProperties"
ENVELOPED = DS + "enveloped-signature"
SIGNATURE_METHODS = {
    "rsa": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "ecdsa": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
}
SIGNATURE = f"{{{DS}}}Signature"
_ALGORITHM_OF = {uri: name for name, uri in SIGNATURE_METHODS.items()}
_ID = ["Id"]
_ID_TARGET = ["Id", "Target"]
_URI = (["URI"], ["Id", "URI"])
_TYPE_URI = (["Type", "URI"], ["Id", "Type", "URI"])
_SIGNATURE_PARTS = (
    ds_tags("SignedInfo", "SignatureValue", "KeyInfo", "Object"),
    ds_tags("SignedInfo", "SignatureValue", "KeyInfo", "Object", "Object"),
)
_SIGNED_INFO_PARTS = (
    ds_tags("CanonicalizationMethod", "SignatureMethod", "Reference", "Reference"),
    ds_tags("CanonicalizationMethod", "SignatureMethod", "Reference", "Reference", "Reference"),
)
_REFERENCE_PARTS = ds_tags("Transforms", "DigestMethod", "DigestValue")
_TRANSFORM = ds_tags("Transform")
_KEY_INFO_PARTS = ds_tags("X509Data")
_X509_PARTS = ds_tags("X509SubjectName", "X509Certificate")
_OBJECT_PARTS = ds_tags("SignatureProperties")
_PROPERTIES_PARTS = ds_tags("SignatureProperty")
_PROPERTY_PARTS = (f"{{{PROPERTIES}}}SigningTime",)
_MAX_CERTIFICATE = 16_384
_MAX_VALUE = 2_048


@dataclass(frozen=True, slots=True)
class Reference:
    """One ds:Reference: its Id if any, target Id, algorithms of its transforms, expected SHA-256."""

    own_id: str | None
    target: str
    transforms: tuple[str, ...]
    digest: bytes


@dataclass(frozen=True, slots=True)
class ParsedSignature:
    """A Signature element of the accepted shape, nothing in it verified yet.

    ``signed_info``: canonical bytes; ``property_digest`` and ``signed_digest``: SHA-256 of the canonical property and
    SignedProperties, which carry ``property_id`` and ``qualifying.signed_id``. ``qualifying`` and ``signed_digest``
    are None, and ``references`` are two, where there is no XAdES. ``stamped``: what time stamps are over, the canonical
    SignatureValue; empty without one.
    """

    sig_id: str
    signed_info: bytes
    property_id: str
    property_digest: bytes
    signed_digest: bytes | None
    algorithm: str
    references: tuple[Reference, ...]
    value: bytes
    subject_name: str
    certificate: bytes
    signing_time: str
    qualifying: Qualifying | None
    stamped: bytes = b""


def read_signature(element: etree._Element) -> ParsedSignature:
    """Read a ds:Signature of exactly the shape above; white space between elements and in base64 is allowed.

    Raises SignatureFormatError ``signature_format`` for anything more, less or elsewhere, ``algorithm`` for another
    algorithm or transform.
    """
    if element.tag != SIGNATURE:
        raise SignatureFormatError("signature_format", f"{element.tag} instead of Signature")
    with_xades = len(element) > 4
    info, value, keys, content, *more = children(element, _SIGNATURE_PARTS[with_xades], _ID)
    method, references = _signed_info(info, with_xades)
    (x509_data,) = children(keys, _KEY_INFO_PARTS)
    subject, certificate = children(x509_data, _X509_PARTS)
    (properties,) = children(content, _OBJECT_PARTS)
    (property_element,) = children(properties, _PROPERTIES_PARTS)
    moment = _signing_time(property_element, element.get("Id"))
    qualifying, signed = None, None
    if with_xades:
        (holder,) = children(more[0], QUALIFYING_PARTS)
        qualifying, signed = read_qualifying(holder, element.get("Id")), holder[0]
    return ParsedSignature(
        sig_id=element.get("Id"),
        signed_info=canonical(info),
        property_id=property_element.get("Id"),
        property_digest=sha256(canonical(property_element)).digest(),
        signed_digest=None if signed is None else sha256(canonical(signed)).digest(),
        algorithm=method,
        references=references,
        value=base64_value(value, _MAX_VALUE),
        subject_name=text_of(subject).strip(),
        certificate=base64_value(certificate, _MAX_CERTIFICATE),
        signing_time=moment,
        qualifying=qualifying,
        stamped=canonical(value) if qualifying and qualifying.stamps else b"",
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


def _signed_info(info, with_xades: bool) -> tuple[str, tuple[Reference, ...]]:
    canonicalization, method, data, prop, *signed = children(info, _SIGNED_INFO_PARTS[with_xades])
    if one_algorithm(canonicalization) != C14N:
        raise SignatureFormatError("algorithm", f"canonicalisation {canonicalization.get('Algorithm')}")
    algorithm = _ALGORITHM_OF.get(one_algorithm(method))
    if algorithm is None:
        raise SignatureFormatError("algorithm", f"signature method {method.get('Algorithm')}")
    references = [_reference(data, _URI), _reference(prop, _URI)]
    for element in signed:
        if element.get("Type") != SIGNED_PROPERTIES_TYPE:
            raise SignatureFormatError("signature_format", "the third Reference is not to SignedProperties")
        references.append(_reference(element, _TYPE_URI))
    return algorithm, tuple(references)


def _reference(element, attributes: tuple[list[str], list[str]]) -> Reference:
    own_id = element.get("Id")
    steps, method, digest = children(element, _REFERENCE_PARTS, attributes[own_id is not None])
    uri = element.get("URI")
    if len(uri) < 2 or uri[0] != "#":
        raise SignatureFormatError("signature_format", f"Reference to {uri!r}")
    if one_algorithm(method) != SHA256:
        raise SignatureFormatError("algorithm", f"digest method {method.get('Algorithm')}")
    transforms = tuple(one_algorithm(step) for step in children(steps, _TRANSFORM * len(steps)))
    return Reference(own_id, uri[1:], transforms, base64_value(digest, 64))


def _signing_time(element, sig_id: str) -> str:
    if element.get("Target") != f"#{sig_id}":
        raise SignatureFormatError("signature_format", "SignatureProperty targets another signature")
    (inner,) = children(element, _PROPERTY_PARTS, _ID_TARGET)
    return text_of(inner).strip()
