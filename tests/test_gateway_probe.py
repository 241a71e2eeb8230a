"""The connection test against real servers on loopback: each thing that can be wrong is named as what it is."""

import email.utils
import json
import socket
import ssl
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import _path  # noqa: F401 - puts host/lib on the path
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from gateway_server import ScriptedGateway, reply, tls_context
from hocba_core.gateway import Endpoint, GatewayClient, GatewayError, Tls, read_authorities, read_client
from pki import Issued, new_key
from pki import authority as make_authority

TOKEN = "/api/hocba/token"
QUERIES = [f"/api/hocba/{name}/query" for name in ("report", "certificate", "recall")]
GRANTED = {"Error": "00", "ErrorDescription": "Thành công", "token": "abc", "version": "cv2088-1.0"}
UNSEEN = {"MessageId": "-", "Error": "04"}


def answer_all(server):
    """Let the server be a gateway as it should be."""
    server.script[TOKEN] = reply(200, GRANTED)
    for path in QUERIES:
        server.script[path] = reply(200, UNSEEN)
    return server


@pytest.fixture
def gateway():
    server = answer_all(ScriptedGateway())
    yield server
    server.close()


def probe(server, **changes):
    values = {"base_url": server.url, "user_name": "48491401", "password_sha256": "0" * 64, "unit_code": "48491401"}
    with GatewayClient(Endpoint(**{**values, "timeout": 2, **changes})) as client:
        return client.probe()


def test_everything_is_right(gateway):
    found = probe(gateway)
    assert (found.ok, found.code) == (True, "00")
    assert all(right for right, _text in found.steps)
    assert len(found.steps) == 3 + len(QUERIES), "account, clock, version and every path of a query"


@pytest.mark.parametrize(
    ("path", "answer", "code", "words"),
    [
        (TOKEN, reply(200, {"Error": "10", "ErrorDescription": "Sai tài khoản"}), "10", "Sai tài khoản"),
        (TOKEN, reply(200, {"Error": "12"}), "12", "Đơn vị không được báo cáo"),
        (TOKEN, reply(200, {**GRANTED, "version": "cv2088-9.0"}), "VERSION", "cv2088-9.0"),
        (TOKEN, reply(404, b""), "PATH", TOKEN),
        (QUERIES[0], reply(404, b""), "PATH", QUERIES[0]),
        (QUERIES[2], reply(404, b""), "PATH", QUERIES[2]),
        (QUERIES[1], reply(200, {"MessageId": "-", "Error": "12"}), "12", "Đơn vị"),
        (TOKEN, reply(200, b"<html>", Content_Type="text/html"), "FORM", "text/html"),
        (TOKEN, reply(403, b""), "403", "từ chối"),
        (TOKEN, reply(502, b""), "502", "502"),
    ],
)
def test_answers_that_are_not_right(gateway, path, answer, code, words):
    gateway.script[path] = answer
    found = probe(gateway)
    assert (found.ok, found.code) == (False, code)
    assert words in found.message
    assert found.advice
    assert [right for right, _text in found.steps].count(False) == 1
    assert found.steps[-1] == (False, found.message)


def test_no_such_name_and_nobody_there(gateway):
    found = probe(gateway, base_url="http://no-such-host.invalid")
    assert (found.code, "no-such-host.invalid" in found.message) == ("NAME", True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = probe(gateway, base_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert (found.code, "không nhận kết nối" in found.message) == ("CONNECT", True)


def test_too_slow(gateway):
    gateway.script[TOKEN] = lambda _handler, _request: time.sleep(1)
    found = probe(gateway, timeout=0.3)
    assert (found.code, "0.3 giây" in found.message) == ("ANSWER", True)


def test_right_but_slow_is_told_as_slow(gateway, monkeypatch):
    def slow(handler, request):
        time.sleep(0.3)
        reply(200, UNSEEN)(handler, request)

    gateway.script[QUERIES[1]] = slow
    monkeypatch.setattr("hocba_core.gateway.probe._SLOW", 0.2)
    found = probe(gateway)
    assert (found.ok, found.code) == (False, "SLOW")
    assert "rất chậm" in found.message and found.advice
    assert [right for right, _text in found.steps] == [True] * (3 + len(QUERIES)) + [False]


@pytest.mark.parametrize(("minutes", "word"), [(-10, "nhanh 10 phút"), (10, "chậm 10 phút")])
def test_clock(gateway, minutes, word):
    def late(handler, _request):
        body = json.dumps(GRANTED).encode()
        handler.send_response_only(200)
        moment = datetime.now(UTC) + timedelta(minutes=minutes)
        handler.send_header("Date", email.utils.format_datetime(moment, usegmt=True))
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    gateway.script[TOKEN] = late
    found = probe(gateway)
    assert (found.ok, found.code) == (False, "CLOCK")
    assert word in found.message


# TLS ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority():
    return make_authority("Gateway CA")


@pytest.fixture
def secure(tmp_path, authority):
    """start(demands, newest, **options of ``issue_server``) -> a gateway with TLS whose authority is ``authority``.

    ``demands``: authority of the clients' certificates; ``newest``: version of TLS.
    """
    servers = []

    def start(demands=None, newest=None, **options):
        issued = issue_server(authority, **options)
        context = tls_context(issued.pem(), issued.key_pem(), tmp_path)
        if demands:
            context.load_verify_locations(cadata=demands.pem().decode())
            context.verify_mode = ssl.CERT_REQUIRED
        if newest:
            context.maximum_version = newest
        servers.append(answer_all(ScriptedGateway(context)))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def issue_server(authority, *, names=(), until=None):
    """A certificate for TLS, for 127.0.0.1 or the given names; also good for a client."""
    key, now = new_key("ec"), datetime.now(UTC)
    shown = [x509.DNSName(name) for name in names] or [x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gateway")]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(until or now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(shown), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return Issued(key, certificate)


def own(authority, **changes):
    return replace(Tls(authorities=authority.pem().decode()), **changes)


def test_own_authorities_are_believed_and_no_others(secure, authority):
    server = secure()
    assert probe(server, tls=own(authority)).ok
    other = probe(server, tls=own(make_authority("Another CA")))
    assert (other.code, "không do tổ chức được tin cậy cấp" in other.message) == ("TLS", True)
    assert "do Gateway CA cấp" in other.message
    assert probe(server).code == "TLS", "the public authorities do not know it"


def test_expired_and_wrong_name(secure, authority):
    ended = datetime.now(UTC) - timedelta(days=1)
    expired = probe(secure(until=ended), tls=own(authority))
    assert (expired.code, "đã hết hạn" in expired.message) == ("TLS", True)
    assert f"{ended:%d/%m/%Y}" in expired.message
    wrong = probe(secure(names=("gateway.example",)), tls=own(authority))
    assert (wrong.code, "tên miền khác" in wrong.message) == ("TLS", True)
    assert "cấp cho gateway.example" in wrong.message


def test_plain_server_behind_https(gateway):
    found = probe(gateway, base_url=gateway.url.replace("http:", "https:"))
    assert (found.code, "http://" in found.message) == ("TLS", True)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2])
def test_client_certificate_demanded(secure, authority, newest):
    server = secure(demands=authority, newest=newest)
    found = probe(server, tls=own(authority))
    assert (found.code, "ở đây chưa cài" in found.message) == ("TLS", True)
    stranger = issue_server(make_authority("Another CA"))
    shown = own(authority, certificate=stranger.pem().decode(), key=stranger.key_pem().decode())
    assert "không chấp nhận chứng thư TLS của bên gửi đã cài" in probe(server, tls=shown).message
    known = issue_server(authority)
    shown = own(authority, certificate=known.pem().decode(), key=known.key_pem().decode())
    assert probe(server, tls=shown).ok


def test_delivery_without_the_client_certificate_was_not_received(secure, authority):
    server = secure(demands=authority)
    endpoint = Endpoint(server.url, "u", "0" * 64, "c", timeout=2, tls=own(authority))
    with GatewayClient(endpoint) as client, pytest.raises(GatewayError) as caught:
        client.report("m-1", "2025-2026", "xyz")
    assert not caught.value.maybe_received
    assert server.seen == []


def test_client_files(authority):
    issued = issue_server(authority)
    certificate, key = read_client(_pkcs12(issued, "1234"), "1234")
    assert x509.load_pem_x509_certificate(certificate.encode()) == issued.certificate
    assert read_client(issued.key_pem() + issued.pem()) == (certificate, key)
    assert read_authorities(authority.pem()).encode() == authority.pem()
    for content, password in (
        (_pkcs12(issued, "1234"), "4321"),
        (issued.pem(), ""),
        (issue_server(authority).key_pem() + issued.pem(), ""),
        (b"junk", ""),
    ):
        with pytest.raises(ValueError):
            read_client(content, password)


def _pkcs12(issued: Issued, password):
    secret = BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(b"gateway", issued.key, issued.certificate, None, secret)
