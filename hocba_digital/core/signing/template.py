"""How a signature is written: as text that is its own canonical form, so inserting it leaves every other byte alone."""

from datetime import datetime
from hashlib import sha256

from .certificates import Holder
from .shape import C14N, DS, SHA256, base64_of
from .xades import (
    SIGNATURE_END,
    SIGNED_PROPERTIES_TYPE,
    XADES,
    SignaturePolicy,
    signed_id_of,
    signed_properties,
    signed_properties_digest,
)
from .xmldsig import PROPERTIES, SIGNATURE_METHODS


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

    def __init__(
        self,
        *,
        sig_id: str,
        target: str,
        transforms: tuple[str, ...],
        holder: Holder,
        at: datetime,
        policy: SignaturePolicy | None = None,
    ):
        data_reference, property_reference = f"{sig_id}-ref-data", f"{sig_id}-ref-prop"
        time = time_text(at)
        prop = (
            f' Id="{sig_id}-prop" Target="#{sig_id}"><SigningTime xmlns="{PROPERTIES}">{time}'
            "</SigningTime></SignatureProperty>"
        )
        prop_digest = sha256(f'<SignatureProperty xmlns="{DS}"{prop}'.encode()).digest()
        signed = signed_properties(sig_id, holder, time, (data_reference, property_reference), policy)
        self._info_start = (
            f'><CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>'
            f'<SignatureMethod Algorithm="{SIGNATURE_METHODS[holder.algorithm]}"></SignatureMethod>'
            + _reference_start(f'Id="{data_reference}" URI="#{target}"', transforms)
        )
        self._info_end = (
            "</DigestValue></Reference>"
            + _reference_start(f'Id="{property_reference}" URI="#{sig_id}-prop"', (C14N,))
            + base64_of(prop_digest)
            + "</DigestValue></Reference>"
            + _reference_start(f'Type="{SIGNED_PROPERTIES_TYPE}" URI="#{signed_id_of(sig_id)}"', (C14N,))
            + base64_of(signed_properties_digest(signed))
            + "</DigestValue></Reference></SignedInfo>"
        )
        self._start = f'<Signature xmlns="{DS}" Id="{sig_id}"><SignedInfo'
        self._end = (
            f"</SignatureValue>{key_info(holder)}<Object><SignatureProperties><SignatureProperty{prop}"
            f'</SignatureProperties></Object><Object><QualifyingProperties xmlns="{XADES}" Target="#{sig_id}">'
            f"<SignedProperties{signed}{SIGNATURE_END}"
        )

    def signed_info(self, digest: str) -> bytes:
        """Canonical SignedInfo for a signed element with this SHA-256 (base64)."""
        return f'<SignedInfo xmlns="{DS}"{self._info_start}{digest}{self._info_end}'.encode()

    def signature(self, digest: str, value: bytes) -> str:
        """The Signature element with this raw signature value."""
        info = f"{self._info_start}{digest}{self._info_end}"
        return f"{self._start}{info}<SignatureValue>{base64_of(value)}{self._end}"


def _reference_start(attributes: str, transforms: tuple[str, ...]) -> str:
    steps = "".join(f'<Transform Algorithm="{uri}"></Transform>' for uri in transforms)
    return (
        f"<Reference {attributes}><Transforms>{steps}</Transforms>"
        f'<DigestMethod Algorithm="{SHA256}"></DigestMethod><DigestValue>'
    )
