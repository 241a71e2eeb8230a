"""Who reports to the ministry is told of its deadline, and no longer than something is missing there."""

import logging

from odoo import api, fields, models
from odoo.addons.hocba_digital.core.rules import deadlines

_logger = logging.getLogger(__name__)

_ACTIVITY = "hocba_registry.activity_report"
#: Days after a deadline in which what is missing is still brought to mind.
_AFTER = 60


class YearWatch(models.Model):
    """Before 10/7 and 25/8 the department reports what it received (plan 213, annex §2.1)."""

    _name = "hocba.registry.year"
    _inherit = ["hocba.registry.year", "mail.activity.mixin"]

    @api.model
    def _cron_report_deadlines(self):
        """Tell who reports to the ministry, year by year. Never raises."""
        try:
            for year in self.sudo().search([("report_deadline", "!=", False)]):
                year._watch_report()
                self.env["ir.cron"]._commit_progress(1)
        except Exception:
            self.env.cr.rollback()
            _logger.exception("the deadlines towards the ministry could not be watched; the next run tries again")

    def _watch_report(self):
        """One activity for each person who reports, from the first warning day on until nothing is missing."""
        day, left = self._report_deadline_ahead()
        missing = self._not_at_the_ministry() if day else {}
        due = bool(day and sum(missing.values()) and left <= self._first_warning())
        people = self._reporters() if due else self.env["res.users"]
        known = self.activity_search([_ACTIVITY])
        known.filtered(lambda activity: activity.user_id not in people).action_feedback(
            feedback=self.env._("Closed by itself: nothing waits any more, or the deadline is no longer at risk.")
        )
        for user in people:
            year = self.with_context(lang=user.lang or "vi_VN")
            values = {
                "summary": year._report_summary(day, left, sum(missing.values())),
                "note": year._report_note(missing),
                "date_deadline": max(deadlines.last_moment(day).date(), deadlines.local_date(fields.Datetime.now())),
            }
            own = known.filtered(lambda activity, user=user: activity.user_id == user)
            if own:
                own.with_context(mail_activity_quick_update=True).write(values)
            else:
                year.activity_schedule(_ACTIVITY, user_id=user.id, **values)

    def _report_deadline_ahead(self):
        """(the deadline that counts now, days left): one that is close, else one that has passed, else the next."""
        now = deadlines.now()
        days = [day for day in (self.report_deadline, self.report_deadline_summer) if day]
        found = [(day, deadlines.days_left(day, now)) for day in sorted(days)]
        ahead = [pair for pair in found if pair[1] >= 0]
        close = [pair for pair in ahead if pair[1] <= self._first_warning()]
        passed = [pair for pair in found if -_AFTER <= pair[1] < 0]
        return (close or passed[-1:] or ahead or [(None, 0)])[0]

    def _first_warning(self):
        return max(self.env.company._hocba_thresholds())

    def _not_at_the_ministry(self):
        """{what stands in the way: number of records} of this year's records in force."""
        if self.is_ministry:
            return {}
        groups = self.env["hocba.registry.record"]._read_group(
            [
                ("year_id", "=", self.id),
                ("state", "in", ("accepted", "locked")),
                ("superseded_by_id", "=", False),
                ("upper_state", "not in", ("accepted", "locked")),
            ],
            ["state", "upper_state"],
            ["__count"],
        )
        missing = {}
        for state, upper, count in groups:
            open_yet = state == "accepted" and self.report_scope == "locked" and not upper
            what = "open" if open_yet else upper or "waiting"
            missing[what] = missing.get(what, 0) + count
        return missing

    def _reporters(self):
        """Who reports, of those who see all schools; the gateway's administrators where nobody does yet."""
        for group in ("group_so_reporter", "group_so_admin"):
            users = self.env.ref(f"hocba_registry.{group}").sudo().all_user_ids
            users = users.filtered(lambda user: user.active and not user.share and user.hocba_scope == "all")
            if users:
                return users
        return self.env["res.users"]

    def _report_summary(self, day, left, count):
        values = {"year": self.name, "day": day.strftime("%d/%m/%Y"), "count": count}
        if left < 0:
            return self.env._(
                "%(year)s, to the ministry before %(day)s: overdue by %(days)s days, %(count)s records are not there",
                days=-left,
                **values,
            )
        return self.env._(
            "%(year)s, to the ministry before %(day)s: %(days)s days left, %(count)s records are not there",
            days=left,
            **values,
        )

    def _report_note(self, missing):
        texts = {
            "waiting": self.env._("%(count)s wait to be reported", count=missing.get("waiting")),
            "open": self.env._("%(count)s are reported once the year is closed for them", count=missing.get("open")),
            "queued": self.env._("%(count)s are on their way", count=missing.get("queued")),
            "refused": self.env._("%(count)s were refused by the ministry", count=missing.get("refused")),
        }
        return "; ".join(texts[what] for what in texts if missing.get(what)) + "."
