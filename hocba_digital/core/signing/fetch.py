"""Fetching revocation data (CRL, OCSP) from the addresses that certificates name, without trusting what answers.

The addresses are taken only from certificates whose chain leads to a configured root (``trust.chain_of``): no
stranger's certificate makes this server call anywhere. Besides, http(s) only, no user names or redirects, no proxy of
the environment, limits on size and time, and, unless the caller allows it, no address of a private network. The address
is judged when the connection stands and before anything is sent, so a name that resolves to something else a second
time gains nothing. Link-local addresses (169.254.0.0/16, fe80::/10: metadata services of clouds) are never called.
"""

import ipaddress
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_CHUNK = 65_536


class FetchError(Exception):
    """Nothing usable came. ``code``: address, private, unreachable, status, redirect, too_large, slow, no_crl,
    no_ocsp. ``message`` is English and for developers.
    """

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """``max_bytes`` of an answer, ``seconds`` for the whole call, ``private``: private networks may be called too."""

    max_bytes: int = 20_000_000
    seconds: float = 20
    private: bool = False


def crl_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """http(s) addresses of the complete lists of the certificate's own issuer (RFC 5280 §4.2.1.13)."""
    try:
        points = certificate.extensions.get_extension_for_oid(ExtensionOID.CRL_DISTRIBUTION_POINTS).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    whole = [point for point in points if not point.crl_issuer and not point.reasons]
    return _web_addresses(name for point in whole for name in point.full_name or ())


def ocsp_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """http(s) addresses of the responders that the certificate names (RFC 5280 §4.2.2.1)."""
    try:
        access = certificate.extensions.get_extension_for_oid(ExtensionOID.AUTHORITY_INFORMATION_ACCESS).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    found = [item for item in access if item.access_method == AuthorityInformationAccessOID.OCSP]
    return _web_addresses(item.access_location for item in found)


def fetch_crl(url: str, issuer: x509.Certificate, limits: FetchLimits) -> x509.CertificateRevocationList:
    """The list at an address, proven to be ``issuer``'s. Raises FetchError. That it is fresh is the caller's matter."""
    content = fetch(url, limits)
    found = None
    for load in (x509.load_der_x509_crl, x509.load_pem_x509_crl):
        try:
            found = load(content)
            break
        except ValueError:
            continue
    if found is None:
        raise FetchError("no_crl", "not a revocation list")
    try:
        valid = found.issuer == issuer.subject and found.is_signature_valid(issuer.public_key())
    except Exception as error:  # the binding raises several kinds for foreign algorithms; none may pass
        raise FetchError("no_crl", f"signature: {error}") from None
    if not valid:
        raise FetchError("no_crl", "not the issuer's list")
    return found


def fetch_ocsp(url: str, certificate: x509.Certificate, issuer: x509.Certificate, limits: FetchLimits) -> bytes:
    """The response (DER) about one certificate, NOT verified yet (``revocation_of`` does). Raises FetchError."""
    # SHA-1 only names the issuer here; many responders know no other (RFC 5019 §2.1.1).
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1()).build()
    content = fetch(
        url,
        limits,
        data=request.public_bytes(serialization.Encoding.DER),
        headers={"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"},
    )
    try:
        response = asn1_ocsp.OCSPResponse.load(content, strict=True)
        if response["response_status"].native != "successful":
            raise FetchError("no_ocsp", f"the responder says {response['response_status'].native}")
        answers = response.basic_ocsp_response["tbs_response_data"]["responses"]
        serials = {item["cert_id"]["serial_number"].native for item in answers}
    except (ValueError, TypeError, KeyError) as error:
        raise FetchError("no_ocsp", str(error)) from None
    if certificate.serial_number not in serials:
        raise FetchError("no_ocsp", "the response is about another certificate")
    return content


def fetch(url: str, limits: FetchLimits, *, data: bytes | None = None, headers: dict | None = None) -> bytes:
    """Body of a GET, or of a POST of ``data``, within the limits. Raises FetchError."""
    if not _is_web_address(url):
        raise FetchError("address", "not a plain http(s) address")
    end = time.monotonic() + limits.seconds
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", _Adapter(limits.private))
        session.mount("https://", _Adapter(limits.private))
        try:
            with session.request(
                "GET" if data is None else "POST",
                url,
                data=data,
                headers=headers,
                timeout=limits.seconds,
                allow_redirects=False,
                stream=True,
            ) as response:
                return _body(response, limits, end)
        except requests.RequestException as error:
            refused = _cause(error, FetchError)
            raise (refused or FetchError("unreachable", f"{type(error).__name__}: {error}")) from None


def _body(response: requests.Response, limits: FetchLimits, end: float) -> bytes:
    if response.is_redirect or 300 <= response.status_code < 400:
        raise FetchError("redirect", f"HTTP {response.status_code}")
    if response.status_code != 200:
        raise FetchError("status", f"HTTP {response.status_code}")
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > limits.max_bytes:
            raise FetchError("too_large", f"more than {limits.max_bytes} bytes")
        if time.monotonic() > end:
            raise FetchError("slow", f"not complete after {limits.seconds} s")
    return bytes(content)


def _web_addresses(names) -> tuple[str, ...]:
    found = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return tuple(dict.fromkeys(url for url in found if _is_web_address(url)))


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        plain = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return False
    return bool(plain and parts.username is None and parts.password is None and len(url) <= 2000)


def _check_peer(address: str, private: bool) -> None:
    peer = ipaddress.ip_address(address.partition("%")[0])
    peer = getattr(peer, "ipv4_mapped", None) or peer
    if peer.is_link_local or peer.is_multicast or peer.is_unspecified:
        raise FetchError("private", f"{peer} is never called")
    if not private and not peer.is_global:
        raise FetchError("private", f"{peer} is an address of a private network")


class _Adapter(HTTPAdapter):
    """Connections that look at whom they have reached before anything is sent. Nothing is repeated by itself."""

    def __init__(self, private: bool):
        self._private = private
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args, **kwargs):
        """As the base class, with connections that look."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _looking(HTTPConnectionPool, HTTPConnection, self._private),
            "https": _looking(HTTPSConnectionPool, HTTPSConnection, self._private),
        }


def _looking(pool: type, connection: type, private: bool) -> type:
    class Connection(connection):
        def _new_conn(self):
            sock = super()._new_conn()
            try:
                _check_peer(sock.getpeername()[0], private)
            except BaseException:
                sock.close()
                raise
            return sock

    return type(f"Looking{pool.__name__}", (pool,), {"ConnectionCls": Connection})


def _cause(error: BaseException | None, kind: type):
    while error is not None:
        if isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None
