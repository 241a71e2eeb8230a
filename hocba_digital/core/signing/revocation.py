"""Whether a certificate, or an authority above it, was revoked: from CRLs and OCSP responses that are at hand.

The decision is pyhanko-certvalidator's (RFC 5280, RFC 6960), as of a moment: data issued later than that moment count,
since a revocation that happened before would stand in them too.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, RevokedError, ValidationError

from .certificates import Holder
from .trust import Remembered, TrustStore, run

GOOD = "good"
REVOKED = "revoked"
UNKNOWN = "unknown"
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Revocation:
    """``state`` as of the moment that was asked for: good, revoked, unknown.

    ``revoked_at``: when, also where that was later than the moment (the state is good then, or unknown where
    ``gaps``). ``of_authority``: an authority of the chain was revoked, not the certificate itself. ``gaps``: of an
    authority above nothing is known.
    """

    state: str
    revoked_at: datetime | None = None
    of_authority: bool = False
    detail: str | None = None
    gaps: bool = False


_NOTHING = Revocation(UNKNOWN, detail="no revocation data")
_known = Remembered()


def revocation_of(holder: Holder, trust: TrustStore, at: datetime) -> Revocation:
    """The certificate's status as of ``at``."""
    if not trust.knows_revocations:
        return _NOTHING
    key = (holder.fingerprint, trust.key)
    good_until, revoked = _known.get(key) or (None, None)
    if good_until is None or at > good_until:
        if revoked is not None and revoked.revoked_at <= at:
            return revoked
        result = _known.get((*key, at)) or _look(holder, trust, at, key, revoked)
        _known.put((*key, at), result)
        return result
    return Revocation(GOOD, revoked.revoked_at, revoked.of_authority) if revoked else Revocation(GOOD)


def _look(holder: Holder, trust: TrustStore, at: datetime, key: tuple, revoked: Revocation | None) -> Revocation:
    """Validate as of ``at``, and once as late as the data reach, so that one answer serves all moments before it."""
    if revoked is None:
        for late_at in _ends(trust, at, holder.certificate.not_valid_after_utc):
            late = _validate(holder, trust, late_at)
            if late.state == GOOD:
                _known.put(key, (late_at, None))
                return late
            if late.state == REVOKED:
                revoked = late
                if not late.gaps:
                    break
    result = _validate(holder, trust, at)
    if result.state == UNKNOWN and revoked is not None and not revoked.of_authority and at < revoked.revoked_at:
        # An OCSP response that says "revoked since" says "good before" too; the library takes it for no answer. The
        # authorities above were found good on the way to it.
        state = UNKNOWN if revoked.gaps else GOOD
        result = Revocation(state, revoked.revoked_at, detail=result.detail if revoked.gaps else None)
    if result.state == GOOD:
        _known.put(key, (at, revoked))
        if revoked is not None:
            return Revocation(GOOD, revoked.revoked_at, revoked.of_authority)
    elif result.state == REVOKED:
        _known.put(key, (None, result))
    return result


def _validate(holder: Holder, trust: TrustStore, at: datetime) -> Revocation:
    found = _validate_with(holder, trust.context(at, revocation=True))
    if found.state == UNKNOWN:
        # Somewhere in the chain data are missing, so nothing can be good; what a list at hand names is revoked all the
        # same.
        known = _validate_with(holder, trust.context(at, revocation=True, gaps=True))
        return replace(known, gaps=True) if known.state == REVOKED else found
    return found


def _validate_with(holder: Holder, context: ValidationContext) -> Revocation:
    try:
        certificate = asn1_x509.Certificate.load(holder.der, strict=True)
        run(CertificateValidator(certificate, validation_context=context).async_validate_path())
    except RevokedError as error:
        return Revocation(REVOKED, error.revocation_dt, not error.is_ee_cert, str(error))
    except (PathError, ValidationError, ValueError, TypeError) as error:
        return Revocation(UNKNOWN, detail=str(error))
    return Revocation(GOOD)


def _ends(trust: TrustStore, after: datetime, until: datetime) -> list[datetime]:
    """Moments after ``after``, latest first and a few only, of which the revocation data may still speak."""
    ends = {until}
    for item in trust.crl_objects:
        ends.add(item["tbs_cert_list"]["next_update"].native or item["tbs_cert_list"]["this_update"].native)
    for item in trust.ocsp_objects:
        if item["response_status"].native == "successful":
            for single in item.basic_ocsp_response["tbs_response_data"]["responses"]:
                ends.add(single["next_update"].native or single["this_update"].native)
    return sorted((end for end in ends if after < end <= until), reverse=True)[:_TRIES]
