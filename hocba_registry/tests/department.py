"""A department with one school that reports, and a maker of signed packets and transactions with keys of its own."""

import base64
import hashlib
import uuid
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal

import psycopg2

from odoo.addons.hocba_digital.core import packet
from odoo.addons.hocba_digital.core.gateway import encode_content
from odoo.addons.hocba_digital.core.signing import Pkcs12Signer, sign_list, sign_packets
from odoo.addons.hocba_digital.tests import pki
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import mute_logger

SCHOOL = "Trường Tiểu học Điện Biên Phủ"
SCHOOL_CODE = "48491401"
PASSWORD = "mật-khẩu-của-trường"
YEAR = "2025-2026"
PROFILE = packet.get_profile("cv2088-1.0")
_HEAD, _HOMEROOM = "048175001234", "048185004321"
_REMARK = "Em chăm ngoan, hoàn thành tốt các nội dung học tập."
_SUBJECTS = (("TV", "Tiếng Việt", 9), ("TOAN", "Toán", 10), ("DD", "Đạo đức", None))


class Maker:
    """Signs as the people of a school. ``seal_name`` and ``tax_code`` make a stranger's seal."""

    _keys = {}

    def __init__(self, seal_name=SCHOOL, tax_code="0400123456", authority=None):
        self.root, self.intermediate = authority or self._authority()
        self.issued = {
            "gvcn": self._issue(pki.person_name("Lê Thị Mai", _HOMEROOM)),
            "cbql": self._issue(pki.person_name("Nguyễn Thị Hồng Vân", _HEAD, "Hiệu trưởng")),
            "seal": self._issue(pki.organisation_name(seal_name, tax_code)),
        }
        self.signers = {role: Pkcs12Signer(item.key, item.certificate) for role, item in self.issued.items()}

    @classmethod
    def _authority(cls):
        """One authority a process, because making keys is slow."""
        if "authority" not in cls._keys:
            root = pki.authority(pki.ROOT_NAME)
            cls._keys["authority"] = root, pki.authority(pki.INTERMEDIATE_NAME, root)
        return cls._keys["authority"]

    def _issue(self, subject):
        key = self._keys.setdefault((subject, self.root.certificate.serial_number), pki.new_key("ec"))
        return pki.issue(self.intermediate, subject, key=key)

    @property
    def at(self):
        """A moment shortly ago, to sign at."""
        return datetime.now(packet.VIETNAM_TIME).replace(microsecond=0) - timedelta(minutes=1)

    def data(self, number=1, **changes):
        """A complete record of grade 2."""
        values = {
            "uuid": str(uuid.uuid4()),
            "school_year": YEAR,
            "authority_code": "48",
            "authority_name": "Sở Giáo dục và Đào tạo thành phố Đà Nẵng",
            "school_code": SCHOOL_CODE,
            "school_name": SCHOOL,
            "commune": "Phường Thanh Khê",
            "province": "Thành phố Đà Nẵng",
            "register_number": f"2024/{number:04d}",
            "pupil_name": f"Trương Phương Anh {number}",
            "pupil_code": f"48{number:08d}",
            "gender": "female",
            "birth_date": date(2018, 5, 17),
            "id_number": f"048318{number:06d}",
            "weight": Decimal("21.5"),
            "height": Decimal("120"),
            "absences_excused": 3,
            "absences_unexcused": 0,
            "birth_place": "Đà Nẵng",
            "home_town": "Phường Thanh Khê, thành phố Đà Nẵng",
            "address": "45 đường Điện Biên Phủ, thành phố Đà Nẵng",
            "ethnicity": "Kinh",
            "nationality": "Việt Nam",
            "mother": "Hoàng Thị Cúc",
            "head_name": "Nguyễn Thị Hồng Vân",
            "head_id_number": _HEAD,
            "head_title": "Hiệu trưởng",
            "issue_place": "Đà Nẵng",
            "created_at": self.at,
            "issued_on": self.at.date(),
            "homeroom_name": "Lê Thị Mai",
            "homeroom_id_number": _HOMEROOM,
            "grade": 2,
            "class_name": "2A1",
            "history": (packet.HistoryLine(class_name="2A1", school_name=SCHOOL, arrived_on=date(2024, 9, 5)),),
            "overall": "good",
            "promoted": True,
            "class_completed": True,
            "homeroom_comment": _REMARK,
            "subjects": tuple(
                packet.SubjectLine(code=code, name=name, level="T", score=score, comment=_REMARK)
                for code, name, score in _SUBJECTS
            ),
            "competences": tuple(
                (code, "T") for code in packet.COMPETENCES if code not in packet.UPPER_GRADE_COMPETENCES
            ),
            "qualities": tuple((code, "T") for code in packet.QUALITIES),
            "quality_comment": _REMARK,
            "general_competence_comment": _REMARK,
            "specific_competence_comment": _REMARK,
        }
        return packet.RecordData(**{**values, **changes})

    def packets(self, *datas, roles=("gvcn", "cbql", "seal")):
        """Signed packets of the data."""
        packets = [PROFILE.build_data(data) for data in datas]
        for role in roles:
            number = {"gvcn": _HOMEROOM, "cbql": _HEAD}.get(role)
            packets = sign_packets(packets, role, self.signers[role], id_number=number, at=self.at, profile=PROFILE)
        return packets

    def content(self, packets, signer=None):
        """The parameter ``content`` of a transaction of these packets."""
        return encode_content(sign_list(PROFILE.build_list(packets), signer or self.signers["seal"], at=self.at))

    def certificate(self, role="seal"):
        """A certificate as uploaded: Base64 of its PEM."""
        return base64.b64encode(self.issued[role].pem()).decode()


class DepartmentCase(TransactionCase):
    """The department: officer, administrator, an open year, a school with an approved seal, trusted authorities."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maker = Maker()
        cls.officer = new_test_user(cls.env, login="officer", groups="hocba_registry.group_so_officer")
        cls.administrator = new_test_user(cls.env, login="soadmin", groups="hocba_registry.group_so_admin")
        for kind, issued in (("root", cls.maker.root), ("intermediate", cls.maker.intermediate)):
            cls.env["hocba.trust"].create({"kind": kind, "pem": issued.pem().decode()})
        cls.year = cls.env["hocba.registry.year"].create({"name": YEAR})
        cls.unit = cls.env["hocba.registry.unit"].create(
            {
                "name": SCHOOL,
                "code": SCHOOL_CODE,
                "login": SCHOOL_CODE,
                "password": PASSWORD,
                "commune": "Phường Thanh Khê",
            }
        )
        cls.certificate = cls.approve(cls.unit, cls.maker.certificate())

    @classmethod
    def approve(cls, unit, file):
        """An approved certificate of ``unit``."""
        certificate = cls.env["hocba.registry.certificate"].create({"unit_id": unit.id, "file": file})
        certificate.with_user(cls.officer).action_approve()
        return certificate

    def receive(self, content, messageid=None, year=YEAR, unit=None, kind="1"):
        """Keep a transaction, as the controller does after it has checked the account."""
        authentication = {"nam_hoc": int(year[:4])}
        intake = self.env["hocba.registry.intake"].sudo()
        raw = content.encode()
        digest = packet_digest(raw)
        return intake._keep(unit or self.unit, messageid or str(uuid.uuid4()), kind, authentication, raw, digest)

    def judge(self, content, **options):
        """Keep a transaction and judge it."""
        transaction = self.receive(content, **options)
        transaction._process_safely()
        return transaction

    def accept(self, *numbers):
        """Records in force of so many pupils."""
        packets = self.maker.packets(*(self.maker.data(number) for number in numbers))
        transaction = self.judge(self.maker.content(packets))
        self.assertEqual(transaction.accepted_count, len(numbers))
        return transaction.line_ids.record_id

    def close_year(self, unit=None):
        """Through the wizard, with the typed confirmation."""
        wizard = self.env["hocba.registry.closing.wizard"].with_user(self.officer)
        values = {"year_id": self.year.id, "unit_id": unit and unit.id, "confirmation": YEAR}
        return wizard.create(values).action_close()

    @contextmanager
    def assertRefusedBySql(self):
        """PostgreSQL itself refuses what happens in the block."""
        self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.Error) as caught, self.env.cr.savepoint():
            yield
        self.assertIn("hocba", str(caught.exception))
        self.env.invalidate_all()


def packet_digest(content):
    """SHA-256 of bytes, hexadecimal."""
    return hashlib.sha256(content).hexdigest()
