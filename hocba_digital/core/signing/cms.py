"""The CMS part of a PAdES signature (RFC 5652, ETSI EN 319 122-1): what is signed, and the signed container.

pyHanko builds both. For RSA only the document's digest and the signature value differ between two files of one signer,
and both have a fixed length: the container is built once and these two are put into its bytes, ten times as fast.
"""

import asyncio
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256

from asn1crypto import cms as asn1_cms
from asn1crypto import core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.ades.api import CAdESSignedAttrSpec
from pyhanko.sign.ades.cades_asn1 import SignaturePolicyId, SignaturePolicyIdentifier
from pyhanko.sign.general import simple_cms_attribute
from pyhanko.sign.signers.pdf_cms import ExternalSigner, PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

from .certificates import Holder, holder_of
from .errors import SigningError
from .timestamp import TimeStamper
from .values import check_value
from .xades import SignaturePolicy

_ALGORITHM = "sha256"
_P256_BYTES = 32
_OID = re.compile(r"urn:oid:((?:[01]\.[1-3]?[0-9]|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))*)")
# Stand for the digest in the container that is built once; nothing else in it has these bytes.
_DIGEST = sha256(b"hocba: the document's digest").digest()


class CmsWriter:
    """Containers of one certificate. ``size``: bytes of a container without a time stamp, at most."""

    def __init__(
        self, holder: Holder, chain: tuple[x509.Certificate, ...], policy: SignaturePolicyIdentifier | None = None
    ):
        self._holder = holder
        self._certificate = asn1_x509.Certificate.load(holder.der)
        self._store = SimpleCertificateStore.from_certs(
            asn1_x509.Certificate.load(item.public_bytes(Encoding.DER)) for item in chain
        )
        placeholder = self._placeholder()
        named = PdfCMSSignedAttributes(cades_signed_attrs=CAdESSignedAttrSpec(signature_policy_identifier=policy))
        attributes = _run(
            self._signer(placeholder).signed_attrs(_DIGEST, _ALGORITHM, attr_settings=named, use_pades=True)
        )
        self._attributes: bytes = attributes.dump()
        self._container = self._build(self._attributes, placeholder)
        self._value = placeholder
        self.size = len(self._container)

    @classmethod
    def of(
        cls,
        certificate: x509.Certificate,
        chain: tuple[x509.Certificate, ...],
        at: datetime,
        *,
        organisation: bool,
        policy: SignaturePolicy | None = None,
    ) -> "CmsWriter":
        """For a certificate that may sign at that moment. Raises SigningError as for packets.

        ``policy``: named in the signature where its identifier is an object identifier; CMS knows no other kind.
        """
        if at.utcoffset() is None:
            raise SigningError("time", "the signing time needs a time zone")
        holder = holder_of(certificate)
        if holder.algorithm is None:
            raise SigningError("weak_key", "RSA of at least 2048 bits or ECDSA P-256 is required")
        if not holder.may_sign:
            raise SigningError("key_usage", "the certificate is not for signing")
        if at < certificate.not_valid_before_utc:
            raise SigningError("certificate_not_yet_valid", "the certificate is not valid yet")
        if at > certificate.not_valid_after_utc:
            raise SigningError("certificate_expired", "the certificate has expired")
        if organisation and holder.person_id is not None:
            raise SigningError("not_organisation", "the seal needs the certificate of an organisation")
        if not organisation and holder.person_id is None and holder.organisation_id is not None:
            raise SigningError("not_person", "a person has to sign with a personal certificate")
        return cls(holder, chain, policy and policy_identifier(policy))

    def payload(self, digest: bytes) -> bytes:
        """What has to be signed for a document with this SHA-256: the DER of the signed attributes."""
        return self._attributes.replace(_DIGEST, digest)

    def document(self, digest: bytes, payload: bytes, value: bytes, stamper: TimeStamper | None = None) -> bytes:
        """DER of the container, as PDF wants it. Raises SigningError: ``signer``, or what the stamper raises."""
        # A token with the wrong key, or a faulty one, must never end up in a document.
        if not check_value(self._holder, value, payload):
            raise SigningError("signer", "the signer returned a signature that does not verify")
        if self._holder.algorithm == "rsa":
            container, raw = self._container.replace(_DIGEST, digest).replace(self._value, value), value
        else:
            raw = self._in_der(value)
            container = self._build(payload, raw)
        return _stamped(container, stamper.stamp(raw)) if stamper else container

    def _build(self, attributes: bytes, value: bytes) -> bytes:
        signed = asn1_cms.CMSAttributes.load(attributes)
        return _run(self._signer(value).async_sign_prescribed_attributes(_ALGORITHM, signed)).dump()

    def _signer(self, value: bytes) -> ExternalSigner:
        return ExternalSigner(self._certificate, self._store, signature_value=value)

    def _placeholder(self) -> bytes:
        key = self._holder.public_key
        if self._holder.algorithm == "rsa":
            seed = b"hocba: the signature value"
            return b"".join(sha256(seed + bytes([block])).digest() for block in range(key.key_size // 256 + 1))[
                : (key.key_size + 7) // 8
            ]
        return encode_dss_signature(2**256 - 1, 2**256 - 1)

    def _in_der(self, value: bytes) -> bytes:
        r, s = value[:_P256_BYTES], value[_P256_BYTES:]
        return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))


def policy_identifier(policy: SignaturePolicy) -> SignaturePolicyIdentifier | None:
    """The policy as CMS names it (ETSI EN 319 122-1 §5.2.9.1); None for one without an object identifier."""
    found = _OID.fullmatch(policy.identifier)
    if found is None:
        return None
    named = {
        "sig_policy_id": found[1],
        "sig_policy_hash": {"digest_algorithm": {"algorithm": _ALGORITHM}, "digest": policy.digest},
    }
    if policy.address:
        named["sig_policy_qualifiers"] = [
            {"sig_policy_qualifier_id": "sp_uri", "sig_qualifier": core.IA5String(policy.address)}
        ]
    return SignaturePolicyIdentifier("signature_policy_id", SignaturePolicyId(named))


def policy_of(attributes: asn1_cms.CMSAttributes) -> SignaturePolicy | None:
    """The policy that signed attributes name; None where they name none. Raises ValueError, TypeError or KeyError."""
    for attribute in attributes:
        if attribute["type"].native == "signature_policy_identifier":
            (found,) = attribute["values"]
            named = found.chosen
            if found.name != "signature_policy_id":
                return None
            info = named["sig_policy_hash"]
            sha256_used = info["digest_algorithm"]["algorithm"].native == _ALGORITHM
            return SignaturePolicy(
                f"urn:oid:{named['sig_policy_id'].dotted}", info["digest"].native if sha256_used else b""
            )
    return None


def _stamped(container: bytes, token: bytes) -> bytes:
    """The container with a time stamp over its signature value (ETSI EN 319 122-1 §5.3)."""
    document = asn1_cms.ContentInfo.load(container)
    attribute = simple_cms_attribute("signature_time_stamp_token", asn1_cms.ContentInfo.load(token))
    document["content"]["signer_infos"][0]["unsigned_attrs"] = asn1_cms.CMSAttributes([attribute])
    return document.dump(force=True)


def _run(coroutine: Coroutine):
    """Result of a coroutine, whatever loop the caller may be in."""
    with ThreadPoolExecutor(1, "cms") as pool:
        return pool.submit(asyncio.run, coroutine).result()
