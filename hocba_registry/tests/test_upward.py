import base64
import hashlib
import uuid
from unittest.mock import patch

from freezegun import freeze_time

from odoo.addons.hocba_digital.core.gateway import AMENDMENT, QueryAnswer, RecallAnswer, decode_content, parse_recalls
from odoo.addons.hocba_digital.core.signing import verify_list
from odoo.addons.hocba_digital.tests.common import PIN
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import RegistryCase


@tagged("post_install", "-at_install")
class TestUpward(RegistryCase):
    """A department reports what it received; what the ministry answers reaches records and recalls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reporter = cls._person("reporter", "group_so_reporter")
        for user in (cls.reporter, cls.officer):
            user.write({"company_ids": [(4, cls.company.id)], "company_id": cls.company.id})
        cls._endpoint(unit_code="48", user_name="48")

    def setUp(self):
        super().setUp()
        _records, self.packets = self.sealed_packets(self.class2)
        self.report(self.packets)
        self.received = self.env["hocba.registry.record"].search([])
        self.registry_year.report_scope = "accepted"
        self.upward = self.env["hocba.registry.upward"].with_user(self.reporter)

    def send_up(self):
        return self.upward._queue_records(self.registry_year.with_user(self.reporter), PIN)

    def answer(self, submission, **states):
        """The ministry's answer to transaction 2: accepted, unless ``states`` names the digest's refusal."""
        rows = [
            {
                "ma_tra_cuu_uuid": line.uuid,
                "trang_thai": 0 if states.get("refused") == line.uuid else 1,
                "error": "36" if states.get("refused") == line.uuid else "00",
                "error_description": "Đã có học bạ" if states.get("refused") == line.uuid else "",
                "digest": line.packet_digest,
                **states.get("more", {}),
            }
            for line in submission.line_ids
        ]
        submission.sudo()._settle_query(
            QueryAnswer.parse({"Error": "00", "MessageId": submission.messageid, "data": rows})
        )

    def recall(self, record, **more):
        """A request of the school as transaction 5 leaves it."""
        transaction = self.env["hocba.registry.transaction"].search([], limit=1)
        values = {"transaction_id": transaction.id, "unit_id": self.unit.id, "record_id": record.id}
        values |= {"uuid": record.uuid, "pupil_name": record.pupil_name, "reason": "Sai điểm", **more}
        return self.env["hocba.registry.recall"].sudo().create(values)

    def decide(self, submission, state):
        """The ministry's answer to transaction 6."""
        rows = [
            {"ma_tra_cuu_uuid": line.uuid, "trang_thai": state, "error_description": "Không đủ căn cứ"}
            for line in submission.line_ids
        ]
        submission.sudo()._settle_query(RecallAnswer.parse({"Error": "00", "data": rows}))

    def test_packets_go_up_byte_for_byte_under_the_departments_signature(self):
        submission = self.send_up()
        xml = decode_content(submission._payload_text())
        self.assertEqual(set(self.profile.split_list(xml).packets), set(self.packets))
        self.assertEqual(verify_list(xml, self.env["hocba.trust"]._store()).result, "TOTAL_PASSED")
        self.assertEqual(set(self.received.mapped("upper_state")), {"queued"})
        with self.assertRaises(UserError):
            self.send_up()  # nothing is reported twice
        refused = self.received[0].uuid
        self.answer(submission, refused=refused)
        states = {record.uuid: record.upper_state for record in self.received}
        self.assertEqual(states.pop(refused), "refused")
        self.assertEqual(set(states.values()), {"accepted"})
        self.assertEqual(self.registry_year.upward_refused_count, 1)
        again = self.upward._queue_records(self.registry_year.with_user(self.reporter), PIN, again=True)
        self.assertEqual(again.line_ids.mapped("uuid"), [refused])

    def test_by_default_only_what_is_locked_goes_up(self):
        self.registry_year.report_scope = "locked"
        self.assertEqual(self.registry_year.to_report_count, 0)
        with self.assertRaises(UserError):
            self.send_up()
        self.received[0]._lock("2026-06-30 00:00:00")
        submission = self.send_up()
        self.assertEqual(submission.line_ids.registry_record_id, self.received[0])
        self.answer(submission, more={"trang_thai_chot": 1, "ngay_hieu_luc": "2026-07-11T00:00:00+07:00"})
        self.assertEqual(self.received[0].upper_state, "locked")
        self.assertEqual(str(self.received[0].effective_on), "2026-06-30 00:00:00")
        self.assertFalse(submission._next_action())

    def test_a_refusal_as_a_whole_judges_nothing(self):
        submission = self.send_up()
        submission.sudo()._settle_query(QueryAnswer.parse({"Error": "24", "ErrorDescription": "Chữ ký", "data": []}))
        self.assertEqual(submission.state, "refused")
        self.assertEqual(set(self.received.mapped("upper_state")), {False})
        self.assertEqual(len(self.send_up().line_ids), len(self.received))

    def test_a_trial_counts_for_nothing(self):
        self.env["hocba.endpoint"].search([("company_id", "=", self.company.id)]).environment = "sandbox"
        submission = self.send_up()
        self.assertTrue(submission.trial)
        self.answer(submission)
        self.assertEqual(set(self.received.mapped("upper_state")), {False})

    def test_a_recall_of_what_the_ministry_holds_is_decided_there(self):
        self.answer(self.send_up())
        request = self.recall(self.received[0])
        request.with_user(self.officer).action_approve()
        self.assertEqual((request.state, request._row()["trang_thai"]), ("upward", 1))
        self.assertEqual(self.received[0].state, "accepted")
        with self.assertRaises(UserError):
            request.with_user(self.officer).action_refuse("Không")
        submission = self.upward._queue_recalls(request.with_user(self.reporter), PIN)
        (entry,) = parse_recalls(decode_content(submission._payload_text()))
        self.assertEqual((entry.uuid, entry.reason), (self.received[0].uuid, "Sai điểm"))
        with self.assertRaises(UserError):
            self.upward._queue_recalls(request.with_user(self.reporter), PIN)
        self.env["hocba.registry.closing"]._close(self.registry_year, self.unit)
        self.assertEqual(self.received[0].state, "accepted", "a closing waits for the ministry's word")
        self.decide(submission, 1)
        self.assertEqual(request.state, "upward")
        self.decide(submission, 2)
        self.assertEqual((request.state, request._row()["trang_thai"]), ("approved", 2))
        self.assertEqual((self.received[0].state, self.received[0].upper_state), ("recalled", "recalled"))

    def test_the_ministrys_refusal_is_passed_down(self):
        self.answer(self.send_up())
        request = self.recall(self.received[0])
        request.with_user(self.officer).action_approve()
        submission = self.upward._queue_recalls(request.with_user(self.reporter), PIN)
        self.decide(submission, 3)
        self.assertEqual((request.state, self.received[0].state), ("refused", "accepted"))
        self.assertIn("Không đủ căn cứ", request._row()["error_description"])

    def test_a_recall_refused_for_its_form_can_be_sent_again(self):
        self.answer(self.send_up())
        request = self.recall(self.received[0])
        request.with_user(self.officer).action_approve()
        submission = self.upward._queue_recalls(request.with_user(self.reporter), PIN)
        submission.sudo()._settle_query(RecallAnswer.parse({"Error": "24", "ErrorDescription": "Chữ ký", "data": []}))
        self.assertEqual((request.state, request.upward_id), ("upward", self.env["hocba.submission"]))
        self.assertTrue(self.upward._queue_recalls(request.with_user(self.reporter), PIN))

    def test_an_amendment_of_what_the_ministry_holds_is_decided_there(self):
        self.answer(self.send_up())
        record = self.received[0]
        self.received._lock("2026-06-30 00:00:00")
        scan = b"%PDF-1.7 bien ban"
        request = self.recall(
            record,
            amendment=True,
            changes="Toán: 6 thay cho 9",
            evidence=base64.b64encode(scan),
            evidence_name="bb.pdf",
            evidence_digest=hashlib.sha256(scan).hexdigest(),
        )
        request.with_user(self.officer).action_approve()
        self.assertEqual((request.state, request._row()["trang_thai"]), ("upward", 1))
        submission = self.upward._queue_recalls(request.with_user(self.reporter), PIN)
        (entry,) = parse_recalls(decode_content(submission._payload_text()))
        self.assertEqual((entry.uuid, entry.request, entry.evidence), (record.uuid, AMENDMENT, scan))
        self.assertEqual((entry.changes, entry.evidence_name), ("Toán: 6 thay cho 9", "bb.pdf"))
        self.assertFalse(request._granted(self.unit, self.registry_year, [record.pupil_code]))
        self.decide(submission, 2)
        self.assertEqual((request.state, record.state, record.upper_state), ("approved", "locked", "accepted"))
        self.assertTrue(request._granted(self.unit, self.registry_year, [record.pupil_code]))

    def test_what_is_being_amended_is_not_reported_ahead_of_the_new_record(self):
        self.received._lock("2026-06-30 00:00:00")
        request = self.recall(self.received[0], amendment=True, changes="Toán: 6 thay cho 9")
        request.with_user(self.officer).action_approve()
        self.assertEqual(request.state, "approved", "the ministry does not hold it")
        self.assertEqual(self.registry_year.to_report_count, len(self.received) - 1)

    def test_a_record_on_its_way_is_not_recalled(self):
        self.send_up()
        request = self.recall(self.received[0])
        with self.assertRaises(UserError):
            request.with_user(self.officer).action_approve()
        self.assertEqual((request.state, self.received[0].state), ("waiting", "accepted"))

    def test_who_reports_is_told_of_the_ministrys_deadline(self):
        self.registry_year.write({"report_deadline": "2026-07-10", "report_deadline_summer": "2026-08-25"})

        def watch(moment):
            with freeze_time(moment):
                self.env["hocba.registry.year"]._cron_report_deadlines()
            return self.registry_year.activity_ids

        with patch.object(self.env.registry["ir.cron"], "_commit_progress", lambda *_a, **_k: float("inf")):
            self.assertFalse(watch("2026-06-20 02:00:00"), "19 days left")
            told = watch("2026-07-02 02:00:00")
            self.assertEqual((told.user_id, str(told.date_deadline)), (self.reporter, "2026-07-09"))
            self.assertIn("2", told.summary)
            self.assertEqual(watch("2026-07-03 02:00:00"), told, "one activity, brought up to date")
            submission = self.send_up()
            self.assertIn("10/07/2026", watch("2026-07-12 02:00:00").summary, "overdue, and the next one is far")
            self.assertIn("25/08/2026", watch("2026-08-20 02:00:00").summary)
            self.answer(submission)
            with freeze_time("2026-08-20 03:00:00"):
                self.env["hocba.deadline.alert"]._cron_close()
        self.assertFalse(self.registry_year.activity_ids)

    def test_who_may_report(self):
        year = self.registry_year
        with self.assertRaises(AccessError):
            self.env["hocba.registry.upward"].with_user(self.officer)._queue_records(year, PIN)
        with self.assertRaises(AccessError):
            self.env["hocba.registry.upward.wizard"].with_user(self.officer).create({"year_id": year.id})
        self.reporter.hocba_scope = "bodies"
        with self.assertRaises(AccessError):
            self.send_up()
        self.reporter.hocba_scope = "all"
        self.env["ir.config_parameter"].set_param("hocba_registry.level", "bo")
        with self.assertRaises(UserError):
            self.send_up()

    def test_at_the_ministry_departments_report(self):
        model = self.env["hocba.registry.record"].with_user(self.officer)
        names = ["unit_id", "school_name"]

        def labels():
            found = model.fields_get(names, ["string"])
            return [found[name]["string"] for name in names], model.get_view(view_type="search")["arch"]

        strings, arch = labels()
        self.assertEqual((strings[0], 'string="Department"' in arch), ("School", False))
        self.env["ir.config_parameter"].set_param("hocba_registry.level", "bo")
        strings, arch = labels()
        self.assertEqual(strings, ["Department", "Name of the school"])
        self.assertIn('string="Department"', arch)

    def test_the_dialog(self):
        wizard = self.env["hocba.registry.upward.wizard"].with_user(self.reporter)
        dialog = wizard.create({"year_id": self.registry_year.id})
        self.assertEqual(dialog.waiting_count, len(self.received))
        with self.assertRaises(UserError):
            dialog.action_report()
        dialog.pin = PIN
        action = dialog.action_report()
        self.assertEqual(self.env["hocba.submission"].search_count(action["domain"]), 1)
        self.assertEqual(self.registry_year.to_report_count, 0)
        found = dialog.submission_ids.action_open_records()
        self.assertEqual(self.env[found["res_model"]].search(found["domain"]), self.received)

    def test_the_ministry_takes_records_of_the_departments_schools_only(self):
        self.env["ir.config_parameter"].set_param("hocba_registry.level", "bo")
        self.received.filtered(lambda record: record.state == "accepted")._in_transition().write({"state": "recalled"})
        _records, packets = self.sealed_packets(self.class5, 1)
        _transaction, answer = self.report(packets, str(uuid.uuid4()))
        self.assertEqual([verdict.error for verdict in answer.verdicts], ["33"])
        data = self.profile.parse(packets[0]).data
        self.env.cr.execute(
            "UPDATE hocba_registry_unit SET code = %s WHERE id = %s", [data.authority_code, self.unit.id]
        )
        self.env.invalidate_all()
        transaction = self.env["hocba.registry.transaction"].search([], order="id desc", limit=1)
        self.assertTrue(transaction._may_report(data))
        self.assertIsNone(transaction._record_seals({"x"}))
        self.assertEqual(transaction._columns_of(data)["school_name"], self.company.name)
