from datetime import timedelta

from odoo.tests import tagged

from ..core.gateway import GatewayError, QueryAnswer
from .test_submission_engine import DOWN, MINUTE, EngineCase

REFUSED = GatewayError("authorisation", "10", "Sai tài khoản hoặc mật khẩu")


@tagged("post_install", "-at_install")
class TestEndpointBreaker(EngineCase):
    """A gateway that does not answer is probed, not stormed; all workers see the same."""

    def open(self, submission):
        for _failure in range(3):
            self.step(submission, DOWN)
        self.assertEqual(self.endpoint.breaker_state, "open")

    def test_three_failures_open_it_and_one_probe_goes_through(self):
        first, second = self.queue(1), self.queue(1, self.class2)
        self.open(first)
        self.assertEqual(second._claim(), (None, "open"))
        self.assertNotIn(second, second.search(second._due_domain()))
        self.moment = self.endpoint.breaker_until
        self.assertIn(second, second.search(second._due_domain()))
        probe, _reason = second._claim()
        self.assertEqual((probe.action, self.endpoint.breaker_state), ("send", "half_open"))
        first.next_try_at = self.moment
        for force in (False, True):
            self.assertEqual(first._claim(force), (None, "open"), "one probe at a time, whoever asks")
        second._settle(probe.attempt_id, self.received(second))
        self.assertEqual((self.endpoint.breaker_state, self.endpoint.breaker_failures), ("closed", 0))
        self.assertEqual(first.next_try_at, self.moment, "what waited goes at once")

    def test_a_probe_that_fails_waits_longer(self):
        submission = self.queue(1)
        self.open(submission)
        pauses = []
        for _probe in range(12):
            self.moment = self.endpoint.breaker_until
            self.step(submission, DOWN)
            pauses.append(self.endpoint.breaker_until - self.moment)
        self.assertLess(pauses[0], pauses[3])
        self.assertLessEqual(max(pauses), timedelta(seconds=7500))

    def test_a_probe_whose_worker_died_leaves_room_for_the_next(self):
        submission = self.queue(1)
        self.open(submission)
        self.moment = self.endpoint.breaker_until
        submission._claim(True)
        self.assertEqual(self.endpoint.breaker_state, "half_open")
        self.assertGreater(self.endpoint.breaker_until, self.moment + 2 * MINUTE - timedelta(seconds=1))
        self.moment = max(submission.lease_until, self.endpoint.breaker_until)
        self.assertEqual(self.step(submission, QueryAnswer("01", ""), force=False), "query")
        self.assertEqual(self.endpoint.breaker_state, "closed")

    def test_a_person_may_probe_before_the_time(self):
        submission = self.queue(1)
        self.open(submission)
        self.assertEqual(self.step(submission, self.received(submission)), "send")
        self.assertEqual(self.endpoint.breaker_state, "closed")

    def test_the_gateways_own_pause_holds_for_everybody(self):
        first, second = self.queue(1), self.queue(1, self.class2)
        self.step(first, GatewayError("receiver", "429", "bận", retry_after=120))
        self.assertEqual((self.endpoint.breaker_state, first.state), ("closed", "queued"))
        self.assertEqual(first.next_try_at, self.moment + 2 * MINUTE)
        self.assertEqual(second._claim(True), (None, "quiet"))
        self.moment += 2 * MINUTE
        self.assertEqual(self.step(second, self.received(second)), "send")

    def test_calls_at_the_same_time_are_limited(self):
        self.endpoint.batch_records = 1
        submissions = self.queue(3)
        claims = [submission._claim() for submission in submissions]
        self.assertEqual([reason for _claim, reason in claims], [None, None, "full"])
        self.assertEqual(self.endpoint.calls_under_way, 2)
        submissions[0]._settle(claims[0][0].attempt_id, self.received(submissions[0]))
        self.assertTrue(submissions[2]._claim()[0])

    def test_a_refused_account_stops_at_once_and_asks_for_help_once(self):
        submission = self.queue(1)
        self.step(submission, REFUSED)
        self.assertEqual((submission.state, self.endpoint.breaker_state), ("queued", "open"))
        self.assertTrue(submission.error and submission.advice and submission.wait_reason)
        self.assertGreaterEqual(self.endpoint.breaker_until - self.moment, 15 * MINUTE)
        self.moment = self.endpoint.breaker_until
        self.step(submission, REFUSED)
        self.assertEqual(len(self.endpoint.activity_ids), 1)
        self.assertEqual(self.endpoint.activity_ids.user_id, self.school_admin)
        self.endpoint.with_user(self.school_admin).write({"password": "the right one"})
        self.assertEqual(self.endpoint.breaker_state, "closed")
        self.assertFalse(self.endpoint.activity_ids)
        self.assertEqual(self.step(submission, self.received(submission), force=False), "send")

    def test_a_transaction_that_always_fails_does_not_hold_up_the_others(self):
        poison, good = self.queue(1), self.queue(1, self.class2)
        self.open(poison)
        self.moment = max(self.endpoint.breaker_until, poison.next_try_at)
        due = good.search(good._due_domain(), order="failures, next_try_at, id")
        self.assertEqual(due[0], good, "the probe is the one that has not failed yet")

    def test_this_machine_being_slow_says_nothing_of_the_gateway(self):
        submission = self.queue(1)
        for _late in range(4):
            self.step(submission, GatewayError("transport", "LATE", "bận"))
        self.assertEqual((self.endpoint.breaker_state, submission.state), ("closed", "queued"))
