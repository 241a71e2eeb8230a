"""A school that can sign: one test authority a session, made with fresh keys."""

import base64
import dataclasses
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pki
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hocba_core import packet, signing
from hocba_core.signing.shape import C14N
from hocba_core.signing.template import Template, time_text

GVCN_ID = "048185004321"
CBQL_ID = "048175001234"
SCHOOL = "Trường Tiểu học Điện Biên Phủ"
PASSWORD = "Mật khẩu 1"
AT = datetime(2026, 5, 30, 10, 0, tzinfo=packet.VIETNAM_TIME)
PROFILE = packet.get_profile("cv2088-1.0")
PROFILE_2025 = packet.get_profile("2025")
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

    def sign_parts(self, data, codes, *, person="gvcn", at=AT):
        """A packet of profile 2025 in which ``person`` has signed the results of some subjects."""
        parts = [part for part in PROFILE_2025.parts(data) if part.code in codes]
        signer = self.signers[person]
        options = {"id_number": IDS[person], "at": at, "profile": PROFILE_2025}
        prepared = signing.prepare_parts(parts, signer.certificate, **options)
        signed = prepared.finish(signer.sign(prepared.payloads))
        return PROFILE_2025.with_parts(PROFILE_2025.build_data(data), signed)

    def sign_2025(self, data, codes=("TV", "TOAN", "NN1")):
        """A complete packet of profile 2025."""
        packets = [self.sign_parts(data, codes)]
        for step, role in enumerate(("gvcn", "cbql", "seal"), start=1):
            options = {"id_number": IDS[role], "at": AT + timedelta(minutes=step), "profile": PROFILE_2025}
            packets = signing.sign_packets(packets, role, self.signers[role], **options)
        return packets[0]

    def force(self, document, role, issued, *, at=AT, id_number=None):
        """The packet signed by a key and certificate that ``sign_packets`` would refuse."""
        tag = next(item for item in PROFILE.signers if item.role == role)
        holder = signing.holder_of(issued.certificate)
        kind = "ecdsa" if isinstance(issued.key, pki.ec.EllipticCurvePrivateKey) else "rsa"
        made = Template(
            sig_id=f"sig-{role}",
            target=tag.target,
            transforms=(C14N,),
            holder=dataclasses.replace(holder, algorithm=kind),
            at=at,
        )
        digest = base64_of(hashlib.sha256(PROFILE.signed_bytes(document, tag.target)).digest()).decode()
        value = raw_signature(issued.key, made.signed_info(digest))
        number = f"<SO_CCCD>{id_number or IDS[role]}</SO_CCCD>" if tag.has_id_number else ""
        inner = f"<NGAY_KY>{time_text(at)}</NGAY_KY>{number}{made.signature(digest, value)}"
        end = PROFILE.signature_end(tag)
        return document.replace(end, f"<{tag.tag}>{inner}</{tag.tag}>".encode() + end)

    def verify(self, document, **options):
        """Report on a packet."""
        return signing.verify_packet(document, self.trust, profile=PROFILE, **options)

    def issue(self, subject, **options) -> signing.Pkcs12Signer:
        """A signer with a certificate of this school's authority."""
        issued = pki.issue(self.pki.intermediate, subject, **options)
        return signing.Pkcs12Signer(issued.key, issued.certificate, issued.chain)


def raw_signature(key, payload: bytes) -> bytes:
    """The signature value that XML Signature wants, of any key."""
    if isinstance(key, pki.ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(payload, pki.ec.ECDSA(pki.hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return key.sign(payload, padding.PKCS1v15(), pki.hashes.SHA256())


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
