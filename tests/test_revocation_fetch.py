"""Revocation data over real HTTP, from servers that answer well, wrongly, too much, too slowly or not at all."""

import contextlib
import http.server
import threading
import time
from datetime import UTC, datetime, timedelta

import authority
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from hocba_core.signing import fetch, revocation
from hocba_core.signing.certificates import holder_of
from hocba_host import free_port

LOCAL = fetch.FetchLimits(max_bytes=200_000, seconds=3, private=True)


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers of a path from ``server.answers``: a function of the handler."""

    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.answers[self.path](self)

    do_POST = do_GET  # noqa: N815 (the base class names it so)

    def give(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@contextlib.contextmanager
def answering(answers):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        server.answers, server.asked = answers, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.url = f"http://127.0.0.1:{server.server_port}"
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    with contextlib.ExitStack() as stack:
        made = authority.Authority(
            tmp_path_factory.mktemp("ca"), authority.PEOPLE, revoked={"gvcn": "2026-01-01T00:00:00+0000"}
        )
        made.start()
        stack.callback(made.stop)
        yield made


def _endless(handler):
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(bytes(10_000))


def _drip(handler):
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        for _second in range(100):
            handler.wfile.write(bytes(70_000))
            handler.wfile.flush()
            time.sleep(0.2)


def test_lists_of_a_real_authority(ca):
    person, issuer = ca.certificate("gvcn"), ca.certificate("interm")
    (url,) = fetch.crl_addresses(person)
    found = fetch.fetch_crl(url, issuer, LOCAL)
    assert found.get_revoked_certificate_by_serial_number(person.serial_number) is not None
    assert found.get_revoked_certificate_by_serial_number(ca.certificate("cbql").serial_number) is None
    (above,) = fetch.crl_addresses(issuer)
    assert fetch.fetch_crl(above, ca.certificate("root"), LOCAL).issuer == ca.certificate("root").subject
    with pytest.raises(fetch.FetchError, match="not the issuer's list"):
        fetch.fetch_crl(above, issuer, LOCAL)


def test_answers_of_a_real_responder(ca):
    issuer, now = ca.certificate("interm"), datetime.now(UTC)
    root_list = ca.crls(now)[0]
    for label, state in (("gvcn", "revoked"), ("cbql", "good")):
        (url,) = fetch.ocsp_addresses(ca.certificate(label))
        der = fetch.fetch_ocsp(url, ca.certificate(label), issuer, LOCAL)
        trust = ca.trust(crls=[root_list], ocsps=[der])
        assert revocation.revocation_of(holder_of(ca.certificate(label)), trust, now).state == state
    with answering({"/": lambda handler: handler.give(der)}) as server, pytest.raises(fetch.FetchError) as refused:
        fetch.fetch_ocsp(server.url, ca.certificate("seal"), issuer, LOCAL)
    assert refused.value.code == "no_ocsp"


def test_answers_that_are_worth_nothing(ca):
    good = ca.crls(datetime.now(UTC))[1]
    issuer = ca.certificate("interm")
    key = serialization.load_pem_private_key((ca.folder / "root.key.pem").read_bytes(), None)
    now = datetime.now(UTC)
    forged = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now - timedelta(hours=1))
        .next_update(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )
    answers = {
        "/good": lambda handler: handler.give(good),
        "/forged": lambda handler: handler.give(forged),
        "/garbage": lambda handler: handler.give(b"<html>404</html>"),
        "/empty": lambda handler: handler.give(b""),
        "/missing": lambda handler: handler.give(good, status=404),
        "/elsewhere": lambda handler: handler.give(b"", status=302, Location="/good"),
        "/endless": _endless,
        "/drip": _drip,
    }
    with answering(answers) as server:
        assert fetch.fetch_crl(f"{server.url}/good", issuer, LOCAL).next_update_utc
        for path, code in {
            "forged": "no_crl",
            "garbage": "no_crl",
            "empty": "no_crl",
            "missing": "status",
            "elsewhere": "redirect",
            "endless": "too_large",
            "drip": "too_large",
        }.items():
            with pytest.raises(fetch.FetchError) as refused:
                fetch.fetch_crl(f"{server.url}/{path}", issuer, LOCAL)
            assert refused.value.code == code, path
        slow = fetch.FetchLimits(max_bytes=10**9, seconds=1, private=True)
        with pytest.raises(fetch.FetchError) as refused:
            fetch.fetch(f"{server.url}/drip", slow)
        assert refused.value.code == "slow"
        assert server.asked.count("/good") == 1, "a redirect is not followed"


def test_addresses_that_are_not_called(ca):
    with answering({"/": lambda handler: handler.give(b"secret")}) as server:
        with pytest.raises(fetch.FetchError) as refused:
            fetch.fetch(server.url, fetch.FetchLimits(seconds=3))
        assert refused.value.code == "private"
        with pytest.raises(fetch.FetchError) as refused:
            fetch.fetch(server.url.replace("127.0.0.1", "localhost"), fetch.FetchLimits(seconds=3))
        assert refused.value.code in ("private", "unreachable")
        assert not server.asked, "nothing is sent before the address is judged"
    for url in ("file:///etc/passwd", "ftp://127.0.0.1/", "http://user:pass@127.0.0.1/", "http:///x", "ldap://x", ""):
        with pytest.raises(fetch.FetchError) as refused:
            fetch.fetch(url, LOCAL)
        assert refused.value.code == "address", url
    with pytest.raises(fetch.FetchError) as refused:
        fetch.fetch(f"http://127.0.0.1:{free_port()}/", LOCAL)
    assert refused.value.code == "unreachable"


@pytest.mark.parametrize(
    ("address", "private", "called"),
    [
        ("8.8.8.8", False, True),
        ("10.1.2.3", False, False),
        ("10.1.2.3", True, True),
        ("192.168.1.1", False, False),
        ("169.254.169.254", True, False),
        ("::ffff:169.254.169.254", True, False),
        ("::ffff:10.0.0.1", False, False),
        ("::1", False, False),
        ("fe80::1%eth0", True, False),
        ("0.0.0.0", True, False),
        ("100.64.0.1", False, False),
    ],
)
def test_which_networks_are_called(address, private, called):
    if called:
        fetch._check_peer(address, private)
    else:
        with pytest.raises(fetch.FetchError):
            fetch._check_peer(address, private)
