"""XAdES baseline properties of a signature (ETSI EN 319 132-1): signed beside the data, and added later.

B-B: SigningTime, SigningCertificateV2, optionally SignaturePolicyIdentifier, and the format of what is signed.
B-T: SignatureTimeStamp, unsigned, over the canonical SignatureValue. Written as text that is its own canonical form.
"""

from dataclasses import dataclass
from hashlib import sha256

from asn1crypto import tsp

from .certificates import Holder
from .shape import (
    C14N,
    DS,
    SHA256,
    SignatureFormatError,
    base64_of,
    base64_value,
    children,
    ds_tags,
    one_algorithm,
    text_of,
)

XADES = "http://uri.etsi.org/01903/v1.3.2#"
SIGNATURE_END = "</QualifyingProperties></Object></Signature>"
"""What follows the SignedProperties of a signature without a time stamp."""
OID_AS_URN = ' Qualifier="OIDAsURN"'
POLICY_ADDRESS_START = "<SigPolicyQualifiers><SigPolicyQualifier><SPURI>"
POLICY_ADDRESS_END = "</SPURI></SigPolicyQualifier></SigPolicyQualifiers>"
SIGNED_PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"
_MIME_TYPE = "text/xml"
_MAX_TOKEN = 65_536
_MAX_STAMPS = 4


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """A signature policy that the signer commits to: its identifier (URI or urn:oid) and the document's SHA-256.

    ``address``: where the document can be had (SPURI), None when it is not said.
    """

    identifier: str
    digest: bytes
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Qualifying:
    """QualifyingProperties as read, nothing in them verified yet. ``stamps``: RFC 3161 tokens (DER)."""

    signed_id: str
    signing_time: str
    certificate_digest: bytes
    issuer_serial: bytes | None
    policy: SignaturePolicy | None
    formats: tuple[str, ...]
    stamps: tuple[bytes, ...]


def signed_id_of(sig_id: str) -> str:
    """Id of the SignedProperties of a signature."""
    return f"{sig_id}-signed"


def signed_properties(
    sig_id: str, holder: Holder, time: str, references: tuple[str, ...], policy: SignaturePolicy | None
) -> str:
    """SignedProperties without the start of its tag (``<SignedProperties``), canonical. ``time``: as SigningTime."""
    named = "".join(
        f'<DataObjectFormat ObjectReference="#{reference}"><MimeType>{_MIME_TYPE}</MimeType></DataObjectFormat>'
        for reference in references
    )
    return (
        f' Id="{signed_id_of(sig_id)}"><SignedSignatureProperties><SigningTime>{time}</SigningTime>'
        f"<SigningCertificateV2><Cert><CertDigest>{_digest(holder.fingerprint)}</CertDigest></Cert>"
        f"</SigningCertificateV2>{_policy_text(policy)}</SignedSignatureProperties><SignedDataObjectProperties>{named}"
        "</SignedDataObjectProperties></SignedProperties>"
    )


def signed_properties_digest(text: str) -> bytes:
    """SHA-256 of the canonical element, from the text of ``signed_properties``."""
    return sha256(f'<SignedProperties xmlns="{XADES}"{text}'.encode()).digest()


def unsigned_properties(sig_id: str, token: bytes) -> str:
    """UnsignedProperties with one SignatureTimeStamp (RFC 3161 token, DER), to stand before ``SIGNATURE_END``."""
    return (
        "<UnsignedProperties><UnsignedSignatureProperties>"
        f'<SignatureTimeStamp Id="{sig_id}-stamp">'
        f'<CanonicalizationMethod xmlns="{DS}" Algorithm="{C14N}"></CanonicalizationMethod>'
        f"<EncapsulatedTimeStamp>{base64_of(token)}</EncapsulatedTimeStamp></SignatureTimeStamp>"
        "</UnsignedSignatureProperties></UnsignedProperties>"
    )


def stamped_bytes(value: bytes) -> bytes:
    """What a SignatureTimeStamp covers: the canonical SignatureValue with this raw value (EN 319 132-1 §5.3)."""
    return f'<SignatureValue xmlns="{DS}">{base64_of(value)}</SignatureValue>'.encode()


def _digest(value: bytes) -> str:
    return (
        f'<DigestMethod xmlns="{DS}" Algorithm="{SHA256}"></DigestMethod>'
        f'<DigestValue xmlns="{DS}">{base64_of(value)}</DigestValue>'
    )


def _policy_text(policy: SignaturePolicy | None) -> str:
    if policy is None:
        return ""
    # EN 319 132-1 §5.2.9: an object identifier stands there as a URN, and the attribute says so.
    qualifier = OID_AS_URN if policy.identifier.startswith("urn:oid:") else ""
    address = f"{POLICY_ADDRESS_START}{_escaped(policy.address)}{POLICY_ADDRESS_END}" if policy.address else ""
    return (
        f"<SignaturePolicyIdentifier><SignaturePolicyId><SigPolicyId><Identifier{qualifier}>"
        f"{_escaped(policy.identifier)}</Identifier></SigPolicyId><SigPolicyHash>{_digest(policy.digest)}"
        f"</SigPolicyHash>{address}</SignaturePolicyId></SignaturePolicyIdentifier>"
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _tags(*names: str) -> tuple[str, ...]:
    return tuple(f"{{{XADES}}}{name}" for name in names)


_QUALIFYING = _tags("SignedProperties"), _tags("SignedProperties", "UnsignedProperties")
_SIGNED = _tags("SignedSignatureProperties", "SignedDataObjectProperties")
_SIGNATURE_PARTS = (
    _tags("SigningTime", "SigningCertificateV2"),
    _tags("SigningTime", "SigningCertificateV2", "SignaturePolicyIdentifier"),
)
_CERT = _tags("Cert")
_CERT_PARTS = _tags("CertDigest"), _tags("CertDigest", "IssuerSerialV2")
_POLICY_ID = _tags("SignaturePolicyId")
_POLICY_PARTS = (
    _tags("SigPolicyId", "SigPolicyHash"),
    _tags("SigPolicyId", "SigPolicyHash", "SigPolicyQualifiers"),
)
_QUALIFIER = _tags("SigPolicyQualifier")
_ADDRESS = _tags("SPURI")
_IDENTIFIER = _tags("Identifier")
_FORMAT = _tags("DataObjectFormat")
_FORMAT_PARTS = _tags("MimeType")
_UNSIGNED = _tags("UnsignedSignatureProperties")
_STAMP = _tags("SignatureTimeStamp")
_STAMP_PARTS = (
    (f"{{{DS}}}CanonicalizationMethod", f"{{{XADES}}}EncapsulatedTimeStamp"),
    _tags("EncapsulatedTimeStamp"),
)
_DIGEST = ds_tags("DigestMethod", "DigestValue")
QUALIFYING_PARTS = _tags("QualifyingProperties")


def read_qualifying(element, sig_id: str) -> Qualifying:
    """Read QualifyingProperties of exactly the shape above. Raises SignatureFormatError."""
    if element.get("Target") != f"#{sig_id}":
        raise SignatureFormatError("signature_format", "QualifyingProperties target another signature")
    signed, *unsigned = children(element, _QUALIFYING[len(element) > 1], ["Target"])
    signature_part, data_part = children(signed, _SIGNED, ["Id"])
    time, certificate, *policy = children(signature_part, _SIGNATURE_PARTS[len(signature_part) > 2])
    digest, issuer_serial = _certificate(certificate)
    return Qualifying(
        signed_id=signed.get("Id"),
        signing_time=text_of(time).strip(),
        certificate_digest=digest,
        issuer_serial=issuer_serial,
        policy=_policy(policy[0]) if policy else None,
        formats=tuple(_format(item) for item in children(data_part, _FORMAT * len(data_part))),
        stamps=_stamps(unsigned[0]) if unsigned else (),
    )


def names_certificate_digest(found: Qualifying, holder: Holder) -> bool:
    """Whether SigningCertificateV2 means this certificate: its digest, and its serial number where one is given."""
    if found.certificate_digest != holder.fingerprint:
        return False
    if found.issuer_serial is None:
        return True
    try:
        serial = tsp.IssuerSerial.load(found.issuer_serial, strict=True)["serial_number"].native
    except (ValueError, TypeError):
        return False
    return serial == holder.certificate.serial_number


def _certificate(element) -> tuple[bytes, bytes | None]:
    (cert,) = children(element, _CERT)
    digest, *issuer = children(cert, _CERT_PARTS[len(cert) > 1])
    return _digest_value(digest), base64_value(issuer[0], 4096) if issuer else None


def _digest_value(element) -> bytes:
    method, value = children(element, _DIGEST)
    if one_algorithm(method) != SHA256:
        raise SignatureFormatError("algorithm", f"digest method {method.get('Algorithm')}")
    return base64_value(value, 64)


def _policy(element) -> SignaturePolicy:
    (policy,) = children(element, _POLICY_ID)
    name, digest, *qualifiers = children(policy, _POLICY_PARTS[len(policy) > 2])
    (identifier,) = children(name, _IDENTIFIER)
    if len(identifier) or identifier.attrib not in ({}, {"Qualifier": "OIDAsURN"}):
        raise SignatureFormatError("signature_format", "Identifier of the policy holds more than text")
    address = _policy_address(qualifiers[0]) if qualifiers else None
    return SignaturePolicy((identifier.text or "").strip(), _digest_value(digest), address)


def _policy_address(element) -> str:
    (qualifier,) = children(element, _QUALIFIER)
    (address,) = children(qualifier, _ADDRESS)
    return text_of(address).strip()


def _format(element) -> str:
    (kind,) = children(element, _FORMAT_PARTS, ["ObjectReference"])
    text_of(kind)
    return element.get("ObjectReference")


def _stamps(element) -> tuple[bytes, ...]:
    (properties,) = children(element, _UNSIGNED)
    if not 1 <= len(properties) <= _MAX_STAMPS:
        raise SignatureFormatError("signature_format", f"{len(properties)} time stamps")
    return tuple(_stamp(item) for item in children(properties, _STAMP * len(properties)))


def _stamp(element) -> bytes:
    *method, token = children(element, _STAMP_PARTS[len(element) < 2], ["Id"])
    if method and one_algorithm(method[0]) != C14N:
        raise SignatureFormatError("algorithm", f"canonicalisation {method[0].get('Algorithm')}")
    return base64_value(token, _MAX_TOKEN)
