"""A key at a remote signing service that speaks the Cloud Signature Consortium's API, version 1.0.4.

Section numbers below are of "Architectures and protocols for remote signature applications", v1.0.4.0. Version 1.0.4
knows an approval on another device only as a call of ``credentials/authorize`` that takes long (authMode ``implicit``).
Services that answer such a call at once with a ``handle``, to be asked about by ``credentials/authorizeCheck`` (as
version 2 has it), are understood too: ``Answer.ticket`` is then that handle, and nothing has to be kept open.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import requests
import urllib3
from cryptography import x509

from ..certificates import algorithm_of
from ..errors import SigningError
from .port import Answer, BaseSigner, raw_ecdsa

_SHA256_OID = "2.16.840.1.101.3.4.2.1"
_SIGN_OIDS = {"rsa": "1.2.840.113549.1.1.11", "ecdsa": "1.2.840.10045.4.3.2"}
# Plain RSA in the list of a key's algorithms stands for every hash (§11.5).
_PLAIN_RSA = "1.2.840.113549.1.1.1"
_MAX_ANSWER = 16 * 1024 * 1024
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_CODES = {
    "invalid_otp": "wrong_otp",
    "invalid_pin": "wrong_pin",
    "access_denied": "approval_refused",
    "expired_token": "approval_expired",
    "expired_sad": "approval_expired",
    "authorization_expired": "approval_expired",
}
_PENDING = "authorization_pending"


@dataclass(frozen=True, slots=True)
class CscConfig:
    """A service and the school's account there.

    ``base_url``: up to and without the method, such as https://host/csc/v1. ``auth``: ``client`` (OAuth 2.0 client
    credentials, §8.3.3), ``basic`` (auth/login, §11.2) or ``none`` (the network decides). ``timeout`` in seconds.
    """

    base_url: str
    auth: str = "client"
    client_id: str = ""
    secret: str = ""
    timeout: float = 60
    verify: bool | str = True


@dataclass(frozen=True, slots=True)
class CscCredential:
    """What ``credentials/info`` says (§11.5).

    ``needs_pin``, ``otp`` ("none", "offline" or "online": sent on request): what its owner has to enter.
    ``limit``: signatures one approval allows. ``enabled``: whether key and certificate may be used now.
    """

    credential_id: str
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    needs_pin: bool
    otp: str
    implicit: bool
    limit: int
    enabled: bool


class CscClient:
    """One signed-in conversation with a service; a context manager. Every method raises SigningError."""

    def __init__(self, config: CscConfig):
        parts = urlsplit(config.base_url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise SigningError("service_unreachable", "the address of a signing service begins with https://")
        self._config = config
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = config.verify
        self._token = ""

    def __enter__(self) -> "CscClient":
        return self

    def __exit__(self, *_error) -> None:
        self._session.close()

    def info(self) -> dict:
        """What the service says about itself (§11.1): ``name``, ``specs``, ``methods``, ..."""
        return self._call("info", {}, signed_in=False)

    def credential_ids(self, user_id: str = "") -> list[str]:
        """Keys that the account, or a user of it, may sign with (§11.4); all pages."""
        found: list[str] = []
        page = {"userID": user_id} if user_id else {}
        for _turn in range(100):
            answer = self._call("credentials/list", page)
            found += [str(item) for item in answer.get("credentialIDs") or ()]
            if not answer.get("nextPageToken"):
                break
            page = {**page, "pageToken": answer["nextPageToken"]}
        return found

    def credential(self, credential_id: str) -> CscCredential:
        """One key: its certificate and how it is unlocked (§11.5)."""
        answer = self._call("credentials/info", {"credentialID": credential_id, "certificates": "chain"})
        try:
            ders = [base64.b64decode(text, validate=True) for text in answer["cert"]["certificates"]]
            chain = [x509.load_der_x509_certificate(der) for der in ders]
            key, pin, otp = answer["key"], answer.get("PIN") or {}, answer.get("OTP") or {}
            algorithm = algorithm_of(chain[0].public_key())
            usable = bool({_SIGN_OIDS.get(algorithm), _PLAIN_RSA} & set(key["algo"])) and algorithm is not None
            return CscCredential(
                credential_id=credential_id,
                certificate=chain[0],
                chain=tuple(chain[1:]),
                needs_pin=_present(pin),
                otp=str(otp.get("type") or "offline") if _present(otp) else "none",
                implicit=answer.get("authMode") == "implicit",
                limit=max(1, int(answer.get("multisign") or 1)),
                enabled=usable and key.get("status") == "enabled" and answer["cert"].get("status", "valid") == "valid",
            )
        except (KeyError, IndexError, TypeError, ValueError, binascii.Error):
            raise SigningError("service_refused", f"credentials/info of {credential_id} cannot be read") from None

    def send_otp(self, credential_id: str) -> None:
        """Have the service send its owner a one-time password (§11.8)."""
        self._call("credentials/sendOTP", {"credentialID": credential_id})

    def authorize(self, credential_id: str, digests: Sequence[bytes], *, pin: str, otp: str, label: str) -> dict:
        """The answer of ``credentials/authorize`` (§11.6): ``SAD`` and ``expiresIn``, or ``handle``."""
        body = {"credentialID": credential_id, "numSignatures": len(digests), "hash": _texts(digests)}
        body |= {name: value for name, value in (("PIN", pin), ("OTP", otp), ("description", label)) if value}
        return self._call("credentials/authorize", body)

    def authorize_check(self, handle: str) -> dict:
        """What became of an approval on another device: as ``authorize``, or {} while nobody has decided."""
        return self._call("credentials/authorizeCheck", {"handle": handle}, pending=True)

    def sign_hash(self, credential: CscCredential, sad: str, digests: Sequence[bytes]) -> tuple[bytes, ...]:
        """Raw values for the digests (§11.9)."""
        algorithm = algorithm_of(credential.certificate.public_key())
        body = {
            "credentialID": credential.credential_id,
            "SAD": sad,
            "hash": _texts(digests),
            "hashAlgo": _SHA256_OID,
            "signAlgo": _SIGN_OIDS[algorithm],
        }
        answer = self._call("signatures/signHash", body)
        try:
            values = [base64.b64decode(text, validate=True) for text in answer["signatures"]]
            return tuple(raw_ecdsa(value) for value in values) if algorithm == "ecdsa" else tuple(values)
        except (KeyError, TypeError, ValueError, OverflowError, binascii.Error):
            raise SigningError("service_refused", "signatures/signHash cannot be read") from None

    def _call(self, method: str, body: dict, *, signed_in: bool = True, pending: bool = False) -> dict:
        if signed_in and not self._token and self._config.auth != "none":
            self._token = self._sign_in()
        headers = {"Authorization": f"Bearer {self._token}"} if self._token and signed_in else {}
        answer, status = self._post(method, json=body, headers=headers)
        if status < 300:
            return answer
        if pending and answer.get("error") == _PENDING:
            return {}
        raise _refusal(method, answer, status)

    def _sign_in(self) -> str:
        config = self._config
        if config.auth == "basic":
            credentials = (config.client_id.encode(), config.secret.encode())
            answer, status = self._post("auth/login", json={"rememberMe": False}, auth=credentials)
        else:
            form = {"grant_type": "client_credentials", "client_id": config.client_id, "client_secret": config.secret}
            answer, status = self._post("oauth2/token", data=form)
        if status >= 300 or not answer.get("access_token"):
            raise SigningError("service_refused", "the service refuses the school's account")
        return str(answer["access_token"])

    def _post(self, method: str, **options) -> tuple[dict, int]:
        url = f"{self._config.base_url.rstrip('/')}/{method}"
        try:
            with self._session.post(
                url, timeout=self._config.timeout, allow_redirects=False, stream=True, **options
            ) as response:
                content = response.raw.read(_MAX_ANSWER + 1, decode_content=True)
                status = response.status_code
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise SigningError("service_unreachable", f"{method}: {type(error).__name__}") from None
        if len(content) > _MAX_ANSWER or 300 <= status < 400 or status >= 500:
            raise SigningError("service_unreachable", f"{method}: HTTP {status}")
        try:
            answer = requests.compat.json.loads(content or b"{}")
        except ValueError:
            answer = {}
        return (answer if isinstance(answer, dict) else {}), status


class CscSigner(BaseSigner):
    """Signs with one credential of a service; PIN and one-time password live as long as this object."""

    def __init__(self, client: CscClient, credential: CscCredential, *, pin: str = "", otp: str = ""):
        self.certificate = credential.certificate
        self.chain = credential.chain
        self.limit = credential.limit
        self._client = client
        self._credential = credential
        self._pin = pin
        self._otp = otp

    def request(self, digests: Sequence[bytes], *, label: str = "") -> Answer:
        """Ask for the approval, and sign when it is there already."""
        if len(digests) > self.limit:
            raise SigningError("too_many", f"the service signs {self.limit} at a time, not {len(digests)}")
        answer = self._client.authorize(
            self._credential.credential_id, digests, pin=self._pin, otp=self._otp, label=label
        )
        return self._answer(answer, digests)

    def send_otp(self) -> None:
        """Have the service send the owner a one-time password."""
        self._client.send_otp(self._credential.credential_id)

    def collect(self, ticket: str, digests: Sequence[bytes]) -> Answer:
        """Sign when the owner has approved on the other device; else the same ticket again."""
        answer = self._client.authorize_check(ticket)
        return self._answer(answer, digests) if answer else Answer(ticket=ticket)

    def _answer(self, answer: dict, digests: Sequence[bytes]) -> Answer:
        if answer.get("SAD"):
            return Answer(self._client.sign_hash(self._credential, str(answer["SAD"]), digests))
        if answer.get("handle"):
            return Answer(ticket=str(answer["handle"]), expires_at=_end(answer.get("expiresIn")))
        raise SigningError("service_refused", "credentials/authorize gave neither SAD nor handle")


def _end(seconds: object) -> datetime | None:
    try:
        return datetime.now(UTC) + timedelta(seconds=max(0, int(seconds)))
    except (TypeError, ValueError, OverflowError):
        return None


def _present(item: dict) -> bool:
    return str(item.get("presence", "false")).lower() != "false"


def _texts(digests: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(digest).decode() for digest in digests]


def _refusal(method: str, answer: dict, status: int) -> SigningError:
    error, words = str(answer.get("error") or ""), str(answer.get("error_description") or "")
    code = _CODES.get(error, "service_refused")
    return SigningError(code, f"{method}: HTTP {status} {error} {words}"[:500].rstrip())
