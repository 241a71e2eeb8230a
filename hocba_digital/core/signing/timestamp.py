"""RFC 3161 time stamps: asking an authority for one, and whether to believe one.

Messages and checks of tokens are pyHanko's. It is imported where it is needed: most packets carry no time stamp.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from asn1crypto import cms, tsp

from .certificates import holder_of_der
from .errors import SigningError
from .revocation import REVOKED, revocation_of
from .trust import Remembered, TrustStore, run


class TimeStamper(Protocol):
    """Whoever gives time stamps."""

    def stamp(self, data: bytes) -> bytes:
        """A time-stamp token (DER) over the SHA-256 of the data. Raises SigningError tsa_unreachable, tsa_refused."""

    def stamp_digest(self, digest: bytes) -> bytes:
        """The same for data of which only the SHA-256 is at hand."""


class HttpTimeStamper:
    """A time-stamping authority that is reached over HTTP (RFC 3161 §3.4). ``timeout`` in seconds."""

    def __init__(self, url: str, *, user: str | None = None, password: str | None = None, timeout: float = 10):
        self.url = url
        self._auth = (user, password or "") if user else None
        self._timeout = timeout

    def stamp(self, data: bytes) -> bytes:
        """See ``TimeStamper``."""
        return self.stamp_digest(digest_of(data))

    def stamp_digest(self, digest: bytes) -> bytes:
        """See ``TimeStamper``. The answer's nonce and status are checked, and that it is over this very digest."""
        from pyhanko.sign.timestamps.common_utils import TimestampRequestError
        from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

        client = RequestsHTTPTimeStamper(self.url, timeout=self._timeout, auth=self._auth)
        try:
            token = run(client.async_timestamp(digest, "sha256")).dump()
        except (TimestampRequestError, ValueError, TypeError) as error:
            code = "tsa_unreachable" if isinstance(error.__cause__, OSError) else "tsa_refused"
            raise SigningError(code, f"{type(error).__name__}: {error}") from None
        except OSError as error:
            raise SigningError("tsa_unreachable", f"{type(error).__name__}: {error}") from None
        if imprint_of(token) != digest:
            raise SigningError("tsa_refused", "the time stamp is over other data")
        return token


@dataclass(frozen=True, slots=True)
class StampStatus:
    """``time``: what the token says; believe it only when ``failure`` (a reason code) is None.

    ``authority``: name of who signed it; ``valid_until``: end of that certificate, when a newer stamp is needed.
    """

    failure: str | None
    time: datetime | None = None
    authority: str | None = None
    valid_until: datetime | None = None
    detail: str | None = None


_known = Remembered(1024)


def digest_of(data: bytes) -> bytes:
    """What a time stamp over the data carries."""
    return sha256(data).digest()


def imprint_of(token: bytes) -> bytes | None:
    """The digest that a token is over; None when it cannot be read."""
    try:
        return _info(token)["message_imprint"]["hashed_message"].native
    except (ValueError, TypeError, KeyError):
        return None


def time_of(token: bytes) -> datetime | None:
    """The moment that a token states, not yet believed."""
    try:
        return _info(token)["gen_time"].native.astimezone(UTC)
    except (ValueError, TypeError, KeyError):
        return None


def read_stamp(token: bytes) -> StampStatus:
    """What a token says of itself, not believed: time, authority, end of the authority's certificate."""
    status = _validate(token, TrustStore(()), datetime.now(UTC))
    return StampStatus(status.failure, status.time, status.authority, status.valid_until, status.detail)


def check_stamp(token: bytes, data: bytes, trust: TrustStore, at: datetime) -> StampStatus:
    """Whether a token is over the data and from a time-stamping authority that was believed as of ``at``.

    ``at``: a moment at which the token provably existed: now, or that of a later stamp over it.
    """
    return check_imprint(token, lambda name: _digest(name, data), trust, at)


def check_imprint(token: bytes, imprint: Callable[[str], bytes], trust: TrustStore, at: datetime) -> StampStatus:
    """``check_stamp`` for whoever has the digest. ``imprint``: name of a hash algorithm -> the digest."""
    try:
        info = _info(token)
        algorithm = info["message_imprint"]["hash_algorithm"]["algorithm"].native
        same = imprint(algorithm) == info["message_imprint"]["hashed_message"].native
    except (ValueError, TypeError, KeyError) as error:
        return StampStatus("stamp_broken", detail=f"{type(error).__name__}: {error}")
    if not same:
        return StampStatus("stamp_broken", time_of(token), detail="the time stamp is over other data")
    key = (sha256(token).digest(), trust.key)
    known = _known.get(key)
    if known is None or known.failure or at > known.valid_until:
        known = _validate(token, trust, at)
        _known.put(key, known)
    return known


def _validate(token: bytes, trust: TrustStore, at: datetime) -> StampStatus:
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data

    moment = time_of(token)
    try:
        signed_data = cms.ContentInfo.load(token, strict=True)["content"]
        given = _info(token)["message_imprint"]["hashed_message"].native
        authorities = trust.of_time_stamps(_certificates(signed_data))
        context = authorities.context(at)
        found = run(validate_tst_signed_data(signed_data, context, lambda _name: given))
    except (SignatureValidationError, ValueError, TypeError, KeyError) as error:
        return StampStatus("stamp_broken", moment, detail=f"{type(error).__name__}: {error}")
    certificate = found["signing_cert"]
    status = {
        "time": moment,
        "authority": certificate.subject.native.get("common_name") or certificate.subject.human_friendly,
        "valid_until": certificate.not_valid_after,
    }
    if not (found["intact"] and found["valid"]):
        return StampStatus("stamp_broken", **status, detail="the authority's signature does not hold")
    if found.get("trust_problem_indic") is not None or found.get("validation_path") is None:
        return StampStatus("stamp_untrusted", **status, detail=str(found.get("trust_problem_indic")))
    if revocation_of(holder_of_der(certificate.dump()), authorities, at).state == REVOKED:
        return StampStatus("stamp_untrusted", **status, detail="the authority's certificate was revoked")
    return StampStatus(None, **status)


def _info(token: bytes) -> tsp.TSTInfo:
    content = cms.ContentInfo.load(token, strict=True)
    info = content["content"]["encap_content_info"]["content"].parsed
    if not isinstance(info, tsp.TSTInfo):
        raise ValueError("not a time-stamp token")
    return info


def _certificates(signed_data) -> list[bytes]:
    return [item.chosen.dump() for item in signed_data["certificates"] if item.name == "certificate"]


def _digest(name: str, data: bytes) -> bytes:
    if name != "sha256":
        raise ValueError(f"hash algorithm {name} is not accepted")
    return sha256(data).digest()
