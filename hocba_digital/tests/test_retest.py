from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestRetest(SchoolCase):
    """Another test when the first result is abnormal (TT 27, Art. 7.1d)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._pupil(cls.class5, 1)
        cls.year_end = cls._assess(cls.class5)
        cls.english = cls.year_end.result_ids.filtered(lambda line: line.subject_id.code == "NN1")
        cls.retests = cls.env["hocba.retest"]

    def _propose(self, user=None, line=None):
        return self.retests.with_user(user or self.teacher).create({"result_id": (line or self.english).id})

    def test_the_last_score_counts_and_the_first_stays_in_sight(self):
        self.english.score = "3"
        retest = self._propose()
        self.assertEqual(retest.proposed_by_id, self.teacher)
        with self.assertRaises(UserError):
            retest.action_done()
        retest.with_user(self.head).action_allow()
        retest.new_score = "8"
        retest.action_done()
        self.assertEqual(self.english.score, "8")
        self.assertEqual((retest.earlier_score, self.english.earlier), ("3", "3"))
        self.assertEqual(self.year_end.overall, "good")
        with self.assertRaises(UserError):
            retest.sudo().write({"new_score": "10"})
        with self.assertRaises(UserError):
            retest.sudo().unlink()

    def test_only_the_head_allows(self):
        retest = self._propose()
        for user in (self.teacher, self.homeroom2, self.clerk, self.auditor):
            with self.assertRaises(AccessError):
                retest.with_user(user).action_allow()
        with self.assertRaises(UserError):
            retest.write({"state": "allowed"})
        retest.with_user(self.head).action_refuse()
        self.assertEqual((retest.state, self.english.score), ("refused", "9"))

    def test_only_the_teacher_or_homeroom_proposes(self):
        maths = self.year_end.result_ids.filtered(lambda line: line.subject_id.code == "TOAN")
        self._propose(self.homeroom2, maths)
        with self.assertRaises(AccessError):
            self.retests.search([("subject_id", "=", maths.subject_id.id)]).with_user(self.teacher).unlink()
        science = self.year_end.result_ids.filtered(lambda line: line.subject_id.code == "KH")
        for user in (self.teacher, self.homeroom, self.clerk, self.head, self.school_admin):
            with self.assertRaises(AccessError):
                self._propose(user, science)

    def test_another_test_follows_a_test_at_the_end_of_a_semester(self):
        ethics = self.year_end.result_ids.filtered(lambda line: line.subject_id.code == "DD")
        middle = self.class5._ensure_assessments("mid1").result_ids.filtered("has_test")[0]
        middle.score = "2"
        for line in (ethics, middle):
            with self.assertRaises(UserError):
                self._propose(self.homeroom2, line)

    def test_signed_results_are_not_tested_again(self):
        self._certify()
        retest = self._propose()
        retest.with_user(self.head).action_allow()
        retest.new_score = "10"
        self.class5.with_user(self.clerk).action_create_records()
        self.sign_all(self.class5.record_ids)
        with self.assertRaises(UserError):
            retest.action_done()
        self.assertEqual(self.english.score, "9")
