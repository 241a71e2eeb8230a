import uuid

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestRecord(SchoolCase):
    """Creating records and what blocks them."""

    def test_clerk_creates_one_record_per_pupil_and_no_second(self):
        records = self._records(self.class2, 3)
        self.assertEqual(len(records), 3)
        self.assertEqual(len(set(records.mapped("uuid"))), 3)
        for record in records:
            self.assertEqual(uuid.UUID(record.uuid).version, 4)
            self.assertEqual(record.state, "draft")
            self.assertEqual(record.waiting_for, "gvcn", record.blocker_text)
        self.class2.with_user(self.clerk).action_create_records()
        self.assertEqual(self.class2.record_ids, records)

    def test_blockers_name_the_missing_field(self):
        record = self._records(self.class2, 1)
        record.pupil_id.mother_name = False
        self.assertTrue(record.blocker_count)
        self.assertEqual(record.waiting_for, "data")
        record.pupil_id.mother_name = "Trần Thị Mẹ"
        self.assertFalse(record.blocker_count)

    def test_pupil_without_id_number_needs_a_reason(self):
        record = self._records(self.class2, 1)
        record.pupil_id.id_number = False
        self.assertEqual(record.waiting_for, "data")
        record.pupil_id.no_id_reason = "waiting"
        self.assertEqual(record.waiting_for, "gvcn", record.blocker_text)

    def test_missing_score_blocks(self):
        record = self._records(self.class5, 1)
        maths = record.assessment_id.result_ids.filtered(lambda line: line.subject_id.code == "TOAN")
        maths.score = False
        self.assertEqual(record.waiting_for, "data")
        maths.score = "0"
        self.assertEqual(record.assessment_id.overall, "not_completed")

    def test_undecided_after_summer_blocks(self):
        record = self._records(self.class2, 1, level="C", score="3", trait="C")
        self.assertEqual(record.assessment_id.overall, "not_completed")
        self.assertEqual(record.waiting_for, "data")
        record.assessment_id.promoted = "summer"
        self.assertEqual(record.waiting_for, "data")
        with self.assertRaises(UserError):
            record.assessment_id.promoted = "no"
        record.assessment_id.promoted = False
        record.assessment_id.with_user(self.head)._decide_promotion("no", "Chưa đạt sau khi được giúp đỡ")
        self.assertEqual(record.waiting_for, "gvcn", record.blocker_text)

    def test_record_is_never_edited_copied_or_deleted(self):
        record = self._records(self.class2, 1)
        for values in ({"state": "locked"}, {"uuid": str(uuid.uuid4())}, {"packet": b"eA=="}, {"pupil_id": 1}):
            with self.assertRaises(UserError):
                record.with_user(self.clerk).write(values)
            with self.assertRaises(UserError):
                record.sudo().with_context(hocba_transition=True).write(values)
        with self.assertRaises(UserError):
            record.sudo().copy()
        with self.assertRaises(UserError):
            record.sudo().unlink()
        with self.assertRaises(UserError):
            self.env["hocba.record"].sudo().create({"pupil_id": record.pupil_id.id})

    def test_missing_school_data_is_named(self):
        self.company.hocba_issue_place = False
        with self.assertRaisesRegex(UserError, "Place of issue"):
            self._records(self.class2, 1)

    def test_history_reaches_the_packet(self):
        record = self._records(self.class2, 1)
        self.env["hocba.enrolment"].create(
            {
                "pupil_id": record.pupil_id.id,
                "school_year_name": "2024-2025",
                "class_name": "1B",
                "school_name": "Trường Tiểu học Quang Trung",
                "date_from": "2024-09-05",
            }
        )
        data = record._record_data()
        self.assertEqual([line.class_name for line in data.history], ["1B", "2A"])
