import base64
from datetime import datetime

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from ..core.gateway import QueryAnswer
from .common import PIN, SchoolCase


@tagged("post_install", "-at_install")
class TestEndpoint(SchoolCase):
    """Settings of the gateway: what is secret, when the schedule may send, and what a trial is worth."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.endpoint = cls._endpoint(password="mật khẩu")

    def _client_file(self):
        return base64.b64encode(self.pki["head"].pkcs12(PIN))

    # Secrets -------------------------------------------------------------------------------

    def test_secrets_are_written_and_never_read(self):
        secrets = {"password": "khác", "client_file": self._client_file(), "client_file_password": PIN}
        answer = self.endpoint.with_user(self.school_admin).web_save(secrets, {name: {} for name in secrets})
        self.assertFalse(any(answer[0][name] for name in secrets), "what was entered does not come back")
        self.assertTrue(self.endpoint.has_client_key)
        self.assertIn("Nguyễn Thị Minh Hà", self.endpoint.client_text)
        self.assertNotIn("PRIVATE", self.endpoint.sealed_client_key)
        for user in (self.school_admin, self.clerk, self.head):
            endpoint = self.endpoint.with_user(user)
            values = endpoint.read(["password", "client_key", "client_file", "client_file_password"])[0]
            self.assertFalse(any(values[name] for name in values if name != "id"))
            for name in ("sealed_password", "sealed_client_key"):
                with self.assertRaises(AccessError):
                    endpoint.read([name])
                with self.assertRaises(UserError):
                    endpoint.export_data([name])

    def test_client_key_goes_into_the_tls_context_only(self):
        self.endpoint.write({"client_file": self._client_file(), "client_file_password": PIN})
        with self.endpoint._client() as client:
            self.assertIn("PRIVATE", client.endpoint.tls.key)
            self.assertNotIn("PRIVATE", repr(client.endpoint))
        self.endpoint.action_forget_client()
        self.assertFalse(self.endpoint.has_client_key)
        self.assertIsNone(self.endpoint._tls())

    def test_files_that_are_none(self):
        for values in (
            {"client_file": self._client_file(), "client_file_password": "wrong"},
            {"client_file": base64.b64encode(self.pki["head"].pem())},
            {"client_file": base64.b64encode(b"junk")},
            {"authority_file": base64.b64encode(b"junk")},
        ):
            with self.subTest(values=list(values)), self.assertRaises(ValidationError):
                self.endpoint.write(values)

    def test_own_authorities_are_named(self):
        self.endpoint.authority_file = base64.b64encode(self.pki["root"].pem())
        self.assertEqual(len(self.endpoint.authority_text.splitlines()), 1)
        self.assertTrue(self.endpoint._tls().authorities)

    def test_copied_or_neutralised_database_cannot_send(self):
        self.endpoint.write({"client_file": self._client_file(), "client_file_password": PIN})
        self.env["ir.config_parameter"].sudo().set_param("database.uuid", "another-database")
        with self.assertRaisesRegex(UserError, "copied database"):
            self.endpoint._client()
        with self.assertRaisesRegex(UserError, "copied database"):
            self.endpoint._open_secret("client_key")
        self.env.flush_all()
        for query in get_neutralization_queries(["hocba_digital"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(self.endpoint.has_password or self.endpoint.has_client_key or self.endpoint.active)

    def test_only_the_administrator_changes_settings(self):
        self.endpoint.with_user(self.school_admin).parallel = 3
        for user in (self.clerk, self.head, self.auditor, self.homeroom):
            with self.assertRaises(AccessError):
                self.endpoint.with_user(user).parallel = 4

    def test_changed_settings_are_untested(self):
        self.endpoint.write({"test_ok": True, "tested_at": fields.Datetime.now()})
        self.endpoint.parallel = 3
        self.assertTrue(self.endpoint.test_ok)
        self.endpoint.base_url = "http://127.0.0.1:8"
        self.assertFalse(self.endpoint.test_ok or self.endpoint.tested_at)

    # Limits and window ---------------------------------------------------------------------

    def test_limits(self):
        for values in ({"batch_records": 0}, {"batch_megabytes": 9.5}, {"parallel": 9}, {"timeout": 0}):
            with self.subTest(values=values), self.assertRaises(UserError):
                self.endpoint.write(values)
        self.endpoint.batch_megabytes = 0.5
        self.assertEqual(self.endpoint.batch_bytes, 512 * 1024)

    def test_window_over_midnight(self):
        """18:00 to 06:00 in Vietnam, Monday to Friday: a night belongs to the day on which it begins."""
        self.endpoint.write({"limit_window": True, "window_from": 18, "window_to": 6, "sat": False, "sun": False})
        open_at = {
            datetime(2026, 5, 25, 10, 59): datetime(2026, 5, 25, 11, 0),  # Monday, 17:59
            datetime(2026, 5, 25, 11, 0): None,  # 18:00
            datetime(2026, 5, 29, 22, 59): None,  # Friday's night, Saturday 05:59
            datetime(2026, 5, 29, 23, 0): datetime(2026, 6, 1, 11, 0),  # Saturday 06:00: until Monday 18:00
        }
        for now, opens in open_at.items():
            with self.subTest(now=now):
                self.assertEqual(self.endpoint._may_send_now(now), opens is None)
                self.assertEqual(self.endpoint._window_opens_at(now), opens or now)

    def test_no_window_is_always_open(self):
        self.assertTrue(self.endpoint._may_send_now())
        self.assertFalse(self.endpoint.window_text)

    def test_window_that_never_opens(self):
        days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), False)
        for values in (days, {"window_from": 5, "window_to": 5}, {"window_to": 25}):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.endpoint.write({"limit_window": True, **values})

    # Strict comments -----------------------------------------------------------------------

    def test_strict_comments_stand_with_the_homeroom_teachers(self):
        self._certify()
        self.endpoint.strict_comments = True
        record = self._records(self.class2, 1)
        self.sign_as(self.homeroom, record)
        content = record._packet_bytes().decode()
        self.assertNotIn("<NHAN_XET>", content)
        self.assertIn("Tiếng Việt: ", content)

    # Trials --------------------------------------------------------------------------------

    def _queue_trial(self, pupils=2):
        self._certify()
        self.endpoint.environment = "sandbox"
        records = self.sign_all(self._records(self.class2, pupils))
        submission = self.env["hocba.submission"].with_user(self.clerk)._queue(records.with_user(self.clerk), PIN)
        return records, submission.sudo()

    def _answer(self, submission, state=1):
        rows = [
            {"ma_tra_cuu_uuid": line.uuid, "trang_thai": state, "error": "31", "error_description": "sai"}
            for line in submission.line_ids
        ]
        return QueryAnswer.parse({"Error": "00", "data": rows})

    def test_what_a_test_gateway_accepts_is_not_submitted(self):
        records, submission = self._queue_trial()
        self.assertTrue(submission.trial)
        self.assertEqual(set(records.mapped("waiting_for")), {"department"})
        submission._settle_query(self._answer(submission))
        self.assertEqual(submission.state, "accepted")
        self.assertEqual(set(records.mapped("state")), {"signed"})
        self.assertEqual(set(records.mapped("waiting_for")), {"sending"}, "they still have to be sent for real")
        self.assertIsNone(submission._next_action())

    def test_what_a_test_gateway_refuses_can_still_be_reopened(self):
        records, submission = self._queue_trial(1)
        with self.assertRaises(UserError):
            records.with_user(self.head).action_reopen("sửa lại")
        submission._settle_query(self._answer(submission, 0))
        self.assertEqual((submission.state, records.refusal), ("refused", False))
        records.with_user(self.head).action_reopen("sửa lại")
        self.assertEqual(records.state, "draft")

    def test_trial_and_report_are_never_mixed(self):
        records, submission = self._queue_trial(1)
        with self.assertRaises(ValidationError):
            self.endpoint.environment = "production"
        action = self.endpoint.with_user(self.school_admin).action_go_real()
        real = self.env["hocba.endpoint"].browse(action["res_id"])
        self.assertEqual((self.endpoint.active, real.active, real.environment), (False, True, "production"))
        self.assertFalse(real.has_password)
        self.assertEqual((submission.state, records.waiting_for), ("failed", "sending"))
        real.password = "mật khẩu"
        again = self.env["hocba.submission"].with_user(self.clerk)._queue(records.with_user(self.clerk), PIN).sudo()
        self.assertEqual((again.trial, again.endpoint_id), (False, real))
        with self.assertRaisesRegex(UserError, "under way"):
            real.active = False
        again._settle_query(self._answer(again))
        self.assertEqual(records.state, "submitted")
        real.active = False
