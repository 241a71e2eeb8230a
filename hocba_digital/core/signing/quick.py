"""The signatures of this house, read from a packet's canonical bytes in one pass.

What ``template`` writes has one text. A packet whose signatures have exactly that text needs its data parsed and
validated only: the text of the signatures is proven, character by character, to be well-formed, valid and canonical.
Whatever deviates is left to ``read_signature``, which reads the tree; a test compares the two.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from ..packet import MOST_SIGNERS, VIETNAM_TIME, Profile, SignerInfo, SignerTag
from .shape import C14N, DS, SHA256, base64_of
from .sign import signature_id
from .xades import (
    OID_AS_URN,
    POLICY_ADDRESS_END,
    POLICY_ADDRESS_START,
    SIGNATURE_END,
    SIGNED_PROPERTIES_TYPE,
    XADES,
    Qualifying,
    SignaturePolicy,
    signed_id_of,
    stamped_bytes,
)
from .xmldsig import PROPERTIES, SIGNATURE_METHODS, ParsedSignature, Reference

_BASE64 = "[A-Za-z0-9+/]+={0,2}"
_DIGEST = "([A-Za-z0-9+/]{43}=)"
_TIME = r"((?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+07:00)"
_TEXT = "[^<>&\\x00-\\x1f\\x7f]{1,1000}"


def _uri(uri: str) -> str:
    return f'"{re.escape(uri)}"'


def _reference(attributes: str) -> str:
    return (
        f"<Reference {attributes}><Transforms><Transform Algorithm={_uri(C14N)}></Transform></Transforms>"
        f"<DigestMethod Algorithm={_uri(SHA256)}></DigestMethod><DigestValue>{_DIGEST}</DigestValue></Reference>"
    )


def _pattern() -> re.Pattern[bytes]:
    """A role's element with ``Template.signature`` in it, and a group for each of the variable parts."""
    name = "(?P=id)"
    mime = "<MimeType>text/xml</MimeType></DataObjectFormat>"
    return re.compile(
        (
            f"<(?P<tag>[A-Z_]+)><NGAY_KY>{_TIME}</NGAY_KY>(?:<SO_CCCD>([0-9]{{12}})</SO_CCCD>)?"
            f'<Signature xmlns={_uri(DS)} Id="(?P<id>sig-[a-z]+(?:-[A-Za-z0-9_.-]+)?)"><SignedInfo(>'
            f"<CanonicalizationMethod Algorithm={_uri(C14N)}></CanonicalizationMethod>"
            '<SignatureMethod Algorithm="([^"<>&\\s]+)"></SignatureMethod>'
            + _reference(f'Id="{name}-ref-data" URI="#([A-Za-z_][A-Za-z0-9_.-]*)"')
            + _reference(f'Id="{name}-ref-prop" URI="#{name}-prop"')
            + _reference(f'Type={_uri(SIGNED_PROPERTIES_TYPE)} URI="#{name}-signed"')
            + f")</SignedInfo><SignatureValue>({_BASE64})</SignatureValue><KeyInfo><X509Data>"
            f"<X509SubjectName>({_TEXT})</X509SubjectName><X509Certificate>({_BASE64})</X509Certificate></X509Data>"
            f"</KeyInfo><Object><SignatureProperties><SignatureProperty"
            f'( Id="{name}-prop" Target="#{name}"><SigningTime xmlns={_uri(PROPERTIES)}>{_TIME}</SigningTime>'
            f"</SignatureProperty>)</SignatureProperties></Object><Object>"
            f'<QualifyingProperties xmlns={_uri(XADES)} Target="#{name}"><SignedProperties'
            f'( Id="{name}-signed"><SignedSignatureProperties><SigningTime>{_TIME}</SigningTime>'
            f"<SigningCertificateV2><Cert><CertDigest><DigestMethod xmlns={_uri(DS)} Algorithm={_uri(SHA256)}>"
            f"</DigestMethod><DigestValue xmlns={_uri(DS)}>{_DIGEST}</DigestValue></CertDigest></Cert>"
            f"</SigningCertificateV2>{_policy_pattern()}</SignedSignatureProperties><SignedDataObjectProperties>"
            f'<DataObjectFormat ObjectReference="#{name}-ref-data">{mime}'
            f'<DataObjectFormat ObjectReference="#{name}-ref-prop">{mime}'
            f"</SignedDataObjectProperties></SignedProperties>)"
            f'(?:<UnsignedProperties><UnsignedSignatureProperties><SignatureTimeStamp Id="{name}-stamp">'
            f"<CanonicalizationMethod xmlns={_uri(DS)} Algorithm={_uri(C14N)}></CanonicalizationMethod>"
            f"<EncapsulatedTimeStamp>({_BASE64})</EncapsulatedTimeStamp></SignatureTimeStamp>"
            f"</UnsignedSignatureProperties></UnsignedProperties>)?{SIGNATURE_END}</(?P=tag)>"
        ).encode()
    )


def _policy_pattern() -> str:
    text = _TEXT.replace("1000", "500")
    return (
        "(?:<SignaturePolicyIdentifier><SignaturePolicyId><SigPolicyId>"
        f"<Identifier(?:{OID_AS_URN})?>({text})</Identifier></SigPolicyId>"
        f"<SigPolicyHash><DigestMethod xmlns={_uri(DS)} Algorithm={_uri(SHA256)}></DigestMethod>"
        f"<DigestValue xmlns={_uri(DS)}>{_DIGEST}</DigestValue></SigPolicyHash>"
        f"(?:{POLICY_ADDRESS_START}({text}){POLICY_ADDRESS_END})?"
        "</SignaturePolicyId></SignaturePolicyIdentifier>)?"
    )


_PATTERN = _pattern()
_ALGORITHM_OF = {uri.encode(): name for name, uri in SIGNATURE_METHODS.items()}
_INFO = f'<SignedInfo xmlns="{DS}"'.encode()
_PROPERTY = f'<SignatureProperty xmlns="{DS}"'.encode()
_SIGNED = f'<SignedProperties xmlns="{XADES}"'.encode()
# U+FFFE and U+FFFF, which XML does not allow, start with these bytes.
_NO_CHARACTERS = b"\xef\xbf"


@dataclass(frozen=True, slots=True)
class QuickPacket:
    """``skeleton``: the packet without its signatures, still to be parsed. ``signatures``: what was cut out."""

    skeleton: bytes
    signatures: list[tuple[SignerTag, SignerInfo, ParsedSignature]]


def quick_packet(packet: bytes, profile: Profile) -> QuickPacket | None:
    """Cut a packet into data and signatures; None where anything about the signatures is not of the one text."""
    steps, skeleton = _shape(profile)
    start = packet.find(profile.data_end) + len(profile.data_end) - 1
    if start < len(profile.data_end) or len(packet) > profile.limits.packet_bytes:
        return None
    at = start
    signatures = []
    names = set()
    for text, tag in steps:
        if not packet.startswith(text, at):
            return None
        at += len(text)
        opening = f"<{tag.tag}>".encode() if tag else None
        while tag and packet.startswith(opening, at):
            found = _PATTERN.match(packet, at)
            signature = found and _signature(found, tag)
            if not signature or found["id"] in names:
                return None
            names.add(found["id"])
            signatures.append((tag, *signature))
            at = found.end()
            if not tag.inner_tag:
                break
    whole = at == len(packet) and len(signatures) <= MOST_SIGNERS
    return QuickPacket(packet[:start] + skeleton, signatures) if whole else None


@lru_cache(maxsize=16)
def _shape(profile: Profile) -> tuple[tuple[tuple[bytes, SignerTag | None], ...], bytes]:
    """What follows the data: (text, whose signatures may come behind it) one after the other; and all the text."""
    steps: list[tuple[bytes, SignerTag | None]] = []
    text = ""
    for place, signers in profile.signature_lists():
        text += f"<{place}>"
        for tag in signers:
            steps.append((f"{text}<{tag.inner_tag}>".encode() if tag.inner_tag else text.encode(), tag))
            text = f"</{tag.inner_tag}>" if tag.inner_tag else ""
        text += f"</{place}>"
    steps.append((f"{text}</{profile.root_tag}>".encode(), None))
    return tuple(steps), profile.no_signatures().encode()


def _signature(found: re.Match[bytes], tag: SignerTag) -> tuple[SignerInfo, ParsedSignature] | None:
    parts = found.groups()
    _tag, signed_on, number, sig_id, info, method, target, data, prop, signed, value, name, certificate, *more = parts
    property_text, time, signed_text, signed_time, certificate_digest, *policy, stamp = more
    own = sig_id.decode()
    algorithm = _ALGORITHM_OF.get(method)
    if (
        algorithm is None
        or own != signature_id(tag, target.decode())
        or (number and not tag.has_id_number)
        or any(_NO_CHARACTERS in (text or b"") for text in (name, *policy))
    ):
        return None
    try:
        raw_value, der, token = (base64.b64decode(text) for text in (value, certificate, stamp or b""))
        moment = datetime.fromisoformat(signed_on.decode()).astimezone(VIETNAM_TIME)
        datetime.fromisoformat(time.decode())
        datetime.fromisoformat(signed_time.decode())
        subject = name.decode()
        identifier, address = (text and text.decode().strip() for text in (policy[0], policy[2]))
    except (binascii.Error, ValueError):
        return None
    # Base64 with stray bits in its last character says the same bytes in another text.
    texts = ((raw_value, value), (der, certificate), (token, stamp or b""))
    if any(base64_of(raw).encode() != text for raw, text in texts):
        return None
    parsed = ParsedSignature(
        sig_id=own,
        signed_info=b"".join((_INFO, info, b"</SignedInfo>")),
        property_id=f"{own}-prop",
        property_digest=sha256(_PROPERTY + property_text).digest(),
        signed_digest=sha256(_SIGNED + signed_text).digest(),
        algorithm=algorithm,
        references=(
            Reference(f"{own}-ref-data", target.decode(), (C14N,), base64.b64decode(data)),
            Reference(f"{own}-ref-prop", f"{own}-prop", (C14N,), base64.b64decode(prop)),
            Reference(None, signed_id_of(own), (C14N,), base64.b64decode(signed)),
        ),
        value=raw_value,
        subject_name=subject.strip(),
        certificate=der,
        signing_time=time.decode(),
        qualifying=Qualifying(
            signed_id=signed_id_of(own),
            signing_time=signed_time.decode(),
            certificate_digest=base64.b64decode(certificate_digest),
            issuer_serial=None,
            policy=SignaturePolicy(identifier, base64.b64decode(policy[1]), address) if policy[0] else None,
            formats=(f"#{own}-ref-data", f"#{own}-ref-prop"),
            stamps=(token,) if stamp else (),
        ),
        stamped=stamped_bytes(raw_value) if stamp else b"",
    )
    return SignerInfo(tag.role, moment, number.decode() if number else None), parsed
