"""Two schools and a pupil who leaves the first one half through a school year, with the steps that people take."""

import hashlib
import uuid
from dataclasses import replace
from datetime import date

from ..core import transfer
from . import pki
from .common import COMMENT, PIN
from .transfer_common import TransferCase

_PEOPLE = {}
DAY = date(2027, 1, 18)


class WithinCase(TransferCase):
    """A pupil with one closed year who is half through the next one, in class 3A; the other school has class 3B."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pupil = cls._pupil(cls.class2, 31)
        cls._assess(cls.class2)
        cls.class2.with_user(cls.clerk).action_create_records()
        cls.record = cls.class2.record_ids
        cls.now = cls.env["hocba.school.year"].create({"name": "2026-2027", "company_id": cls.company.id})
        cls.class3, cls.class1 = cls._class_now("3A", "3", cls.homeroom), cls._class_now("1A", "1", cls.homeroom2)
        cls.now2 = cls.env["hocba.school.year"].create({"name": "2026-2027", "company_id": cls.other.id})
        cls.class3b = cls.env["hocba.class"].create(
            {
                "name": "3B",
                "grade": "3",
                "school_year_id": cls.now2.id,
                "company_id": cls.other.id,
                "homeroom_id": cls.head2.id,
            }
        )
        cls.pupil.enrolment_ids.write({"date_to": date(2026, 5, 31), "end_reason": "year_end"})
        cls._join(cls.pupil, cls.class3)
        cls._half_year(cls.class3)

    @classmethod
    def _class_now(cls, name, grade, homeroom):
        values = {"name": name, "grade": grade, "school_year_id": cls.now.id, "company_id": cls.company.id}
        return cls.env["hocba.class"].create({**values, "homeroom_id": homeroom.id})

    @classmethod
    def _join(cls, pupil, school_class):
        values = {"pupil_id": pupil.id, "class_id": school_class.id, "date_from": date(2026, 9, 5)}
        return cls.env["hocba.enrolment"].create(values)

    @classmethod
    def _half_year(cls, school_class):
        """Results of the middle and the end of semester I."""
        for period, level in (("mid1", "H"), ("end1", "T")):
            for assessment in school_class._ensure_assessments(period):
                for line in assessment.result_ids.filtered("required"):
                    line.write({"level": level, "score": "8" if line.has_test else False, "comment": COMMENT})
                assessment.write(
                    {
                        **dict.fromkeys(assessment._trait_fields(), "D"),
                        "homeroom_comment": f"{COMMENT} {period}",
                        "has_attendance": True,
                        "absences_excused": 3,
                        "height": 120.5,
                    }
                )

    def setUp(self):
        super().setUp()
        self.class3.with_user(self.clerk).action_create_records()
        self.draft = self.class3.record_ids
        self.env.flush_all()

    # Steps --------------------------------------------------------------------------------------------

    def leave(self, **values):
        return super().leave(**{"left_on": DAY, **values})

    def agreed(self, **values):
        leaving = self.leave(**values)
        action = leaving.with_user(self.head).action_agree()
        self.assertEqual((leaving.state, action["res_model"]), ("draft", "hocba.transfer.wizard"))
        self.wizard(self.head, leaving, pin=PIN)
        self.assertEqual(leaving.state, "agreed")
        return leaving

    def release(self, **values):
        leaving = self.agreed(**values)
        self.wizard(self.clerk, leaving, pin=PIN)
        self.assertEqual(leaving.state, "released")
        return leaving

    def take(self, arriving, school_class=None):
        arriving.class_id = school_class if school_class is not None else self.class3b
        self.wizard(self.head2, arriving, reason="Đã gọi trường cũ xác nhận").action_take_over()
        return arriving.sudo().pupil_id

    def here(self, pupil):
        """The assessments of the running year at the new school, by period."""
        return {one.period: one for one in pupil.sudo().enrolment_ids.assessment_ids}

    def forged(self, leaving, change, seal=True):
        """The file of ``leaving`` with other results, which the old school's seal covers."""
        found = transfer.unpack(self.file_of(leaving))
        sheet = change(found.sheet)
        told = transfer.parse_handover(found.manifest)
        results = transfer.HandedResults("2026-2027", hashlib.sha256(sheet).hexdigest())
        plain = transfer.build_handover(replace(told, number=str(uuid.uuid4()), results=results))
        sealed = leaving.with_user(self.clerk)._sealed(plain, PIN) if seal else plain
        return transfer.pack(sealed, found.packets, found.evidence, ("2026-2027", sheet))

    def _give_head2_a_key(self):
        issued = _PEOPLE.setdefault(
            "head2", pki.issue(self.pki["intermediate"], pki.person_name(self.head2.name, "048190009914"))
        )
        model = self.env["hocba.certificate"].with_user(self.head2).with_company(self.other)
        model._import_pkcs12(issued.pkcs12(PIN), PIN, "person")
