"""A proxy before a real gateway that misbehaves once, in the way it is told to."""

import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FaultyGateway:
    """Forwards to ``target``; ``fault`` is applied to the next requests for a path that ends with ``path``.

    Faults: ``drop_after`` (the gateway gets it, the answer is lost), ``drop_before`` (the gateway
    never gets it), ``busy`` (503 with Retry-After), ``garbage``, ``hold`` (wait for ``release``).
    """

    def __init__(self, target):
        self.target = target
        self.fault = None
        self.path = "/report"
        self.held = threading.Event()
        self.release = threading.Event()
        self.posts = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self):
        """Address of the proxy."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        """End the proxy."""
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(proxy):  # noqa: N805 (the handler's own self is another)
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                proxy.posts.append(self.path)
                fault = proxy.fault if self.path.endswith(proxy.path) else None
                if fault == "drop_before":
                    return self._drop()
                if fault == "busy":
                    return self._answer(503, b"", {"Retry-After": "120"})
                if fault == "garbage":
                    proxy.forward(self.path, body)
                    return self._answer(200, b"<html>no JSON</html>", {})
                if fault == "hold":
                    status, answer = proxy.forward(self.path, body)
                    proxy.held.set()
                    proxy.release.wait(60)
                    return self._answer(status, answer, {})
                status, answer = proxy.forward(self.path, body)
                return self._drop() if fault == "drop_after" else self._answer(status, answer, {})

            def _drop(self):
                self.close_connection = True
                self.connection.close()

            def _answer(self, status, body, headers):
                try:
                    self.send_response(status)
                    for name, value in {"Content-Type": "application/json", **headers}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_arguments):
                """Silence."""

        return Handler

    def forward(self, path, body):
        """(status, body) of the real gateway."""
        request = urllib.request.Request(self.target + path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
