from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..core.rules import awards as rules
from .common import SchoolCase

PRIZE = "Đạt giải Nhì hội giao lưu An toàn giao thông cấp phường"


@tagged("post_install", "-at_install")
class TestAward(SchoolCase):
    """Awards of the year (TT 27, Art. 13)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._pupil(cls.class2, 1)
        cls.year_end = cls._assess(cls.class2)
        cls.maths = cls.env.ref("hocba_digital.subject_toan")

    def _propose(self, kind, user=None, **values):
        award = self.env["hocba.award"].with_user(user or self.homeroom)
        return award.create({"assessment_id": self.year_end.id, "kind": kind, **values})

    def _good(self):
        self.year_end.result_ids.filtered("has_test")[0].score = "8"
        self.assertEqual(self.year_end.overall, "good")

    def test_excellent_is_proposed_from_the_result_and_decided_by_the_head(self):
        self.year_end.award = PRIZE
        self.year_end.with_user(self.homeroom).action_propose_awards()
        award = self.year_end.award_ids
        self.assertEqual((award.kind, award.state), ("excellent", "proposed"))
        award.with_user(self.head).action_decide()
        self.assertEqual(award.decided_by_id, self.head)
        self.assertEqual(self.year_end.award, f"Đạt danh hiệu Học sinh Xuất sắc; {PRIZE}")
        self.year_end.with_user(self.homeroom).action_propose_awards()
        self.assertEqual(len(self.year_end.award_ids), 1)

    def test_exemplary_names_its_ground_and_waits_for_the_class(self):
        self._good()
        with self.assertRaises(UserError):
            self._propose("exemplary")
        award = self._propose("exemplary", subject_id=self.maths.id)
        with self.assertRaises(UserError):
            award.with_user(self.head).action_decide()
        action = award.action_recognise()
        wizard = self.env["hocba.award.wizard"].with_user(self.homeroom).with_context(**action["context"])
        wizard.create({"day": date(2026, 5, 20), "note": "Cả lớp nhất trí"}).action_confirm()
        self.assertEqual((award.state, award.recognised_on), ("recognised", date(2026, 5, 20)))
        award.with_user(self.head).action_decide()
        self.assertEqual(self.year_end.award, rules.award_phrase(rules.EXEMPLARY_TITLE))

    def test_a_title_needs_its_result(self):
        with self.assertRaises(UserError):
            self._propose("exemplary", trait="quality_honesty")
        self._good()
        with self.assertRaises(UserError):
            self._propose("excellent")

    def test_a_result_that_sank_is_noticed_at_the_decision(self):
        award = self._propose("excellent")
        self._good()
        with self.assertRaises(UserError):
            award.with_user(self.head).action_decide()

    def test_other_praise_says_what_for(self):
        with self.assertRaises(UserError):
            self._propose("sudden", achievement=" ")
        award = self._propose("sudden", achievement=PRIZE)
        award.with_user(self.head).action_decide()
        self.assertEqual(self.year_end.extra_award, PRIZE)
        self.assertFalse(self.year_end.award)
        self._propose("recommend", achievement="Cứu bạn đuối nước").with_user(self.head).action_decide()
        self.assertEqual(self.year_end.extra_award, PRIZE)

    def test_awards_stand_at_the_end_of_the_year(self):
        middle = self.class2._ensure_assessments("mid1")
        with self.assertRaises(UserError):
            self.env["hocba.award"].with_user(self.homeroom).create(
                {"assessment_id": middle.id, "kind": "sudden", "achievement": PRIZE}
            )

    def test_an_award_is_withdrawn_with_a_reason(self):
        award = self._propose("excellent")
        award.with_user(self.head).action_decide()
        with self.assertRaises(UserError):
            award.with_user(self.head)._withdraw(" ")
        award.with_user(self.head)._withdraw("Nhập nhầm điểm")
        self.assertEqual(award.state, "withdrawn")
        self.assertFalse(self.year_end.award)
        with self.assertRaises(UserError):
            award.with_user(self.homeroom).unlink()

    def test_who_may_do_what(self):
        for user in (self.head, self.clerk, self.teacher, self.homeroom2, self.school_admin):
            with self.assertRaises(AccessError):
                self._propose("excellent", user)
        award = self._propose("excellent")
        for user in (self.homeroom, self.clerk, self.auditor, self.school_admin):
            with self.assertRaises(AccessError):
                award.with_user(user).action_decide()
        # A homeroom teacher elsewhere who teaches a subject here reads the award, no more.
        self.env["hocba.assignment"].create(
            {"class_id": self.class2.id, "subject_id": self.maths.id, "teacher_id": self.homeroom2.id}
        )
        self.assertEqual(award.with_user(self.homeroom2).kind, "excellent")
        for attempt in (award.with_user(self.homeroom2).unlink, award.with_user(self.homeroom2).action_recognise):
            with self.assertRaises(UserError):
                action = attempt()
                wizard = self.env["hocba.award.wizard"].with_user(self.homeroom2).with_context(**action["context"])
                wizard.create({}).action_confirm()
        for values in ({"state": "decided"}, {"decided_by_id": self.head.id}):
            with self.assertRaises(UserError):
                award.write(values)
        self.assertEqual(self._propose("letter", achievement="Giúp bạn", state="decided").state, "proposed")

    def test_a_written_title_without_a_decision_is_pointed_out(self):
        self.year_end.award = rules.award_phrase(rules.EXCELLENT_TITLE)
        self.class2.with_user(self.clerk).action_create_records()
        record = self.class2.record_ids
        warnings = {issue.code for issue in record._issues(record._live_values())}
        self.assertIn("award_undecided", warnings)
        self._propose("excellent").with_user(self.head).action_decide()
        warnings = {issue.code for issue in record._issues(record._live_values())}
        self.assertNotIn("award_undecided", warnings)

    def test_a_signed_record_gets_no_award(self):
        self._certify()
        award = self._propose("excellent")
        self.class2.with_user(self.clerk).action_create_records()
        self.sign_all(self.class2.record_ids)
        with self.assertRaises(UserError):
            award.with_user(self.head).action_decide()
