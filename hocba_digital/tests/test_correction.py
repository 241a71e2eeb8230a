import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestCorrection(SchoolCase):
    """After signing: reopening with a reason, decisions on civil status, and what the source says differently."""

    def setUp(self):
        super().setUp()
        self._certify()
        self.record = self._records(self.class2, 1)
        self.pupil = self.record.pupil_id
        self._commit()

    def _commit(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    def _lock(self):
        self.sign_all(self.record)
        self.record._move("submitted", "accepted")
        self.record._lock(fields.Datetime.now(), "test")
        self._commit()

    def test_the_annotation_is_read_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.sign_all(self.record)
        self.correct(self.pupil, mother_name="Trần Thị Mẹ Đúng")
        self.assertIn("Civil status", self.record.with_context(lang="en_US").correction_text)
        self.assertIn("Hộ tịch", self.record.with_context(lang="vi_VN").correction_text)

    def test_before_signing_identity_changes_freely(self):
        self.pupil.with_user(self.clerk).write({"name": "Nguyễn Văn Tên Đúng", "gender": "female"})
        self.assertFalse(self.pupil.identity_held)

    def test_after_signing_identity_changes_by_decision_only(self):
        self.sign_all(self.record)
        self.assertTrue(self.pupil.identity_held)
        with self.assertRaisesRegex(UserError, "Full name"):
            self.pupil.with_user(self.clerk).write({"name": "Tên Khác"})
        with self.assertRaises(UserError):
            self.pupil.sudo().with_context(hocba_transition=True).write({"birth_date": "2018-01-01"})
        self.pupil.with_user(self.clerk).write({"name": f" {self.pupil.name} ", "address": "Nơi ở mới"})
        self.assertEqual(
            self.pupil._held_changes({"mother_name": "Khác", "address": "x"}), {self.pupil: ["mother_name"]}
        )
        self.assertEqual(self.pupil._held_changes({"mother_name": self.pupil.mother_name}), {})

    def test_a_number_that_was_missing_may_be_entered(self):
        self.pupil.write({"id_number": False, "no_id_reason": "waiting"})
        self.sign_all(self.record)
        self.pupil.with_user(self.clerk).write({"id_number": "048218000001", "no_id_reason": False})
        with self.assertRaises(UserError):
            self.pupil.with_user(self.clerk).write({"id_number": "048218000002"})

    def test_a_refused_record_holds_nothing(self):
        self.sign_all(self.record)
        self.record._refuse({self.record.id: "sai họ tên"})
        self.pupil.with_user(self.clerk).write({"name": "Nguyễn Văn Tên Đúng"})

    def test_wizard_corrects_the_pupil_and_marks_locked_records(self):
        self._lock()
        digest, name = self.record.packet_digest, self.record.pupil_name
        wizard = Form(self.env["hocba.correction.wizard"].with_user(self.clerk).with_context(active_id=self.pupil.id))
        for field, value in self.decision().items():
            if not field.startswith("scan"):
                wizard[field] = value
        wizard.scan = self.decision()["scan"].decode()
        wizard.name = "Nguyễn Văn Tên Đúng"
        wizard.save().action_confirm()
        self._commit()
        self.assertEqual(self.pupil.name, "Nguyễn Văn Tên Đúng")
        correction = self.record.correction_ids
        self.assertIn("Nguyễn Văn Tên Đúng", correction.summary)
        self.assertEqual((correction.user_id, correction.record_ids), (self.clerk, self.record))
        self.assertIn("15/QĐ-UBND", self.record.correction_text)
        self.assertEqual((self.record.packet_digest, self.record.pupil_name), (digest, name))
        self.assertTrue(self.record._packet_bytes())
        self.assertEqual(self.record.event_ids[0].kind, "corrected")
        logged = self.env["hocba.change"].search([("field_name", "=", "name"), ("pupil_id", "=", self.pupil.id)])
        self.assertIn("15/QĐ-UBND", logged.reason)
        self.assertTrue(self.record.source_differs)
        self.assertIn("Nguyễn Văn Tên Đúng", self.record.source_difference)

    def test_the_printed_form_of_a_locked_record_names_the_decision(self):
        self._lock()
        service = self.env["hocba.print"].with_user(self.clerk)
        self.assertNotIn("Ghi chú sau khi ký", service._record_page_html(self.record))
        self.pupil.with_user(self.clerk)._correct_identity({"name": "Nguyễn Văn Tên Đúng"}, self.decision())
        self._commit()
        page = service._record_page_html(self.record)
        self.assertRegex(page, "Ghi chú sau khi ký: [^<]*15/QĐ-UBND")
        self.assertIn(self.record.pupil_name, page)
        self.assertNotIn("Nguyễn Văn Tên Đúng", page)

    def test_a_correction_and_its_scan_are_kept_for_good(self):
        self._lock()
        correction = self.pupil.with_user(self.clerk)._correct_identity({"gender": "female"}, self.decision()).sudo()
        self.env.flush_all()
        scan = self.env["ir.attachment"].search(
            [("res_model", "=", "hocba.correction"), ("res_field", "=", "scan"), ("res_id", "=", correction.id)]
        )
        for attempt in (
            lambda: correction.write({"decision_number": "2"}),
            correction.unlink,
            scan.unlink,
            lambda: scan.write({"raw": b"x"}),
        ):
            with self.assertRaises(UserError):
                attempt()
        for statement in (
            "UPDATE hocba_correction SET issuing_body = 'x'",
            "DELETE FROM hocba_correction",
            "DELETE FROM hocba_correction_record_rel",
            f"DELETE FROM ir_attachment WHERE id = {scan.id}",
        ):
            with (
                self.subTest(statement),
                self.assertRaises(psycopg2.errors.RaiseException),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)  # pylint: disable=sql-injection

    def test_only_the_clerk_corrects_and_only_what_changes(self):
        self._lock()
        with self.assertRaises(AccessError):
            self.pupil.with_user(self.homeroom)._correct_identity({"name": "x"}, self.decision())
        with self.assertRaises(UserError):
            self.pupil.with_user(self.clerk)._correct_identity({"name": self.pupil.name}, self.decision())

    def test_reopened_record_shows_what_changed_since(self):
        self.sign_all(self.record)
        self.record.with_user(self.head).action_reopen("Sai chiều cao")
        self.record.assessment_id.with_user(self.homeroom).write({"height": 131.5})
        self.record.assessment_id.result_ids.filtered("required")[0].comment = "Nhận xét mới"
        shown = self.record.with_user(self.head).version_difference
        for text in ("131.5", "Nhận xét mới"):
            self.assertIn(text, shown)
        self.assertEqual(shown.count("<tr>"), 3)
        self.sign_all(self.record)
        self.assertEqual(self.record.state, "signed")
        self.assertIn("131.5", self.record.version_difference)
        version = self.record.version_ids
        self.assertEqual((version.user_id, version.reason), (self.head, "Sai chiều cao"))
        with self.assertRaises(UserError):
            version.sudo().unlink()

    def test_a_reopened_record_takes_the_corrected_name(self):
        self.sign_all(self.record)
        self.correct(self.pupil, name="Nguyễn Văn Tên Đúng")
        self._commit()
        self.assertNotEqual(self.record.pupil_name, "Nguyễn Văn Tên Đúng")
        self.record.with_user(self.head).action_reopen("cải chính")
        self.assertEqual(self.record.pupil_name, "Nguyễn Văn Tên Đúng")

    def test_a_later_change_of_lasting_data_is_flagged_and_goes_away(self):
        self._lock()
        self.pupil.with_user(self.clerk).write({"register_number": "99/2026"})
        self._commit()
        self.assertTrue(self.record.source_differs)
        self.assertIn("99/2026", self.record.source_difference)
        found = self.env["hocba.record"].search([("source_differs", "=", True)])
        self.assertEqual(found, self.record)
        self.pupil.register_number = self.record._print_source()[0].register_number
        self._commit()
        self.assertFalse(self.record.source_differs)
        self.assertFalse(self.env["hocba.record"].search([("source_differs", "=", True)]))

    def test_what_was_true_on_the_day_is_not_flagged(self):
        self._lock()
        self.pupil.write({"address": "Nơi ở mới", "guardian_name": "Người khác"})
        self.company.write({"name": "Trường Tiểu học Tên Mới", "hocba_head_id": self.homeroom2.id})
        self.class2.homeroom_id = self.homeroom2
        self._commit()
        self.record.action_compare_with_source()
        self.assertFalse(self.record.source_difference)
        self.env["hocba.enrolment"].create(
            {
                "pupil_id": self.pupil.id,
                "school_year_name": "2026-2027",
                "class_name": "3B",
                "school_name": "Trường khác",
                "date_from": "2026-09-05",
            }
        )
        self._commit()
        self.assertFalse(self.record.source_differs)

    def test_a_change_behind_the_application_is_found_by_comparing(self):
        self.sign_all(self.record)
        self._commit()
        self.env.cr.execute(
            "UPDATE hocba_result SET score = '3' WHERE assessment_id = %s AND score IS NOT NULL",
            [self.record.assessment_id.id],
        )
        self.env.invalidate_all()
        self.record.with_user(self.auditor).action_compare_with_source()
        self.assertTrue(self.record.source_differs)
        self.assertIn("3", self.record.source_difference)

    def test_a_renamed_class_is_flagged(self):
        self.sign_all(self.record)
        self.class2.name = "2 Sao"
        self._commit()
        self.assertIn("2 Sao", self.record.source_difference)

    def test_who_sees_versions_and_corrections(self):
        self._lock()
        self.pupil.with_user(self.clerk)._correct_identity({"gender": "female"}, self.decision())
        for model in ("hocba.correction", "hocba.divergence", "hocba.record.version"):
            self.env[model].with_user(self.homeroom).search([])
            self.assertFalse(self.env[model].with_user(self.homeroom2).search([]))
            for user in (self.teacher, self.school_admin):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
