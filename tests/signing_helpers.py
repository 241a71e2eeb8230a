"""A school that can sign: one test authority a session, made with fresh keys."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pki
from hocba_core import packet, signing

GVCN_ID = "048185004321"
CBQL_ID = "048175001234"
SCHOOL = "Trường Tiểu học Điện Biên Phủ"
PASSWORD = "Mật khẩu 1"
AT = datetime(2026, 5, 30, 10, 0, tzinfo=packet.VIETNAM_TIME)
PROFILE = packet.get_profile("cv2088-1.0")
PEOPLE = [("gvcn", "Lê Thị Mai", GVCN_ID, "Giáo viên"), ("cbql", "Nguyễn Thị Hồng Vân", CBQL_ID, "Hiệu trưởng")]
ORGANISATIONS = [("seal", SCHOOL, "0400123456")]
IDS = {"gvcn": GVCN_ID, "cbql": CBQL_ID, "seal": None}


@dataclass
class School:
    """Signers by role, their authority, and what verifies them."""

    folder: Path
    key_kind: str = "rsa"
    pki: "pki.Pki" = field(init=False)
    signers: dict = field(init=False)
    trust: signing.TrustStore = field(init=False)

    def __post_init__(self):
        self.pki = pki.make_pki(self.folder, PEOPLE, ORGANISATIONS, password=PASSWORD, key_kind=self.key_kind)
        self.signers = {
            name: signing.Pkcs12Signer.load(path.read_bytes(), PASSWORD) for name, path in self.pki.files.items()
        }
        self.trust = signing.TrustStore.from_pem(self.root_pem.read_bytes(), self.intermediates_pem.read_bytes())

    @property
    def root_pem(self) -> Path:
        """File of the root."""
        return self.folder / "root.pem"

    @property
    def intermediates_pem(self) -> Path:
        """File of the intermediate authorities."""
        return self.folder / "intermediates.pem"

    def sign(self, packets, roles=("gvcn", "cbql", "seal"), *, at=AT, signers=None, ids=None):
        """The packets with the roles' signatures, one minute apart."""
        for step, role in enumerate(roles):
            packets = signing.sign_packets(
                packets,
                role,
                (signers or {}).get(role) or self.signers[role],
                id_number={**IDS, **(ids or {})}[role],
                at=at + timedelta(minutes=step),
                profile=PROFILE,
            )
        return packets

    def verify(self, document, **options):
        """Report on a packet."""
        return signing.verify_packet(document, self.trust, profile=PROFILE, **options)

    def issue(self, subject, **options) -> signing.Pkcs12Signer:
        """A signer with a certificate of this school's authority."""
        issued = pki.issue(self.pki.intermediate, subject, **options)
        return signing.Pkcs12Signer(issued.key, issued.certificate, issued.chain)


def outcome(report):
    """Result, sub-indication and codes of what was found wrong."""
    return report.result, report.sub_indication, {item.code for item in report.reasons if not item.is_note}


def replaced(text: bytes, old: str | bytes, new: str | bytes, count: int = 1) -> bytes:
    """Like bytes.replace, of text that must be there."""
    old, new = (item.encode() if isinstance(item, str) else item for item in (old, new))
    assert old in text
    return text.replace(old, new, count)


def base64_of(value: bytes) -> bytes:
    """Base64 on one line."""
    return base64.b64encode(value)
