"""Which authorities are believed, and whether a certificate comes from one of them.

Path building and validation (RFC 5280) are pyhanko-certvalidator's. Results are remembered per certificate and store
for the span of time in which the found path is valid, so a batch pays once a certificate.
"""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    PathError,
    ValidationError,
)

from .certificates import Holder

_REMEMBERED = 4096


class TrustStore:
    """Authorities that are believed. ``roots``: trust anchors; ``intermediates``: believed only through a root."""

    def __init__(self, roots: Iterable[x509.Certificate], intermediates: Iterable[x509.Certificate] = ()):
        self.roots = tuple(roots)
        self.intermediates = tuple(intermediates)
        anchors = [certificate.public_bytes(Encoding.DER) for certificate in self.roots]
        others = [certificate.public_bytes(Encoding.DER) for certificate in self.intermediates]
        self.key = sha256(
            b"".join(sorted(sha256(der).digest() for der in anchors))
            + b"/"
            + b"".join(sorted(sha256(der).digest() for der in others))
        ).digest()
        self._anchors = [asn1_x509.Certificate.load(der) for der in anchors]
        self._others = [asn1_x509.Certificate.load(der) for der in others]

    @classmethod
    def from_pem(cls, roots: bytes, intermediates: bytes = b"") -> "TrustStore":
        """From PEM bundles. Raises ValueError when a bundle cannot be read."""
        found = x509.load_pem_x509_certificates(intermediates) if intermediates.strip() else ()
        return cls(x509.load_pem_x509_certificates(roots), found)

    def context(self, at: datetime) -> ValidationContext:
        """What pyhanko-certvalidator needs to validate as of a moment, with nothing fetched."""
        return ValidationContext(
            trust_roots=self._anchors,
            other_certs=self._others,
            moment=at,
            best_signature_time=at,
            allow_fetching=False,
        )


@dataclass(frozen=True, slots=True)
class Chain:
    """Outcome for one certificate: ``failure`` is a reason code or None; ``path`` (DER, root first) when it is None.

    Valid from ``not_before`` to ``not_after``, both included. Revocation is not part of it.
    """

    failure: str | None
    detail: str | None = None
    path: tuple[bytes, ...] = ()
    not_before: datetime | None = None
    not_after: datetime | None = None


_cache: OrderedDict[tuple, Chain] = OrderedDict()
_lock = threading.Lock()


def chain_of(holder: Holder, trust: TrustStore, at: datetime) -> Chain:
    """Whether the certificate leads to a root of the store as of ``at``, revocation aside."""
    key = (holder.fingerprint, trust.key)
    failed_key = (*key, at)
    with _lock:
        for candidate in (key, failed_key):
            known = _cache.get(candidate)
            if known is not None and (known.failure or known.not_before <= at <= known.not_after):
                _cache.move_to_end(candidate)
                return known
    result = _validate(holder, trust, at)
    with _lock:
        _cache[failed_key if result.failure else key] = result
        while len(_cache) > _REMEMBERED:
            _cache.popitem(last=False)
    return result


def _validate(holder: Holder, trust: TrustStore, at: datetime) -> Chain:
    try:
        certificate = asn1_x509.Certificate.load(holder.der, strict=True)
        path = _run(CertificateValidator(certificate, validation_context=trust.context(at)).async_validate_path())
        members = list(path.iter_certs(include_root=True))
    except (ExpiredError, NotYetValidError) as error:
        return Chain("ca_out_of_bounds", str(error))
    except (PathBuildingError, InvalidCertificateError) as error:
        return Chain("no_chain", str(error))
    except (PathError, ValidationError, ValueError, TypeError) as error:
        return Chain("chain_constraints", str(error))
    return Chain(
        None,
        path=tuple(item.dump() for item in members),
        not_before=max(item.not_valid_before for item in members),
        not_after=min(item.not_valid_after for item in members),
    )


def _run(coroutine):
    """Result of a coroutine, whatever loop the caller may be in: certificate paths are found once, not per record."""
    outcome: list = []

    def work():
        try:
            outcome.append((asyncio.run(coroutine), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=work, name="certificate-path")
    thread.start()
    thread.join()
    value, error = outcome[0]
    if error is not None:
        raise error
    return value
