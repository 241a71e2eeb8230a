"""What a gateway lets through at this moment: a circuit breaker, shared by all workers and nodes as columns of its row.

::

    closed --three failures in a row, or the account refused--> open --its pause is over, or a person asks--> half open
       ^                                                          ^                                             |
       +----------------- the probe was answered -----------------+-------------- the probe failed -------------+
"""

from datetime import timedelta

from odoo import api, fields, models

from ..core.gateway import after_probe

#: Failures in a row after which nobody calls any more but one probe at a time.
THRESHOLD = 3
_STATE = (
    "breaker_state",
    "breaker_failures",
    "breaker_until",
    "breaker_since",
    "breaker_refused",
    "breaker_reason",
    "breaker_advice",
    "quiet_until",
)
#: Fields of the settings that say nothing about how the gateway is reached.
_NO_CONNECTION = ("name", "active", "send_automatically", "call_count", "acknowledger", "acknowledger_name")


class EndpointBreaker(models.Model):
    _name = "hocba.endpoint"
    _inherit = ["hocba.endpoint", "mail.activity.mixin"]

    breaker_state = fields.Selection(
        [("closed", "Working"), ("open", "Paused after failures"), ("half_open", "Being probed")],
        "Connection",
        default="closed",
        required=True,
        readonly=True,
        copy=False,
    )
    breaker_failures = fields.Integer("Failures in a row", readonly=True, copy=False)
    breaker_until = fields.Datetime("Next probe at", readonly=True, copy=False)
    breaker_since = fields.Datetime("Not reachable since", readonly=True, copy=False)
    breaker_refused = fields.Boolean("Account refused", readonly=True, copy=False)
    breaker_reason = fields.Text("Last failure", readonly=True, copy=False)
    breaker_advice = fields.Text("What to do", readonly=True, copy=False)
    quiet_until = fields.Datetime("Gateway asked to wait until", readonly=True, copy=False)
    call_count = fields.Integer("Calls made", readonly=True, copy=False)
    calls_under_way = fields.Integer(compute="_compute_calls_under_way")
    waiting_count = fields.Integer("Transactions under way", compute="_compute_calls_under_way")

    def _compute_calls_under_way(self):
        submissions = self.env["hocba.submission"].sudo()
        for endpoint in self:
            own = [("endpoint_id", "=", endpoint.id)]
            endpoint.calls_under_way = submissions.search_count([*own, ("lease_until", ">", submissions._now())])
            endpoint.waiting_count = submissions.search_count([*own, ("state", "in", submissions._open_states())])

    def write(self, vals):
        """Settings that were changed are tried at once."""
        changed = set(vals) - {*_STATE, *_NO_CONNECTION}
        result = super().write(vals)
        if any(not name.startswith(("message_", "activity_", "test")) for name in changed):
            self._reset_breaker()
        return result

    def action_test(self):
        """As the base method; a connection that works is used at once."""
        result = super().action_test()
        self.filtered("test_ok")._reset_breaker()
        return result

    def action_open_waiting(self):
        """The transactions that are under way to this gateway."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_submission")
        domain = [("endpoint_id", "=", self.id), ("state", "in", self.env["hocba.submission"]._open_states())]
        return {**action, "domain": domain, "context": {}}

    def _admit(self, now, lease_until, force):
        """Whether a call may begin: None, or why not ("quiet", "open", "full"). ``force``: a person asks for it.

        Every call that begins writes this row, so that of two workers that count the calls under way at the same time
        the second one fails (PostgreSQL's REPEATABLE READ) and counts anew.
        """
        if self.quiet_until and self.quiet_until > now:
            return "quiet"
        probing = self.breaker_state != "closed"
        pausing = probing and self.breaker_until and self.breaker_until > now
        submissions = self.env["hocba.submission"]
        under_way = submissions.search_count([("endpoint_id", "=", self.id), ("lease_until", ">", now)])
        # A probe under way is the only one, whoever asks.
        if probing and (under_way or (pausing and not force)):
            return "open"
        if under_way >= self.parallel:
            return "full"
        values = {"call_count": self.call_count + 1}
        if probing:
            # The pause that follows a failure begins now: a worker that dies with the probe starts no storm.
            until = max(lease_until, now + self._pause_after(self.breaker_failures + 1))
            values.update(breaker_state="half_open", breaker_until=until)
        self.write(values)
        return None

    def _pause_after(self, failures):
        """How long nobody calls after so many failures in a row."""
        tries = failures if self.breaker_refused else max(failures - THRESHOLD + 1, 1)
        return timedelta(seconds=after_probe(tries, refused=self.breaker_refused))

    def _note_answer(self):
        """The gateway answered: it works."""
        if self.breaker_state == "closed" and not self.breaker_failures:
            return
        self._close()

    def _close(self):
        was_open = self.filtered(lambda endpoint: endpoint.breaker_state != "closed")
        self.write(
            {
                **dict.fromkeys(_STATE, False),
                "breaker_state": "closed",
                "breaker_failures": 0,
            }
        )
        was_open.activity_unlink(["hocba_digital.mail_activity_connection"])
        was_open._hurry()

    def _reset_breaker(self):
        for endpoint in self.sudo().filtered(lambda endpoint: endpoint.breaker_failures or endpoint.quiet_until):
            endpoint._close()

    def _hurry(self):
        """What waits only because calls failed goes now."""
        waiting = self.env["hocba.submission"].search(
            [
                ("endpoint_id", "in", self.ids),
                ("state", "in", self.env["hocba.submission"]._open_states()),
                ("failures", ">", 0),
                ("lease_until", "=", False),
            ]
        )
        # A row that is being worked on gets its next time from who works on it.
        waiting.try_lock_for_update(allow_referencing=True).write({"next_try_at": self.env["hocba.submission"]._now()})
        self.env.ref("hocba_digital.cron_send")._trigger()

    def _note_failure(self, error, now):
        """A call failed with ``error`` (GatewayError); several in a row, or a refused account, stop the others."""
        if error.code == "LATE":
            # This machine was too slow; of the gateway it says nothing.
            return
        if error.retry_after and error.kind == "receiver":
            self.quiet_until = max(now + timedelta(seconds=error.retry_after), self.quiet_until or now)
        if error.code == "429":
            # It is there, and says when to come again.
            if self.breaker_state == "half_open":
                self._close()
            return
        refused = error.kind == "authorisation"
        failures = (self.breaker_failures if self.breaker_refused == refused else 0) + 1
        values = {
            "breaker_failures": failures,
            "breaker_refused": refused,
            "breaker_reason": error.message,
            "breaker_advice": error.advice,
        }
        if refused or failures >= THRESHOLD or self.breaker_state != "closed":
            self.breaker_refused = refused
            until = now + self._pause_after(failures)
            values.update(breaker_state="open", breaker_until=until, breaker_since=self.breaker_since or now)
            self.env.ref("hocba_digital.cron_send")._trigger(until)
        self.write(values)
        if refused:
            self._remind(error)

    def _remind(self, error):
        """One task for who can mend the settings."""
        if self.activity_search(["hocba_digital.mail_activity_connection"]):
            return
        user = self._responsible_users()[:1] or self.create_uid
        self.activity_schedule(
            "hocba_digital.mail_activity_connection",
            summary=self.env._("The department's gateway refuses the connection"),
            note=f"{error.message} {error.advice}",
            user_id=user.id,
        )

    def _responsible_users(self, group="hocba_digital.group_school_admin"):
        """Active people of the group who belong to the school."""
        users = self.env.ref(group).sudo().all_user_ids
        return users.filtered(lambda user: user.active and not user.share and self.company_id in user.company_ids)

    @api.model
    def _closed_domain(self, now):
        """Gateways that nobody may call at this moment."""
        return [
            "|",
            ("quiet_until", ">", now),
            "&",
            ("breaker_state", "!=", "closed"),
            ("breaker_until", ">", now),
        ]
