"""When the school may send: days and times of day that the department keeps for its schools."""

from datetime import UTC, datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .record_content import VIETNAM

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class EndpointWindow(models.Model):
    _inherit = "hocba.endpoint"

    limit_window = fields.Boolean(
        "Only at certain times",
        help="For departments that take reports at certain times only. The schedule then sends within them, by "
        "Vietnam's "
        "time; answers are asked for at any time.",
    )
    window_from = fields.Float("From", default=18.0, help="Vietnam's time (UTC+7).")
    window_to = fields.Float(
        "To", default=6.0, help="Vietnam's time (UTC+7). Earlier than “From”: until that time of the next day."
    )
    mon = fields.Boolean(default=True)
    tue = fields.Boolean(default=True)
    wed = fields.Boolean(default=True)
    thu = fields.Boolean(default=True)
    fri = fields.Boolean(default=True)
    sat = fields.Boolean(default=True)
    sun = fields.Boolean(default=True)
    window_text = fields.Char("Sending now", compute="_compute_window_text")

    @api.constrains("limit_window", "window_from", "window_to", *_DAYS)
    def _check_window(self):
        for endpoint in self.filtered("limit_window"):
            if not 0 <= endpoint.window_from < 24 or not 0 <= endpoint.window_to <= 24:
                raise ValidationError(self.env._("Times of day lie between 00:00 and 24:00."))
            if endpoint.window_from == endpoint.window_to:
                raise ValidationError(self.env._("The sending times begin and end at the same moment."))
            if not any(endpoint[day] for day in _DAYS):
                raise ValidationError(self.env._("Choose at least one day of the week for sending."))

    @api.private
    def _may_send_now(self, now=None):
        """Whether the schedule may send at this moment. ``now``: naive UTC, as Odoo stores it."""
        self.ensure_one()
        now = now or fields.Datetime.now()
        return self._window_opens_at(now) <= now

    @api.private
    def _window_opens_at(self, now=None):
        """The moment from which the schedule may send: ``now`` when it may already (naive UTC, whole minutes later)."""
        self.ensure_one()
        endpoint = self.sudo()
        now = now or fields.Datetime.now()
        if not endpoint.limit_window:
            return now
        today = now.replace(tzinfo=UTC).astimezone(VIETNAM).date()
        # A window over midnight belongs to the day on which it begins.
        for ahead in range(-1, 8):
            day = today + timedelta(days=ahead)
            if not endpoint[_DAYS[day.weekday()]]:
                continue
            begin, end = endpoint._window_of(day)
            if now < end:
                return max(begin, now)
        return now

    def _window_of(self, day):
        """Beginning and end (naive UTC) of the window that begins on ``day`` in Vietnam."""
        midnight = datetime.combine(day, time(0), VIETNAM)
        hours = self.window_to if self.window_to > self.window_from else self.window_to + 24
        begin, end = (midnight + timedelta(minutes=round(hour * 60)) for hour in (self.window_from, hours))
        return tuple(moment.astimezone(UTC).replace(tzinfo=None) for moment in (begin, end))

    @api.depends("limit_window", "window_from", "window_to", *_DAYS)
    def _compute_window_text(self):
        for endpoint in self:
            endpoint.window_text = endpoint._window_text()

    def _window_text(self):
        if not self.limit_window:
            return False
        now = fields.Datetime.now()
        opens = self._window_opens_at(now)
        if opens <= now:
            return self.env._("Sending is open now.")
        local = opens.replace(tzinfo=UTC).astimezone(VIETNAM)
        return self.env._("Sending opens on %(date)s at %(time)s.", date=f"{local:%d/%m/%Y}", time=f"{local:%H:%M}")
