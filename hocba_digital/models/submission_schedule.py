"""The schedule: what is due goes, what was left behind is found. Nothing here raises or waits for one gateway alone."""

import logging
from datetime import timedelta

from odoo import api, fields, models

from .submission_dispatch import Dispatch

_logger = logging.getLogger(__name__)

#: Transactions looked at in one go.
_PORTION = 200
#: Sealed records that nobody reported for so long are brought to the clerk's mind.
UNSENT_AFTER = timedelta(days=1)


class SubmissionSchedule(models.Model):
    _inherit = "hocba.submission"

    @api.model
    def _cron_send(self):
        """Advance every transaction that is due, several at a time; each step is committed by itself. Never raises."""
        try:
            self.sudo().browse()._in_own_transaction("_sweep")
            Dispatch(self.sudo(), self._due, progress=self._note_progress).run()
            self._trigger_next()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("sending to the department stopped; the schedule goes on with its next run")

    def _note_progress(self, done, remaining):
        return self.env["ir.cron"]._commit_progress(done, remaining=remaining) > 0

    @api.model
    def _due(self, skipped=(), closed=()):
        """What may be done now: oldest first, but what failed often never stands before what did not."""
        self.env["ir.cron"]._commit_progress()  # a new look at the database, with what other workers did meanwhile
        domain = [*self._due_domain(), ("id", "not in", list(skipped)), ("endpoint_id", "not in", list(closed))]
        return self.sudo().search(domain, order="failures, next_try_at, id", limit=_PORTION)

    def _due_domain(self):
        now = self._now()
        closed = self.env["hocba.endpoint"].sudo().search(self.env["hocba.endpoint"]._closed_domain(now))
        return [
            ("endpoint_id", "not in", closed.ids),
            ("endpoint_id.active", "=", True),
            ("endpoint_id.send_automatically", "=", True),
            ("held", "=", False),
            ("state", "in", (*self._open_states(), "accepted", "partly")),
            ("next_try_at", "<=", now),
            "|",
            ("lease_until", "=", False),
            ("lease_until", "<=", now),
        ]

    def _trigger_next(self):
        waiting = self.sudo().search(
            [("state", "in", self._open_states()), ("held", "=", False), ("next_try_at", ">", self._now())],
            order="next_try_at",
            limit=1,
        )
        if waiting:
            self.env.ref("hocba_digital.cron_send")._trigger(waiting.next_try_at)

    @api.model
    def _sweep(self):
        """Find what fell out of the schedule: open transactions without a time, leases of workers that died."""
        now = self._now()
        left = self.search(
            [
                ("state", "in", self._open_states()),
                "|",
                ("next_try_at", "=", False),
                "&",
                ("lease_until", "<=", now),
                ("next_try_at", ">", now),
            ]
        )
        left.try_lock_for_update(allow_referencing=True).write({"next_try_at": now})

    @api.model
    def _cron_closing(self):
        """Have it asked whether the department has closed the year of records that it accepted. Never raises."""
        try:
            lines = self.env["hocba.submission.line"].sudo()._read_group(self._closing_domain(), ["submission_id"])
            submissions = self.sudo().union(*(submission for (submission,) in lines))
            resting = submissions.filtered(lambda row: row.state in ("accepted", "partly") and not row.next_try_at)
            resting.try_lock_for_update(allow_referencing=True).write({"next_try_at": self._now()})
            self.env.ref("hocba_digital.cron_send")._trigger()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("looking for the closing failed; the schedule tries again")

    def _closing_domain(self):
        lines = self.env["hocba.submission.line"]
        return fields.Domain("verdict", "=", "accepted") & lines._awaits_closing_domain()

    @api.model
    def _cron_unsent(self):
        """Bring to the clerk's mind what is sealed and was never reported, and what waits though nobody sends it."""
        try:
            endpoints = self.env["hocba.endpoint"].sudo().search([("company_id", "!=", False)])
            for done, endpoint in enumerate(endpoints, 1):
                endpoint._remind_of_unsent(self._now() - UNSENT_AFTER)
                self.env["ir.cron"]._commit_progress(1, remaining=len(endpoints) - done)
        except Exception:
            self.env.cr.rollback()
            _logger.exception("looking for unsent records failed; the schedule tries again")
