import base64
from datetime import datetime, timedelta

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core.gateway import AcknowledgedRecord, Acknowledgement, Answer, QueryAnswer, build_acknowledgement
from ..core.packet import VIETNAM_TIME
from ..core.signing import Pkcs12Signer, sign_list
from . import pki
from .test_submission_engine import EngineCase


@tagged("post_install", "-at_install")
class TestSubmissionAcknowledgement(EngineCase):
    """The gateway's signed word is kept, verified and compared with the school's own frozen bytes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.department = cls.seal_of("Sở Giáo dục và Đào tạo thành phố Đà Nẵng", "0400100100")

    @classmethod
    def seal_of(cls, name, code, issuer=None):
        issued = pki.issue(issuer or cls.pki["intermediate"], pki.organisation_name(name, code), key=pki.new_key("ec"))
        return Pkcs12Signer(issued.key, issued.certificate)

    def told(self, submission, records=None, **changes):
        """What the gateway says of a transaction; ``records``: (line, accepted, digest) once it has judged."""
        now = datetime.now(VIETNAM_TIME).replace(microsecond=0) - timedelta(minutes=1)
        judged = tuple(
            AcknowledgedRecord(line.uuid, accepted, "00" if accepted else "31", digest)
            for line, accepted, digest in records or ()
        )
        values = {
            "messageid": submission.messageid,
            "unit_code": "48491401",
            "kind": "1",
            "digest": submission.payload_digest,
            "received_at": now,
            "judged_at": now if records else None,
            "records": judged,
        }
        return build_acknowledgement(Acknowledgement(**{**values, **changes}))

    def signed(self, content, signer=None):
        at = datetime.now(VIETNAM_TIME).replace(microsecond=0) - timedelta(minutes=1)
        return sign_list(content, signer or self.department, at=at)

    def receive(self, content, submission=None):
        """A transaction whose delivery is answered with this acknowledgement (a function of it, or bytes)."""
        submission = submission or self.queue()
        content = content(submission) if callable(content) else content
        self.step(submission, Answer(submission.messageid, "00", "…", acknowledgement=content))
        return submission

    def judge(self, submission, content):
        """The verdicts come, all of them favourable, with this acknowledgement."""
        rows = [
            {"ma_tra_cuu_uuid": line.uuid, "trang_thai": 1, "digest": line.packet_digest, "error": "00"}
            for line in submission.line_ids
        ]
        answer = {"Error": "00", "data": rows, "xac_nhan": base64.b64encode(content).decode()}
        self.moment = submission.next_try_at
        self.step(submission, QueryAnswer.parse(answer))

    def honest(self, submission):
        return self.signed(self.told(submission))

    def all_accepted(self, submission):
        return [(line, True, line.packet_digest) for line in submission.line_ids]

    def test_an_acknowledgement_that_agrees_is_kept_once_and_downloads(self):
        submission = self.receive(self.honest)
        self.assertEqual((submission.acknowledgement_finding, submission.activity_ids.ids), ("agrees", []))
        verdicts = self.signed(self.told(submission, self.all_accepted(submission)))
        self.judge(submission, verdicts)
        self.assertEqual(submission.state, "accepted")
        self.assertEqual(submission.acknowledgement_finding, "agrees")
        rows = submission.acknowledgement_ids
        self.assertEqual(rows.mapped("stage"), ["receipt", "verdicts"])
        self.assertEqual(set(rows.mapped("signer")), {"Sở Giáo dục và Đào tạo thành phố Đà Nẵng"})
        submission._keep_acknowledgement(QueryAnswer("00", "", acknowledgement=verdicts))
        self.assertEqual(submission.acknowledgement_ids, rows, "the same word again is one word")
        stored = base64.b64decode(rows[1].with_user(self.clerk).with_context(bin_size=False).content)
        self.assertEqual(stored, verdicts)
        action = submission.with_user(self.clerk).action_download_acknowledgement()
        self.assertEqual(action["type"], "ir.actions.act_url")

    def test_without_acknowledgement_nothing_is_claimed(self):
        submission = self.queue()
        self.step(submission, self.received(submission))
        self.assertEqual((submission.state, submission.acknowledgement_finding), ("received", False))

    def test_an_acknowledgement_of_other_bytes_is_told_to_the_clerk(self):
        submission = self.receive(lambda found: self.signed(self.told(found, digest="0" * 64)))
        self.assertEqual((submission.state, submission.acknowledgement_finding), ("received", "differs"))
        self.assertEqual(submission.activity_ids.user_id, self.clerk)

    def test_a_record_of_which_the_gateway_holds_other_bytes_is_named(self):
        submission = self.receive(self.honest)
        first, second = submission.line_ids
        judged = [(first, True, first.packet_digest), (second, True, "0" * 64)]
        self.judge(submission, self.signed(self.told(submission, judged)))
        self.assertEqual(submission.acknowledgement_finding, "differs")
        self.assertIn(second.record_id.display_name, submission.acknowledgement_detail)
        self.assertNotIn(first.uuid, submission.acknowledgement_detail)
        self.assertTrue(submission.activity_ids)

    def test_an_acknowledged_refusal_against_an_answered_acceptance_differs(self):
        submission = self.receive(self.honest)
        judged = [(line, False, line.packet_digest) for line in submission.line_ids]
        self.judge(submission, self.signed(self.told(submission, judged)))
        self.assertEqual((submission.state, submission.acknowledgement_finding), ("accepted", "differs"))

    def test_a_missing_record_and_the_word_on_another_unit_differ(self):
        submission = self.receive(lambda found: self.signed(self.told(found, unit_code="48491402")))
        self.assertEqual(submission.acknowledgement_finding, "differs")
        self.assertIn("48491402", submission.acknowledgement_detail)
        self.judge(submission, self.signed(self.told(submission, self.all_accepted(submission)[:1])))
        self.assertIn(submission.line_ids[1].uuid, submission.acknowledgement_detail)

    def test_a_forged_acknowledgement_is_found_out(self):
        def forged(submission):
            return self.honest(submission).replace(b"48491401", b"48491409", 1)

        submission = self.receive(forged)
        self.assertEqual((submission.state, submission.acknowledgement_finding), ("received", "forged"))
        self.assertTrue(submission.activity_ids)

    def test_what_is_no_acknowledgement_changes_nothing_of_the_answer(self):
        submission = self.receive(b"<XAC_NHAN/>")
        self.assertEqual((submission.state, submission.acknowledgement_finding), ("received", "forged"))

    def test_a_stranger_s_authority_is_not_verifiable_until_it_is_trusted(self):
        root = pki.authority("Another Root")
        stranger = self.seal_of("Sở khác", "0400100100", root)
        submission = self.receive(lambda found: self.signed(self.told(found), stranger))
        self.assertEqual((submission.acknowledgement_finding, submission.activity_ids.ids), ("unverified", []))
        self.assertTrue(submission.acknowledgement_detail)
        self.env["hocba.trust"].create({"kind": "root", "pem": root.pem().decode()})
        submission.with_user(self.clerk).action_check_acknowledgement()
        self.assertEqual(submission.acknowledgement_finding, "agrees")
        self.assertEqual(submission.acknowledgement_ids.finding, "unverified", "what was found then stays")

    def test_another_organisation_does_not_acknowledge_for_the_gateway(self):
        self.receive(self.honest)
        self.assertEqual(self.endpoint.acknowledger, "0400100100")
        other = self.seal_of("Trường Tiểu học Khác", "0400999999")
        submission = self.receive(
            lambda found: self.signed(self.told(found), other), self.queue(school_class=self.class2)
        )
        self.assertEqual(submission.acknowledgement_finding, "unverified")
        with self.assertRaises(AccessError):
            self.endpoint.with_user(self.clerk).action_forget_acknowledger()
        self.endpoint.with_user(self.school_admin).action_forget_acknowledger()
        submission.with_user(self.clerk).action_check_acknowledgement()
        self.assertEqual(submission.acknowledgement_finding, "agrees")

    def test_what_was_kept_is_never_changed(self):
        rows = self.receive(self.honest).acknowledgement_ids
        for attempt in (lambda: rows.sudo().write({"finding": "agrees"}), rows.sudo().unlink):
            with self.assertRaises(UserError):
                attempt()
        with self.assertRaises(UserError):
            rows.with_user(self.clerk).write({"finding": "agrees"})
        for statement in ("UPDATE %s SET content = NULL", "DELETE FROM %s"):
            with self.assertRaises(psycopg2.Error), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.env.cr.execute(statement % rows._table)
