"""Watching the deadlines: who has to be told what today."""

import logging
from datetime import timedelta

from odoo import api, fields, models

from ..core.rules import deadlines

_logger = logging.getLogger(__name__)

#: Days before and after a deadline in which it is watched.
HORIZON = 60
_RISKS = ("soon", "late", "overdue")
_TROUBLE = ("unknown", "failed", "refused")
#: Rank of a deadline that is late at the measured pace before any warning day.
_LATE = 366
_CLERK = "clerk"


class DeadlineAlertWatch(models.Model):
    _inherit = "hocba.deadline.alert"

    @api.model
    def _cron_alerts(self):
        """Tell people about deadlines at risk, school by school, once a day. Never raises."""
        companies = self.env["hocba.class"].sudo()._read_group([], ["company_id"])
        remaining = len(companies)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for (company,) in companies:
            try:
                with self.env.cr.savepoint():
                    self._refresh(company)
            except Exception:
                self.env.invalidate_all(flush=False)
                _logger.exception("school %s: its deadlines could not be watched today", company.id)
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break

    @api.model
    def _refresh(self, company):
        """Bring the alerts of a school in line with where its records stand now."""
        today = deadlines.local_date(fields.Datetime.now())
        watch = self.sudo().with_context(allowed_company_ids=company.ids)
        wanted = watch._wanted(company, today)
        open_alerts = watch.search([("company_id", "=", company.id)])
        known = {(alert.school_year_id.id, alert.kind, alert.day, alert.user_id.id): alert for alert in open_alerts}
        gone = open_alerts.filtered(lambda alert: not alert.closed_on) - watch.concat(
            *(known[key] for key in wanted if key in known)
        )
        gone._close(today)
        for key, values in wanted.items():
            alert = known.get(key)
            worse = not alert or alert.closed_on or values["warned_at"] != alert.warned_at
            values["closed_on"] = False
            if alert:
                alert.write(values)
            else:
                year_id, kind, day, user_id = key
                alert = watch.create(
                    {
                        "school_year_id": year_id,
                        "company_id": company.id,
                        "kind": kind,
                        "day": day,
                        "user_id": user_id,
                        **values,
                    }
                )
            alert.with_context(hocba_alert_worse=worse)._tell(today)

    def _wanted(self, company, today):
        """{(year, kind, day, user): values} of everybody who has to be told."""
        cockpit = self.env["hocba.cockpit"].with_context(allowed_company_ids=company.ids)
        wanted = {}
        for year in self.env["hocba.school.year"].search([("company_id", "=", company.id)]):
            rows = cockpit._rows(year.name) if self._watched(year, today) else []
            if not rows:
                continue
            people = cockpit._people(rows)
            measured = cockpit._measured({row["class_id"] for row in rows})
            for card in cockpit._cards(rows, measured):
                if card["risk"] in _RISKS and abs(card["days_left"]) <= HORIZON:
                    lines = [line for line in people if line["key"] == card["key"]]
                    wanted.update(self._by_person(company, year, card, lines))
            wanted.update(self._trouble(company, year, people, rows))
        return wanted

    def _watched(self, year, today):
        """Whether one of the year's deadlines is near enough; a grade's own may be weeks before the others."""
        days = [year.deadline_school, year.deadline_school_summer, *year.deadline_ids.mapped("day")]
        days = [day for day in days if day]
        return bool(days) and min(days) - timedelta(days=HORIZON) <= today <= max(days) + timedelta(days=HORIZON)

    def _by_person(self, company, year, card, lines):
        """What each person has waiting of one deadline."""
        day = fields.Date.to_date(card["day"])
        reached = deadlines.warning_reached(card["days_left"], company._hocba_thresholds())
        common = {
            "risk": card["risk"],
            "finish": card["finish"] or False,
            "warned_at": _LATE if reached is None else reached,
        }
        found = {}
        for line in lines:
            for user_id in self._told(line, company):
                found.setdefault((year.id, card["kind"], day, user_id), []).append(line)
        return {key: {**common, **_summed(lines)} for key, lines in found.items()}

    def _told(self, line, company):
        """Users behind a line; an office's people, and the clerks where the person is not named yet."""
        if line["role"] in ("department", "nobody"):
            return []
        if line["user_id"]:
            return [line["user_id"]]
        cockpit = self.env["hocba.cockpit"]
        return (cockpit._office(line["role"], company.id) or cockpit._office(_CLERK, company.id)).ids

    def _trouble(self, company, year, people, rows):
        """What was refused, or has had no answer, for more than a day: for the clerks."""
        old = fields.Datetime.now() - timedelta(days=1)
        stages = {row["column"] for row in rows if row["stage"] in _TROUBLE and row["since"] and row["since"] <= old}
        lines = [line for line in people if line["column"] in stages]
        others = self.env["hocba.submission"].search_count(
            [
                ("school_year_id", "=", year.id),
                ("kind", "!=", "1"),
                ("state", "in", ("unknown", "failed")),
                ("create_date", "<=", old),
            ]
        )
        if others:
            lines.append(
                {"stage": "unknown", "column": "unknown", "count": others, "days": 1, "class_ids": [], "classes": "-"}
            )
        if not lines:
            return {}
        values = {"risk": "trouble", "finish": False, "warned_at": 0, **_summed(lines)}
        clerks = self.env["hocba.cockpit"]._office(_CLERK, company.id)
        return {(year.id, "trouble", year.deadline_school, user.id): dict(values) for user in clerks}


def _summed(lines):
    return {
        "record_count": sum(line["count"] for line in lines),
        "details": [
            {
                "stage": line["column"].partition(".")[0],
                "column": line["column"],
                "count": line["count"],
                "days": line["days"] or 0,
                "classes": line["classes"],
                "class_ids": line["class_ids"],
            }
            for line in lines
        ],
    }
