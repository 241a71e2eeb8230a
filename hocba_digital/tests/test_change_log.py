import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestChangeLog(SchoolCase):
    """What was typed, what stood there before, who did it: kept for good."""

    def setUp(self):
        super().setUp()
        self.record = self._records(self.class5, 1)
        self.pupil = self.record.pupil_id
        self.maths = self.record.assessment_id.result_ids.filtered(lambda line: line.subject_id.code == "TOAN")
        self._commit()

    def _commit(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def _log(self, **conditions):
        return self.env["hocba.change"].search([(name, "=", value) for name, value in conditions.items()])

    def test_a_cell_is_logged_with_old_and_new_value(self):
        self.maths.with_user(self.homeroom2).write({"level": "H", "score": "8"})
        self._commit()
        level, score = self._log(res_id=self.maths.id, user_id=self.homeroom2.id).sorted("field_name")
        self.assertEqual((level.field_name, score.field_name), ("level", "score"))
        self.assertEqual((score.old_value, score.new_value), ("9", "8"))
        self.assertTrue(level.old_value.startswith("T (") and level.new_value.startswith("H ("), level.new_value)
        self.assertEqual((level.pupil_id, level.class_id), (self.pupil, self.class5))
        self.assertEqual(level.subject_id, self.maths.subject_id)

    def test_only_what_differs_in_the_end_is_logged(self):
        before = len(self._log(res_id=self.maths.id))
        self.maths.write({"level": "C"})
        self.maths.write({"level": "T"})
        self.pupil.name = self.pupil.name
        self._commit()
        self.assertEqual(len(self._log(res_id=self.maths.id)), before)
        self.assertFalse(self._log(model="hocba.pupil", kind="changed"))

    def test_what_is_rolled_back_is_not_logged_and_the_rest_is(self):
        self.pupil.address = "1 đường Trần Phú"
        with self.assertRaises(ValueError), self.env.cr.savepoint():
            self.maths.write({"level": "C"})
            raise ValueError
        self._commit()
        self.assertFalse(self._log(res_id=self.maths.id, new_value="C"))
        self.assertEqual(self._log(field_name="address").new_value, "1 đường Trần Phú")

    def test_adding_and_deleting_is_logged(self):
        self.assertEqual(len(self._log(model="hocba.pupil", kind="created", pupil_id=self.pupil.id)), 1)
        line = self.env["hocba.enrolment"].create(
            {
                "pupil_id": self.pupil.id,
                "school_year_name": "2024-2025",
                "class_name": "4B",
                "school_name": "Trường Tiểu học Quang Trung",
                "date_from": "2024-09-05",
            }
        )
        self._commit()
        line.with_user(self.clerk).unlink()
        self._commit()
        gone = self._log(model="hocba.enrolment", kind="deleted")
        self.assertIn("4B", gone.old_value)
        self.assertEqual((gone.user_id, gone.pupil_id), (self.clerk, self.pupil))

    def test_an_enrolment_with_results_is_not_deleted(self):
        other = self._pupil(self.class2, 9)
        self.class2._ensure_assessments().result_ids[0].level = "H"
        with self.assertRaisesRegex(UserError, "End the enrolment"):
            other.enrolment_ids.with_user(self.clerk).unlink()

    def test_a_reason_is_kept(self):
        self.pupil.with_context(hocba_reason="theo giấy khai sinh").write({"birth_place": "Huế"})
        self._commit()
        self.assertEqual(self._log(field_name="birth_place").reason, "theo giấy khai sinh")

    def test_nobody_changes_the_log(self):
        row = self._log(pupil_id=self.pupil.id)[0]
        for attempt in (lambda: row.sudo().write({"old_value": "x"}), lambda: row.sudo().unlink()):
            with self.assertRaises(UserError):
                attempt()
        with self.assertRaises(AccessError):
            self.env["hocba.change"].with_user(self.clerk).create({"kind": "changed"})
        for statement in (
            "UPDATE hocba_change SET old_value = 'x'",
            "DELETE FROM hocba_change",
            "TRUNCATE hocba_change",
        ):
            with (
                self.subTest(statement),
                self.assertRaises(psycopg2.errors.RaiseException),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)  # pylint: disable=sql-injection

    def test_who_reads_the_log(self):
        self._records(self.class2, 1)
        self._commit()
        change = self.env["hocba.change"]
        self.assertEqual(change.with_user(self.homeroom2).search([]).class_id, self.class5)
        english = change.with_user(self.teacher).search([])
        self.assertEqual(set(english.subject_id.mapped("code")), {"NN1"})
        self.assertEqual(change.with_user(self.auditor).search([]).class_id, self.class2 | self.class5)
        with self.assertRaises(AccessError):
            change.with_user(self.school_admin).search([])

    def test_the_log_costs_one_insert_a_transaction(self):
        results = self.record.assessment_id.result_ids.filtered("required")
        counts = {}
        for size, level in ((2, "H"), (len(results), "T")):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            for line in results[:size]:
                line.write({"comment": f"Nhận xét {level}"})
            written = self.env.cr.sql_log_count
            self._commit()
            counts[size] = (written - before, self.env.cr.sql_log_count - written)
        self.assertLessEqual(counts[len(results)][0], counts[2][0], counts)
        self.assertLessEqual(counts[len(results)][1], counts[2][1], counts)
