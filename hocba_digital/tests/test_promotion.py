from psycopg2 import IntegrityError
from psycopg2.errors import RaiseException

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SchoolCase

REASON = "Đã được giúp đỡ trong hè, tiến bộ ở môn Tiếng Việt"


@tagged("post_install", "-at_install")
class TestPromotion(SchoolCase):
    """Completing the grade, the additional assessment in summer, moving up (TT 27, Art. 11)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._pupil(cls.class2, 1)
        cls.year_end = cls._assess(cls.class2)

    def _line(self, code):
        return self.year_end.result_ids.filtered(lambda line: line.subject_id.code == code)

    def _fail(self):
        self._line("TOAN").write({"level": "C", "score": "3"})
        self.year_end.quality_diligence = "C"
        self.assertEqual(self.year_end.overall, "not_completed")

    def _plan(self):
        self.year_end.with_user(self.homeroom).action_plan_summer()
        return self.year_end.reassessment_ids.with_user(self.homeroom)

    def test_who_completed_moves_up_without_a_decision(self):
        self.assertEqual(self.year_end.promotion_state, "completed")
        self.assertEqual(self.year_end.promoted, "yes")
        with self.assertRaisesRegex(UserError, "Học 1"):
            self.year_end.with_user(self.head)._decide_promotion("no", REASON)

    def test_the_head_may_promote_who_did_not_complete(self):
        self._fail()
        self.assertEqual((self.year_end.promotion_state, self.year_end.promoted), ("to_plan", False))
        self.year_end.with_user(self.head)._decide_promotion("yes", REASON)
        self.assertEqual((self.year_end.class_completed, self.year_end.promoted), ("no", "yes"))
        self.assertEqual(self.year_end.promotion_decided_by_id, self.head)
        self.assertTrue(self.year_end.promotion_decided_on)
        self.assertEqual(self.year_end.promotion_state, "decided")

    def test_only_the_head_decides_and_says_why(self):
        self._fail()
        for user in (self.homeroom, self.clerk, self.teacher, self.auditor):
            with self.assertRaises(AccessError):
                self.year_end.with_user(user)._decide_promotion("yes", REASON)
        with self.assertRaises(UserError):
            self.year_end.with_user(self.head)._decide_promotion("yes", " ")
        for user in (self.homeroom, self.clerk):
            for values in (
                {"promotion_decision": "yes", "promotion_reason": "x"},
                {"promoted": "yes"},
                {"promoted": "no"},
                {"overall_first": "good"},
            ):
                with self.assertRaises(UserError):
                    self.year_end.with_user(user).write(values)
        with self.assertRaises(AccessError):
            self.year_end.with_user(self.school_admin).read(["promoted"])

    def test_the_decision_is_asked_for_in_a_dialog(self):
        self._fail()
        action = self.year_end.with_user(self.head).action_decide_promotion()
        wizard = self.env["hocba.promotion.wizard"].with_user(self.head).with_context(**action["context"])
        wizard.create({"decision": "no", "reason": REASON}).action_confirm()
        self.assertEqual(self.year_end.promoted, "no")
        self.assertEqual(self.year_end.promotion_reason, REASON)

    def test_grade_five_is_left_by_completing_only(self):
        self._pupil(self.class5, 2)
        five = self._assess(self.class5)
        five.result_ids.filtered(lambda line: line.subject_id.code == "TV").level = "C"
        with self.assertRaises(UserError):
            five.with_user(self.head)._decide_promotion("yes", REASON)
        five.with_user(self.head)._decide_promotion("no", REASON)
        self.assertEqual(five.promoted, "no")

    def test_summer_assesses_again_what_was_missing_and_keeps_the_first_values(self):
        self._fail()
        items = self._plan()
        self.assertEqual(set(items.mapped("item_name")), {"Toán", items[1].item_name})
        self.assertEqual(self.year_end.promotion_state, "summer")
        self.assertEqual(self.year_end.activity_ids.user_id, self.homeroom)
        self.assertEqual(self.year_end.activity_ids.date_deadline, self.year.deadline_school_summer)
        maths = items.filtered("result_id")
        with self.assertRaises(UserError):
            maths.action_done()
        maths.write({"new_level": "H", "new_score": "6", "comment": "Đã thực hiện được phép chia"})
        (items - maths).new_level = "D"
        items.action_done()
        self.assertEqual((self._line("TOAN").level, self._line("TOAN").score), ("H", "6"))
        self.assertEqual((maths.first_level, maths.first_score), ("C", "3"))
        self.assertEqual(self._line("TOAN").earlier, "C/3")
        self.assertEqual((self.year_end.overall_first, self.year_end.overall), ("not_completed", "completed"))
        self.assertEqual((self.year_end.promotion_state, self.year_end.promoted), ("completed", "yes"))
        self.assertFalse(self.year_end.activity_ids)

    def test_still_not_completed_goes_to_the_head(self):
        self._fail()
        items = self._plan()
        with self.assertRaises(UserError):
            self.year_end.with_user(self.head)._decide_promotion("yes", REASON)
        items.filtered("result_id").write({"new_level": "C", "new_score": "4"})
        items.filtered("trait").new_level = "D"
        items.action_done()
        self.assertEqual(self.year_end.promotion_state, "to_decide")
        self.year_end.with_user(self.homeroom)._propose_promotion("yes", "Tiến bộ")
        self.assertEqual(self.year_end.activity_ids.user_id, self.head)
        self.year_end.with_user(self.head)._decide_promotion("yes", REASON)
        self.assertFalse(self.year_end.activity_ids)
        self.assertEqual(self.year_end.promoted, "yes")

    def test_planning_twice_doubles_nothing(self):
        self._fail()
        self.assertEqual(len(self._plan()), 2)
        self.assertEqual(len(self._plan()), 2)

    def test_a_cancelled_item_can_be_planned_again(self):
        self._fail()
        items = self._plan()
        items.action_cancel()
        with self.assertRaises(UserError):
            items[0].new_level = "T"
        self.assertEqual(len(self._plan()), 4)

    def test_finished_items_are_closed_for_everybody(self):
        self._fail()
        item = self._plan().filtered("trait")
        item.new_level = "T"
        item.action_done()
        with self.assertRaises(UserError):
            item.sudo().write({"new_level": "C"})
        with self.assertRaises(UserError):
            item.sudo().unlink()
        self.env.flush_all()
        with self.assertRaises(RaiseException), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE hocba_reassessment SET first_level = 'T' WHERE id = %s", [item.id])

    def test_others_do_not_touch_the_items(self):
        self._fail()
        item = self._plan()[0]
        for user in (self.homeroom2, self.clerk, self.head, self.school_admin):
            with self.assertRaises(UserError):
                item.with_user(user).write({"new_level": "T"})
            with self.assertRaises(UserError):
                item.with_user(user).action_done()
        with self.assertRaises(UserError):
            item.write({"first_level": "T"})
        with self.assertRaises(UserError):
            self.env["hocba.reassessment"].with_user(self.homeroom).create({"assessment_id": self.year_end.id})

    def test_the_new_level_stays_on_its_scale(self):
        self._fail()
        items = self._plan()
        with self.assertRaises(UserError):
            items.filtered("trait").new_level = "H"
        with self.assertRaises(UserError):
            items.filtered("result_id").new_level = "D"
        with self.assertRaises(UserError):
            items.filtered("trait").new_score = "9"

    def test_a_completion_by_hand_keeps_both_values_and_the_reason(self):
        self._fail()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.year_end.class_completed_manual = "yes"
            self.env.flush_all()
        self.year_end.write({"class_completed_manual": "yes", "completion_reason": "Đạt kế hoạch cá nhân"})
        self.assertEqual((self.year_end.class_completed_computed, self.year_end.class_completed), ("no", "yes"))
        self.assertEqual(self.year_end.promoted, "yes")

    def test_a_result_by_hand_needs_its_reason(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.year_end.write({"overall_manual": "good", "overall_reason": "  "})
            self.env.flush_all()

    def test_signed_records_stay_as_they_are(self):
        self._certify()
        self._fail()
        self.year_end.with_user(self.head)._decide_promotion("no", REASON)
        self.class2.with_user(self.clerk).action_create_records()
        self.sign_all(self.class2.record_ids)
        with self.assertRaises(UserError):
            self.year_end.with_user(self.head)._decide_promotion("yes", REASON)
        with self.assertRaises(UserError):
            self.year_end.with_user(self.homeroom).action_plan_summer()
