"""Which authorities are believed, and whether a certificate comes from one of them.

Path building and validation (RFC 5280) are pyhanko-certvalidator's. Results are remembered per certificate and store
for the span of time in which the found path is valid, so a batch pays once a certificate.
"""

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from asn1crypto import crl, ocsp
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
from .policy import VerificationPolicy, default_policy

_REMEMBERED = 4096
# Both write a traceback for every path that does not hold. Here that is an answer, and the report carries it.
for _name in ("pyhanko_certvalidator", "pyhanko.sign.validation"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class TrustStore:
    """Authorities that are believed, what is known of revocations, and what the verifier insists on.

    ``roots``: trust anchors of signers; ``intermediates``: believed only through a root; ``tsa_roots``: trust anchors
    of time stamps (None: the same roots). ``crls``, ``ocsps``: DER, from wherever: each is checked against its issuer.
    """

    def __init__(
        self,
        roots: Iterable[x509.Certificate],
        intermediates: Iterable[x509.Certificate] = (),
        *,
        tsa_roots: Iterable[x509.Certificate] | None = None,
        crls: Iterable[bytes] = (),
        ocsps: Iterable[bytes] = (),
        policy: VerificationPolicy | None = None,
    ):
        self.roots = tuple(roots)
        self.intermediates = tuple(intermediates)
        self.tsa_roots = self.roots if tsa_roots is None else tuple(tsa_roots)
        self.crls = tuple(dict.fromkeys(crls))
        self.ocsps = tuple(dict.fromkeys(ocsps))
        self.policy = policy or default_policy()
        anchors, others, stamping = (_ders(items) for items in (self.roots, self.intermediates, self.tsa_roots))
        self.key = _digest_of(anchors, others, stamping, self.crls, self.ocsps)
        self.anchor_objects = [asn1_x509.Certificate.load(der) for der in anchors]
        self.other_objects = [asn1_x509.Certificate.load(der) for der in others]
        # What cannot be read at all is no information; what can is judged later.
        self.crl_objects = _readable(crl.CertificateList, self.crls)
        self.ocsp_objects = _readable(ocsp.OCSPResponse, self.ocsps)

    @classmethod
    def from_pem(cls, roots: bytes, intermediates: bytes = b"", **options) -> "TrustStore":
        """From PEM bundles. Raises ValueError when a bundle cannot be read."""
        found = x509.load_pem_x509_certificates(intermediates) if intermediates.strip() else ()
        return cls(x509.load_pem_x509_certificates(roots), found, **options)

    @property
    def knows_revocations(self) -> bool:
        """Whether there is any revocation data at all."""
        return bool(self.crl_objects or self.ocsp_objects)

    def with_material(
        self, *, certificates: Iterable[bytes] = (), crls: Iterable[bytes] = (), ocsps: Iterable[bytes] = ()
    ) -> "TrustStore":
        """The same store that also knows these certificates (as intermediates), CRLs and OCSP responses (DER)."""
        more = []
        for der in certificates:
            try:
                more.append(x509.load_der_x509_certificate(der))
            except ValueError:
                continue
        return TrustStore(
            self.roots,
            dict.fromkeys((*self.intermediates, *more)),
            tsa_roots=self.tsa_roots,
            crls=(*self.crls, *crls),
            ocsps=(*self.ocsps, *ocsps),
            policy=self.policy,
        )

    def with_policy(self, policy: VerificationPolicy) -> "TrustStore":
        """The same store under another policy."""
        return TrustStore(
            self.roots,
            self.intermediates,
            tsa_roots=self.tsa_roots,
            crls=self.crls,
            ocsps=self.ocsps,
            policy=policy,
        )

    def of_time_stamps(self, certificates: Iterable[bytes]) -> "TrustStore":
        """The store that judges a time-stamping authority, which sent these certificates (DER) along."""
        store = TrustStore(self.tsa_roots, self.intermediates, crls=self.crls, ocsps=self.ocsps, policy=self.policy)
        return store.with_material(certificates=certificates)

    def context(self, at: datetime, *, revocation: bool = False, gaps: bool = False) -> ValidationContext:
        """What pyhanko-certvalidator needs to validate as of a moment, with nothing fetched.

        ``revocation``: every certificate but the root needs a CRL or an OCSP response, where one issued later counts
        too; else revocation data are left aside. ``gaps``: a certificate of which nothing is known is let pass.
        """
        return ValidationContext(
            trust_roots=self.anchor_objects,
            other_certs=self.other_objects,
            moment=at,
            best_signature_time=at,
            allow_fetching=False,
            crls=self.crl_objects if revocation else (),
            ocsps=self.ocsp_objects if revocation else (),
            revocation_mode="require" if revocation and not gaps else "soft-fail",
            retroactive_revinfo=True,
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


class Remembered:
    """The last results by key, for any number of threads."""

    def __init__(self, size: int = _REMEMBERED):
        self._size = size
        self._items: OrderedDict = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key):
        """The value of a key, or None."""
        with self._lock:
            value = self._items.get(key)
            if value is not None:
                self._items.move_to_end(key)
            return value

    def put(self, key, value) -> None:
        """Keep a value, dropping the one that was used longest ago when there are too many."""
        with self._lock:
            self._items[key] = value
            while len(self._items) > self._size:
                self._items.popitem(last=False)


_chains = Remembered()


def chain_of(holder: Holder, trust: TrustStore, at: datetime) -> Chain:
    """Whether the certificate leads to a root of the store as of ``at``, revocation aside."""
    key = (holder.fingerprint, trust.key)
    known = _chains.get(key)
    if known is not None and known.not_before <= at <= known.not_after:
        return known
    failed_key = (*key, at)
    result = _chains.get(failed_key)
    if result is None:
        result = _validate(holder, trust, at)
        _chains.put(failed_key if result.failure else key, result)
    return result


def run(coroutine):
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


def _validate(holder: Holder, trust: TrustStore, at: datetime) -> Chain:
    try:
        certificate = asn1_x509.Certificate.load(holder.der, strict=True)
        # Whether a certificate was revoked is asked separately.
        path = run(CertificateValidator(certificate, validation_context=trust.context(at)).async_validate_path())
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


def _ders(certificates: Iterable[x509.Certificate]) -> list[bytes]:
    return [certificate.public_bytes(Encoding.DER) for certificate in certificates]


def _digest_of(*groups: Iterable[bytes]) -> bytes:
    return sha256(b"/".join(b"".join(sorted(sha256(der).digest() for der in group)) for group in groups)).digest()


def _readable(kind, ders: Iterable[bytes]) -> list:
    found = []
    for der in ders:
        try:
            item = kind.load(der, strict=True)
            item.native  # noqa: B018  reads the whole structure
        except (ValueError, TypeError):
            continue
        found.append(item)
    return found
