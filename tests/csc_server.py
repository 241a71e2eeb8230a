"""A remote signing service for tests: Certomancer's CSC server, over HTTP, with what it lacks.

Added here: accounts (OAuth 2.0 client credentials, auth/login), PIN, one-time passwords, approval on a phone with a
handle to ask about, activation data that expire and work once. The phone is the second channel: ``/phone/...`` tells
what the service sent there and takes its owner's decision. ``python csc_server.py FOLDER PORT`` runs it on a folder of
``make_service``.
"""

import asyncio
import json
import secrets
import sys
import time
from pathlib import Path

import aiohttp
import yaml
from aiohttp import web
from certomancer.registry import CertomancerConfig
from csc_dummy.csc_dummy_server import CSCWithCertomancer, DummyServiceParams

CLIENT_ID = "truong-hoc"
CLIENT_SECRET = "bí mật của trường"
PIN = "135790"
ARCH = "remote"
_CA_USAGE = {"schema": "key-usage", "params": ["key_cert_sign", "crl_sign"]}
_SIGNER_USAGE = {"schema": "key-usage", "params": ["digital_signature", "non_repudiation"]}
_VALIDITY = {"valid-from": "2024-01-01T00:00:00+0000", "valid-to": "2034-01-01T00:00:00+0000"}


def make_service(folder: Path, people: dict[str, dict], keys: dict[str, bytes], **settings) -> None:
    """Write the service's configuration.

    ``people``: credential label -> {name, id, approval}, where approval is ``pin``, ``otp`` (PIN and a one-time
    password that is sent) or ``push``. ``keys``: PEM by label and for ``root``. ``settings``: multisign, sad_seconds.
    """
    for label, pem in keys.items():
        (folder / f"{label}.key.pem").write_bytes(pem)
    entities = {"root": {"country-name": "VN", "common-name": "Remote Signing Test Root"}}
    certs = {"root": _cert("root", _CA_USAGE, [{"id": "basic_constraints", "critical": True, "value": {"ca": True}}])}
    for label, person in people.items():
        entities[label] = {"country-name": "VN", "common-name": person["name"], "user-id": person["id"]}
        certs[label] = _cert(label, _SIGNER_USAGE, [])
    config = {
        "external-url-prefix": "http://127.0.0.1",
        "keysets": {ARCH: {"path-prefix": str(folder), "keys": {key: {"path": f"{key}.key.pem"} for key in keys}}},
        "pki-architectures": {ARCH: {"keyset": ARCH, "entities": entities, "certs": certs}},
    }
    (folder / "certomancer.yml").write_text(yaml.safe_dump(config, allow_unicode=True))
    extra = {"approvals": {label: person["approval"] for label, person in people.items()}, **settings}
    (folder / "service.yml").write_text(yaml.safe_dump(extra))
    root = CertomancerConfig.from_file(str(folder / "certomancer.yml")).get_pki_arch(ARCH).get_cert("root")
    (folder / "root.der").write_bytes(root.dump())


def _cert(subject, usage, extensions):
    usage = {"id": "key_usage", "critical": True, "smart-value": usage}
    return {"subject": subject, "issuer": "root", "validity": _VALIDITY, "extensions": [usage, *extensions]}


class Service(CSCWithCertomancer):
    """Certomancer's server with approvals."""

    def __init__(self, folder: Path):
        settings = yaml.safe_load((folder / "service.yml").read_text())
        params = DummyServiceParams(hash_pinning_required=True, multisign=settings.get("multisign", 100))
        super().__init__(CertomancerConfig.from_file(str(folder / "certomancer.yml")), service_params=params)
        self.approvals = settings["approvals"]
        self.sad_seconds = settings.get("sad_seconds", 300)
        self.tokens, self.sads, self.otps, self.handles = set(), {}, {}, {}
        self.signed: list[str] = []

    def register_routes(self):
        """The official methods, and the phone."""
        super().register_routes()
        self.app.add_routes(
            [
                web.post("/csc/v1/oauth2/token", self.token),
                web.post("/csc/v1/auth/login", self.login),
                web.post("/csc/v1/credentials/sendOTP", self.send_otp),
                web.post("/csc/v1/credentials/authorizeCheck", self.authorize_check),
                web.get("/phone", self.phone),
                web.post("/phone/{decision}", self.decide),
            ]
        )
        self.app.middlewares.append(self.check_token)

    @web.middleware
    async def check_token(self, request, handler):
        """Everything but signing in and the phone wants a token."""
        path = request.path
        free = path.startswith("/phone") or path.endswith(("/info", "/oauth2/token", "/auth/login"))
        if path.endswith("credentials/info") or not free:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if token not in self.tokens:
                return _error("invalid_token", 401)
        return await handler(request)

    async def token(self, request):
        """OAuth 2.0 client credentials."""
        form = await request.post()
        return self._sign_in(form.get("client_id"), form.get("client_secret"))

    async def login(self, request):
        """HTTP Basic."""
        try:
            given = aiohttp.BasicAuth.decode(request.headers.get("Authorization", ""), encoding="utf-8")
        except ValueError:
            return _error("authentication_error", 401)
        return self._sign_in(given.login, given.password)

    def _sign_in(self, client_id, secret):
        if (client_id, secret) != (CLIENT_ID, CLIENT_SECRET):
            return _error("authentication_error", 401)
        token = secrets.token_urlsafe()
        self.tokens.add(token)
        return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    async def credentials_list(self, request):
        """Without the authority's own key, two a page."""
        start = int((await request.json()).get("pageToken") or 0)
        found = [f"{ARCH}/{label}" for label in sorted(self.approvals)]
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(found) else {}
        return web.json_response({"credentialIDs": found[start : start + 2], **more})

    async def credentials_info(self, request):
        """With how the key is unlocked."""
        approval = self.approvals[(await request.json())["credentialID"].split("/")[1]]
        answer = await super().credentials_info(request)
        content = json.loads(answer.text)
        content["authMode"] = "implicit" if approval == "push" else "explicit"
        if approval != "push":
            content["PIN"] = {"presence": "true", "format": "N", "label": "PIN"}
        if approval == "otp":
            content["OTP"] = {"presence": "true", "type": "online", "format": "N", "ID": "sms", "provider": "test"}
        return web.json_response(content)

    async def send_otp(self, request):
        """To the phone."""
        label = (await request.json())["credentialID"].split("/")[1]
        self.otps[label] = f"{secrets.randbelow(10**6):06d}"
        return web.Response(status=204)

    async def credentials_authorize(self, request):
        """PIN, one-time password or phone, then Certomancer's own activation data."""
        body = await request.json()
        label = body["credentialID"].split("/")[1]
        approval = self.approvals[label]
        if approval != "push" and body.get("PIN") != PIN:
            return _error("invalid_pin")
        if approval == "otp" and body.get("OTP") != self.otps.pop(label, None):
            return _error("invalid_otp")
        answer = await super().credentials_authorize(request)
        if approval == "push":
            handle = secrets.token_urlsafe()
            ends = time.time() + self.sad_seconds
            text = {"label": label, "description": body.get("description"), "count": body["numSignatures"]}
            self.handles[handle] = {"answer": answer, "decision": None, "ends": ends, "text": text}
            return web.json_response({"handle": handle, "expiresIn": self.sad_seconds})
        return self._granted(answer)

    def _granted(self, answer):
        sad = json.loads(answer.text)["SAD"]
        self.sads[sad] = time.time() + self.sad_seconds
        return web.json_response({"SAD": sad, "expiresIn": self.sad_seconds})

    async def authorize_check(self, request):
        """What the phone's owner has decided."""
        found = self.handles.get((await request.json())["handle"])
        if not found or found["ends"] < time.time():
            return _error("authorization_expired")
        if found["decision"] is None:
            return _error("authorization_pending")
        return self._granted(found["answer"]) if found["decision"] == "approve" else _error("access_denied")

    async def signatures_sign_hash(self, request):
        """With activation data that are fresh and unused."""
        body = await request.json()
        if self.sads.pop(body["SAD"], 0) < time.time():
            return _error("expired_sad")
        answer = await super().signatures_sign_hash(request)
        self.signed += body["hash"]
        return answer

    async def phone(self, _request):
        """What the service sent to the phone, and what it has signed."""
        waiting = {handle: item["text"] for handle, item in self.handles.items() if item["decision"] is None}
        return web.json_response({"otps": self.otps, "waiting": waiting, "signed": self.signed})

    async def decide(self, request):
        """The owner approves or refuses everything that waits."""
        for item in self.handles.values():
            item["decision"] = item["decision"] or request.match_info["decision"]
        return web.json_response({})


def _error(code, status=400):
    return web.json_response({"error": code, "error_description": code.replace("_", " ")}, status=status)


def main() -> None:
    """Run until killed."""
    service = Service(Path(sys.argv[1]))
    service.register_routes()
    asyncio.set_event_loop(asyncio.new_event_loop())
    web.run_app(service.app, host="127.0.0.1", port=int(sys.argv[2]), print=None)


if __name__ == "__main__":
    main()
