"""Alerts end soon after their cause: a step of records asks, once a transaction, for a look at what is still open."""

import logging
from datetime import timedelta

from odoo import api, fields, models

from ..core.rules import deadlines
from .submission_schedule import UNSENT_AFTER

_logger = logging.getLogger(__name__)

_ASKED = "hocba_look_at_alerts"
#: Everything that happens meanwhile is looked at together.
_SOON = timedelta(minutes=1)


class DeadlineAlertClose(models.Model):
    _inherit = "hocba.deadline.alert"

    @api.model
    def _look_again(self):
        """Records moved on: have it looked at soon whether somebody's alert is settled. One query a transaction."""
        asked = self.env.cr.precommit.data
        if not asked.get(_ASKED):
            asked[_ASKED] = True
            self.env.cr.precommit.add(self.sudo()._wake)

    @api.model
    def _wake(self):
        """Wake the schedule where anything is open and nobody has woken it already."""
        cron = self.env.ref("hocba_digital.cron_deadline_close", raise_if_not_found=False)
        if not cron or not self._anything_open():
            return
        now = fields.Datetime.now()
        pending = [("cron_id", "=", cron.id), ("call_at", ">", now)]
        if not self.env["ir.cron.trigger"].sudo().search_count(pending, limit=1):
            cron.sudo()._trigger(now + _SOON)

    @api.model
    def _anything_open(self):
        """Whether a person is being told of something that may be over."""
        return bool(
            self.sudo().search_count([("closed_on", "=", False)], limit=1)
            or self.env["mail.activity"].sudo().search_count(self._unsent_domain(), limit=1)
        )

    def _unsent_domain(self):
        return [("activity_type_id", "=", self.env.ref("hocba_digital.mail_activity_unsent").id)]

    @api.model
    def _cron_close(self):
        """Close what is settled. Nobody new is told here: that comes once a day. Never raises."""
        try:
            self._close_settled()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("settled alerts could not be closed; the daily run tries again")

    @api.model
    def _close_settled(self):
        watch = self.sudo()
        for (company,) in watch._read_group([("closed_on", "=", False)], ["company_id"]):
            watch._close_gone(company)
        reminded = self.env["mail.activity"].sudo().search(self._unsent_domain()).mapped("res_id")
        for endpoint in self.env["hocba.endpoint"].sudo().browse(set(reminded)).exists():
            endpoint._remind_of_unsent(self.env["hocba.submission"]._now() - UNSENT_AFTER)

    @api.model
    def _close_gone(self, company):
        """Close a school's alerts whose cause is gone and bring the numbers of the others up to date."""
        today = deadlines.local_date(fields.Datetime.now())
        watch = self.sudo().with_context(allowed_company_ids=company.ids)
        wanted = watch._wanted(company, today)
        for alert in watch.search([("company_id", "=", company.id), ("closed_on", "=", False)]):
            values = wanted.get((alert.school_year_id.id, alert.kind, alert.day, alert.user_id.id))
            if not values:
                alert._close(today)
            elif alert.record_count != values["record_count"]:
                alert.write({name: values[name] for name in ("record_count", "details", "finish")})
                alert._update_activity(today)
