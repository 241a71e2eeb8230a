"""What a clerk may do with a transaction: send it now, ask, hold it, let it go on. Leases hold for people too."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .submission_dispatch import Dispatch

#: Seconds in which a click begins calls; what is left goes with the schedule.
_PATIENCE = 20


class SubmissionActions(models.Model):
    _inherit = "hocba.submission"

    wait_reason = fields.Char("Why it waits", compute="_compute_wait_reason")
    is_leased = fields.Boolean("A call is under way", compute="_compute_wait_reason")

    @api.depends("state", "held", "lease_until", "next_try_at", "endpoint_id")
    def _compute_wait_reason(self):
        now = self._now()
        for submission in self:
            submission.is_leased = bool(submission.lease_until and submission.lease_until > now)
            submission.wait_reason = submission.sudo()._wait_reason(now)

    def _wait_reason(self, now):
        if self.held:
            return self.env._("On hold: nobody sends or asks until it is released.")
        if self.state not in self._open_states():
            return False
        if self.lease_until and self.lease_until > now:
            return self.env._("A call is under way.")
        endpoint = self.endpoint_id
        if not endpoint.active or not endpoint.send_automatically:
            return self.env._("Sending on schedule is switched off in the gateway's settings.")
        if endpoint.quiet_until and endpoint.quiet_until > now:
            return self.env._("The gateway asked to wait until %(time)s.", time=self._clock(endpoint.quiet_until))
        if endpoint.breaker_state != "closed":
            return self.env._(
                "The gateway has not been reachable since %(since)s. It is tried again at %(until)s.",
                since=self._clock(endpoint.breaker_since or now),
                until=self._clock(endpoint.breaker_until or now),
            )
        if self.state == "received":
            return self.env._("The department is checking; its verdict is asked for again and again.")
        if self.state == "unknown":
            return self.env._("The gateway is asked first what became of it.")
        return False

    def _clock(self, moment):
        local = fields.Datetime.context_timestamp(self.with_context(tz="Asia/Ho_Chi_Minh"), moment)
        return f"{local:%H:%M %d/%m}"

    def action_send_now(self):
        """Send, or ask for the answer, without waiting for the schedule."""
        return self._step_now()

    def action_query(self):
        """Ask the gateway what became of these transactions."""
        return self._step_now()

    def action_check_closing(self):
        """Ask now whether the department has closed the year."""
        return self._step_now()

    def action_hold(self):
        """Neither send nor ask until released. A call that is under way comes to its end first."""
        self._check_clerk()
        for submission in self.sudo()._locked():
            if submission.lease_until and submission.lease_until > self._now():
                raise UserError(
                    self.env._("A call for %(id)s is under way. Wait for its answer.", id=submission.messageid)
                )
            if submission.state not in self._open_states():
                raise UserError(self.env._("Transaction %(id)s is settled already.", id=submission.messageid))
            submission.held = True

    def action_release(self):
        """Go on with what was on hold."""
        self._check_clerk()
        for submission in self.sudo()._locked():
            submission.write({"held": False, "next_try_at": submission.next_try_at or self._now()})
        self.env.ref("hocba_digital.cron_send")._trigger()

    def action_retry(self):
        """After the cause was mended: a transaction that stopped goes on with the same bytes; asked for first."""
        self._check_clerk()
        for submission in self.sudo()._locked():
            if submission.state != "failed":
                raise UserError(self.env._("Transaction %(id)s has not failed.", id=submission.messageid))
            submission.write(
                {
                    "state": "unknown" if submission._may_have_arrived() else "queued",
                    "next_try_at": self._now(),
                    "error": False,
                    "advice": False,
                    "failures": 0,
                }
            )
        self.env.ref("hocba_digital.cron_send")._trigger()

    def _locked(self):
        """These rows, taken; raises when a worker has one of them at this moment."""
        if self.try_lock_for_update(allow_referencing=True) != self:
            raise UserError(self.env._("One of these transactions is being worked on. Try again in a moment."))
        return self

    def _may_have_arrived(self):
        """Whether a call may have left something there; what was refused at the door did not."""
        certain = ("authorisation", "data")
        return any(attempt.action == "send" and attempt.outcome not in certain for attempt in self.attempt_ids)

    def _check_clerk(self):
        self.check_access("read")
        if not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Only the clerk sends to the department."))

    def _step_now(self):
        self._check_clerk()
        waiting = self.sorted("id")

        def source(skipped, _closed):
            return waiting.filtered(lambda submission: submission.id not in skipped)

        counts = Dispatch(self, source, force=True, patience=_PATIENCE).run()
        self.invalidate_recordset()
        self._leave_to_schedule()
        return self._step_report(counts)

    def _leave_to_schedule(self):
        """What this click could not do any more is due at once."""
        self.env.ref("hocba_digital.cron_send").sudo()._trigger()

    def _step_report(self, counts):
        """What the click did, as a notification."""
        done = counts["send"] + counts["query"]
        texts = {
            "leased": self.env._("a call is under way"),
            "busy": self.env._("being worked on"),
            "held": self.env._("on hold"),
            "quiet": self.env._("the gateway asked to wait"),
            "open": self.env._("the gateway is not reachable; the next probe decides"),
            "full": self.env._("other calls come first"),
            "late": self.env._("left to the schedule"),
            "wrong": self.env._("not possible, see the transaction"),
            "broken": self.env._("the answer could not be stored"),
            "nothing": self.env._("nothing to do"),
        }
        lines = [f"{counts[reason]}: {text}" for reason, text in texts.items() if counts[reason]]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("%(count)s transactions called", count=done),
                "message": "; ".join(lines),
                "type": "success" if done and not lines else "warning" if lines else "info",
                "sticky": False,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
