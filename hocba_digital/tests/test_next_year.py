from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestNextYear(SchoolCase):
    """The turn of the school year: promotion of whole classes, exceptions, and handing over (TT 27, Art. 11, 12)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number in range(3):
            cls._pupil(cls.class2, 10 + number)
            cls._pupil(cls.class5, 20 + number)
        cls._assess(cls.class2)
        cls._assess(cls.class5)
        cls.pupils = cls.class2.enrolment_ids.pupil_id.sorted("code")

    def wizard(self, **values):
        wizards = self.env["hocba.year.wizard"].with_user(self.clerk).with_company(self.company)
        return wizards.create({"source_year_id": self.year.id, "company_id": self.company.id, **values})

    def start(self):
        wizard = self.wizard()
        wizard.class_line_ids.homeroom_id = self.homeroom2
        wizard.action_confirm()
        return self.env["hocba.class"].search([("school_year_id.name", "=", "2026-2027")])

    def test_a_class_moves_up_and_nothing_is_typed_again(self):
        english = self.env.ref("hocba_digital.subject_nn1")
        self.env["hocba.assignment"].create(
            {"class_id": self.class2.id, "subject_id": english.id, "teacher_id": self.teacher.id}
        )
        classes = self.start()
        self.assertEqual(classes.mapped("name"), ["3A"])
        self.assertEqual(classes.assignment_ids.teacher_id, self.teacher)
        self.assertEqual(classes.enrolment_ids.pupil_id, self.pupils)
        self.assertEqual(self.pupils.class_id, classes)
        self.assertEqual(set(self.class2.enrolment_ids.mapped("end_reason")), {"year_end"})
        self.assertEqual(self.class2.pupil_count, 3, "the year that ended keeps its pupils")
        self.assertEqual(set(self.class5.enrolment_ids.mapped("after_year")), {"finishes"})

    def test_exceptions_and_a_second_run(self):
        waiting = self.class2.enrolment_ids.assessment_ids[0]
        waiting.result_ids.filtered("has_test")[0].score = "3"
        repeating = self.class2.enrolment_ids.assessment_ids[1]
        repeating.result_ids.filtered("has_test")[0].score = "3"
        repeating.with_user(self.head)._decide_promotion("no", "Chưa đạt")
        wizard = self.wizard()
        steps = {line.enrolment_id: line for line in wizard.pupil_line_ids}
        self.assertEqual(steps[waiting.enrolment_id].step, "undecided")
        line = steps[repeating.enrolment_id]
        self.assertEqual((line.step, line.target_name), ("repeats", "2A"))
        with self.assertRaisesRegex(UserError, "2A"):
            wizard.action_confirm()
        wizard.class_line_ids = [(0, 0, {"name": "2A", "grade": "2"})]
        wizard.action_confirm()
        repeated = repeating.pupil_id.enrolment_ids.filtered("repeats")
        self.assertEqual((repeated.class_id.name, repeated.school_year_name), ("2A", "2026-2027"))
        self.assertFalse(waiting.enrolment_id.date_to)
        again = self.wizard()
        self.assertEqual(again.pupil_line_ids.enrolment_id, waiting.enrolment_id)
        self.assertTrue(all(again.class_line_ids.mapped("exists")))
        waiting.with_user(self.head)._decide_promotion("yes", "Tiến bộ")
        again = self.wizard()
        again.action_confirm()
        self.assertEqual(waiting.pupil_id.class_id.name, "3A")
        self.assertFalse(self.wizard().pupil_line_ids)

    def test_signed_records_stay_signed(self):
        self._certify()
        self.class2.with_user(self.clerk).action_create_records()
        records = self.sign_all(self.class2.record_ids)
        hashes = records.mapped("data_hash")
        self.start()
        self.env.flush_all()
        self.assertEqual(set(records.mapped("state")), {"signed"})
        self.assertEqual(records.mapped("data_hash"), hashes)
        self.assertTrue(all(records.signature_ids.mapped("valid")))

    def test_only_the_clerk_starts_a_year(self):
        for user in (self.homeroom, self.school_admin, self.auditor):
            with self.assertRaises(AccessError):
                self.env["hocba.year.wizard"].with_user(user).create({"source_year_id": self.year.id})

    def test_queries_do_not_grow_with_the_pupils(self):
        wizard = self.wizard()
        wizard.action_confirm()
        counts = []
        for number in (30, 60):
            for offset in range(3 if number == 30 else 20):
                self._pupil(self.class2, number + offset)
            self._assess(self.class2)
            wizard = self.wizard()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            wizard.action_confirm()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[1] - counts[0], 12, f"{counts} queries for 3 and 20 pupils")

    def test_handing_over_a_class(self):
        with self.assertRaisesRegex(UserError, "no class|chưa có lớp"):
            self.class2.with_user(self.homeroom).action_open_handovers()
        self.start()
        action = self.class2.with_user(self.homeroom).action_open_handovers()
        handover = self.env["hocba.handover"].browse(action["res_id"])
        self.assertEqual((handover.giver_id, handover.receiver_id), (self.homeroom, self.homeroom2))
        mine = handover.with_user(self.homeroom)
        mine.line_ids[0].write({"strengths": "Đọc tốt", "needs": "Tính nhẩm"})
        with self.assertRaises(AccessError):
            handover.with_user(self.homeroom2).line_ids[0].write({"needs": "x"})
        with self.assertRaises(AccessError):
            handover.with_user(self.homeroom2).action_give()
        mine.action_give()
        self.assertEqual(handover.activity_ids.user_id, self.homeroom2)
        with self.assertRaises(UserError):
            mine.line_ids[0].write({"needs": "x"})
        handover.with_user(self.homeroom2).action_ask_back()
        mine.action_give()
        handover.with_user(self.homeroom2).action_accept()
        self.assertEqual(handover.state, "accepted")
        with self.assertRaises(UserError):
            handover.with_user(self.clerk).note = "later"
        with self.assertRaises(UserError):
            handover.sudo().line_ids[0].needs = "later"
        self.assertEqual(self.class2.with_user(self.homeroom).action_open_handovers()["res_id"], handover.id)

    def test_a_finished_grade_five_goes_to_the_head(self):
        self.start()
        action = self.class5.with_user(self.homeroom2).action_open_handovers()
        handover = self.env["hocba.handover"].browse(action["res_id"])
        self.assertEqual(handover.receiver_id, self.head)
        self.assertFalse(handover.target_class_id)

    def test_next_years_teacher_reads_the_year_before(self):
        assessment = self.class2.enrolment_ids.assessment_ids[0]
        reader = assessment.with_user(self.homeroom2)
        self.assertFalse(reader.has_access("read"))
        self.start()
        self.env.invalidate_all()
        self.assertTrue(reader.has_access("read"))
        self.assertTrue(reader.result_ids.has_access("read"))
        self.assertFalse(reader.has_access("write"))
        self.assertFalse(reader.result_ids.has_access("write"))
