"""A small real school: two classes, people with real keys, pupils with complete year-end results."""

import base64
import random
from datetime import date

from odoo.tests import TransactionCase, new_test_user

from ..core.packet import get_profile
from . import pki

PIN = "246810"
COMMENT = "Em chăm ngoan, hoàn thành tốt các nội dung học tập; cần mạnh dạn hơn khi trình bày ý kiến."


def build_pki():
    """An authority and the holders that the tests sign as; made once a process because keys are slow."""
    if not _MADE:
        root = pki.authority(pki.ROOT_NAME)
        intermediate = pki.authority(pki.INTERMEDIATE_NAME, root)
        _MADE.update(root=root, intermediate=intermediate, password=PIN)
        people = {
            "homeroom": ("Trần Thị Hương", "048180000011"),
            "homeroom2": ("Lê Văn Bình", "048075000012"),
            "head": ("Nguyễn Thị Minh Hà", "048172000013"),
            "homeroom3": ("Đỗ Thị Mới", "048179000018"),
            "teacher": ("Võ Anh Tuấn", "048085000015"),
        }
        for login, (name, number) in people.items():
            _MADE[login] = pki.issue(intermediate, pki.person_name(name, number))
        _MADE["seal"] = pki.issue(intermediate, pki.organisation_name("Trường Tiểu học Điện Biên Phủ", "0401234567"))
    return _MADE


_MADE = {}


class SchoolCase(TransactionCase):
    """Sets up the school, its users, classes and complete pupils."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_school()

    @classmethod
    def _set_up_school(cls):
        cls.pki = build_pki()
        cls.company = cls.env["res.company"].create(
            {
                "name": "Trường Tiểu học Điện Biên Phủ",
                "hocba_school_code": "48491401",
                "hocba_authority_code": "48",
                "hocba_authority_name": "Sở Giáo dục và Đào tạo thành phố Đà Nẵng",
                "hocba_commune": "Phường Hải Châu",
                "hocba_province": "Thành phố Đà Nẵng",
                "hocba_issue_place": "Đà Nẵng",
            }
        )
        cls.clerk = cls._user("clerk", "Phạm Thị Lan", "group_clerk", "048190000014", "Văn thư")
        cls.head = cls._user("head", "Nguyễn Thị Minh Hà", "group_head", "048172000013", "Hiệu trưởng")
        cls.homeroom = cls._user("homeroom", "Trần Thị Hương", "group_homeroom", "048180000011", "Giáo viên")
        cls.homeroom2 = cls._user("homeroom2", "Lê Văn Bình", "group_homeroom", "048075000012", "Giáo viên")
        cls.teacher = cls._user("teacher", "Võ Anh Tuấn", "group_subject_teacher", "048085000015", "Giáo viên")
        cls.school_admin = cls._user("schooladmin", "Quản Trị", "group_school_admin", "048085000016", "Quản trị")
        cls.auditor = cls._user("auditor", "Kiểm Tra", "group_auditor", "048085000017", "Thanh tra")
        cls.company.hocba_head_id = cls.head
        cls.year = cls.env["hocba.school.year"].create({"name": "2025-2026", "company_id": cls.company.id})
        cls.class2 = cls._class("2A", "2", cls.homeroom)
        cls.class5 = cls._class("5A", "5", cls.homeroom2)
        english = cls.env.ref("hocba_digital.subject_nn1")
        cls.env["hocba.assignment"].create(
            {"class_id": cls.class5.id, "subject_id": english.id, "teacher_id": cls.teacher.id}
        )
        cls._trust()

    @classmethod
    def _user(cls, login, name, group, id_number, title):
        return new_test_user(
            cls.env,
            login=login,
            name=name,
            groups=f"hocba_digital.{group}",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
            hocba_id_number=id_number,
            hocba_title=title,
            tz="Asia/Ho_Chi_Minh",
        )

    @classmethod
    def _class(cls, name, grade, homeroom):
        return cls.env["hocba.class"].create(
            {
                "name": name,
                "grade": grade,
                "school_year_id": cls.year.id,
                "company_id": cls.company.id,
                "homeroom_id": homeroom.id,
            }
        )

    @classmethod
    def _trust(cls):
        for kind in ("root", "intermediate"):
            cls.env["hocba.trust"].create({"kind": kind, "pem": cls.pki[kind].pem().decode()})

    @classmethod
    def _pupil(cls, school_class, number, **values):
        birth_year = 2025 - 6 - int(school_class.grade) + 1
        pupil = cls.env["hocba.pupil"].create(
            {
                "name": f"Nguyễn Văn Học {number}",
                "code": f"48{number:08d}",
                "id_number": f"0482{birth_year % 100:02d}{number:06d}",
                "gender": "male",
                "birth_date": date(birth_year, 5, 17),
                "birth_place": "Bệnh viện Đà Nẵng",
                "home_town": "Phường Hải Châu, thành phố Đà Nẵng",
                "address": "12 đường Lê Lợi, phường Hải Châu, thành phố Đà Nẵng",
                "ethnicity_id": cls.env.ref("hocba_digital.ethnicity_01").id,
                "father_name": "Nguyễn Văn Cha",
                "mother_name": "Trần Thị Mẹ",
                "register_number": f"{number}/2021",
                "company_id": cls.company.id,
                **values,
            }
        )
        cls.env["hocba.enrolment"].create(
            {"pupil_id": pupil.id, "class_id": school_class.id, "date_from": date(2025, 9, 5)}
        )
        return pupil

    @classmethod
    def _assess(cls, school_class, level="T", score="9", trait="T"):
        """Complete year-end assessments of the class, all alike."""
        assessments = school_class._ensure_assessments()
        for assessment in assessments:
            for line in assessment.result_ids.filtered("required"):
                line.write({"level": level, "score": score if line.has_test else False, "comment": COMMENT})
            assessment.write(
                {
                    **dict.fromkeys(assessment._trait_fields(), trait),
                    "quality_comment": COMMENT,
                    "general_comment": COMMENT,
                    "specific_comment": COMMENT,
                    "homeroom_comment": COMMENT,
                    "has_attendance": True,
                    "absences_excused": 2,
                    "height": 125.5,
                    "weight": 24.0,
                }
            )
        return assessments

    @classmethod
    def _endpoint(cls, **values):
        """The school's gateway, at which nobody listens."""
        account = {"unit_code": "48491401", "user_name": "48491401", "password": "x"}
        place = {"company_id": cls.company.id, "base_url": "http://127.0.0.1:9"}
        return cls.env["hocba.endpoint"].create({**place, **account, **values})

    @classmethod
    def _certify(cls):
        """Give the signers and the school their keys, as they would upload them."""
        model = cls.env["hocba.certificate"]
        for user, holder, kind in (
            (cls.homeroom, "homeroom", "person"),
            (cls.homeroom2, "homeroom2", "person"),
            (cls.head, "head", "person"),
            (cls.clerk, "seal", "organisation"),
        ):
            content = cls.pki[holder].pkcs12(PIN)
            certificate = model.with_user(user).with_company(cls.company)._import_pkcs12(content, PIN, kind)
            if kind == "organisation":
                certificate.sudo().approved = True

    @classmethod
    def _records(cls, school_class, pupils=3, **levels):
        for number in range(pupils):
            cls._pupil(school_class, random.Random(f"{school_class.name}{number}").randrange(10**6))
        cls._assess(school_class, **levels)
        school_class.with_user(cls.clerk).action_create_records()
        return school_class.record_ids

    def sign_as(self, user, records):
        """Sign through the same public methods as the screen; returns the progress at the end."""
        action = records.with_user(user).action_sign()
        job = self.env["hocba.signing.job"].with_user(user).browse(action["params"]["job_id"])
        progress = job.process(PIN)
        while progress["waiting"]:
            progress = job.process(PIN)
        return progress

    def sign_all(self, records):
        for user in (records.class_id.homeroom_id, self.head, self.clerk):
            self.sign_as(user, records)
        return records

    @staticmethod
    def decision(**values):
        """A decision on civil status, as the wizard asks for it."""
        return {
            "decision_number": "15/QĐ-UBND",
            "decision_date": date(2026, 1, 5),
            "issuing_body": "UBND phường Hải Châu",
            "scan": base64.b64encode(b"%PDF-1.4 scan"),
            "scan_name": "quyet-dinh.pdf",
            **values,
        }

    def correct(self, pupil, **values):
        """Change identity fields of a pupil with signed records, by a decision."""
        return pupil.with_user(self.clerk)._correct_identity(values, self.decision())

    @property
    def profile(self):
        return get_profile("cv2088-1.0")
