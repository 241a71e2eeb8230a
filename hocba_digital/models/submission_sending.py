"""Sending and asking: nothing is lost, nothing is doubled (design §7).

Every step claims the row in a transaction of its own, calls the gateway with no business row open,
and stores the answer in another transaction. A step that dies in between leaves a lease that runs
out; what it may have sent is then asked for by ``messageid``, never sent blindly again.
"""

import logging
import random
from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.gateway import GatewayError

_logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
#: The receiver has to say "never seen" this often, this far apart, before the same bytes go again.
NEVER_SEEN_TWICE = 2
NEVER_SEEN_APART = timedelta(minutes=3)
_OPEN = ("queued", "sending", "unknown", "received")


class SubmissionSending(models.Model):
    _inherit = "hocba.submission"

    never_seen_at = fields.Datetime(readonly=True)

    def action_send_now(self):
        """Send, or ask for the answer, without waiting for the schedule."""
        return self._step_now()

    def action_query(self):
        """Ask the gateway what became of these transactions."""
        return self._step_now()

    def _step_now(self):
        self._check_clerk()
        for submission in self:
            submission._step(force=True)
        self.invalidate_recordset()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_retry(self):
        """After the cause was mended: a failed transaction goes back to the queue with the same bytes."""
        self._check_clerk()
        for submission in self.sudo():
            submission.lock_for_update()
            if submission.state != "failed":
                raise UserError(self.env._("Transaction %(id)s has not failed.", id=submission.messageid))
            submission.write(
                {
                    "state": "unknown" if submission._may_have_arrived() else "queued",
                    "next_try_at": fields.Datetime.now(),
                    "error": False,
                    "advice": False,
                }
            )
        self.env.ref("hocba_digital.cron_send")._trigger()

    def _may_have_arrived(self):
        return any(attempt.action == "send" and attempt.outcome in ("receiver", "lost") for attempt in self.attempt_ids)

    def _check_clerk(self):
        self.check_access("read")
        if not self.env.user.has_group("hocba_digital.group_clerk"):
            raise UserError(self.env._("Only the clerk sends to the department."))

    @api.model
    def _cron_send(self):
        """Advance every transaction that is due. Never raises; each step is committed by itself."""
        due = self.sudo().search(self._due_domain(), order="next_try_at, id", limit=200)
        remaining = len(due)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for submission in due:
            try:
                submission._step()
            except Exception:
                _logger.exception("transaction %s: step failed and will be tried again", submission.messageid)
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break
        self._trigger_next()

    def _due_domain(self):
        now = fields.Datetime.now()
        return [
            ("endpoint_id.active", "=", True),
            ("endpoint_id.send_automatically", "=", True),
            ("state", "in", _OPEN),
            ("next_try_at", "<=", now),
            "|",
            ("lease_until", "=", False),
            ("lease_until", "<=", now),
        ]

    def _trigger_next(self):
        waiting = self.sudo().search([("state", "in", _OPEN)], order="next_try_at", limit=1)
        if waiting.next_try_at:
            self.env.ref("hocba_digital.cron_send")._trigger(max(waiting.next_try_at, fields.Datetime.now()))

    @api.model
    def _cron_closing(self):
        """Ask for accepted records that are not locked yet whether the department has closed the year."""
        lines = (
            self.env["hocba.submission.line"]
            .sudo()
            ._read_group([("verdict", "=", "accepted"), ("record_id.state", "=", "submitted")], ["submission_id"])
        )
        remaining = len(lines)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for (submission,) in lines:
            try:
                submission._step(force=True)
            except Exception:
                _logger.exception("transaction %s: asking for the closing failed", submission.messageid)
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break

    def action_check_closing(self):
        """Ask now whether the department has closed the year."""
        return self._step_now()

    # One step: claim, call, settle ------------------------------------------------------------

    def _step(self, force=False):
        """Do the next thing for this transaction. Returns what was done: "send", "query" or None."""
        self.ensure_one()
        claim = self._in_own_transaction("_claim", force)
        if not claim:
            return None
        action, attempt_id, client, payload = claim
        outcome = _call(client, action, self.messageid, self.school_year_id.name, payload)
        self._in_own_transaction("_settle", action, attempt_id, outcome)
        return action

    def _in_own_transaction(self, method, *args):
        with self.env.registry.cursor() as cr:
            # The schedule has no language; what it writes into the discussion is read by the school.
            context = {"lang": "vi_VN", **self.env.context}
            env = api.Environment(cr, self.env.uid, context, su=True)
            return getattr(env[self._name].browse(self.id), method)(*args)

    def _claim(self, force):
        """Take the row and write down what is about to happen; committed before the call."""
        if not self.try_lock_for_update():
            return None
        now = fields.Datetime.now()
        if self.lease_until and self.lease_until > now:
            return None
        if self.state == "sending":
            self._mark_lost()
        if not force and self.next_try_at and self.next_try_at > now:
            return None
        action = self._next_action()
        if not action:
            return None
        try:
            client = self.endpoint_id._client()
            payload = self._payload_text() if action == "send" else None
        except UserError as error:
            self.write({"error": str(error), "next_try_at": now + self._pause()})
            return None
        attempt = self.env["hocba.submission.attempt"].create(
            {"submission_id": self.id, "action": action, "started_at": now}
        )
        values = {"lease_until": now + LEASE, "tries": self.tries + 1}
        if action == "send":
            values["state"] = "sending"
        self.write(values)
        return action, attempt.id, client, payload

    def _mark_lost(self):
        """A call was under way when its process died: what it did is unknown."""
        self.attempt_ids.filtered(lambda attempt: not attempt.outcome).write({"outcome": "lost"})
        self.state = "unknown"

    def _next_action(self):
        if self.state == "queued":
            return "send"
        if self.state in ("unknown", "received"):
            return "query"
        if self.state in ("accepted", "partly") and any(line.record_id.state == "submitted" for line in self.line_ids):
            return "query"
        return None

    def _settle(self, action, attempt_id, outcome):
        """Store the answer and what follows from it."""
        self.lock_for_update()
        attempt = self.env["hocba.submission.attempt"].browse(attempt_id)
        failed = isinstance(outcome, GatewayError)
        attempt.write(
            {
                "ended_at": fields.Datetime.now(),
                "outcome": outcome.kind if failed else "ok",
                "code": outcome.code,
                "message": outcome.message if failed else outcome.description,
            }
        )
        self.lease_until = False
        if failed:
            self._settle_error(action, outcome)
        elif action == "send":
            self._settle_sent(outcome)
        else:
            self._settle_query(outcome)

    def _settle_sent(self, answer):
        if answer.accepted:
            self._wait("received", timedelta(seconds=2))
        else:
            self._refuse_whole(answer.code, answer.description)

    def _refuse_whole(self, code, description):
        """The transaction as a whole was refused: its records were not judged and can be sent anew."""
        self.line_ids.write(
            {
                "verdict": "refused",
                "error_code": code,
                "error_description": description,
                "answered_at": fields.Datetime.now(),
            }
        )
        self.write({"state": "refused", "error": f"{code}: {description}", "next_try_at": False})
        self._ask_for_help(self.env._("The department refused the whole transaction: %(reason)s", reason=description))

    def _settle_error(self, action, error):
        """Four kinds of error (design §7); only those that a person must mend stop the transaction."""
        self.write({"error": error.message, "advice": error.advice})
        pause = self._pause(error.retry_after)
        if action == "send" and error.maybe_received:
            self._wait("unknown", pause)
        elif error.kind in ("authorisation", "data") and action == "send":
            self.write({"state": "failed", "next_try_at": False})
            self._ask_for_help(error.message)
        else:
            self._wait({"sending": "queued"}.get(self.state, self.state), pause)

    def _pause(self, retry_after=None):
        """Capped exponential back-off with jitter; the receiver's own wish wins."""
        if retry_after:
            return timedelta(seconds=retry_after)
        base = min(15 * 2 ** min(self.tries, 10), 3600)
        return timedelta(seconds=base * random.uniform(0.7, 1.3))

    def _wait(self, state, pause):
        when = fields.Datetime.now() + pause
        self.write({"state": state, "next_try_at": when})
        self.env.ref("hocba_digital.cron_send")._trigger(when)

    def _settle_query(self, answer):
        if answer.never_seen:
            self._settle_never_seen()
        elif answer.processing:
            self._wait("received", timedelta(seconds=min(5 * max(self.tries, 1), 300)))
        elif answer.refused:
            self._refuse_whole(answer.code, answer.description)
        else:
            self._settle_verdicts(answer)

    def _settle_never_seen(self):
        """Twice "never seen", some minutes apart: only then the same bytes go again."""
        now = fields.Datetime.now()
        if not self.never_seen_at or now - self.never_seen_at >= NEVER_SEEN_APART:
            self.write({"never_seen": self.never_seen + 1, "never_seen_at": now})
        if self.never_seen >= NEVER_SEEN_TWICE:
            self.write({"never_seen": 0, "never_seen_at": False})
            self._wait("queued", timedelta(0))
        else:
            self._wait("unknown", NEVER_SEEN_APART)

    def _settle_verdicts(self, answer):
        """Verdict per record: the answer must name the UUID that was sent, and the digest where it has one."""
        verdicts = {verdict.uuid: verdict for verdict in answer.verdicts}
        accepted, refused, closings = self.env["hocba.record"], {}, {}
        for line in self.line_ids:
            verdict = verdicts.get(line.uuid)
            if not verdict:
                continue
            if line.verdict == "pending":
                self._judge(line, verdict)
                if line.verdict == "accepted":
                    accepted |= line.record_id
                else:
                    refused[line.record_id.id] = line.error_description
            if line.verdict == "accepted" and verdict.effective_on:
                moment = verdict.effective_on.astimezone(UTC).replace(tzinfo=None)
                closings[moment] = closings.get(moment, self.env["hocba.record"]) | line.record_id
        accepted._accept(self.messageid)
        self.env["hocba.record"].browse(refused)._refuse(refused)
        for effective_on, records in closings.items():
            records._lock(effective_on, self.messageid)
        self._conclude()

    def _judge(self, line, verdict):
        same = not verdict.digest or verdict.digest == line.packet_digest
        accepted = verdict.accepted and same
        line.write(
            {
                "verdict": "accepted" if accepted else "refused",
                "error_code": False if accepted else verdict.error or "DIGEST",
                "error_field": False if accepted else verdict.error_field,
                "error_description": False
                if accepted
                else verdict.error_description
                or self.env._(
                    "The department holds other bytes under this look-up code (digest %(digest)s).",
                    digest=verdict.digest,
                ),
                "answered_at": fields.Datetime.now(),
            }
        )

    def _conclude(self):
        verdicts = set(self.line_ids.mapped("verdict"))
        if "pending" in verdicts:
            self._wait("received", self._pause())
            return
        state = "accepted" if verdicts == {"accepted"} else "refused" if verdicts == {"refused"} else "partly"
        if self.state != state:
            self.write({"state": state, "error": False, "advice": False})
            if state != "accepted":
                self._ask_for_help(self.env._("The department refused %(count)s records.", count=self.refused_count))
        self.next_try_at = False

    def _ask_for_help(self, summary):
        """An activity for the clerk who queued the transaction."""
        self.activity_schedule("mail.mail_activity_data_todo", summary=summary, user_id=self.create_uid.id)


def _call(client, action, messageid, school_year, payload):
    """The call itself: an answer, or the GatewayError that stands for its outcome."""
    try:
        with client:
            if action == "send":
                return client.report(messageid, school_year, payload)
            return client.query_report(messageid)
    except GatewayError as error:
        return error
