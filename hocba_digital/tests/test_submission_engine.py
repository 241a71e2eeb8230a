from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..core.gateway import Answer, GatewayError, QueryAnswer
from .common import PIN, SchoolCase

MINUTE = timedelta(minutes=1)


class EngineCase(SchoolCase):
    """A school with a gateway and a clock of its own; the calls themselves are what each test says they ended in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls.endpoint = cls._endpoint()

    def setUp(self):
        super().setUp()
        self.moment = self.env.cr.now().replace(microsecond=0)
        engine = type(self.env["hocba.submission"])
        self.startPatcher(patch.object(engine, "_now", lambda _self: self.moment))

    def queue(self, pupils=2, school_class=None):
        """A transaction of freshly signed records."""
        records = self.sign_all(self._records(school_class or self.class5, pupils))
        return self.env["hocba.submission"].with_user(self.clerk)._queue(records.with_user(self.clerk), PIN).sudo()

    def step(self, submission, outcome, force=True):
        """Claim, end the call in ``outcome``, settle. Returns the action that was taken."""
        claim, reason = submission._claim(force)
        self.assertTrue(claim, reason)
        submission._settle(claim.attempt_id, outcome)
        return claim.action

    def received(self, submission, code="00", digest=""):
        """The receiver's answer to a report."""
        return Answer(submission.messageid, code, "…", digest)

    def verdicts(self, submission, *states, **changes):
        """The receiver's answer to a query: a state for each record, 1 accepted, 0 refused."""
        rows = [
            {
                "ma_tra_cuu_uuid": line.uuid,
                "trang_thai": state,
                "digest": line.packet_digest,
                "error": "00" if state else "31",
                "error_field_title": "" if state else "Signature",
                **changes,
            }
            for line, state in zip(submission.line_ids, states, strict=True)
        ]
        return QueryAnswer.parse({"Error": "00", "data": rows})


LOST = GatewayError("transport", "ANSWER", "không trả lời kịp", maybe_received=True)
DOWN = GatewayError("transport", "CONNECT", "không nhận kết nối")
NEVER_SEEN = QueryAnswer("04", "")


@tagged("post_install", "-at_install")
class TestSubmissionEngine(EngineCase):
    """Nothing is lost, nothing is doubled, whatever a call ends in."""

    def test_the_lease_outlasts_the_longest_call(self):
        submission = self.queue()
        self.endpoint.timeout = 600
        claim, _reason = submission._claim()
        longest = claim.client.endpoint.longest_step(len(claim.payload))
        self.assertGreater((submission.lease_until - self.moment).total_seconds(), longest)
        self.assertGreater(longest, 1200)

    def test_a_lease_holds_for_the_schedule_and_for_people(self):
        submission = self.queue()
        claim, _reason = submission._claim()
        for force in (False, True):
            self.assertEqual(submission._claim(force), (None, "leased"))
        with self.assertRaises(UserError):
            submission.with_user(self.clerk).action_hold()
        submission._settle(claim.attempt_id, self.received(submission))
        self.assertEqual(submission.state, "received")
        self.assertFalse(submission.lease_until or submission.attempt_id)

    def test_a_worker_that_died_is_asked_after(self):
        submission = self.queue()
        submission._claim()
        self.moment = submission.lease_until
        claim, _reason = submission._claim()
        self.assertEqual((claim.action, submission.state), ("query", "unknown"))
        self.assertEqual(submission.attempt_ids.sorted("id").mapped("outcome"), ["lost", False])

    def test_who_comes_back_after_the_lease_changes_nothing(self):
        submission = self.queue()
        late, _reason = submission._claim()
        self.moment = submission.lease_until
        claim, _reason = submission._claim()
        submission._settle(late.attempt_id, self.received(submission))
        self.assertEqual((submission.state, submission.attempt_id.id), ("unknown", claim.attempt_id))
        attempt = self.env["hocba.submission.attempt"].browse(late.attempt_id)
        self.assertEqual(attempt.outcome, "lost")
        self.assertTrue(attempt.message)

    def test_the_same_bytes_go_again_after_two_denials_some_minutes_apart(self):
        submission = self.queue()
        self.step(submission, LOST)
        self.assertEqual(submission.state, "unknown")
        for _again in range(3):
            self.assertEqual(self.step(submission, NEVER_SEEN), "query")
        self.assertEqual(submission.state, "unknown", "denials in one minute are one denial")
        self.moment += 4 * MINUTE
        self.step(submission, NEVER_SEEN)
        self.assertEqual(submission.state, "queued")
        claim, _reason = submission._claim(True)
        self.assertEqual((claim.action, claim.payload), ("send", submission._payload_text()))

    def test_a_denial_between_two_other_answers_does_not_count(self):
        submission = self.queue()
        self.step(submission, LOST)
        self.step(submission, NEVER_SEEN)
        self.step(submission, QueryAnswer("01", ""))
        self.moment += 4 * MINUTE
        self.step(submission, NEVER_SEEN)
        self.assertEqual(submission.state, "unknown")

    def test_pauses_grow_and_have_an_end(self):
        submission = self.queue()
        pauses = []
        for _failure in range(14):
            self.endpoint._close()
            self.step(submission, DOWN)
            pauses.append((submission.next_try_at - self.moment).total_seconds())
        self.assertLess(pauses[0], 30)
        self.assertLess(pauses[2], pauses[5])
        self.assertLessEqual(max(pauses), 3600 * 1.25)
        self.assertEqual(submission.state, "queued")

    def test_half_a_batch_is_refused(self):
        submission = self.queue()
        self.step(submission, self.received(submission))
        self.step(submission, self.verdicts(submission, 1, 0))
        good, bad = submission.line_ids
        self.assertEqual(
            (submission.state, good.record_id.state, bad.record_id.state), ("partly", "submitted", "signed")
        )
        self.assertEqual((bad.error_field, bad.record_id.waiting_for), ("Signature", "sending"))
        self.assertTrue(bad.record_id.refusal or bad.error_code)

    def test_an_answer_that_says_two_things_says_nothing(self):
        submission = self.queue(1)
        self.step(submission, self.received(submission))
        twice = self.verdicts(submission, 1).verdicts + self.verdicts(submission, 0).verdicts
        self.step(submission, QueryAnswer("00", "", twice))
        self.assertEqual((submission.state, submission.line_ids.verdict), ("received", "pending"))

    def test_other_bytes_are_believed_when_said_twice(self):
        submission = self.queue()
        other = "0" * 64
        self.step(submission, self.received(submission, digest=other))
        self.assertEqual(submission.state, "unknown", "the receiver is asked before anything is concluded")
        self.step(submission, self.verdicts(submission, 1, 1, digest=other))
        self.assertEqual((submission.state, set(submission.line_ids.mapped("verdict"))), ("received", {"pending"}))
        self.moment += 4 * MINUTE
        self.step(submission, self.verdicts(submission, 1, 1, digest=other))
        self.assertEqual((submission.state, set(submission.line_ids.mapped("verdict"))), ("failed", {"conflict"}))
        self.assertTrue(submission.advice and submission.activity_ids)
        self.assertEqual(set(submission.line_ids.record_id.mapped("waiting_for")), {"department"}, "never sent anew")
        submission.with_user(self.clerk).action_retry()
        self.assertEqual(self.step(submission, self.verdicts(submission, 1, 1)), "query")
        self.assertEqual(submission.state, "accepted", "the department put it right")

    def test_one_wrong_digest_heals(self):
        submission = self.queue()
        self.step(submission, self.received(submission, digest="0" * 64))
        self.step(submission, self.verdicts(submission, 1, 1))
        self.assertEqual(submission.state, "accepted")

    def test_a_messageid_with_other_content_stops(self):
        submission = self.queue()
        self.step(submission, self.received(submission, "25"))
        self.assertEqual((submission.state, set(submission.line_ids.mapped("verdict"))), ("failed", {"conflict"}))

    def test_what_was_accepted_is_not_taken_back_by_a_later_answer(self):
        submission = self.queue()
        self.step(submission, self.received(submission))
        self.step(submission, self.verdicts(submission, 1, 1))
        self.step(submission, QueryAnswer("24", "x"))
        self.assertEqual((submission.state, set(submission.line_ids.mapped("verdict"))), ("accepted", {"accepted"}))

    def test_a_transaction_too_large_for_the_gateway_frees_its_records(self):
        submission = self.queue()
        self.step(submission, GatewayError("data", "21", "Dung lượng"))
        self.assertEqual(submission.state, "refused")
        self.assertIn("Giảm số học bạ", submission.advice)
        self.assertEqual(set(submission.line_ids.record_id.mapped("waiting_for")), {"sending"})

    def test_an_answer_that_cannot_be_stored_is_asked_for_again(self):
        submission = self.queue()
        claim, _reason = submission._claim()
        submission._settle_broken(claim.attempt_id, "ValueError: x")
        self.assertEqual(submission.state, "unknown")
        self.assertGreater(submission.next_try_at, self.moment)
        self.assertFalse(submission.lease_until)

    def test_hold_and_release(self):
        submission = self.queue()
        with self.assertRaises(AccessError):
            submission.with_user(self.head).action_hold()
        submission.with_user(self.clerk).action_hold()
        self.assertEqual(submission._claim(True), (None, "held"))
        self.assertTrue(submission.with_user(self.clerk).wait_reason)
        self.assertNotIn(submission, submission.search(submission._due_domain()))
        submission.with_user(self.clerk).action_release()
        self.assertIn(submission, submission.search(submission._due_domain()))

    def test_what_fell_out_of_the_schedule_is_found(self):
        submission = self.queue()
        submission.next_try_at = False
        self.assertNotIn(submission, submission.search(submission._due_domain()))
        submission._sweep()
        self.assertIn(submission, submission.search(submission._due_domain()))

    def test_a_damaged_record_does_not_hold_up_the_others(self):
        records = self.sign_all(self._records(self.class5, 3))
        bad = records[1]
        self.env.flush_all()
        self.env.cr.execute("UPDATE hocba_record SET packet_digest = %s WHERE id = %s", ["0" * 64, bad.id])
        self.env.invalidate_all()
        submission = self.env["hocba.submission"].with_user(self.clerk)._queue(records.with_user(self.clerk), PIN)
        self.assertEqual(submission.line_ids.record_id, records - bad)
        self.assertEqual(bad.activity_ids.user_id, self.clerk)

    def test_the_closing_is_asked_for_on_the_same_way(self):
        submission = self.queue()
        self.step(submission, self.received(submission))
        self.step(submission, self.verdicts(submission, 1, 1))
        self.assertNotIn(submission, submission.search(submission._due_domain()))
        self.env["hocba.submission"]._cron_closing()
        self.assertIn(submission, submission.search(submission._due_domain()))
        closed = {"trang_thai_chot": 1, "ngay_hieu_luc": "2026-06-30T17:00:00+07:00"}
        self.assertEqual(self.step(submission, self.verdicts(submission, 1, 1, **closed), force=False), "query")
        self.assertEqual(set(submission.line_ids.record_id.mapped("state")), {"locked"})
        self.env["hocba.submission"]._cron_closing()
        self.assertNotIn(submission, submission.search(submission._due_domain()))

    def test_sealed_and_never_sent_is_brought_to_mind(self):
        self.sign_all(self._records(self.class5, 2))
        self.endpoint._remind_of_unsent(self.moment - timedelta(days=1))
        self.assertFalse(self.endpoint.activity_ids, "not before a day")
        for _twice in range(2):
            self.endpoint._remind_of_unsent(self.moment + MINUTE)
        self.assertEqual(len(self.endpoint.activity_ids), 1)
        self.assertEqual(self.endpoint.activity_ids.user_id, self.clerk)
        submission = self.env["hocba.submission"].with_user(self.clerk)
        submission._queue(self.env["hocba.record"].search([("waiting_for", "=", "sending")]).with_user(self.clerk), PIN)
        self.endpoint._remind_of_unsent(self.moment + MINUTE)
        self.assertFalse(self.endpoint.activity_ids)
