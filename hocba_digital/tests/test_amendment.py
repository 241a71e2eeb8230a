import base64

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core.gateway import AMENDMENT, RecallAnswer, decode_content, parse_recalls
from .common import PIN, SchoolCase

_SCAN = b"%PDF-1.7 bien ban kiem tra lai"


@tagged("post_install", "-at_install")
class TestAmendment(SchoolCase):
    """After the closing nothing is edited: asked, agreed, sent, granted, superseded (QĐ 1789, Art. 21.6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls._endpoint()

    def setUp(self):
        super().setUp()
        self.record = self.sign_all(self._records(self.class5, 1))
        self.record._accept("test")
        self.record._lock(fields.Datetime.now(), "test")
        self.env.flush_all()

    def request(self, **values):
        given = {
            "record_id": self.record.id,
            "reason": "Nhập nhầm điểm của bạn khác",
            "changes": "Toán cuối năm: 6 thay cho 9",
            "evidence": base64.b64encode(_SCAN),
            "evidence_name": "bien-ban.pdf",
        }
        return self.env["hocba.amendment"].with_user(self.clerk).create({**given, **values})

    def send(self, request):
        request.with_user(self.clerk).action_ask()
        request.with_user(self.head).action_agree()
        queue = self.env["hocba.submission"].with_user(self.clerk)._queue_amendments
        return queue(request.with_user(self.clerk), PIN)

    def decide(self, submission, state, description=""):
        row = {"ma_tra_cuu_uuid": self.record.uuid, "trang_thai": state, "error_description": description}
        submission.sudo()._settle_query(RecallAnswer.parse({"Error": "00", "data": [row]}))

    def grant(self):
        request = self.request()
        self.decide(self.send(request), 2)
        return request

    def assertRefusedBySql(self, statement, *arguments):
        self.env.flush_all()
        with self.assertRaises(psycopg2.Error), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env.cr.execute(statement, arguments)

    def test_from_the_request_to_the_new_record(self):
        before = self.record._packet_bytes()
        request = self.request()
        submission = self.send(request)
        self.assertEqual((request.state, submission.kind), ("sent", "5"))
        (entry,) = parse_recalls(decode_content(submission._payload_text()))
        self.assertEqual((entry.request, entry.evidence), (AMENDMENT, _SCAN))
        self.assertEqual((entry.uuid, entry.changes), (self.record.uuid, "Toán cuối năm: 6 thay cho 9"))
        self.decide(submission, 1)
        self.assertEqual((submission.state, request.state), ("received", "sent"))
        self.decide(submission, 2)
        new = request.successor_id
        self.assertEqual((submission.state, request.state, new.state), ("accepted", "granted", "draft"))
        self.assertNotEqual(new.uuid, self.record.uuid)
        self.assertEqual(new.supersedes_id, self.record)
        self.assertFalse(self.record.superseded_by_id, "until the new record is accepted the old one is in force")

        result = self.record.assessment_id.result_ids.filtered(lambda line: line.subject_id.code == "TOAN")
        result.with_user(self.homeroom2).write({"score": "6"})
        self.assertIn("6", new.amendment_difference)
        self.assertTrue(new.activity_ids)
        self.sign_all(new)
        self.assertFalse(new.activity_ids, "who was asked to correct the data has done so")
        new._accept("test")
        self.assertEqual((self.record.superseded_by_id, self.record.state), (new, "locked"))
        self.assertEqual(request.state, "done")
        self.assertEqual(self.record._packet_bytes(), before)
        self.assertIn(new.uuid, self.record.correction_text)
        page = self.env["hocba.print"]._form_of_record(self.record)
        self.assertIn(new.uuid, page.annotation)
        self.assertFalse(self.env["hocba.print"]._form_of_record(new).annotation)
        self.assertEqual(self.env["hocba.lookup"]._find(self.record.uuid).standing, "superseded")
        self.assertIn(new.uuid, self.record.action_verify()["params"]["message"])
        self.assertFalse(self.record.source_differs, "the school's data are those of the new record")
        check = self.env["hocba.file.check"].with_user(self.clerk)
        texts = [line["text"] for line in check._check(before, "x.xml")["records"][0]["lines"]]
        self.assertTrue(any(new.uuid in text for text in texts), texts)
        self.assertIn("superseded", self.record.event_ids.mapped("kind"))
        self.assertEqual((self.record | new)._standing(), new)
        with self.assertRaises(UserError):
            self.request()

    def test_refusal_changes_nothing(self):
        request = self.request()
        self.decide(self.send(request), 3, "Chưa đủ căn cứ")
        self.assertEqual((request.state, request.refusal), ("refused", "Chưa đủ căn cứ"))
        self.assertFalse(request.successor_id)
        self.assertFalse(self.record.superseded_by_id)
        with self.assertRaises(UserError):
            self.record.assessment_id.result_ids[0].sudo().write({"score": "1"})
        self.assertTrue(self.request(), "another request may follow")

    def test_a_transaction_refused_as_a_whole(self):
        request = self.request()
        submission = self.send(request)
        submission.sudo()._settle_query(RecallAnswer.parse({"Error": "24", "ErrorDescription": "Chữ ký không hợp lệ"}))
        self.assertEqual((request.state, submission.state), ("refused", "refused"))

    def test_each_step_by_whose_it_is(self):
        for user in (self.homeroom2, self.school_admin, self.auditor, self.head):
            with self.assertRaises(AccessError):
                self.env["hocba.amendment"].with_user(user).create({"record_id": self.record.id})
        request = self.request()
        with self.assertRaises(AccessError):
            request.with_user(self.head).action_ask()
        request.action_ask()
        with self.assertRaises(AccessError):
            request.action_agree()
        with self.assertRaises(UserError):
            request.write({"reason": "x"})
        with self.assertRaises(UserError):
            request.unlink()
        request.with_user(self.head).action_return("Thiếu biên bản")
        self.assertEqual((request.state, request.return_reason), ("draft", "Thiếu biên bản"))
        for values in ({"state": "granted"}, {"successor_id": self.record.id}, {"agreed_by_id": self.head.id}):
            for user in (self.clerk, self.head):
                with self.assertRaises(UserError):
                    request.with_user(user).write(values)

    def test_what_a_request_needs(self):
        with self.assertRaises(UserError):
            self.request(evidence=False).action_ask()
        open_record = self.sign_all(self._records(self.class2, 1))
        with self.assertRaises(UserError):
            self.request(record_id=open_record.id)

    @mute_logger("odoo.sql_db")
    def test_one_request_at_a_time(self):
        self.request()
        with self.assertRaises(psycopg2.errors.UniqueViolation), self.env.cr.savepoint():
            self.request()

    def test_the_place_in_the_chain_is_set_once_and_by_nobody_else(self):
        request = self.grant()
        new = request.successor_id
        for values in ({"superseded_by_id": new.id}, {"supersedes_id": False}):
            with self.assertRaises(UserError):
                (self.record | new).sudo().write(values)
        self.sign_all(new)
        new._accept("test")
        with self.assertRaises(UserError):
            self.record.sudo()._in_transition().write({"superseded_by_id": False})
        self.assertRefusedBySql("UPDATE hocba_record SET superseded_by_id = NULL WHERE id = %s", self.record.id)
        self.assertRefusedBySql("UPDATE hocba_record SET pupil_name = 'x' WHERE id = %s", self.record.id)
        self.assertRefusedBySql("UPDATE hocba_amendment SET reason = 'x' WHERE id = %s", request.id)
        self.assertRefusedBySql("UPDATE hocba_amendment SET successor_id = NULL WHERE id = %s", request.id)
        self.assertRefusedBySql(
            "DELETE FROM ir_attachment WHERE res_model = 'hocba.amendment' AND res_id = %s", request.id
        )
