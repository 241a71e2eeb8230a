from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..core.gateway import RecallAnswer, decode_content, parse_recalls
from .common import PIN, SchoolCase


@tagged("post_install", "-at_install")
class TestRecall(SchoolCase):
    """The head asks, the clerk sends, the department decides (CV 2088, annex 1, III.3)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls._endpoint()

    def setUp(self):
        super().setUp()
        self.records = self.sign_all(self._records(self.class5, 2))
        self.records._accept("test")

    def queue(self, records):
        return self.env["hocba.submission"].with_user(self.clerk)._queue_recalls(records.with_user(self.clerk), PIN)

    def settle(self, submission, *states):
        """The department's answer to transaction 6: a state for each record, 1 waiting, 2 approved, 3 refused."""
        rows = [
            {"ma_tra_cuu_uuid": line.uuid, "trang_thai": state, "error_description": "Không đủ căn cứ"}
            for line, state in zip(submission.line_ids, states, strict=True)
        ]
        submission.sudo()._settle_query(RecallAnswer.parse({"Error": "00", "data": rows}))

    def test_asked_sent_and_decided(self):
        self.records.with_user(self.head).action_ask_recall("Sai điểm môn Toán")
        self.assertEqual(set(self.records.mapped("recall_state")), {"asked"})
        submission = self.queue(self.records)
        self.assertEqual((submission.kind, set(self.records.mapped("recall_state"))), ("5", {"sent"}))
        entries = parse_recalls(decode_content(submission._payload_text()))
        self.assertEqual([entry.uuid for entry in entries], self.records.mapped("uuid"))
        self.assertEqual({entry.reason for entry in entries}, {"Sai điểm môn Toán"})
        self.settle(submission, 1, 1)
        self.assertEqual(submission.state, "received")
        self.settle(submission, 2, 3)
        approved, refused = submission.line_ids.record_id
        self.assertEqual((approved.state, approved.recall_state), ("recalled", "approved"))
        self.assertEqual((refused.state, refused.recall_state), ("submitted", "refused"))
        self.assertEqual(refused.recall_refusal, "Không đủ căn cứ")
        new = approved.replaced_by_id
        self.assertEqual((new.state, new.replaces_id), ("draft", approved))
        self.assertNotEqual(new.uuid, approved.uuid)
        self.assertEqual(submission.state, "partly")
        self.settle(submission, 2, 2)
        self.assertEqual(refused.state, "submitted", "a decision is taken once")

    def test_who_may_ask_and_send(self):
        for user in (self.homeroom2, self.clerk, self.auditor, self.school_admin):
            with self.assertRaises(AccessError):
                self.records.with_user(user).action_ask_recall("x")
        with self.assertRaises(UserError):
            self.records.with_user(self.head).action_ask_recall("  ")
        with self.assertRaises(UserError):
            self.queue(self.records)
        with self.assertRaises(UserError):
            self.records.with_user(self.head).write({"recall_state": "approved"})

    def test_only_what_is_in_force_and_open(self):
        self.records._lock(self.records[0].submitted_at, "test")
        with self.assertRaises(UserError):
            self.records.with_user(self.head).action_ask_recall("x")

    def test_the_head_takes_the_request_back(self):
        self.records.with_user(self.head).action_ask_recall("x")
        self.records.with_user(self.head).action_withdraw_recall()
        self.assertFalse(any(self.records.mapped("recall_state")))

    def test_a_transaction_refused_as_a_whole(self):
        self.records.with_user(self.head).action_ask_recall("x")
        submission = self.queue(self.records)
        submission.sudo()._settle_query(RecallAnswer.parse({"Error": "24", "ErrorDescription": "Chữ ký không hợp lệ"}))
        self.assertEqual(submission.state, "refused")
        self.assertEqual(set(self.records.mapped("recall_state")), {"refused"})
        self.records.with_user(self.head).action_ask_recall("x")
        self.assertTrue(self.queue(self.records))
