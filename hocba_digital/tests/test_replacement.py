from odoo.tests import tagged

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestReplacement(SchoolCase):
    """What takes a withdrawn record's place says so on its form: which one, why, and entry by entry what differs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()

    def _replaced(self):
        old = self.sign_all(self._records(self.class2, 1))
        old._refuse({old.id: "sai điểm Toán"})
        old.with_user(self.clerk).action_replace("nhập nhầm điểm")
        return old, old.replaced_by_id

    def test_new_record_has_its_own_code_and_points_back(self):
        old, new = self._replaced()
        self.assertEqual((new.replaces_id, old.state, new.state), (old, "recalled", "draft"))
        self.assertNotEqual(new.uuid, old.uuid)
        shown = new.with_user(self.homeroom)
        self.assertEqual((shown.replaces_uuid, shown.replacement_reason), (old.uuid, "nhập nhầm điểm"))
        self.assertIn("Nothing is different", shown.replacement_difference)

    def test_difference_is_shown_entry_by_entry_and_stays(self):
        old, new = self._replaced()
        line = new.assessment_id.result_ids.filtered(lambda result: result.subject_id.code == "TOAN")
        line.score = "10"
        new.assessment_id.homeroom_comment = "Em tiến bộ nhiều."
        self.env.flush_all()
        new.invalidate_recordset()
        for state in ("draft", "signed"):
            with self.subTest(state=state):
                self.assertEqual(new.state, state)
                table = new.with_user(self.clerk).replacement_difference
                self.assertEqual(table.count("<tr>"), 3, table)
                for text in ("Toán", "<td>9</td><td>10</td>", "Em tiến bộ nhiều."):
                    self.assertIn(text, table)
            if state == "draft":
                self.sign_all(new)
        self.assertFalse(old.replacement_difference)
