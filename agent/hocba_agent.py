#!/usr/bin/env python3
"""Signing agent for the user's own computer: lets the school's pages, and no others, have digests signed by a token.

It listens on 127.0.0.1 only, speaks the protocol of docs/signing-agent.md, and asks its user before every signing: the
PIN that the token wants is the consent. Neither the key nor the PIN ever reaches the browser or the school's server.

    hocba_agent.py --library /path/to/pkcs11.so --origin https://school.example.edu.vn

Needs Python 3.11 and python-pkcs11. The agents of certification authorities replace it; it is the reference.
"""

import argparse
import base64
import binascii
import getpass
import hashlib
import hmac
import json
import secrets
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pkcs11

VERSION = 1
DEFAULT_PORT = 48217
MAX_BODY = 256 * 1024
MAX_DIGESTS = 2_000
MAX_LABEL = 200
CONSENT_SECONDS = 120
NONCE_SECONDS = 60
CODE_SECONDS = 300
CODE_TRIES = 5
REQUESTS_A_MINUTE = 60
# DigestInfo of SHA-256 up to the digest (RFC 8017 §9.2).
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class RefusalError(Exception):
    """A request that is not served: HTTP status, stable code, words for people."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Token:
    """Certificates and keys behind one PKCS#11 library."""

    def __init__(self, library: str):
        self._library = pkcs11.lib(library)
        self._lock = threading.Lock()

    def certificates(self) -> list[dict]:
        """Every certificate that has an Id, which it shares with its key: ``der``, ``label``, ``fingerprint``."""
        with self._lock:
            return [
                {"der": base64.b64encode(der).decode(), "label": label, "fingerprint": fingerprint}
                for fingerprint, (_token, _key_id, der, label) in self._found().items()
            ]

    def sign(self, fingerprint: str, digests: list[bytes], pin: str) -> list[bytes]:
        """One raw value a digest: RSA PKCS#1 v1.5, or r||s for elliptic curves."""
        with self._lock:
            found = self._found().get(fingerprint)
            if not found:
                raise RefusalError(404, "no_certificate", "the token with this certificate is not plugged in")
            token, key_id, _der, _label = found
            try:
                with token.open(user_pin=pin) as session:
                    key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, id=key_id)
                    if key.key_type == pkcs11.KeyType.EC:
                        return [key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA) for digest in digests]
                    return [key.sign(SHA256_INFO + digest, mechanism=pkcs11.Mechanism.RSA_PKCS) for digest in digests]
            except (pkcs11.PinIncorrect, pkcs11.PinLenRange, pkcs11.PinInvalid):
                raise RefusalError(403, "wrong_pin", "the token refuses the PIN") from None
            except pkcs11.PinLocked:
                raise RefusalError(403, "pin_locked", "the token is locked") from None
            except pkcs11.PKCS11Error as error:
                raise RefusalError(500, "token_failed", f"the token failed: {type(error).__name__}") from None

    def _found(self) -> dict[str, tuple]:
        found = {}
        for slot in self._library.get_slots(token_present=True):
            token = slot.get_token()
            if pkcs11.TokenFlag.TOKEN_INITIALIZED not in token.flags:
                continue
            with token.open() as session:
                for item in session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}):
                    der = bytes(item[pkcs11.Attribute.VALUE])
                    key_id = bytes(item[pkcs11.Attribute.ID] or b"")
                    if key_id:
                        label = str(item[pkcs11.Attribute.LABEL] or "")
                        found[hashlib.sha256(der).hexdigest()] = (token, key_id, der, label)
        return found


class Console:
    """Asks the user in the window in which the agent runs."""

    def show(self, text: str) -> None:
        """Tell the user something."""
        print(f"\n{text}", flush=True)

    def ask_pin(self, text: str) -> str:
        """The PIN; empty when the user refuses."""
        self.show(text)
        try:
            return getpass.getpass("PIN to sign, empty to refuse: ")
        except EOFError:
            return ""


class Prompter:
    """Asks through a Unix socket: a program of the user's desktop shows the question and answers it.

    One JSON object a line goes out: {"show": text} or {"ask": text, "id": n}; {"id": n, "pin": text} comes back.
    """

    def __init__(self, path: Path):
        path.unlink(missing_ok=True)
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        path.chmod(0o600)
        self._server.listen(1)
        self._turn = 0
        self._lock = threading.Lock()
        self._link = None

    def _send(self, message: dict):
        if self._link is None:
            self._server.settimeout(CONSENT_SECONDS)
            connection, _address = self._server.accept()
            connection.settimeout(CONSENT_SECONDS)
            self._link = connection.makefile("rw", encoding="utf-8")
        self._link.write(json.dumps(message) + "\n")
        self._link.flush()
        return self._link

    def show(self, text: str) -> None:
        """Tell the user something."""
        try:
            with self._lock:
                self._send({"show": text})
        except OSError:
            self._link = None
            raise RefusalError(503, "nobody_there", "nobody looks at the agent") from None

    def ask_pin(self, text: str) -> str:
        """The PIN; empty when the user refuses, does not answer or is not there."""
        with self._lock:
            self._turn += 1
            try:
                answer = json.loads(self._send({"ask": text, "id": self._turn}).readline() or "{}")
            except (OSError, ValueError):
                self._link = None
                return ""
            return str(answer.get("pin") or "") if answer.get("id") == self._turn else ""


class Pairings:
    """Which pages may talk to the agent: tokens by origin, kept as digests; one-time codes and nonces in memory."""

    def __init__(self, path: Path):
        self._path = path
        self._lock = threading.Lock()
        self._codes: dict[str, list] = {}
        self._nonces: dict[str, tuple[str, float]] = {}
        self._tokens: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def new_code(self, origin: str) -> str:
        """A code that the user reads at the agent and types into the page."""
        with self._lock:
            code = f"{secrets.randbelow(10**6):06d}"
            self._codes[origin] = [code, time.monotonic() + CODE_SECONDS, CODE_TRIES]
            return code

    def pair(self, origin: str, code: str) -> str:
        """A token for the origin in exchange for its code; the code is used up by it or by too many tries."""
        with self._lock:
            known = self._codes.get(origin)
            if not known or known[1] < time.monotonic() or known[2] <= 0:
                raise RefusalError(403, "code_expired", "ask for a new code")
            known[2] -= 1
            if not hmac.compare_digest(known[0], code):
                raise RefusalError(403, "wrong_code", "the code is not the one shown by the agent")
            del self._codes[origin]
            token = secrets.token_urlsafe(32)
            self._tokens[_hash(token)] = origin
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            self._path.write_text(json.dumps(self._tokens))
            return token

    def holds(self, origin: str, token: str) -> bool:
        """Whether the token was given to this origin."""
        with self._lock:
            return self._tokens.get(_hash(token)) == origin

    def new_nonce(self, origin: str) -> str:
        """A number for one signing."""
        with self._lock:
            now = time.monotonic()
            self._nonces = {key: value for key, value in self._nonces.items() if value[1] > now}
            nonce = secrets.token_urlsafe(16)
            self._nonces[nonce] = (origin, now + NONCE_SECONDS)
            return nonce

    def use_nonce(self, origin: str, nonce: object) -> None:
        """Accept a nonce once."""
        with self._lock:
            owner, end = self._nonces.pop(nonce, ("", 0)) if isinstance(nonce, str) else ("", 0)
        if owner != origin or end < time.monotonic():
            raise RefusalError(403, "bad_nonce", "ask for a new nonce")


class Agent:
    """What the agent does for an allowed origin; one signing at a time."""

    def __init__(self, token: Token, consent, pairings: Pairings, origins: set[str]):
        self.token, self.consent, self.pairings, self.origins = token, consent, pairings, origins
        self._busy = threading.Lock()
        self._lock = threading.Lock()
        self._recent: list[float] = []

    def limit(self) -> None:
        """At most so many requests a minute."""
        now = time.monotonic()
        with self._lock:
            self._recent = [moment for moment in self._recent if moment > now - 60]
            if len(self._recent) >= REQUESTS_A_MINUTE:
                raise RefusalError(429, "too_many_requests", "too many requests; wait a minute")
            self._recent.append(now)

    def pair(self, origin: str, body: dict) -> dict:
        """Without a code: show one. With it: the page's token."""
        if "code" not in body:
            self.consent.show(f"{origin} asks to be connected. Code to type there: {self.pairings.new_code(origin)}")
            return {"code": "shown"}
        return {"token": self.pairings.pair(origin, str(body["code"]))}

    def certificates(self, _origin: str, _body: dict) -> dict:
        """What can be signed with."""
        return {"certificates": self.token.certificates()}

    def nonce(self, origin: str, _body: dict) -> dict:
        """For the next signing."""
        return {"nonce": self.pairings.new_nonce(origin)}

    def sign(self, origin: str, body: dict) -> dict:
        """Ask the user, then the token."""
        digests = _digests(body.get("digests"))
        fingerprint, label = str(body.get("fingerprint") or ""), _printable(body.get("label"))
        self.pairings.use_nonce(origin, body.get("nonce"))
        if not self._busy.acquire(blocking=False):
            raise RefusalError(409, "busy", "another signing waits for the PIN")
        try:
            names = {item["fingerprint"]: item["label"] for item in self.token.certificates()}
            if fingerprint not in names:
                raise RefusalError(404, "no_certificate", "the token with this certificate is not plugged in")
            question = f"{origin} wants {len(digests)} signatures with “{names[fingerprint]}”.\nIt says: {label}"
            started = time.monotonic()
            pin = self.consent.ask_pin(question)
            if not pin:
                raise RefusalError(403, "refused", "the user refused")
            if time.monotonic() - started > CONSENT_SECONDS:
                raise RefusalError(408, "too_late", "the consent came too late")
            values = self.token.sign(fingerprint, digests, pin)
        finally:
            self._busy.release()
        return {"values": [base64.b64encode(value).decode() for value in values]}


class Handler(BaseHTTPRequestHandler):
    """HTTP on the loopback: who may ask, what may be asked."""

    server_version = "hocba-agent"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 30
    agent: Agent

    def do_OPTIONS(self):
        """Preflight (Fetch standard; Private Network Access)."""
        headers = {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "authorization, content-type",
            "Access-Control-Max-Age": "600",
        }
        if self.headers.get("Access-Control-Request-Private-Network") == "true":
            headers["Access-Control-Allow-Private-Network"] = "true"
        self._serve(lambda _origin: {}, headers)

    def do_GET(self):
        """``/v1/status``."""
        self._serve(self._status)

    def do_POST(self):
        """Everything else."""
        self._serve(self._post)

    def _serve(self, method, headers=()):
        try:
            self._answer(200, method(self._checked_origin()), headers)
        except RefusalError as refusal:
            self._answer(refusal.status, {"error": refusal.code, "message": refusal.message})

    def _status(self, origin: str) -> dict:
        if self.path != "/v1/status":
            raise RefusalError(404, "not_found", "no such address")
        return {"agent": "hocba-agent", "version": VERSION, "paired": self._paired(origin), "limit": MAX_DIGESTS}

    def _post(self, origin: str) -> dict:
        body = self._body()
        self.agent.limit()
        if self.path == "/v1/pair":
            return self.agent.pair(origin, body)
        methods = {"certificates": self.agent.certificates, "nonce": self.agent.nonce, "sign": self.agent.sign}
        method = methods.get(self.path.removeprefix("/v1/"))
        if not method:
            raise RefusalError(404, "not_found", "no such address")
        if not self._paired(origin):
            raise RefusalError(401, "not_paired", "this page is not connected to the agent")
        return method(origin, body)

    def _checked_origin(self) -> str:
        port = self.server.server_address[1]
        if self.headers.get("Host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            raise RefusalError(403, "bad_host", "only loopback addresses are served")
        origin = self.headers.get("Origin", "")
        if origin not in self.agent.origins:
            raise RefusalError(403, "bad_origin", "this site is not on the agent's list")
        return origin

    def _paired(self, origin: str) -> bool:
        return self.agent.pairings.holds(origin, self.headers.get("Authorization", "").removeprefix("Bearer "))

    def _body(self) -> dict:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            raise RefusalError(413, "too_large", f"a request is at most {MAX_BODY} bytes")
        content = self.rfile.read(int(length))
        if self.headers.get_content_type() != "application/json":
            raise RefusalError(415, "not_json", "requests are application/json")
        try:
            body = json.loads(content)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise RefusalError(400, "not_json", "a request is a JSON object")
        return body

    def _answer(self, status: int, content: dict, headers=()) -> None:
        body = json.dumps(content).encode()
        sent = {"Vary": "Origin", "Content-Type": "application/json", "Cache-Control": "no-store"}
        if self.headers.get("Origin", "") in self.agent.origins:
            sent["Access-Control-Allow-Origin"] = self.headers["Origin"]
        self.send_response(status)
        for name, value in (sent | dict(headers) | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        """Nothing: what is asked for stands in the consent."""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _digests(given: object) -> list[bytes]:
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_DIGESTS:
        raise RefusalError(400, "bad_digests", f"a request holds 1 to {MAX_DIGESTS} digests")
    try:
        digests = [base64.b64decode(text, validate=True) for text in given]
    except (binascii.Error, ValueError, TypeError):
        raise RefusalError(400, "bad_digests", "digests are base64") from None
    if any(len(digest) != hashlib.sha256().digest_size for digest in digests):
        raise RefusalError(400, "bad_digests", "digests are SHA-256")
    return digests


def _printable(text: object) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in str(text or ""))[:MAX_LABEL]


def main() -> None:
    """Run until stopped."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--library", required=True, help="PKCS#11 library of the token's maker")
    parser.add_argument("--origin", action="append", required=True, help="address of the school's Odoo; repeatable")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--state", type=Path, default=Path.home() / ".config" / "hocba-agent")
    parser.add_argument("--prompt-socket", type=Path, help="ask through this Unix socket instead of the console")
    options = parser.parse_args()
    consent = Prompter(options.prompt_socket) if options.prompt_socket else Console()
    pairings = Pairings(options.state / "tokens.json")
    Handler.agent = Agent(Token(options.library), consent, pairings, set(options.origin))
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    print(f"signing agent on 127.0.0.1:{server.server_address[1]} for {', '.join(options.origin)}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
