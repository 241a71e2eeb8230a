"""A gateway on loopback that answers as a test tells it to: a real HTTP server, with TLS when it gets a context."""

import contextlib
import json
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ScriptedGateway:
    """``script``: path -> function (handler, request as a dictionary) that answers; ``seen``: the requests so far."""

    def __init__(self, context=None):
        self.script = {}
        self.seen = []
        self.bodies = []
        self._server = _Server(("127.0.0.1", 0), self._handler())
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.scheme = "https" if context else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def port(self):
        """The port it listens on."""
        return self._server.server_port

    @property
    def url(self):
        """Its address by number."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def close(self):
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _handler(gateway):  # noqa: N805 (the handler's own self is another)
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = json.loads(body)
                gateway.bodies.append(body)
                gateway.seen.append((self.path, request))
                gateway.script.get(self.path, not_found)(self, request)

            def log_message(self, *_arguments):
                """Silence."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_arguments):
        """Connections break on purpose here."""


def reply(status, body, **headers):
    """A script entry that answers with ``body`` (bytes, or anything that becomes JSON)."""
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()

    def answer(handler, _request):
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def in_turn(*entries):
    """A script entry that uses one of ``entries`` after the other, and the last one for ever."""
    waiting = list(entries)

    def answer(handler, request):
        entry = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        entry(handler, request)

    return answer


def reset(handler, _request):
    """Break the connection without an answer."""
    handler.close_connection = True
    with contextlib.suppress(OSError):
        handler.connection.shutdown(socket.SHUT_RDWR)


def half(handler, _request):
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"MessageId": "m')
    handler.wfile.flush()
    reset(handler, _request)


not_found = reply(404, b"<html>not here</html>")


def tls_context(certificate_pem, key_pem, folder):
    """A server's TLS context."""
    path = folder / "server.pem"
    path.write_bytes(key_pem + certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
