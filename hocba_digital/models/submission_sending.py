"""One step of a transaction: nothing is lost, nothing is doubled (design §7).

Every step claims the row in a transaction of its own, calls the gateway with no business row open, and stores the
answer in another transaction. The claim is a lease that outlasts the call: the client gives up first. A step that dies
in between leaves a lease that runs out; what it may have sent is then asked for by ``messageid``, never sent blindly
again. Whoever comes back after the lease finds another attempt in its place and changes nothing.

All times are the database's: nodes whose clocks differ judge a lease the same way.
"""

import logging
import random
import time
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..core.gateway import GatewayClient, GatewayError, after_try

_logger = logging.getLogger(__name__)

#: A lease is longer than the call by what claiming and storing may take on a busy database.
LEASE_MARGIN = timedelta(seconds=60)
#: A call that could not take even this long is not begun (seconds).
SHORTEST_CALL = 5
#: A person is told when a transaction could not even be called for so often.
_TELL_AFTER = 3
#: How often a short transaction is tried again when another one was at the same rows.
_TRIES = 12


@dataclass(frozen=True, slots=True)
class Claim:
    """One call that is about to be made, with everything it needs outside the database."""

    submission_id: int
    attempt_id: int
    action: str
    client: GatewayClient
    kind: str
    messageid: str
    school_year: str
    payload: str | None
    extra: tuple

    def perform(self):
        """The call itself: an answer, or the GatewayError that stands for its outcome. Touches no database."""
        try:
            with self.client as client:
                if self.action == "send":
                    return client.deliver(self.kind, self.messageid, self.school_year, self.payload, self.extra)
                return client.ask(str(int(self.kind) + 1), self.messageid, self.school_year)
        except GatewayError as error:
            return error


class SubmissionSending(models.Model):
    _inherit = "hocba.submission"

    attempt_id = fields.Many2one("hocba.submission.attempt", "Attempt under way", readonly=True)
    lease_until = fields.Datetime("Being worked on until", readonly=True, index="btree_not_null")
    failures = fields.Integer("Failures in a row", readonly=True, default=0)
    held = fields.Boolean("On hold", readonly=True, tracking=True)

    @api.model
    def _now(self):
        """The database's time of this transaction, naive UTC."""
        return self.env.cr.now().replace(microsecond=0)

    @api.model
    def _open_states(self):
        """States in which the schedule has something to do."""
        return ("queued", "sending", "unknown", "received")

    def _in_own_transaction(self, method, *args):
        """Run a method of these rows in a transaction committed at its end; again when others got in between."""
        for tried in range(_TRIES):
            try:
                return self._in_one_transaction(method, *args)
            except (LockError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                time.sleep(random.uniform(0, min(0.02 * 2**tried, 1)))
        return self._in_one_transaction(method, *args)

    def _in_one_transaction(self, method, *args):
        with self.env.registry.cursor() as cr:
            # The schedule has no language; what it writes into the discussion is read by the school.
            context = {"lang": "vi_VN", **self.env.context}
            env = api.Environment(cr, self.env.uid, context, su=True)
            return getattr(env[self._name].browse(self.ids), method)(*args)

    def _claim(self, force=False, seconds=None):
        """Take the row and write down what is about to happen; the caller commits before it calls.

        ``force``: a person asks, so it need not be due. ``seconds``: what is left to this worker. Returns (Claim, None)
        or (None, why not): busy, leased, held, not_due, nothing, window, late, wrong, or what ``_admit`` of the
        endpoint says.
        """
        self.ensure_one()
        if not self.try_lock_for_update(allow_referencing=True):
            return None, "busy"
        now = self._now()
        if self.lease_until and self.lease_until > now:
            return None, "leased"
        if self.attempt_id or self.state == "sending":
            self._mark_lost()
        if self.held:
            return None, "held"
        if not force and not (self.next_try_at and self.next_try_at <= now):
            return None, "not_due"
        action = self._next_action()
        if not action:
            return None, "nothing"
        return self._begin(action, now, force, seconds)

    def _begin(self, action, now, force, seconds):
        if action == "send" and not force and not self._in_window(now):
            return None, "window"
        try:
            client = self.endpoint_id._client()
            values = self._call_values(action)
        except UserError as error:
            self.write({"error": str(error), "advice": False, "failures": self.failures + 1})
            self.next_try_at = now + timedelta(seconds=after_try(self.failures))
            if self.failures == _TELL_AFTER:
                self._ask_for_help(self.env._("A transaction cannot be sent"), str(error))
            return None, "wrong"
        budget = client.endpoint.longest_step(len(values["payload"] or ""))
        if seconds is not None:
            budget = min(budget, seconds)
        if budget < SHORTEST_CALL:
            return None, "late"
        lease_until = now + timedelta(seconds=budget) + LEASE_MARGIN
        refusal = self.endpoint_id._admit(now, lease_until, force)
        if refusal:
            return None, refusal
        attempt = self.env["hocba.submission.attempt"].create(
            {"submission_id": self.id, "action": action, "started_at": now}
        )
        self.write(
            {
                "attempt_id": attempt.id,
                "lease_until": lease_until,
                "next_try_at": lease_until,
                "tries": self.tries + 1,
                **({"state": "sending"} if action == "send" else {}),
            }
        )
        return Claim(self.id, attempt.id, action, client.within(budget), **values), None

    def _in_window(self, now):
        """Whether the department takes reports at this time; answers are asked for at any time."""
        opens = self.endpoint_id._window_opens_at(now)
        if opens > now:
            self.next_try_at = opens
            self.env.ref("hocba_digital.cron_send")._trigger(opens)
        return opens <= now

    def _call_values(self, action):
        """What goes over the wire, read before the row is let go of. Raises UserError when it must not go."""
        send = action == "send"
        return {
            "kind": self.kind,
            "messageid": self.messageid,
            "school_year": self.school_year_id.name,
            "payload": self._payload_text() if send else None,
            "extra": tuple(self._extra_parameters()) if send else (),
        }

    def _extra_parameters(self):
        """Parameters beside the usual ones; only registrations have any."""
        return ()

    def _mark_lost(self):
        """A call was under way when its process died: what it did is unknown."""
        self.attempt_ids.filtered(lambda attempt: not attempt.outcome).write({"outcome": "lost", "reached": True})
        values = {"attempt_id": False, "lease_until": False, "next_try_at": self._now()}
        self.write({**values, "state": "unknown"} if self.state == "sending" else values)

    def _next_action(self):
        if self.state == "queued":
            return "send"
        if self.state in ("unknown", "received"):
            return "query"
        if self._may_be_closed():
            return "query"
        return None

    def _may_be_closed(self):
        """Whether records of this report are in force and the department may have closed the year since."""
        return self.kind == "1" and self.state in ("accepted", "partly") and self.line_ids._awaits_closing()

    def _settle(self, attempt_id, outcome):
        """Store what a call ended in, and what follows from it."""
        self.lock_for_update(allow_referencing=True)
        attempt = self.env["hocba.submission.attempt"].browse(attempt_id)
        now = self._now()
        if self.attempt_id != attempt:
            attempt.write({"ended_at": now, "message": self._late_text(outcome)})
            return
        failed = isinstance(outcome, GatewayError)
        attempt.write(
            {
                "ended_at": now,
                "outcome": outcome.kind if failed else "ok",
                "reached": outcome.maybe_received if failed else True,
                "code": outcome.code,
                "message": outcome.message if failed else outcome.description,
            }
        )
        self.write({"lease_until": False, "attempt_id": False})
        if failed:
            self.endpoint_id._note_failure(outcome, now)
            self._settle_error(attempt.action, outcome)
            return
        self.endpoint_id._note_answer()
        self.failures = 0
        if attempt.action == "send":
            self._settle_sent(outcome)
        else:
            self._settle_query(outcome)

    def _late_text(self, outcome):
        text = outcome.message if isinstance(outcome, GatewayError) else outcome.description
        return self.env._("Came after the time allowed for it and was left aside: %(answer)s", answer=text)

    def _settle_broken(self, attempt_id, error):
        """The answer could not be stored: it is as good as lost, and asked for again later."""
        self.lock_for_update(allow_referencing=True)
        if self.attempt_id.id != attempt_id:
            return
        self._mark_lost()
        self._fail(self.env._("The answer could not be stored: %(error)s", error=error))

    def _fail(self, error, advice=False, pause=None):
        """Note a failure that passes by itself; the next try is later each time. ``pause``: seconds, where known."""
        failures = self.failures + 1
        self.write({"error": error, "advice": advice, "failures": failures})
        self._wait(self.state, pause or after_try(failures))

    def _settle_error(self, action, error):
        """Four kinds of error (design §7). Only what certainly did not arrive goes again without a question."""
        if action == "send":
            if error.kind == "data":
                self._settle_refusal(error.code, error.message)
                return
            self.state = "unknown" if error.maybe_received else "queued"
        # Whether the gateway lets anybody in is the breaker's business: the transaction stays due behind it.
        pause = 1 if error.kind == "authorisation" else error.retry_after
        self._fail(error.message, error.advice, pause)

    def _wait(self, state, seconds):
        when = self._now() + timedelta(seconds=seconds)
        self.write({"state": state, "next_try_at": when})
        self.env.ref("hocba_digital.cron_send")._trigger(when)

    def _ask_for_help(self, summary, note=""):
        """An activity for the clerk who queued the transaction; one at a time for the same reason."""
        if summary not in self.activity_ids.mapped("summary"):
            self.activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, note=note, user_id=self.create_uid.id
            )
