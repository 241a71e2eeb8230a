import base64
import hashlib

from psycopg2 import Error as DatabaseError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core.packet import DIGITISED_NOTE
from .common import COMMENT, SchoolCase

SCAN = b"%PDF-1.4\n% the paper record of grade 4\n"


@tagged("post_install", "-at_install")
class TestPaper(SchoolCase):
    """Years and half-years that a pupil brings on paper (QĐ 1789, Art. 22 and 39)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pupil = cls._pupil(cls.class5, 7)
        cls._certify()

    def wizard(self, **values):
        wizards = self.env["hocba.paper.wizard"].with_user(self.clerk).with_company(self.company)
        return wizards.create(
            {
                "pupil_id": self.pupil.id,
                "school_name": "Trường Tiểu học Kim Đồng",
                "school_year": "2024-2025",
                "grade": "4",
                "class_name": "5A",
                "arrived_on": "2024-09-05",
                "homeroom_name": "Đỗ Thị Cũ",
                "scan": base64.b64encode(SCAN),
                "scan_name": "hoc-ba-lop-4.pdf",
                **values,
            }
        )

    def take_over(self, **values):
        self.wizard(**values).action_confirm()
        record = self.pupil.record_ids.filtered("digitised")
        assessment = record.assessment_id.with_user(self.clerk)
        for line in assessment.result_ids.filtered("required"):
            line.write({"level": "T", "score": "9" if line.has_test else False, "comment": COMMENT})
        assessment.write(
            {
                **dict.fromkeys(assessment._trait_fields(), "T"),
                **dict.fromkeys(("quality_comment", "general_comment", "specific_comment"), COMMENT),
                "has_attendance": True,
                "height": 130,
                "weight": 27,
            }
        )
        return record

    def test_head_and_seal_sign_what_was_on_paper(self):
        record = self.take_over()
        self.assertFalse(record.blocker_text)
        self.assertEqual(record.waiting_for, "cbql")
        self.sign_as(self.head, record)
        self.sign_as(self.clerk, record)
        self.assertEqual(record.state, "signed")
        data = self.profile.parse(record._packet_bytes(), signed=True).data
        self.assertTrue(data.digitised)
        self.assertEqual((data.homeroom_name, data.grade, data.school_year), ("Đỗ Thị Cũ", 4, "2024-2025"))
        self.assertIn(DIGITISED_NOTE, data.homeroom_comment)
        self.assertIn("Kim Đồng", data.homeroom_comment)
        self.assertEqual(data.history[0].school_name, "Trường Tiểu học Kim Đồng")
        self.assertEqual(data.school_code, self.company.hocba_school_code, "the school that certifies reports it")

    def test_the_year_of_this_school_goes_on_as_usual(self):
        self.take_over()
        self._assess(self.class5)
        self.class5.with_user(self.clerk).action_create_records()
        record = self.class5.record_ids
        self.assertEqual(record.waiting_for, "gvcn")
        self.sign_all(record)
        data = self.profile.parse(record._packet_bytes(), signed=True).data
        self.assertIsNone(data.digitised)
        self.assertEqual(
            [(line.school_year, line.class_name) for line in data.history], [("2024-2025", "5A"), ("2025-2026", "5A")]
        )
        self.assertEqual(self.pupil.class_id, self.class5)

    def test_a_line_of_the_career_is_used(self):
        line = self.env["hocba.enrolment"].create(
            {
                "pupil_id": self.pupil.id,
                "school_year_name": "2024-2025",
                "class_name": "4/2",
                "school_name": "Trường Tiểu học Kim Đồng",
                "date_from": "2024-09-05",
            }
        )
        wizard = self.env["hocba.paper.wizard"].with_user(self.clerk).new({"pupil_id": self.pupil.id})
        self.assertEqual((wizard.school_year, wizard.grade, wizard.class_name), ("2024-2025", "4", "4/2"))
        record = self.take_over(class_name="4/2")
        self.assertEqual(record.enrolment_id, line)
        self.assertEqual(line.school_name, "Trường Tiểu học Kim Đồng")

    def test_the_scan_is_kept_as_it_was(self):
        record = self.take_over()
        self.assertEqual(record.scan_digest, hashlib.sha256(SCAN).hexdigest())
        self.assertIn(record.scan_digest, record.event_ids.detail)
        for values in ({"scan": base64.b64encode(b"%PDF- another")}, {"digitised": False}, {"scan_digest": "x"}):
            with self.assertRaises(UserError):
                record.with_user(self.clerk).write(values)
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "hocba.record"), ("res_field", "=", "scan"), ("res_id", "=", record.id)]
        )
        with self.assertRaises(UserError):
            attachment.raw = b"%PDF- another"
        with self.assertRaises(UserError):
            attachment.unlink()
        with mute_logger("odoo.sql_db"), self.assertRaises(DatabaseError), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE hocba_record SET scan_digest = NULL WHERE id = %s", [record.id])

    def test_what_is_refused(self):
        with self.assertRaisesRegex(UserError, "PDF"):
            self.wizard(scan=base64.b64encode(b"MZ\x90\x00")).action_confirm()
        with self.assertRaises(UserError):
            self.wizard(school_year=False).action_confirm()
        self.take_over()
        with self.assertRaisesRegex(UserError, "2024-2025"):
            self.wizard().action_confirm()
        for user in (self.homeroom2, self.school_admin, self.auditor, self.head):
            with self.assertRaises(AccessError):
                self.env["hocba.paper.wizard"].with_user(user).create({"pupil_id": self.pupil.id})

    def test_results_of_a_period_from_another_school(self):
        self.wizard(kind="period", period="end1").action_confirm()
        assessment = self.pupil.enrolment_ids.assessment_ids
        self.assertEqual((assessment.period, assessment.from_other_school), ("end1", True))
        self.assertEqual(assessment.origin_school, "Trường Tiểu học Kim Đồng")
        with self.assertRaises(ValidationError):
            assessment.origin_scan = False
        year = self.class5._ensure_assessments().filtered(lambda one: one.pupil_id == self.pupil)
        with self.assertRaises(ValidationError):
            year.write({"from_other_school": True, "origin_school": "X", "origin_scan": base64.b64encode(SCAN)})
