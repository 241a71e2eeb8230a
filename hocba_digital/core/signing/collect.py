"""Gathering, over the network, what proves later that certificates were good: chains, CRLs and OCSP responses (B-LT).

Every call is one of ``fetch``, within its limits, to addresses in certificates whose chain leads to a trusted root
already, so that no stranger's certificate makes this server call anywhere. As RFC 5280 and RFC 6960 leave it open,
the responder is asked first, and the list is fetched where it does not answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import crl as asn1_crl
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from .certificates import Holder, holder_of
from .evidence import Evidence
from .fetch import FetchError, FetchLimits, crl_addresses, fetch_crl, fetch_ocsp, ocsp_addresses
from .revocation import UNKNOWN, revocation_of
from .trust import TrustStore, chain_of


@dataclass(frozen=True, slots=True)
class Collected:
    """``evidence`` without records; ``missing``: holder -> why nothing is known of its revocation."""

    evidence: Evidence
    missing: dict[str, str]


_LIMITS = FetchLimits()
#: Failures of a responder that say nothing about its next answer; after any other it is asked no more.
_ABOUT_ONE = {"status", "no_ocsp"}


def collect(holders: Iterable[Holder], trust: TrustStore, *, limits: FetchLimits = _LIMITS) -> Collected:
    """Chains and revocation data of these certificates, fresh where the network gives them. Never raises.

    What nobody answers for is taken from the data that ``trust`` has, where these are valid now. ``limits`` are those
    of one call; a list is fetched once, and a responder that cannot be reached is not tried again.
    """
    gathering = _Gathering(trust, limits, datetime.now(UTC))
    for holder in {item.fingerprint: item for item in holders}.values():
        gathering.add(holder)
    evidence = Evidence((), tuple(gathering.certificates), tuple(gathering.crls), tuple(gathering.ocsps))
    return Collected(evidence, gathering.missing)


def checked_ocsp(
    url: str, certificate: x509.Certificate, issuer: x509.Certificate, limits: FetchLimits, at: datetime
) -> bytes:
    """The response (DER) about one certificate, verified as of ``at``: the issuer's own word. Raises FetchError."""
    content = fetch_ocsp(url, certificate, issuer, limits)
    # With the issuer as the root, this answer alone decides.
    judged = TrustStore([issuer], ocsps=[content])
    if revocation_of(holder_of(certificate), judged, at).state == UNKNOWN:
        raise FetchError("no_ocsp", "the response cannot be verified")
    return content


class _Gathering:
    """What was found so far, each piece once, in the order of finding."""

    def __init__(self, trust: TrustStore, limits: FetchLimits, at: datetime):
        self.certificates: dict[bytes, None] = {}
        self.crls: dict[bytes, None] = {}
        self.ocsps: dict[bytes, None] = {}
        self.missing: dict[str, str] = {}
        self._trust, self._limits, self._at = trust, limits, at
        self._known: dict[bytes, str | None] = {}
        self._called: dict[str, bytes | FetchError] = {}
        self._silent: dict[str, FetchError] = {}

    def add(self, holder: Holder) -> None:
        """The chain of a holder and what is known of each certificate in it."""
        chain = chain_of(holder, self._trust, self._at)
        if chain.failure:
            self.missing[holder.name] = chain.detail or chain.failure
            return
        self.certificates.update(dict.fromkeys(chain.path))
        members = [x509.load_der_x509_certificate(der) for der in chain.path]
        problems = [self._look(*pair) for pair in zip(members[1:], members, strict=False)]
        problems = [problem for problem in problems if problem]
        if problems:
            self.missing[holder.name] = "; ".join(problems)

    def _look(self, certificate: x509.Certificate, issuer: x509.Certificate) -> str | None:
        """Why nothing is known of this certificate; None when something is."""
        der = certificate.public_bytes(Encoding.DER)
        if der not in self._known:
            problems = self._ask(certificate, issuer)
            self._known[der] = "; ".join(problems) or "no address" if problems is not None else None
        return self._known[der]

    def _ask(self, certificate: x509.Certificate, issuer: x509.Certificate) -> list[str] | None:
        problems = []
        for url in ocsp_addresses(certificate):
            try:
                self.ocsps[self._answer(url, certificate, issuer)] = None
                return None
            except FetchError as error:
                problems.append(f"{url}: {error.code}")
        for url in crl_addresses(certificate):
            try:
                self.crls[self._list(url, issuer)] = None
                return None
            except FetchError as error:
                problems.append(f"{url}: {error.code}")
        kept = self._kept(issuer)
        self.crls.update(dict.fromkeys(kept))
        return None if kept else problems

    def _answer(self, url: str, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
        if url in self._silent:
            raise self._silent[url]
        try:
            return checked_ocsp(url, certificate, issuer, self._limits, self._at)
        except FetchError as error:
            if error.code not in _ABOUT_ONE:
                self._silent[url] = error
            raise

    def _list(self, url: str, issuer: x509.Certificate) -> bytes:
        if url not in self._called:
            try:
                found = fetch_crl(url, issuer, self._limits)
                until = found.next_update_utc
                stale = FetchError("expired", f"until {until}") if until and until <= self._at else None
                self._called[url] = stale or found.public_bytes(Encoding.DER)
            except FetchError as error:
                self._called[url] = error
        answer = self._called[url]
        if isinstance(answer, FetchError):
            raise answer
        return answer

    def _kept(self, issuer: x509.Certificate) -> list[bytes]:
        """Lists of this issuer that the trust store has and that are valid now."""
        name = issuer.subject.public_bytes()
        current = [item for item in self._trust.crl_objects if item.issuer.dump() == name and self._is_current(item)]
        lists = [x509.load_der_x509_crl(item.dump()) for item in current]
        return [found.public_bytes(Encoding.DER) for found in lists if found.is_signature_valid(issuer.public_key())]

    def _is_current(self, item: asn1_crl.CertificateList) -> bool:
        until = item["tbs_cert_list"]["next_update"].native
        return until is not None and until > self._at
