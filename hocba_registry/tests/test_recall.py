import hashlib

from odoo.addons.hocba_digital.core.gateway import Recall, build_recalls, encode_content
from odoo.addons.hocba_digital.core.signing import sign_list
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .department import SCHOOL, SCHOOL_CODE, YEAR, DepartmentCase, Maker


class TestRecall(DepartmentCase):
    """Transaction 5 and 6: a school takes a record back before the closing (annex 1, III.3)."""

    def entry(self, record, **changes):
        data = self.maker.data(1)
        values = {
            "uuid": record.uuid,
            "pupil_name": record.pupil_name,
            "gender": "Nữ",
            "birth_date": data.birth_date,
            "school_name": SCHOOL,
            "school_code": SCHOOL_CODE,
            "school_year": YEAR,
            "reason": "Sai điểm môn Toán",
        }
        return Recall(**{**values, **changes})

    def ask(self, *entries, signer=None):
        """Send and judge transaction 5."""
        signed = sign_list(build_recalls(entries), signer or self.maker.signers["seal"], at=self.maker.at)
        return self.judge(encode_content(signed), kind="5")

    def rows(self, transaction):
        return [recall._row()["trang_thai"] for recall in transaction.recall_ids]

    def test_approved(self):
        (record,) = self.accept(1)
        transaction = self.ask(self.entry(record))
        recall = transaction.recall_ids
        self.assertEqual(
            (transaction.state, recall.state, recall.reason), ("processed", "waiting", "Sai điểm môn Toán")
        )
        self.assertEqual(self.rows(transaction), [1])
        recall.with_user(self.officer).action_approve()
        self.assertEqual((record.state, recall.state), ("recalled", "approved"))
        self.assertEqual(self.rows(transaction), [2])
        again = self.accept(1)
        self.assertEqual(again.state, "accepted", "the replacement has its own look-up code")

    def test_refused_with_a_reason(self):
        (record,) = self.accept(1)
        recall = self.ask(self.entry(record)).recall_ids
        with self.assertRaises(UserError):
            recall.with_user(self.officer).action_refuse("  ")
        recall.with_user(self.officer).action_refuse("Không đủ căn cứ")
        self.assertEqual((record.state, recall._row()["trang_thai"]), ("accepted", 3))
        self.assertEqual(recall._row()["error_description"], "Không đủ căn cứ")
        with self.assertRaises(UserError):
            recall.with_user(self.officer).action_approve()

    def test_what_cannot_be_recalled(self):
        locked, other = self.accept(1), self.accept(2)
        locked._lock(locked.received_at)
        unknown = self.entry(other, uuid="4ef748d9-2146-4a82-95a5-8534051475f0")
        transaction = self.ask(self.entry(locked), unknown, self.entry(other))
        self.assertEqual(transaction.recall_ids.sorted("id").mapped("error_code"), ["41", "40", False])
        self.assertEqual((transaction.accepted_count, transaction.refused_count), (1, 2))

    def test_a_record_of_another_school_is_not_there(self):
        (record,) = self.accept(1)
        stranger = self.env["hocba.registry.unit"].create(
            {"name": "Khác", "code": "48491402", "login": "khac", "password": "x"}
        )
        record._in_transition().write({"unit_id": stranger.id})
        self.assertEqual(self.ask(self.entry(record)).recall_ids.error_code, "40")

    def test_a_foreign_signature_is_refused(self):
        (record,) = self.accept(1)
        stranger = Maker("Trường Khác", "0400999999", self.maker._authority())
        transaction = self.ask(self.entry(record), signer=stranger.signers["seal"])
        self.assertEqual((transaction.state, transaction.error_code), ("refused", "24"))
        self.assertFalse(record.recall_ids)

    def test_two_requests_share_one_decision(self):
        (record,) = self.accept(1)
        first, second = self.ask(self.entry(record)), self.ask(self.entry(record))
        self.assertEqual(second.recall_ids.follows_id, first.recall_ids)
        first.recall_ids.with_user(self.officer).action_approve()
        self.assertEqual(second.recall_ids.state, "approved")

    def test_second_pair_of_eyes(self):
        self.env["ir.config_parameter"].set_param("hocba_registry.second_officer", "1")
        (record,) = self.accept(1)
        recall = self.ask(self.entry(record)).recall_ids
        recall.with_user(self.officer).action_approve()
        self.assertEqual((recall.state, record.state), ("proposed", "accepted"))
        self.assertEqual(recall._row()["trang_thai"], 1)
        with self.assertRaises(UserError):
            recall.with_user(self.officer).action_approve()
        second = new_test_user(self.env, login="officer2", groups="hocba_registry.group_so_officer")
        recall.with_user(second).action_approve()
        self.assertEqual((recall.state, record.state), ("approved", "recalled"))

    def test_nobody_else_decides(self):
        (record,) = self.accept(1)
        recall = self.ask(self.entry(record)).recall_ids
        with self.assertRaises(AccessError):
            recall.with_user(self.administrator).action_approve()
        with self.assertRaises(UserError):
            recall.with_user(self.officer).sudo().write({"state": "approved"})
        recall.with_user(self.officer).action_approve()
        with self.assertRefusedBySql():
            self.env.cr.execute("UPDATE hocba_registry_recall SET state = 'refused' WHERE id = %s", [recall.id])

    def test_the_year_is_not_closed_over_open_requests(self):
        (record,) = self.accept(1)
        recall = self.ask(self.entry(record)).recall_ids
        with self.assertRaisesRegex(UserError, "1"):
            self.close_year()
        recall.with_user(self.officer).action_refuse("Không đủ căn cứ")
        self.close_year()
        self.assertEqual(record.state, "locked")

    def test_the_wire_answers_by_messageid(self):
        (record,) = self.accept(1)
        transaction = self.ask(self.entry(record))
        intake = self.env["hocba.registry.intake"].sudo()
        password = hashlib.sha256(b"x").hexdigest()
        self.unit.password = "x"
        token = self.env["hocba.registry.token"]._issue(self.unit, password)
        request = {
            "token": token,
            "user_name": SCHOOL_CODE,
            "password": password,
            "ma_don_vi": SCHOOL_CODE,
            "messageid": transaction.messageid,
        }
        answer = intake._query({"authenticationRequest": request}, "5")
        self.assertEqual([row["trang_thai"] for row in answer["data"]], [1])
        self.assertEqual(intake._query({"authenticationRequest": request}, "1")["Error"], "04")
