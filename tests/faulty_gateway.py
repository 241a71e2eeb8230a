"""A proxy before a real gateway that misbehaves in the way it is told to."""

import base64
import contextlib
import email.utils
import json
import os
import re
import signal
import socket
import struct
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hocba_core.packet import VIETNAM_TIME
from hocba_core.signing import sign_list

#: Header by which a worker names its process, so that it can be killed in its call.
WORKER_HEADER = "X-Hocba-Worker"
_OTHER_DIGEST = "0" * 64
_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class FaultyGateway:
    """Forwards to ``target``; ``fault`` is applied to the next requests for a path that ends with ``path``.

    Instead of ``fault``, ``choose(path, messageid)`` may name one for each request. Faults:

    - the gateway never gets it: ``drop_before`` (reset), ``silent_before``, ``bad_gateway_before`` (502), ``busy`` (503
      with Retry-After), ``too_many`` and ``too_many_date`` (429; the date is one of a clock ten minutes behind);
    - it gets it and the answer is lost: ``drop_after``, ``silent_after``, ``bad_gateway_after``, ``cut`` (reset in the
      middle of the answer), ``garbage``;
    - the answer is odd: ``slow``, ``twice`` (delivered twice), ``stale`` (the answer to somebody else's question),
      ``not_found`` (a query is answered "never seen" whatever is true), ``wrong_digest``, ``clock`` (ten
      minutes ahead), ``rewrite`` (what the function of that name makes of the decoded answer);
    - the worker is killed (SIGKILL) in its call: ``kill_and_forget``, ``kill_and_deliver``, ``kill_with_answer``;
    - ``hold`` (wait for ``release``).
    """

    def __init__(self, target, choose=None):
        self.target = target
        self.fault = None
        self.path = "/report"
        self.choose = choose or self._by_path
        self.held = threading.Event()
        self.release = threading.Event()
        self.silence = 60
        self.rewrite = dict
        self.posts = []
        self.kills = []
        #: messageid -> digests of the contents that came in under it
        self.contents = {}
        self.last_answers = {}
        self._server = _Server(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        """Address of the proxy."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        """End the proxy."""
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def _by_path(self, path, _messageid):
        return self.fault if path.endswith(self.path) else None

    def _handler(self):
        return type("Handler", (_Handler,), {"proxy": self})

    def forward(self, path, body):
        """(status, body) of the real gateway."""
        request = urllib.request.Request(self.target + path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_arguments):
        """Connections break on purpose here."""


class _Handler(BaseHTTPRequestHandler):
    """One request, and what becomes of it."""

    proxy = None

    def do_POST(self):
        """Misbehave as told."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        messageid, content = _parts(body)
        self.proxy.posts.append(self.path)
        if content:
            self.proxy.contents.setdefault(messageid, set()).add(hash(content))
        fault = self.proxy.choose(self.path, messageid)
        getattr(self, f"_{fault or 'fair'}")(body)

    def _forward(self, body):
        status, answer = self.proxy.forward(self.path, body)
        self.proxy.last_answers[self.path] = answer
        return status, answer

    def _fair(self, body):
        self._answer(*self._forward(body))

    def _drop_before(self, _body):
        self._reset()

    def _drop_after(self, body):
        self._forward(body)
        self._reset()

    def _silent_before(self, _body):
        self.proxy.release.wait(self.proxy.silence)
        self._reset()

    def _silent_after(self, body):
        self._forward(body)
        self.proxy.release.wait(self.proxy.silence)
        self._reset()

    def _bad_gateway_before(self, _body):
        self._answer(502, b"<html>Bad Gateway</html>")

    def _bad_gateway_after(self, body):
        self._forward(body)
        self._answer(502, b"<html>Bad Gateway</html>")

    def _busy(self, _body):
        self._answer(503, b"", {"Retry-After": "120"})

    def _too_many(self, _body):
        self._answer(429, b"", {"Retry-After": "120"})

    def _too_many_date(self, _body):
        its_now = datetime.now(UTC) - timedelta(minutes=10)
        later = email.utils.format_datetime(its_now + timedelta(seconds=120), usegmt=True)
        self._answer(429, b"", {"Retry-After": later}, its_now)

    def _clock(self, body):
        self._answer(*self._forward(body), {}, datetime.now(UTC) + timedelta(minutes=10))

    def _garbage(self, body):
        self._forward(body)
        self._answer(200, b"<html>no JSON</html>")

    def _cut(self, body):
        _status, answer = self._forward(body)
        with contextlib.suppress(OSError):
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer[: len(answer) // 2])
            self.wfile.flush()
        self._reset()

    def _slow(self, body):
        status, answer = self._forward(body)
        time.sleep(0.3)
        self._answer(status, answer)

    def _twice(self, body):
        self._forward(body)
        self._fair(body)

    def _stale(self, body):
        earlier = self.proxy.last_answers.get(self.path)
        status, answer = self._forward(body)
        self._answer(status, earlier or answer)

    def _not_found(self, body):
        messageid, _content = _parts(body)
        self._answer(200, json.dumps({"MessageId": messageid, "Error": "04", "ErrorDescription": ""}).encode())

    def _wrong_digest(self, body):
        status, answer = self._forward(body)
        self._answer(status, _DIGEST.sub(_OTHER_DIGEST.encode(), answer))

    def _rewrite(self, body):
        status, answer = self._forward(body)
        self._answer(status, json.dumps(self.proxy.rewrite(json.loads(answer))).encode())

    def _kill_and_forget(self, _body):
        self._kill()
        self._reset()

    def _kill_and_deliver(self, body):
        self._kill()
        self._forward(body)
        self._reset()

    def _kill_with_answer(self, body):
        status, answer = self._forward(body)
        self._kill()
        self._answer(status, answer)

    def _hold(self, body):
        status, answer = self._forward(body)
        self.proxy.held.set()
        self.proxy.release.wait(60)
        self._answer(status, answer)

    def _kill(self):
        worker = int(self.headers[WORKER_HEADER])
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
            self.proxy.kills.append(worker)

    def _reset(self):
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.shutdown(socket.SHUT_RD)
            self.connection.close()

    def _answer(self, status, body, headers=(), moment=None):
        with contextlib.suppress(OSError):
            self.send_response_only(status)
            self.send_header("Date", email.utils.format_datetime(moment or datetime.now(UTC), usegmt=True))
            for name, value in {"Content-Type": "application/json", **dict(headers)}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_arguments):
        """Silence."""


def _parts(body):
    """(messageid, content) of a request; empty where it has none."""
    request = json.loads(body)
    return request.get("authenticationRequest", {}).get("messageid", ""), request.get("content", "")


def with_another_digest(answer, signer=None):
    """The answer, its acknowledgement now of other bytes: signed anew, or under the signature of the honest one."""
    content = re.sub(rb"<DIGEST>.{64}", b"<DIGEST>" + b"0" * 64, base64.b64decode(answer["xac_nhan"]))
    if signer:
        unsigned = re.sub(rb"<Signature .*</Signature>", b"", content, flags=re.DOTALL)
        content = sign_list(unsigned, signer, at=datetime.now(VIETNAM_TIME).replace(microsecond=0))
    return {**answer, "xac_nhan": base64.b64encode(content).decode()}
