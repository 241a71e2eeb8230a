"""All that can be said of one signature, whatever it stands in.

Nothing in a signature chooses what is checked: the signed element is found by its place, its Id and the reference must
agree with that, and algorithms, transforms and the number of references are fixed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from lxml import etree

from ..packet import VIETNAM_TIME
from .certificates import Holder, holder_of_der, names_certificate
from .policy import REQUIRED
from .report import NOT_CHECKED, Reason, SignatureReport, reason, verdict
from .revocation import REVOKED, UNKNOWN, Revocation, revocation_of
from .shape import C14N, SignatureFormatError
from .timestamp import check_stamp
from .trust import TrustStore, chain_of
from .values import check_value
from .xades import SignaturePolicy, names_certificate_digest
from .xmldsig import ParsedSignature, read_signature

# Clocks of schools and authorities differ a little.
CLOCK_SKEW = timedelta(minutes=5)
# Findings after which a signature says nothing about the data.
_BROKEN = frozenset({"FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE"})
_UNREAD = frozenset({"certificate_unreadable", "algorithm", "weak_key"})
REVOKED_LATER = "revoked_later"


@dataclass(frozen=True, slots=True)
class Target:
    """What a signature has to cover: the element's Id, its canonical SHA-256, and the transforms that lead there."""

    name: str
    digest: bytes
    transforms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A moment at which the signature provably existed. ``kind``: receipt, time_stamp or evidence."""

    at: datetime
    kind: str
    authority: str | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the verifier knows besides the signature: whom it trusts, and since when the whole document existed."""

    trust: TrustStore
    proofs: tuple[Proof, ...]
    now: datetime

    @property
    def known_since(self) -> datetime:
        """Earliest moment at which the whole document provably existed; now when nothing is proven."""
        return min((proof.at for proof in self.proofs), default=self.now)


@dataclass
class Findings:
    """Everything learned about one signature."""

    role: str
    reasons: list[Reason] = field(default_factory=list)
    target: str | None = None
    about: str | None = None
    parsed: ParsedSignature | None = None
    holder: Holder | None = None
    signed_at: datetime | None = None
    path: tuple[bytes, ...] = ()
    revocation: Revocation | None = None
    proof: Proof | None = None
    policy: SignaturePolicy | None = None

    def add(self, code: str, detail: str | None = None) -> None:
        """Add the table's entry for a code."""
        self.reasons.append(reason(code, detail))

    @property
    def intact(self) -> bool:
        """Whether the key in the certificate has signed exactly the data."""
        codes = {item.code for item in self.reasons}
        return not (_BROKEN & {item.sub_indication for item in self.reasons}) and not (_UNREAD & codes)

    def committed(self) -> SignaturePolicy | None:
        """The signature policy that the signer commits to."""
        qualifying = self.parsed.qualifying if isinstance(self.parsed, ParsedSignature) else None
        return self.policy or (qualifying.policy if qualifying else None)

    def report(self) -> SignatureReport:
        """The finished report."""
        result, sub_indication = verdict(self.reasons)
        holder, proof, revocation, policy = self.holder, self.proof, self.revocation, self.committed()
        return SignatureReport(
            role=self.role,
            result=result,
            sub_indication=sub_indication,
            reasons=tuple(self.reasons),
            target=self.target,
            about=self.about,
            signer_name=holder.name if holder else None,
            signer_id=(holder.person_id or holder.organisation_id) if holder else None,
            serial=f"{holder.certificate.serial_number:x}" if holder else None,
            subject=holder.subject if holder else None,
            issuer=holder.issuer if holder else None,
            signed_at=self.signed_at,
            policy=policy.identifier if policy else None,
            certificate_der=holder.der if holder else None,
            fingerprint=holder.fingerprint.hex() if holder else None,
            path=self.path,
            revocation=revocation.state if revocation else NOT_CHECKED,
            revoked_at=revocation.revoked_at if revocation else None,
            proven_at=proof.at if proof else None,
            proof=proof.kind if proof else None,
            authority=proof.authority if proof else None,
        )


def check_signature(
    signature: etree._Element | ParsedSignature, role: str, target: Target, known: Circumstances
) -> Findings:
    """Check one signature. No Id stands twice where it is in, so an Id says which element a reference means."""
    findings = Findings(role)
    try:
        parsed = signature if isinstance(signature, ParsedSignature) else read_signature(signature)
        findings.parsed = parsed
    except SignatureFormatError as error:
        findings.add(error.code, error.detail)
        return findings
    try:
        findings.holder = holder = holder_of_der(parsed.certificate)
    except Exception as error:  # the binding raises several kinds for broken certificates; none may pass
        findings.add("certificate_unreadable", f"{type(error).__name__}: {error}")
        return findings
    _check_references(findings, target)
    if holder.algorithm is None:
        findings.add("weak_key")
    elif holder.algorithm != parsed.algorithm:
        findings.add("algorithm", "signature method and key do not fit")
    elif not check_value(holder, parsed.value, parsed.signed_info):
        findings.add("signature_value")
    if not names_certificate(parsed.subject_name, parsed.certificate):
        findings.add("subject_name", parsed.subject_name)
    _check_xades(findings)
    check_policy(findings, known.trust)
    _check_stated_time(findings, known)
    return findings


def _check_references(findings: Findings, target: Target) -> None:
    parsed = findings.parsed
    places = [(target.name, target.transforms), (parsed.property_id, (C14N,))]
    if parsed.qualifying is not None:
        places.append((parsed.qualifying.signed_id, (C14N,)))
    for reference, (name, transforms) in zip(parsed.references, places, strict=True):
        if reference.target != name:
            findings.add("reference", f"#{reference.target}")
        if reference.transforms != transforms:
            findings.add("algorithm", f"transforms {reference.transforms}")
    data, prop, *signed = parsed.references
    if data.digest != target.digest:
        findings.add("data_changed")
    if prop.digest != parsed.property_digest:
        findings.add("property_changed")
    if signed and signed[0].digest != parsed.signed_digest:
        findings.add("property_changed", "SignedProperties")


def _check_xades(findings: Findings) -> None:
    """The signed properties against the signature that they belong to (EN 319 132-1 §5.2)."""
    parsed = findings.parsed
    found = parsed.qualifying
    if found is None:
        findings.add("no_xades")
        return
    if not names_certificate_digest(found, findings.holder):
        findings.add("certificate_substituted")
    if found.signing_time != parsed.signing_time:
        findings.add("signing_time_differs", found.signing_time)
    named = {f"#{reference.own_id}" for reference in parsed.references[:2]}
    if not named.issuperset(found.formats) or len(set(found.formats)) != len(found.formats):
        findings.add("signature_format", f"DataObjectFormat of {found.formats}")


def check_policy(findings: Findings, trust: TrustStore) -> None:
    """The signature policy that the signer commits to, against those at hand (EN 319 102-1 §5.2.4)."""
    named = findings.committed()
    if named is None:
        return
    known = trust.policy.knows_signature_policy(named.identifier, named.digest)
    if known is None:
        findings.add("policy_unknown", named.identifier)
    elif not known:
        findings.add("policy_differs", named.identifier)


def _check_stated_time(findings: Findings, known: Circumstances) -> None:
    parsed = findings.parsed
    findings.signed_at = moment_of(parsed.signing_time)
    if findings.signed_at is None:
        findings.add("signing_time_unreadable", parsed.signing_time)
        return
    stamps = parsed.qualifying.stamps if parsed.qualifying else ()
    check_certificate(findings, known, stamps, parsed.stamped)


def check_certificate(findings: Findings, known: Circumstances, stamps: Iterable[bytes], stamped: bytes) -> None:
    """Whether the certificate was good when ``findings.signed_at`` says it was used.

    ``stamps``: time-stamp tokens (DER) of this signature, over ``stamped``.
    """
    holder, signed_at = findings.holder, findings.signed_at
    findings.proof = proof = _earliest_proof(findings, known, stamps, stamped)
    if proof is None:
        findings.add("time_not_proven")
    if signed_at > (proof.at if proof else known.now) + CLOCK_SKEW:
        findings.add("signed_in_future")
    if not holder.may_sign:
        findings.add("key_usage")
    # The moment as of which the certificate has to be good (EN 319 102-1: best signature time).
    best = proof.at if proof else (signed_at if known.trust.policy.claimed_time else known.now)
    best = max(best, signed_at)
    if holder.algorithm is not None and not known.trust.policy.key_accepted(holder, best):
        findings.add("algorithm_expired")
    if signed_at < holder.certificate.not_valid_before_utc:
        findings.add("certificate_not_yet_valid")
        return
    if best > holder.certificate.not_valid_after_utc:
        findings.add("certificate_expired")
        return
    chain = chain_of(holder, known.trust, signed_at)
    findings.path = chain.path
    if chain.failure:
        findings.add(chain.failure, chain.detail)
        return
    _check_revocation(findings, known.trust, best)


def _earliest_proof(findings: Findings, known: Circumstances, stamps: Iterable[bytes], stamped: bytes) -> Proof | None:
    proofs = list(known.proofs)
    for token in stamps:
        status = check_stamp(token, stamped, known.trust, known.known_since)
        if status.failure:
            findings.add(status.failure, status.detail)
        else:
            proofs.append(Proof(status.time.astimezone(VIETNAM_TIME), "time_stamp", status.authority))
    return min(proofs, key=lambda proof: proof.at, default=None)


def _check_revocation(findings: Findings, trust: TrustStore, best: datetime) -> None:
    found = revocation_of(findings.holder, trust, best)
    if found.state == REVOKED and found.of_authority:
        findings.add("ca_revoked", found.detail)
    elif found.state == REVOKED:
        findings.add("revoked" if found.revoked_at <= findings.signed_at else "revoked_no_poe", found.detail)
    elif found.revoked_at is not None and findings.proof is None:
        # Revoked since the time that the signer claims, and nothing shows that the signature was there before.
        findings.add("ca_revoked" if found.of_authority else "revoked_no_poe")
        found = replace(found, state=REVOKED)
    elif found.state == UNKNOWN:
        findings.add(
            "revocation_missing" if trust.policy.revocation == REQUIRED else "revocation_unknown", found.detail
        )
    elif found.revoked_at is not None:
        findings.add("revoked_later")
        found = replace(found, state=REVOKED_LATER)
    findings.revocation = found


def moment_of(text: str) -> datetime | None:
    """A stated moment in Vietnam's time; None when it is none or has no offset."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(VIETNAM_TIME) if moment.utcoffset() is not None else None
    except (ValueError, OverflowError):
        return None


def circumstances(trust: TrustStore, at: datetime | None, *proofs: Proof) -> Circumstances:
    """``at``: when the document was received, None when nobody says so."""
    received = () if at is None else (Proof(at, "receipt"),)
    return Circumstances(trust, received + proofs, datetime.now(UTC))
