"""Records, recalls and registrations of the school that does not exist, signed with its keys."""

import itertools
import os
import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

from cryptography.hazmat.primitives.serialization import Encoding
from hocba_core import packet
from hocba_core.gateway import Recall, Registration, build_recalls, build_registration, encode_content
from hocba_core.signing import sign_list, sign_packets

from . import keys

PROFILE = packet.get_profile("cv2088-1.0")
_REMARK = "Em chăm ngoan, hoàn thành tốt các nội dung học tập."
_SUBJECTS = (("TV", "Tiếng Việt", 9), ("TOAN", "Toán", 10), ("DD", "Đạo đức", None))
_SIGNERS = {"gvcn": keys.TEACHER_ID, "cbql": keys.HEAD_ID, "seal": None}


class School:
    """Makes what a school sends. Pupils are new in every run, so that a gateway can be tested again and again."""

    def __init__(self, settings, name=keys.SCHOOL, seal=keys.SEAL):
        self.settings, self.name, self.seal = settings, name, seal
        self.signers = keys.load(settings.keys, settings.pin)
        self._numbers = itertools.count(int.from_bytes(os.urandom(3)) % 900_000)

    @property
    def at(self):
        """A moment shortly ago, to sign at."""
        return datetime.now(packet.VIETNAM_TIME).replace(microsecond=0) - timedelta(minutes=1)

    def data(self, **changes):
        """A complete record of grade 2 for a pupil that has none yet."""
        number, at = next(self._numbers), self.at
        born = int(self.settings.year[:4]) - 7
        values = {
            "uuid": str(uuid.uuid4()),
            "school_year": self.settings.year,
            "authority_code": "48",
            "authority_name": "Sở Giáo dục và Đào tạo thành phố Đà Nẵng",
            "school_code": self.settings.unit,
            "school_name": self.name,
            "commune": "Phường Thanh Khê",
            "province": "Thành phố Đà Nẵng",
            "register_number": f"KT/{number:06d}",
            "pupil_name": f"Trương Phương Anh {number}",
            "pupil_code": f"48{number:08d}",
            "gender": "female",
            "birth_date": date(born, 5, 17),
            "id_number": f"0483{born % 100:02d}{number:06d}",
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
            "head_name": keys.HEAD,
            "head_id_number": keys.HEAD_ID,
            "head_title": keys.HEAD_TITLE,
            "issue_place": "Đà Nẵng",
            "created_at": at,
            "issued_on": at.date(),
            "homeroom_name": keys.TEACHER,
            "homeroom_id_number": keys.TEACHER_ID,
            "grade": 2,
            "class_name": "2A1",
            "history": (
                packet.HistoryLine(
                    class_name="2A1", school_name=self.name, arrived_on=date(int(self.settings.year[:4]), 9, 5)
                ),
            ),
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

    def packets(self, *datas, seal=None):
        """Packets of ``datas``, signed by teacher, head and ``seal`` (the school's own)."""
        packets = [PROFILE.build_data(data) for data in datas]
        for role, number in _SIGNERS.items():
            signer = self.signers[(seal or self.seal) if role == "seal" else role]
            packets = sign_packets(packets, role, signer, id_number=number, at=self.at, profile=PROFILE)
        return packets

    def signed(self, sheet, signer=None):
        """``sheet`` with the seal of the school, or of ``signer``, as lists are sealed."""
        return sign_list(sheet, self.signers[signer or self.seal], at=self.at)

    def list_of(self, packets, signer=None):
        """The signed list of ``packets`` as XML."""
        return self.signed(PROFILE.build_list(packets), signer)

    def content(self, packets, signer=None):
        """The parameter ``content`` of a report of ``packets``."""
        return self.encode(self.list_of(packets, signer))

    def encode(self, xml):
        """The parameter ``content`` of ``xml``."""
        return encode_content(xml, escape_quote=self.settings.quote)

    def recall(self, *datas, reason="Sai kết quả môn Toán", **extra):
        """The parameter ``content`` of a recall of ``datas``."""
        recalls = [
            Recall(
                uuid=data.uuid,
                pupil_name=data.pupil_name,
                gender="Nữ",
                birth_date=data.birth_date,
                id_number=data.id_number,
                school_name=data.school_name,
                school_code=data.school_code,
                school_year=data.school_year,
                reason=reason,
                **extra,
            )
            for data in datas
        ]
        return self.encode(self.signed(build_recalls(recalls)))

    def registration(self, signer=None, serial=None):
        """(``content``, parameters of §II.2.4) that register the certificate of ``signer``."""
        certificate = self.signers[self.seal].certificate
        registration = Registration(
            unit_code=self.settings.unit,
            serial_number=serial or f"{certificate.serial_number:x}",
            valid_from=certificate.not_valid_before_utc.date(),
            signature_kind="USB_TOKEN",
            provider="VNPT",
            certificate=certificate.public_bytes(Encoding.DER),
        )
        content = self.encode(self.signed(build_registration(registration), signer))
        extra = {
            "serial_number": registration.serial_number,
            "ngay_hieu_luc": f"{registration.valid_from:%d/%m/%Y}",
            "ma_kieu_chu_ky": registration.signature_kind,
            "nha_phat_hanh": registration.provider,
        }
        return content, extra
