"""A certification authority with everything around it: CRLs, OCSP, time stamps, over HTTP (Certomancer's Animator)."""

import contextlib
import subprocess
import sys
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pki
import requests
import yaml
from asn1crypto import tsp
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, ServiceLabel
from cryptography import x509
from hocba_core import signing
from hocba_host import free_port

ARCH = "truong"
_FROM = "2020-01-01T00:00:00+0000"
_UNTIL = "2036-01-01T00:00:00+0000"


def _extension(name, schema, params, critical=False):
    return {"id": name, "critical": critical, "smart-value": {"schema": schema, "params": params}}


def _usage(*params):
    return _extension("key_usage", "key-usage", list(params), critical=True)


def _authority(length=None):
    value = {"ca": True} | ({} if length is None else {"path-len-constraint": length})
    return [
        {"id": "basic_constraints", "critical": True, "value": value},
        _usage("digital_signature", "key_cert_sign", "crl_sign"),
    ]


def _crl(repo):
    return _extension("crl_distribution_points", "crl-dist-url", {"crl-repo-names": [repo]})


_OCSP = _extension("authority_information_access", "aia-urls", {"ocsp-responder-names": ["interm"]})


class Authority:
    """Keys, certificates and services in ``folder``.

    ``people``: label -> entity of Certomancer (``common-name``, ``user-id``); ``revoked``: label -> ISO date and time;
    ``tsa_until``: end of the first time-stamping certificate, the second (``tsa2``) goes on until 2060.
    """

    def __init__(self, folder: Path, people: dict[str, dict], *, revoked=None, tsa_until="2030-01-01T00:00:00+0000"):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        labels = ["root", "interm", "ocsp", "tsa", "tsa2", *people]
        for label in labels:
            (folder / f"{label}.key.pem").write_bytes(pki.Issued(pki.new_key(), None).key_pem())
        entities = {
            label: {"country-name": "VN", "common-name": name}
            for label, name in {
                "root": "Gốc thử nghiệm",
                "interm": "CA thử nghiệm",
                "ocsp": "OCSP",
                "tsa": "TSA",
            }.items()
        } | {label: {"country-name": "VN", **entity} for label, entity in people.items()}
        stamping = [
            _usage("digital_signature"),
            {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]},
            _crl("root"),
        ]
        certs = {
            "root": self._cert("root", "root", _authority()),
            "interm": self._cert("interm", "root", [*_authority(0), _crl("root")]),
            "ocsp": self._cert(
                "ocsp",
                "interm",
                [
                    _usage("digital_signature"),
                    {"id": "extended_key_usage", "critical": True, "value": ["ocsp_signing"]},
                    {"id": "ocsp_no_check"},
                ],
            ),
            "tsa": self._cert("tsa", "root", stamping, until=tsa_until),
            "tsa2": self._cert("tsa", "root", stamping, until="2060-01-01T00:00:00+0000") | {"subject-key": "tsa2"},
        }
        for label in people:
            usage = _usage("digital_signature", "non_repudiation")
            certs[label] = self._cert(label, "interm", [usage, _crl("interm"), _OCSP])
            if label in (revoked or {}):
                certs[label]["revocation"] = {"revoked-since": revoked[label], "reason": "key_compromise"}
        services = {
            "ocsp": {"interm": {"for-issuer": "interm", "responder-cert": "ocsp", "signing-key": "ocsp"}},
            "crl-repo": {
                label: {"for-issuer": label, "signing-key": label, "simulated-update-schedule": "P30D"}
                for label in ("root", "interm")
            },
            "time-stamping": {label: {"signing-key": label, "signing-cert": label} for label in ("tsa", "tsa2")},
        }
        keys = {label: {"path": f"{label}.key.pem"} for label in labels}
        config = {
            "external-url-prefix": self.url,
            "keysets": {ARCH: {"path-prefix": str(folder), "keys": keys}},
            "pki-architectures": {ARCH: {"keyset": ARCH, "entities": entities, "certs": certs, "services": services}},
        }
        (folder / "certomancer.yml").write_text(yaml.safe_dump(config, allow_unicode=True))
        self.arch = CertomancerConfig.from_file(str(folder / "certomancer.yml")).get_pki_arch(ArchLabel(ARCH))

    @staticmethod
    def _cert(subject, issuer, extensions, until=_UNTIL):
        return {
            "subject": subject,
            "issuer": issuer,
            "validity": {"valid-from": _FROM, "valid-to": until},
            "extensions": extensions,
        }

    def certificate(self, label: str) -> x509.Certificate:
        """A certificate by its label."""
        return x509.load_der_x509_certificate(self.arch.get_cert(CertLabel(label)).dump())

    def signer(self, label: str) -> signing.Pkcs12Signer:
        """A person's or organisation's signer."""
        key = pki.serialization.load_pem_private_key((self.folder / f"{label}.key.pem").read_bytes(), None)
        return signing.Pkcs12Signer(key, self.certificate(label))

    def trust(self, **options) -> signing.TrustStore:
        """A store with this root."""
        return signing.TrustStore([self.certificate("root")], [self.certificate("interm")], **options)

    def crls(self, at: datetime) -> list[bytes]:
        """The CRLs of root and intermediate as published at a moment."""
        services = self.arch.service_registry
        return [services.get_crl(ServiceLabel(label), at).dump() for label in ("root", "interm")]

    def stamper(self, at: datetime, label: str = "tsa") -> "Stamper":
        """The time-stamping authority at a moment of the past or the future."""
        return Stamper(self, at, label)

    def start(self) -> None:
        """Serve, and wait until it answers."""
        log = (self.folder / "animator.log").open("ab")
        config = str(self.folder / "certomancer.yml")
        program = str(Path(sys.executable).with_name("certomancer"))
        command = [program, "--config", config, "animate", "--no-web-ui", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + 30
        while True:
            with contextlib.suppress(requests.ConnectionError):
                requests.get(f"{self.url}/{ARCH}/crls/root/latest.crl", timeout=5).raise_for_status()
                return
            assert self.process.poll() is None and time.monotonic() < end, (self.folder / "animator.log").read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        """End the process."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def tsa_url(self, label: str = "tsa") -> str:
        """Address of a time-stamping service."""
        return f"{self.url}/{ARCH}/tsa/{label}"


class Stamper:
    """Certomancer's time-stamping authority with another clock."""

    def __init__(self, authority: Authority, at: datetime, label: str):
        self._service = authority.arch.service_registry.summon_timestamper(ServiceLabel(label), at.astimezone(UTC))

    def stamp(self, data: bytes) -> bytes:
        """A token over the data."""
        return self.stamp_digest(sha256(data).digest())

    def stamp_digest(self, digest: bytes) -> bytes:
        """A token over data with this SHA-256."""
        imprint = {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": digest,
        }
        request = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "cert_req": True})
        return self._service.request_tsa_response(request)["time_stamp_token"].dump()


PEOPLE = {
    "gvcn": {"common-name": "Lê Thị Mai", "user-id": "CCCD:048185004321"},
    "cbql": {"common-name": "Nguyễn Thị Hồng Vân", "user-id": "CCCD:048175001234"},
    "seal": {"common-name": "Trường Tiểu học Điện Biên Phủ", "user-id": "MST:0400123456"},
}
