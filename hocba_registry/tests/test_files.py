import base64
import io
import json
import zipfile

from odoo.addons.hocba_digital.core.gateway.files import FileAnswer, pack
from odoo.addons.hocba_digital.tests import pki
from odoo.addons.hocba_digital.tests.common import PIN
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CODE, RegistryCase


@tagged("post_install", "-at_install")
class TestFiles(RegistryCase):
    """The whole exchange without a wire: what the school exports the department takes, and the other way round."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.endpoint = cls.env["hocba.endpoint"].create(
            {"company_id": cls.company.id, "transport": "files", "send_automatically": False, "unit_code": CODE}
        )

    def _queued(self, pupils=2):
        records = self.sign_all(self._records(self.class2, pupils))
        submission = self.env["hocba.submission"].with_user(self.clerk)._queue(records.with_user(self.clerk), PIN)
        return records, submission.sudo()

    def _download(self, action):
        """Bytes behind an action that downloads a package."""
        package = self.env["hocba.file.package"].sudo().browse(int(action["url"].split("/")[4]))
        return base64.b64decode(package.content)

    def _export(self, submissions):
        return self._download(submissions.with_user(self.clerk).action_export_files())

    def _take(self, content, user=None):
        """The department takes a file; returns (wizard, file with the answers)."""
        wizard = self.env["hocba.registry.file.wizard"].with_user(user or self.officer)
        wizard = wizard.create({"file": base64.b64encode(content), "file_name": "a.zip"})
        wizard.action_take()
        return wizard, base64.b64decode(wizard.answers)

    def _answers_of(self, submissions):
        """What the department answers now, exported from its list."""
        transactions = self.env["hocba.registry.transaction"].search(
            [("messageid", "in", submissions.mapped("messageid"))]
        )
        return self._download(transactions.with_user(self.officer).action_export_answers())

    def _enter(self, content, name="a.zip"):
        """The clerk enters a file; returns the results by line."""
        wizard = self.env["hocba.answer.wizard"].with_user(self.clerk)
        wizard = wizard.create({"file": base64.b64encode(content), "file_name": name})
        wizard.action_enter()
        return wizard.line_ids.mapped("result")

    def _changed(self, content, change):
        """An answer's file after ``change`` (function of the decoded JSON)."""
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            answer = json.loads(archive.read(archive.namelist()[0]))
        change(answer)
        return json.dumps(answer).encode()

    # Reports ---------------------------------------------------------------------------------

    def test_export_is_what_would_go_over_the_wire(self):
        _records, submission = self._queued()
        with zipfile.ZipFile(io.BytesIO(self._export(submission))) as archive:
            names = archive.namelist()
            request = json.loads(archive.read(names[0]))
            query = json.loads(archive.read(names[2]))
        self.assertEqual(names, [f"{submission.messageid}{end}" for end in (".json", ".xml", "-truy-van.json")])
        authentication = request["authenticationRequest"]
        self.assertEqual((authentication["token"], authentication["password"]), ("", ""))
        self.assertEqual((authentication["type"], authentication["ma_don_vi"]), ("1", CODE))
        self.assertEqual(request["content"], submission._payload_text())
        self.assertEqual(query["authenticationRequest"]["type"], "2")
        self.assertEqual(submission.state, "unknown")
        attempt = submission.attempt_ids
        self.assertEqual((attempt.action, attempt.outcome, attempt.user_id), ("export", "ok", self.clerk))
        self.assertIn("exported", submission.line_ids.record_id.event_ids.mapped("kind"))

    def test_report_goes_and_its_verdicts_come_back(self):
        records, submission = self._queued()
        wizard, answers = self._take(self._export(submission))
        self.assertEqual(wizard.line_ids.state, "processed")
        transaction = wizard.line_ids.transaction_id
        self.assertEqual((transaction.digest, transaction.file_user_id), (submission.payload_digest, self.officer))
        self.assertEqual(self._enter(answers), ["applied"])
        self.assertEqual((submission.state, set(records.mapped("state"))), ("accepted", {"submitted"}))
        self.assertEqual(self._enter(answers), ["same"], "the same answer twice changes nothing")
        self.assertEqual(submission.attempt_ids.filtered("answer_file").mapped("action"), ["import"])

    def test_acknowledgement_in_the_answer_is_kept_and_compared(self):
        issued = pki.issue(self.pki["intermediate"], pki.organisation_name("Sở Giáo dục và Đào tạo", "0400100100"))
        self.env["hocba.registry.seal"].create({"key_file": base64.b64encode(issued.pkcs12(PIN)), "password": PIN})
        _records, submission = self._queued()
        _wizard, answers = self._take(self._export(submission))
        self._enter(answers)
        self.assertEqual(submission.acknowledgement_finding, "agrees")
        self.assertIn("verdicts", submission.acknowledgement_ids.mapped("stage"))

        def change(answer):
            content = base64.b64decode(answer["xac_nhan"]).replace(b"<TRANG_THAI>1", b"<TRANG_THAI>0", 1)
            answer["xac_nhan"] = base64.b64encode(content).decode()

        self._enter(self._changed(self._answers_of(submission), change), "a.json")
        self.assertEqual(submission.acknowledgement_finding, "forged")
        self.assertEqual(submission.activity_ids.user_id, self.clerk)

    def test_a_query_s_file_is_answered_and_keeps_nothing(self):
        _records, submission = self._queued()
        content = self._export(submission)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            query = archive.read(f"{submission.messageid}-truy-van.json")
        _wizard, answers = self._take(query)
        self.assertEqual(self._enter(answers), ["same"], "a query of what was not handed in says nothing")
        self.assertEqual(submission.state, "unknown")
        self._take(content)
        _wizard, answers = self._take(query)
        self.assertEqual(self._enter(answers), ["applied"])
        self.assertEqual(submission.state, "accepted")

    def test_same_file_taken_twice_is_one_transaction(self):
        _records, submission = self._queued()
        content = self._export(submission)
        self._take(content)
        self._take(content)
        found = self.env["hocba.registry.transaction"].search_count([("messageid", "=", submission.messageid)])
        self.assertEqual(found, 1)

    def test_closing_comes_with_a_later_answer(self):
        records, submission = self._queued(1)
        _wizard, answers = self._take(self._export(submission))
        self._enter(answers)
        closing = self.env["hocba.registry.closing.wizard"].with_user(self.officer)
        closing.create({"year_id": self.registry_year.id, "confirmation": "2025-2026"}).action_close()
        self.assertEqual(self._enter(self._answers_of(submission)), ["applied"])
        self.assertEqual(records.state, "locked")

    def test_refused_records_show_why(self):
        records, submission = self._queued(1)
        _wizard, answers = self._take(self._export(submission))

        def refuse(answer):
            row = {"trang_thai": 0, "error": "31", "error_field_title": "Signature", "error_description": "sai chữ ký"}
            answer["data"][0].update(row)

        self.assertEqual(self._enter(self._changed(answers, refuse), "a.json"), ["applied"])
        self.assertEqual((submission.state, records.refusal), ("refused", "sai chữ ký"))

    def test_delivery_answer_only_says_that_it_was_received(self):
        records, submission = self._queued(1)
        self._export(submission)
        answer = {"MessageId": submission.messageid, "Error": "00", "ResponseCode": submission.payload_digest}
        self.assertEqual(self._enter(json.dumps(answer).encode(), "a.json"), ["applied"])
        self.assertEqual((submission.state, records.state), ("received", "signed"))

    # What is not believed ----------------------------------------------------------------------

    def test_answers_that_contradict_are_refused_and_flagged(self):
        records, submission = self._queued(1)
        _wizard, answers = self._take(self._export(submission))

        def refuse(answer):
            answer["data"][0].update(trang_thai=0, error="31")

        def other_bytes(answer):
            answer["data"][0]["digest"] = "0" * 64

        def other_record(answer):
            answer["data"][0]["ma_tra_cuu_uuid"] = "12345678-1234-4234-8234-123456789012"

        for change in (other_bytes, other_record):
            with self.subTest(change=change.__name__):
                self.assertEqual(self._enter(self._changed(answers, change), "a.json"), ["refused"])
                self.assertEqual((submission.state, records.state), ("unknown", "signed"))
                self.assertTrue(submission.error)
        self.assertTrue(submission.activity_ids)
        self._enter(answers)
        self.assertEqual(self._enter(self._changed(answers, refuse), "a.json"), ["refused"])
        self.assertEqual((submission.state, records.state), ("accepted", "submitted"))
        self.assertEqual(submission.attempt_ids.sorted("id")[-1].outcome, "data")
        whole = {"MessageId": submission.messageid, "Error": "24", "ErrorDescription": "sai"}
        self.assertEqual(self._enter(json.dumps(whole).encode(), "a.json"), ["refused"])
        self.assertEqual(records.state, "submitted")

    def test_answers_for_others_and_files_that_are_none(self):
        _records, submission = self._queued(1)
        self._export(submission)
        other = {"MessageId": "another", "Error": "00", "data": []}
        self.assertEqual(self._enter(json.dumps(other).encode(), "a.json"), ["refused"])
        digest = {"MessageId": submission.messageid, "Error": "00", "ResponseCode": "0" * 64}
        self.assertEqual(self._enter(json.dumps(digest).encode(), "a.json"), ["refused"])
        busy = {"MessageId": submission.messageid, "Error": "91", "ErrorDescription": "quá tải"}
        self.assertEqual(self._enter(json.dumps(busy).encode(), "a.json"), ["refused"])
        form = {"MessageId": submission.messageid, "Error": "00", "data": [{"trang_thai": 7}]}
        self.assertEqual(self._enter(json.dumps(form).encode(), "a.json"), ["refused"])
        self.assertEqual(submission.state, "unknown")
        for content in (b"", b"no json", b"[]", b"PK\x03\x04junk", pack([("a.txt", b"x")])):
            with self.subTest(content=content[:8]), self.assertRaises(UserError):
                self._enter(content)

    def test_department_refuses_strangers_in_words(self):
        _records, submission = self._queued(1)
        content = self._export(submission)
        self.unit.code = "48491499"
        wizard, answers = self._take(content)
        self.assertFalse(wizard.line_ids.transaction_id)
        self.assertEqual(self._enter(answers), ["refused"])
        self.assertEqual(submission.state, "unknown", "it can be handed in again")

    def test_who_may(self):
        _records, submission = self._queued(1)
        for user in (self.head, self.auditor):
            with self.assertRaises(AccessError):
                submission.with_user(user).action_export_files()
            with self.assertRaises(AccessError):
                self.env["hocba.answer.wizard"].with_user(user).create({})
        content = self._export(submission)
        for user in (self.clerk, self.gateway_admin):
            with self.assertRaises(AccessError):
                self.env["hocba.registry.file.wizard"].with_user(user).create({})
            with self.assertRaises(AccessError):
                self.env["hocba.registry.intake"].with_user(user)._take_file({})
        with self.assertRaises(AccessError):
            self.env["hocba.submission"].with_user(self.head)._enter_answers([FileAnswer("a", {}, b"{}")])
        self._take(content)

    def test_nothing_goes_over_the_wire(self):
        with self.assertRaisesRegex(UserError, "by files only"):
            self.endpoint._client()

    # The other transactions ------------------------------------------------------------------

    def test_certificate_is_registered_by_file(self):
        seal = self.env["hocba.certificate"].search(
            [("kind", "=", "organisation"), ("company_id", "=", self.company.id)]
        )
        seal.approved = False
        self.certificate.unlink()
        submission = (
            self.env["hocba.submission"]
            .with_user(self.clerk)
            ._queue_registration(seal.with_user(self.clerk), "REMOTE_SIGNING", "VNPT", PIN)
            .sudo()
        )
        _wizard, answers = self._take(self._export(submission))
        self.assertEqual(self._enter(answers), ["applied"])
        self.assertEqual((submission.state, seal.approved), ("received", False))
        self.env["hocba.registry.certificate"].search([("state", "=", "submitted")]).with_user(
            self.officer
        ).action_approve()
        approved = self._answers_of(submission)
        self.assertEqual(self._enter(approved), ["applied"])
        self.assertEqual((submission.state, seal.approved), ("accepted", True))

        def refuse(answer):
            answer["trang_thai_phe_duyet"] = 0

        self.assertEqual(self._enter(self._changed(approved, refuse), "a.json"), ["refused"])
        self.assertTrue(seal.approved)

    def test_recall_goes_by_file_and_its_decision_comes_back(self):
        records, submission = self._queued(1)
        _wizard, answers = self._take(self._export(submission))
        self._enter(answers)
        records.with_user(self.head).action_ask_recall("sai điểm")
        recall = self.env["hocba.submission"].with_user(self.clerk)._queue_recalls(records, PIN).sudo()
        _wizard, waiting = self._take(self._export(recall))
        self._enter(waiting)
        self.assertEqual((recall.state, records.state), ("received", "submitted"))
        self.env["hocba.registry.recall"].search([]).with_user(self.officer).action_approve()
        decided = self._answers_of(recall)
        self.assertEqual(self._enter(decided), ["applied"])
        self.assertEqual((recall.state, records.state), ("accepted", "recalled"))
        self.assertTrue(records.replaced_by_id)

        def refuse(answer):
            answer["data"][0]["trang_thai"] = 3

        self.assertEqual(self._enter(self._changed(decided, refuse), "a.json"), ["refused"])
        self.assertEqual(len(records.replaced_by_id), 1)
