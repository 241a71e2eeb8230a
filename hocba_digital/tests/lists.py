"""An authority's revocation lists, published on a server of the test."""

import contextlib
import http.server
import threading
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

DAY = timedelta(days=1)


class ListServer(http.server.BaseHTTPRequestHandler):
    """Gives what ``server.bodies`` has for a path; 503 for everything else."""

    def do_GET(self):
        self.server.asked.append(self.path)
        body = self.server.bodies.get(self.path)
        with contextlib.suppress(OSError):  # who has had enough hangs up
            self.send_response(503 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

    def log_message(self, *_args):
        pass


def list_server(case):
    """A server for the tests of a class: ``bodies`` by path, the paths ``asked`` for, its ``url``."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), ListServer)
    server.daemon_threads = True
    server.bodies, server.asked = {}, []
    server.url = f"http://127.0.0.1:{server.server_port}"
    case.addClassCleanup(server.server_close)
    case.addClassCleanup(server.shutdown)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def crl(issuer, revoked=(), issued=None, until=None, key=None, since=None):
    """A list (DER) of serial numbers, revoked ``since`` (None: two hours ago)."""
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(issued or now - timedelta(hours=1)).next_update(until or now + 2 * DAY)
    for serial in revoked:
        entry = (
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since or now - timedelta(hours=2))
        )
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key or issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
