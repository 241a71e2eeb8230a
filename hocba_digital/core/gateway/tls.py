"""TLS towards a gateway: whom to believe, how to show oneself, and what a server's certificate says."""

import contextlib
import os
import secrets
import socket
import ssl
import tempfile
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from requests.certs import where


@dataclass(frozen=True, slots=True)
class Tls:
    """``authorities``: PEM, the only roots believed (empty: the public ones); ``certificate`` and ``key``: PEM of the
    client's certificate with its chain, and of its key without a password.
    """

    authorities: str = ""
    certificate: str = ""
    key: str = field(default="", repr=False)

    def context(self):
        """``ssl.SSLContext`` of a client. Raises ValueError when certificate and key are not usable."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            if self.authorities:
                context.load_verify_locations(cadata=self.authorities)
            else:
                context.load_verify_locations(where())
            if self.certificate:
                _load_client(context, self.certificate, self.key)
        except (ssl.SSLError, ValueError, TypeError) as error:
            raise ValueError("certificate and key do not fit") from error
        return context


def _load_client(context, certificate, key):
    """OpenSSL reads keys from files only: the file holds it under a password that nobody else learns."""
    password = secrets.token_hex(32)
    private = load_pem_private_key(key.encode(), None)
    content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode()))
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content + b"\n" + certificate.encode())
        context.load_cert_chain(path, password=password)
    finally:
        os.unlink(path)


def read_authorities(content):
    """PEM of the certificates in a file (PEM or DER). Raises ValueError when there is none."""
    if b"-----BEGIN" in content:
        found = x509.load_pem_x509_certificates(content)
    else:
        found = [x509.load_der_x509_certificate(content)]
    if not found:
        raise ValueError("no certificate")
    return "".join(_pem(certificate) for certificate in found)


def read_client(content, password=""):
    """(PEM of certificate and chain, PEM of the key) from a PKCS#12 or PEM file. Raises ValueError."""
    secret = password.encode() or None
    if b"-----BEGIN" in content:
        key = load_pem_private_key(content, secret if b"ENCRYPTED" in content else None)
        chain = x509.load_pem_x509_certificates(content)
    else:
        key, certificate, others = pkcs12.load_key_and_certificates(content, secret)
        chain = [certificate, *others]
    if key is None or not chain or chain[0] is None:
        raise ValueError("certificate or key is missing")
    if chain[0].public_key() != key.public_key():
        raise ValueError("the key is not the certificate's")
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return "".join(_pem(certificate) for certificate in chain), text


def describe(pem):
    """One line a certificate in ``pem``: (subject, valid from, valid until), moments in UTC."""
    return [
        (_name(line.subject), line.not_valid_before_utc, line.not_valid_after_utc)
        for line in x509.load_pem_x509_certificates(pem.encode())
    ]


def server_certificate(host, port, timeout):
    """The certificate that a server shows, believed or not; None when it shows none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        contextlib.suppress(OSError, ValueError),
        socket.create_connection((host, port), timeout) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True))
    return None


def demands_certificate(host, port, tls, timeout):
    """Whether the server ends the connection because the client shows no certificate, or not the right one.

    With TLS 1.3 the server says so only after the client's side of the handshake is complete.
    """
    try:
        with (
            socket.create_connection((host, port), timeout) as plain,
            tls.context().wrap_socket(plain, server_hostname=host) as secure,
        ):
            secure.settimeout(min(timeout, 2))
            secure.recv(1)
    except ssl.SSLError as error:
        return is_client_refusal(error)
    except (OSError, ValueError):
        return False
    return False


#: Alerts with which a server turns a client's certificate away, or asks for one.
_REFUSALS = (
    *("CERTIFICATE_REQUIRED", "ALERT_HANDSHAKE_FAILURE", "ALERT_UNKNOWN_CA", "ALERT_BAD_CERTIFICATE"),
    *("ALERT_CERTIFICATE_EXPIRED", "ALERT_CERTIFICATE_REVOKED", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_ACCESS_DENIED"),
    *("ALERT_UNSUPPORTED_CERTIFICATE",),
)


def is_client_refusal(error):
    """Whether an ``ssl.SSLError`` is the server's word on the client's certificate."""
    reason = str(error.reason or error).upper().replace(" ", "_")
    return any(name in reason for name in _REFUSALS)


def common_names(certificate):
    """Names that a server's certificate stands for, and its issuer's name."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    except x509.ExtensionNotFound:
        found = []
    return ", ".join(found) or _name(certificate.subject), _name(certificate.issuer)


def _name(name):
    for kind in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME):
        found = name.get_attributes_for_oid(kind)
        if found:
            return str(found[0].value)
    return name.rfc4514_string()


def _pem(certificate):
    return certificate.public_bytes(Encoding.PEM).decode()
