"""Real keys elsewhere: a SoftHSM2 token and a remote signing service, each made for one test module."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import csc_server
import pki
import requests
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hocba_host import free_port

SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
TOKEN_PIN = "864209"
TESTS = Path(__file__).parent


def softhsm_folder(folder: Path) -> dict[str, str]:
    """An empty SoftHSM2 store in ``folder``; returns the environment that a process needs to see it."""
    (folder / "tokens").mkdir(parents=True, exist_ok=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    return {"SOFTHSM2_CONF": str(configuration)}


def make_token(environment: dict[str, str], label: str, holders: dict[str, "pki.Issued"]) -> None:
    """A token with each holder's key, made outside and imported, and certificate; ``holders`` is keyed by label."""
    folder = Path(environment["SOFTHSM2_CONF"]).parent

    def run(*command):
        subprocess.run(command, env=os.environ | environment, check=True, capture_output=True)

    pin = ["--pin", TOKEN_PIN]
    run("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "97531", *pin)
    for number, (name, issued) in enumerate(holders.items(), 1):
        key = folder / f"{name}.pem"
        key.write_bytes(issued.key_pem())
        place = ["--token", label, *pin, "--label", name, "--id", f"{number:02x}"]
        run("softhsm2-util", "--import", str(key), *place)
        key.unlink()
        certificate = folder / f"{name}.der"
        certificate.write_bytes(issued.certificate.public_bytes(serialization.Encoding.DER))
        program = (sys.executable, str(TESTS / "token_certificate.py"), SOFTHSM, label, TOKEN_PIN)
        run(*program, f"{number:02x}", name, str(certificate))


class RemoteService:
    """A running CSC server and its owner's phone."""

    def __init__(self, folder: Path, people: dict[str, dict], **settings):
        self.folder = folder
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}/csc/v1"
        keys = {label: pki.Issued(pki.new_key(), None).key_pem() for label in ("root", *people)}
        csc_server.make_service(folder, people, keys, **settings)
        self.root = x509.load_der_x509_certificate((folder / "root.der").read_bytes())
        self.process = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        log = (self.folder / "service.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, str(TESTS / "csc_server.py"), str(self.folder), str(self.port)], stdout=log, stderr=log
        )
        end = time.monotonic() + 30
        while True:
            with contextlib.suppress(requests.ConnectionError):
                self.phone()
                return
            assert self.process.poll() is None and time.monotonic() < end, (self.folder / "service.log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()

    def phone(self) -> dict:
        """What the owner's phone shows: ``otps``, ``waiting``; and ``signed``, all hashes signed so far."""
        return _session().get(f"http://127.0.0.1:{self.port}/phone", timeout=10).json()

    def decide(self, decision: str) -> None:
        """The owner taps ``approve`` or ``refuse``."""
        _session().post(f"http://127.0.0.1:{self.port}/phone/{decision}", timeout=10).raise_for_status()


@contextlib.contextmanager
def remote_service(folder: Path, people: dict[str, dict], **settings):
    """A running service; ``people`` and ``settings`` as in ``csc_server.make_service``."""
    folder.mkdir(parents=True, exist_ok=True)
    service = RemoteService(folder, people, **settings)
    service.start()
    try:
        yield service
    finally:
        service.stop()


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


class AgentDesk:
    """A running reference agent and the person in front of it, who reads its prompts and types the PIN."""

    def __init__(self, folder: Path, origin: str, environment: dict[str, str]):
        self.folder, self.origin, self.port = folder, origin, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.pin = TOKEN_PIN
        self.shown: list[str] = []
        self.asked: list[str] = []
        self._socket = folder / "prompt"
        log = (folder / "agent.log").open("wb")
        program = TESTS.parent / "agent" / "hocba_agent.py"
        options = ["--library", SOFTHSM, "--origin", origin, "--port", str(self.port), "--state", str(folder / "state")]
        self.process = subprocess.Popen(
            [sys.executable, str(program), *options, "--prompt-socket", str(self._socket)],
            env=os.environ | environment,
            stdout=log,
            stderr=log,
        )
        threading.Thread(target=self._sit, daemon=True).start()
        self._wait()

    def _wait(self):
        end = time.monotonic() + 30
        while True:
            with contextlib.suppress(requests.ConnectionError):
                self.call("status", method="GET")
                return
            assert self.process.poll() is None and time.monotonic() < end, (self.folder / "agent.log").read_text()
            time.sleep(0.05)

    def _sit(self):
        link = socket.socket(socket.AF_UNIX)
        while True:
            with contextlib.suppress(OSError):
                link.connect(str(self._socket))
                break
            time.sleep(0.05)
        with link, link.makefile("rw", encoding="utf-8") as lines, contextlib.suppress(ConnectionResetError):
            for line in lines:
                message = json.loads(line)
                if "show" in message:
                    self.shown.append(message["show"])
                else:
                    self.asked.append(message["ask"])
                    lines.write(json.dumps({"id": message["id"], "pin": self.pin}) + "\n")
                    lines.flush()

    def code(self, count: int = 1) -> str:
        """The last code that the agent has shown, once it has shown ``count``."""
        end = time.monotonic() + 10
        while len(self.shown) < count:
            assert time.monotonic() < end
            time.sleep(0.02)
        return self.shown[-1].split()[-1]

    def call(self, path, body=None, *, method="POST", origin=None, token="", headers=None, data=None):
        """One request as a page of ``origin`` makes it."""
        sent = {"Origin": self.origin if origin is None else origin, "Authorization": f"Bearer {token}"}
        options = {"data": data} if data is not None else {"json": body if body is not None else {}}
        if method in ("GET", "OPTIONS"):
            options = {}
        return _session().request(
            method, f"{self.address}/v1/{path}", headers=sent | (headers or {}), timeout=30, **options
        )

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
