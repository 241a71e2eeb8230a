"""A gateway to point a school's software at: it judges what arrives and loses answers on purpose.

``python -m kit.school_check --port 8088 --unit CODE --account NAME --password ... --trust root.pem intermediates.pem``
"""

import argparse
import contextlib
import hashlib
import hmac
import json
import secrets
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from hocba_core.gateway import ERRORS, PROVIDERS, SIGNATURE_TYPES, VERSIONS, default_paths
from hocba_core.signing import TrustStore

from .arrivals import Arrivals, describe
from .contract import Contract
from .findings import Findings

_MAX_BODY = 10_500_000
_DELIVERIES = {"report": "1", "certificate": "3", "recall": "5"}
_QUERIES = {"report_query": "1", "certificate_query": "3", "recall_query": "5"}
_CATALOGUES = {"signature_types": SIGNATURE_TYPES, "providers": PROVIDERS}
#: What happens to the first, second, ... report; the later ones are treated well.
SCENARIOS = ("working", "answer_lost", "never_arrived", "busy", "expired", "refused")


class _Message:
    """One messageid: its scenario, what was seen of it, and what it is answered."""

    def __init__(self, kind, scenario):
        self.kind = kind
        self.scenario = scenario
        self.digest = None
        self.stored = False
        self.slow = False
        self.told_to_wait = False
        self.known_to_caller = False
        self.lost = False
        self.asked_since_lost = False
        self.not_before = None
        self.old_token = None
        self.found = []
        self.refused = ()


class SchoolCheck:
    """Listens on 127.0.0.1. ``findings`` is the report; ``retry_after``: seconds of the scenario "busy"."""

    def __init__(self, *, unit, account, password, authorities, port=0, retry_after=2):
        self.findings = Findings()
        self.unit, self.account = unit, account
        self.password = hashlib.sha256(password.encode()).hexdigest()
        self.retry_after = retry_after
        self.arrivals = Arrivals(self.findings, Contract.load(), _trust(authorities), unit)
        self._paths = {path: service for service, path in default_paths().items()}
        self._tokens = set()
        self._messages = {}
        self._reports = 0
        self._refused_packets = set()
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        """End it."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path, body):
        """(status, answer, headers) of a request; None: break the connection."""
        service = self._paths.get(path)
        if service is None:
            return 404, {}, {}
        try:
            request = json.loads(body)
        except ValueError:
            request = None
        if not isinstance(request, dict):
            self.findings.note("form", False, f"{service}: no JSON object")
            return 200, _plain("20", "-"), {}
        with self._lock:
            self.arrivals.request(service, request)
            if service == "token":
                return self._token(request)
            authentication = request.get("authenticationRequest")
            if not isinstance(authentication, dict) or not self._knows(authentication):
                return 200, _plain("11", "-"), {}
            if service in _CATALOGUES:
                rows = [{"ma": code, "ten": name} for code, name in _CATALOGUES[service].items()]
                return 200, {**_plain("00", "-"), "data": rows}, {}
            if service in _DELIVERIES:
                return self._delivered(_DELIVERIES[service], request)
            return self._asked(_QUERIES[service], authentication)

    def _token(self, request):
        wanted = {"user_name": self.account, "password": self.password, "ma_don_vi": self.unit}
        given = {name: str(request.get(name)) for name in wanted}
        given["password"] = given["password"].lower()
        right = hmac.compare_digest(json.dumps(given).encode(), json.dumps(wanted).encode())
        self.findings.note("account", right, f"token: {given['user_name']}, {given['ma_don_vi']}")
        if not right:
            return 200, _plain("10", "-"), {}
        self.findings.note("token", True)
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        answer = {"Error": "00", "ErrorDescription": ERRORS["00"][1], "token": token, "expires_in": 1800}
        return 200, {**answer, "version": VERSIONS[0], "level": "so"}, {}

    def _knows(self, authentication):
        if not self._tokens:
            self.findings.note("token", False, "a transaction came before any token")
        right = (
            authentication.get("token") in self._tokens
            and authentication.get("user_name") == self.account
            and str(authentication.get("password")).lower() == self.password
            and authentication.get("ma_don_vi") == self.unit
        )
        return self.findings.note("account", right, str(authentication.get("messageid")))

    def _delivered(self, kind, request):
        authentication = request["authenticationRequest"]
        messageid, token = str(authentication.get("messageid")), authentication["token"]
        message = self._messages.get(messageid) or self._first(kind, messageid)
        digest = hashlib.sha256(str(request.get("content")).encode()).hexdigest()
        if message.digest is None:
            message.digest = digest
            message.found = self.arrivals.content(kind, request)
            self._note_refused_again(message)
        else:
            self._again(message, messageid, digest, token)
            if digest != message.digest or message.kind != kind:
                return 200, _plain("25", messageid), {}
        return self._staged(message, messageid, token)

    def _first(self, kind, messageid):
        scenario = None
        if kind == "1":
            scenario = SCENARIOS[self._reports] if self._reports < len(SCENARIOS) else None
            self._reports += 1
        return self._messages.setdefault(messageid, _Message(kind, scenario))

    def _again(self, message, messageid, digest, token):
        """A messageid that was seen before comes again."""
        same = digest == message.digest
        self.findings.note("message", same, f"{messageid}: other bytes")
        if not message.stored:
            self.findings.note("same_bytes", same, f"{messageid}: other bytes")
        if message.lost:
            self.findings.note("asks_first", message.asked_since_lost, f"{messageid}: sent again without a question")
            message.lost = False
        if message.stored and message.known_to_caller:
            self.findings.note("not_twice", False, f"{messageid}: sent again although it was known to be received")
        if message.not_before is not None:
            early = message.not_before - time.monotonic()
            # Many clocks count whole seconds only.
            self.findings.note("waits", early <= 1, f"{messageid}: {early:.1f} s too early")
            message.not_before = None
        if message.old_token is not None:
            self.findings.note("renews", token != message.old_token, f"{messageid}: the same token again")
            message.old_token = None

    def _staged(self, message, messageid, token):
        """Answer a delivery as its scenario says, the first time."""
        scenario, message.scenario = message.scenario, None
        if scenario == "never_arrived":
            message.lost, message.asked_since_lost = True, False
            return None
        if scenario == "busy":
            message.not_before = time.monotonic() + self.retry_after
            return 503, _plain("91", messageid), {"Retry-After": str(self.retry_after)}
        if scenario == "expired":
            message.old_token = token
            self._tokens.discard(token)
            return 200, _plain("11", messageid), {}
        self._judge(message, scenario)
        if scenario == "answer_lost":
            message.lost, message.asked_since_lost = True, False
            return None
        message.known_to_caller = True
        return 200, {**_plain("00", messageid), "ResponseCode": message.digest}, {}

    def _judge(self, message, scenario):
        if message.stored:
            return
        message.stored = True
        message.slow = scenario == "working"
        if scenario == "refused" and message.found:
            message.refused = (message.found[0],)
            self._refused_packets.update(message.refused)

    def _note_refused_again(self, message):
        if message.kind != "1" or not self._refused_packets:
            return
        again = [packet for packet in message.found if packet in self._refused_packets]
        self.findings.note("refused", not again, f"{len(again)} refused records came again unchanged")

    def _asked(self, kind, authentication):
        messageid = str(authentication.get("messageid"))
        message = self._messages.get(messageid)
        if message is None or message.kind != kind:
            return 200, _plain("04", messageid), {}
        message.asked_since_lost = True
        if not message.stored:
            return 200, _plain("04", messageid), {}
        if message.lost:
            self.findings.note("asks_first", True)
            message.lost = False
        if not message.known_to_caller:
            # From here on the caller has been told; whoever sends it again has not listened.
            message.known_to_caller = True
            self.findings.note("not_twice", True)
        self.findings.note("asks", True)
        if message.slow:
            message.slow = False
            message.told_to_wait = True
            return 200, _plain("01", messageid), {}
        if message.told_to_wait:
            self.findings.note("asks_again", True)
        return 200, self._verdicts(message, messageid), {}

    def _verdicts(self, message, messageid):
        answer = _plain("00", messageid)
        if message.kind == "1":
            return {**answer, "data": [_row(packet, packet in message.refused) for packet in message.found]}
        if message.kind == "5":
            return {**answer, "data": [_recall_row(recall) for recall in message.found]}
        error = {"error": "00", "error_field_title": "", "error_description": ""}
        serial = message.found.serial_number if message.found else ""
        return {**answer, "ma_don_vi": self.unit, "serial_number": serial, "trang_thai_phe_duyet": 1, **error}


def _row(packet, refused):
    uuid, code, name, number = describe(packet)
    return {
        "ma_hoc_sinh": code,
        "ten_hoc_sinh": name,
        "so_cccd": number,
        "ma_tra_cuu_uuid": uuid,
        "trang_thai": 0 if refused else 1,
        "error": "31" if refused else "00",
        "error_field_title": "Signature" if refused else "",
        "error_description": "Tình huống thử nghiệm: học bạ bị từ chối" if refused else "",
        "digest": hashlib.sha256(packet).hexdigest(),
        "trang_thai_chot": 0,
    }


def _recall_row(recall):
    return {
        "ma_hoc_sinh": "",
        "ten_hoc_sinh": recall.pupil_name,
        "so_cccd": recall.id_number or "",
        "ma_tra_cuu_uuid": recall.uuid,
        "trang_thai": 2,
        "error": "00",
        "error_field_title": "",
        "error_description": "",
    }


def _plain(code, messageid):
    text = ERRORS[code][1]
    return {
        "MessageId": messageid,
        "Error": code,
        "ErrorDescription": text,
        "ResponseCode": code,
        "ResponseDescription": text,
    }


def _trust(paths):
    certificates = [item for path in paths for item in x509.load_pem_x509_certificates(Path(path).read_bytes())]
    roots = [item for item in certificates if item.subject == item.issuer]
    return TrustStore(roots, [item for item in certificates if item not in roots])


def _handler(check):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 < length <= _MAX_BODY:
                return self._send(413 if length else 411, b"", {})
            answer = check.answer(urlsplit(self.path).path, self.rfile.read(length))
            if answer is None:
                return self._break()
            status, content, headers = answer
            return self._send(status, json.dumps(content, ensure_ascii=False).encode(), headers)

        def do_GET(self):
            parts = urlsplit(self.path)
            if parts.path == "/report.json":
                return self._send(200, check.findings.as_json().encode(), {})
            if parts.path == "/report":
                language = "en" if parse_qs(parts.query).get("lang") == ["en"] else "vi"
                text = check.findings.as_text(language).encode()
                return self._send(200, text, {"Content-Type": "text/plain; charset=utf-8"})
            return self._send(404, b"", {})

        def _send(self, status, content, headers):
            self.send_response(status)
            values = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", **headers}
            for name, value in {**values, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def _break(self):
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *_arguments):
            """Silence."""

    return Handler


def main():
    """Serve until Ctrl-C, then print the report; 1 when something does not hold."""
    parser = argparse.ArgumentParser(prog="kit.school_check", description=__doc__)
    for name in ("unit", "account", "password"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--trust", nargs="+", required=True, metavar="PEM")
    parser.add_argument("--port", type=int, default=8088)
    parser.add_argument("--retry-after", type=int, default=60)
    parser.add_argument("--lang", choices=("vi", "en"), default="vi")
    stated = parser.parse_args()
    check = SchoolCheck(
        unit=stated.unit,
        account=stated.account,
        password=stated.password,
        authorities=stated.trust,
        port=stated.port,
        retry_after=stated.retry_after,
    )
    print(f"{check.url}  report: {check.url}/report")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    check.close()
    print(check.findings.as_text(stated.lang))
    return 1 if check.findings.failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
