"""What a verifier insists on, as data: revocation, proof of time, and which algorithms are good until when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from .certificates import Holder

REQUIRED = "required"
NOTED = "noted"
_FILE = Path(__file__).with_name("policy.json")


@dataclass(frozen=True, slots=True)
class KeyRule:
    """Keys of one kind (``rsa``, ``ecdsa``) with at least ``bits`` may sign until a moment (None: no end known)."""

    kind: str
    bits: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class VerificationPolicy:
    """``revocation``: ``required`` leaves the result open without revocation data, ``noted`` says so in a note.

    ``claimed_time``: without any proof of time, believe the signing time that the signer states (True), or only that
    the signature exists now (False; ETSI EN 319 102-1 §5.2). ``keys``: the first rule that fits a key decides.
    ``signature_policies``: (identifier, SHA-256 of the document) of the signature policies at hand.
    """

    revocation: str = NOTED
    claimed_time: bool = True
    keys: tuple[KeyRule, ...] = ()
    signature_policies: tuple[tuple[str, bytes], ...] = ()

    def knows_signature_policy(self, identifier: str, digest: bytes) -> bool | None:
        """Whether a policy that a signer commits to is one of those at hand; None: none with this identifier is."""
        known = [value for name, value in self.signature_policies if name == identifier]
        return digest in known if known else None

    def key_accepted(self, holder: Holder, at: datetime) -> bool:
        """Whether signatures of this key may still be believed when proven to exist at ``at``."""
        bits = holder.public_key.key_size
        kind = "rsa" if isinstance(holder.public_key, rsa.RSAPublicKey) else "ecdsa"
        rules = [rule for rule in self.keys if rule.kind == kind and bits >= rule.bits]
        return any(rule.until is None or at <= rule.until for rule in rules)

    @classmethod
    def from_data(cls, data: Mapping) -> "VerificationPolicy":
        """From the content of a policy file (``policy.json`` shows all of it). Raises ValueError."""
        try:
            keys = tuple(KeyRule(rule["kind"], int(rule["bits"]), _moment(rule.get("until"))) for rule in data["keys"])
            policy = cls(data["revocation"], bool(data["claimed_time"]), keys)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a verification policy: {error!r}") from None
        if policy.revocation not in (REQUIRED, NOTED):
            raise ValueError(f"revocation is {REQUIRED} or {NOTED}, not {policy.revocation!r}")
        return policy


@lru_cache(maxsize=2)
def default_policy(*, strict: bool = False) -> VerificationPolicy:
    """The shipped policy: lenient for a school's own screens, ``strict`` for whoever has to trust a record."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    return VerificationPolicy.from_data(data["strict" if strict else "lenient"] | {"keys": data["keys"]})


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
