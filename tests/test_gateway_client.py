"""Every way in which a call can end, against a real server on loopback: what happened, and may it have arrived?"""

import email.utils
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import _path  # noqa: F401 - puts host/lib on the path
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from gateway_server import ScriptedGateway, half, in_turn, reply, reset, tls_context
from hocba_core.gateway import Endpoint, GatewayClient, GatewayError
from pki import Issued, new_key

TOKEN, REPORT, QUERY = "/api/hocba/token", "/api/hocba/report", "/api/hocba/report/query"
GRANTED = reply(200, {"Error": "00", "ErrorDescription": "Thành công", "token": "abc", "expires_in": 1800})
ACCEPTED = {"MessageId": "m-1", "Error": "00", "ErrorDescription": "Thành công"}


@pytest.fixture
def gateway():
    server = ScriptedGateway()
    server.script[TOKEN] = GRANTED
    yield server
    server.close()


def client_of(gateway, **changes):
    values = {"base_url": gateway.url, "user_name": "48491401", "password_sha256": "0" * 64, "unit_code": "48491401"}
    return GatewayClient(Endpoint(**{**values, "timeout": 1, **changes}))


def report(gateway, **changes):
    """The GatewayError of a report."""
    with client_of(gateway, **changes) as client, pytest.raises(GatewayError) as caught:
        client.report("m-1", "2025-2026", "xyz")
    return caught.value


def test_report_and_query(gateway):
    gateway.script[REPORT] = reply(200, ACCEPTED)
    row = {"ma_tra_cuu_uuid": "u", "trang_thai": 0, "error": "31", "error_description": "sai"}
    gateway.script[QUERY] = reply(200, {"MessageId": "m-1", "Error": "00", "data": [row]})
    with client_of(gateway) as client:
        assert client.report("m-1", "2025-2026", "xyz").accepted
        (verdict,) = client.query_report("m-1").verdicts
    assert (verdict.accepted, verdict.error, verdict.error_description) == (False, "31", "sai")
    assert [path for path, _request in gateway.seen] == [TOKEN, REPORT, QUERY], "one token serves the session"
    sent = gateway.seen[1][1]
    assert sent["content"] == "xyz"
    assert sent["authenticationRequest"]["token"] == "abc"
    assert sent["authenticationRequest"]["messageid"] == "m-1"


def test_token_that_ran_out_is_renewed_once(gateway):
    gateway.script[REPORT] = in_turn(reply(200, {**ACCEPTED, "Error": "11"}), reply(200, ACCEPTED))
    with client_of(gateway) as client:
        assert client.report("m-1", "2025-2026", "xyz").accepted
    bodies = [request for path, request in gateway.seen if path == REPORT]
    assert bodies[0]["content"] == bodies[1]["content"]
    assert bodies[0]["authenticationRequest"]["messageid"] == bodies[1]["authenticationRequest"]["messageid"]
    gateway.script[REPORT] = reply(200, {**ACCEPTED, "Error": "11"})
    error = report(gateway)
    assert (error.kind, error.code, error.maybe_received) == ("authorisation", "11", False)


@pytest.mark.parametrize(("code", "kind"), [("10", "authorisation"), ("12", "authorisation"), ("91", "receiver")])
def test_refused_call(gateway, code, kind):
    gateway.script[REPORT] = reply(200, {**ACCEPTED, "Error": code, "ErrorDescription": "vì sao"})
    error = report(gateway)
    assert (error.kind, error.code, error.message, error.maybe_received) == (kind, code, "vì sao", False)
    assert error.advice


@pytest.mark.parametrize("code", ["13", "20", "24", "25", "26", "77"])
def test_refused_transaction_is_an_answer(gateway, code):
    """Also for code 13: an error here would make the sender ask for ever."""
    gateway.script[REPORT] = reply(200, {**ACCEPTED, "Error": code})
    gateway.script[QUERY] = reply(200, {"MessageId": "m-1", "Error": code})
    with client_of(gateway) as client:
        assert not client.report("m-1", "2025-2026", "xyz").accepted
        assert client.query_report("m-1").refused


def test_wrong_account(gateway):
    gateway.script[TOKEN] = reply(200, {"Error": "10", "ErrorDescription": "Sai tài khoản hoặc mật khẩu"})
    error = report(gateway)
    assert (error.kind, error.code, error.maybe_received) == ("authorisation", "10", False)
    assert [path for path, _request in gateway.seen] == [TOKEN]


@pytest.mark.parametrize(
    ("script", "kind", "code", "maybe_received"),
    [
        (reset, "transport", "RESET", True),
        (half, "transport", "RESET", True),
        (reply(500, b"oops"), "receiver", "500", True),
        (reply(502, b""), "receiver", "502", True),
        (reply(503, b""), "receiver", "503", True),
        (reply(504, b""), "receiver", "504", True),
        (reply(408, b""), "transport", "408", True),
        (reply(204, b""), "receiver", "204", True),
        (reply(200, b"<html>"), "receiver", "FORM", True),
        (reply(200, b"\xff\xfe"), "receiver", "FORM", True),
        (reply(200, b"[" * 100_000), "receiver", "FORM", True),
        (reply(200, []), "receiver", "FORM", True),
        (reply(200, {}), "receiver", "FORM", True),
        (reply(200, {**ACCEPTED, "MessageId": "m-2"}), "receiver", "FORM", True),
        (reply(200, b"x", Content_Encoding="gzip"), "receiver", "FORM", True),
        (reply(401, b""), "authorisation", "401", False),
        (reply(403, b""), "authorisation", "403", False),
        (reply(404, b""), "authorisation", "PATH", False),
        (reply(302, b"", Location="http://127.0.0.1:9/"), "authorisation", "PATH", False),
        (reply(413, b""), "data", "21", False),
    ],
)
def test_what_a_report_may_end_in(gateway, script, kind, code, maybe_received):
    gateway.script[REPORT] = script
    error = report(gateway)
    assert (error.kind, error.code, error.maybe_received) == (kind, code, maybe_received)
    assert [path for path, _request in gateway.seen].count(REPORT) == 1, "nothing is sent twice by itself"
    gateway.script[TOKEN] = script if code != "FORM" else GRANTED
    if code != "FORM":
        assert not report(gateway).maybe_received, "a call for a token delivers nothing"


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(gateway, status):
    gateway.script[REPORT] = reply(status, b"", Retry_After="120")
    error = report(gateway)
    assert (error.kind, error.retry_after, error.maybe_received) == ("receiver", 120, False)
    moment = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    gateway.script[REPORT] = reply(status, b"", Retry_After=moment)
    assert 80 <= report(gateway).retry_after <= 90
    gateway.script[REPORT] = reply(status, b"", Retry_After="-5")
    assert report(gateway).retry_after is None
    gateway.script[REPORT] = reply(status, b"", Retry_After="99999999")
    assert report(gateway).retry_after == 86400


def test_silence_is_unknown(gateway):
    released = threading.Event()
    gateway.script[REPORT] = lambda handler, request: released.wait(10)
    error = report(gateway, timeout=0.3)
    released.set()
    assert (error.kind, error.code, error.maybe_received) == ("transport", "ANSWER", True)


def test_an_answer_in_drops_does_not_hold_the_sender(gateway):
    def drip(handler, _request):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _drop in range(100):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)

    gateway.script[REPORT] = drip
    began = time.monotonic()
    error = report(gateway, timeout=0.5)
    assert (error.code, error.maybe_received) == ("ANSWER", True)
    assert time.monotonic() - began < 5


def test_an_endless_answer_is_cut(gateway):
    gateway.script[REPORT] = reply(200, b" " * (33 * 1024 * 1024))
    assert report(gateway, timeout=30).code == "FORM"


def test_nothing_listens(gateway):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = report(gateway, base_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert (error.kind, error.code, error.maybe_received) == ("transport", "CONNECT", False)
    assert "không nhận kết nối" in error.message


def test_no_such_name(gateway):
    error = report(gateway, base_url="http://no-such-host.invalid")
    assert (error.kind, error.code, error.maybe_received) == ("transport", "NAME", False)
    assert "no-such-host.invalid" in error.message


@pytest.mark.parametrize("address", ["ftp://127.0.0.1", "127.0.0.1:8069", "http://", "http://a b", "http://[::1"])
def test_address_that_is_none(gateway, address):
    error = report(gateway, base_url=address)
    assert (error.kind, error.code, error.maybe_received) == ("authorisation", "URL", False)


def test_gateway_that_died_after_the_token(gateway):
    def answer_and_die(handler, request):
        GRANTED(handler, request)
        handler.close_connection = True
        threading.Thread(target=gateway.close, daemon=True).start()

    gateway.script[TOKEN] = answer_and_die
    with client_of(gateway) as client:
        client.get_token()
        deadline = time.monotonic() + 5
        while gateway._thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        with pytest.raises(GatewayError) as caught:
            client.report("m-1", "2025-2026", "xyz")
    assert caught.value.kind == "transport"


# TLS ----------------------------------------------------------------------------------------


def _server_certificate(days=1):
    """A self-signed certificate for 127.0.0.1 that ends in so many days."""
    key = new_key("ec")
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Issued(key, certificate)


@pytest.fixture
def secure(tmp_path):
    """(start(days) -> server, file of the last server's certificate)."""
    servers = []

    def start(days=1):
        issued = _server_certificate(days)
        (tmp_path / "trusted.pem").write_bytes(issued.pem())
        server = ScriptedGateway(tls_context(issued.pem(), issued.key_pem(), tmp_path))
        server.script[TOKEN] = GRANTED
        server.script[REPORT] = reply(200, ACCEPTED)
        servers.append(server)
        return server

    yield start, str(tmp_path / "trusted.pem")
    for server in servers:
        server.close()


def test_tls(secure):
    start, trusted = secure
    with client_of(start(), verify=trusted) as client:
        assert client.report("m-1", "2025-2026", "xyz").accepted


@pytest.mark.parametrize(
    ("days", "host", "trust", "words"),
    [
        (1, "127.0.0.1", False, "không do tổ chức được tin cậy cấp"),
        (-1, "127.0.0.1", True, "hết hạn"),
        (1, "localhost", True, "tên miền khác"),
    ],
)
def test_tls_that_is_not_right(secure, days, host, trust, words):
    start, trusted = secure
    server = start(days)
    verify = trusted if trust else True
    error = report(server, base_url=f"https://{host}:{server.port}", verify=verify)
    assert (error.kind, error.code, error.maybe_received) == ("transport", "TLS", False)
    assert words in error.message
    assert server.seen == []


def test_tls_spoken_to_a_plain_server(gateway):
    error = report(gateway, base_url=gateway.url.replace("http:", "https:"))
    assert (error.code, error.maybe_received) == ("TLS", False)
    assert "http://" in error.message


# The rest ------------------------------------------------------------------------------------


def test_secrets_are_not_shown(gateway):
    endpoint = client_of(gateway, password_sha256="5ec2e7" * 10).endpoint
    assert "5ec2e7" not in repr(endpoint)


# Time, and answers that are not meant for the question ----------------------------------------


def test_nothing_is_sent_when_the_lease_is_over(gateway):
    gateway.script[REPORT] = reply(200, ACCEPTED)
    with client_of(gateway).within(0) as client, pytest.raises(GatewayError) as caught:
        client.report("m-1", "2025-2026", "xyz")
    assert (caught.value.kind, caught.value.code, caught.value.maybe_received) == ("transport", "LATE", False)
    assert gateway.seen == []


def test_a_call_ends_with_the_lease(gateway):
    released = threading.Event()
    gateway.script[REPORT] = lambda handler, request: released.wait(10)
    began = time.monotonic()
    with client_of(gateway, timeout=30).within(0.5) as client, pytest.raises(GatewayError) as caught:
        client.report("m-1", "2025-2026", "xyz")
    released.set()
    assert (caught.value.code, caught.value.maybe_received) == ("ANSWER", True)
    assert time.monotonic() - began < 9


def test_headers_in_drops_do_not_hold_the_sender(gateway):
    def drip(handler, _request):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            handler.wfile.write(b"X-%d: x\r\n" % number)
            handler.wfile.flush()
            time.sleep(0.1)

    gateway.script[REPORT] = drip
    began = time.monotonic()
    with client_of(gateway, timeout=30).within(0.5) as client, pytest.raises(GatewayError) as caught:
        client.report("m-1", "2025-2026", "xyz")
    assert (caught.value.code, caught.value.maybe_received) == ("ANSWER", True)
    assert time.monotonic() - began < 9


def test_an_answer_to_another_question_is_none(gateway):
    for code in ("00", "01", "04", "24"):
        gateway.script[QUERY] = reply(200, {"MessageId": "m-2", "Error": code, "data": []})
        with client_of(gateway) as client, pytest.raises(GatewayError) as caught:
            client.query_report("m-1")
        assert (caught.value.kind, caught.value.code) == ("receiver", "FORM")


def test_retry_after_as_a_date_is_one_of_the_gateways_clock(gateway):
    def busy(handler, _request):
        its_now = datetime.now(UTC) - timedelta(minutes=10)
        handler.send_response_only(429)
        handler.send_header("Date", email.utils.format_datetime(its_now, usegmt=True))
        later = its_now + timedelta(seconds=90)
        handler.send_header("Retry-After", email.utils.format_datetime(later, usegmt=True))
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    gateway.script[REPORT] = busy
    assert report(gateway).retry_after == 90


def test_the_digest_that_the_gateway_holds(gateway):
    for stated, found in (("A" * 64, "a" * 64), ("00", None), ("", None)):
        gateway.script[REPORT] = reply(200, {**ACCEPTED, "ResponseCode": stated})
        with client_of(gateway) as client:
            assert client.report("m-1", "2025-2026", "xyz").held_digest == found
