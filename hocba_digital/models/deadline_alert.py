from odoo import api, fields, models

from ..core.rules import deadlines
from .deadline import KINDS
from .logged_mixin import LANGUAGE


class DeadlineAlert(models.Model):
    """What one person is told about one deadline: one row, one activity, however many records wait.

    ``_refresh`` (``deadline_alert_watch.py``) opens it, brings it up to date and closes it when the cause is gone.
    """

    _name = "hocba.deadline.alert"
    _description = "Deadline at Risk"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "closed_on desc, day, id"
    _rec_name = "headline"
    _mail_post_access = "read"

    school_year_id = fields.Many2one(
        "hocba.school.year", "School year", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", "Who is told", required=True, readonly=True, index=True, ondelete="cascade")
    kind = fields.Selection(
        [*KINDS[:2], ("trouble", "Refused or unknown for more than a day")],
        "About",
        required=True,
        readonly=True,
    )
    day = fields.Date("Before", required=True, readonly=True)
    risk = fields.Selection(
        [
            ("soon", "Close"),
            ("late", "Late at the present pace"),
            ("overdue", "Overdue"),
            ("trouble", "Needs the clerk"),
        ],
        readonly=True,
    )
    record_count = fields.Integer("Number of records", readonly=True)
    finish = fields.Date("Expected end", readonly=True)
    details = fields.Json(readonly=True)
    warned_at = fields.Integer("Warning reached", readonly=True)
    mailed_on = fields.Date("Last mail", readonly=True)
    closed_on = fields.Date("Closed by itself on", readonly=True)
    headline = fields.Char("What it says", compute="_compute_text")
    text = fields.Text("What waits", compute="_compute_text")

    _once = models.Constraint(
        "UNIQUE(school_year_id, kind, day, user_id)", "This person is told about this deadline already."
    )

    @api.depends_context("lang")
    @api.depends("details", "kind", "day", "record_count", "risk")
    def _compute_text(self):
        for alert in self:
            alert.headline = alert._headline()
            alert.text = "\n".join(alert._line_text(line) for line in alert.details or ())

    def _headline(self):
        year = self.school_year_id.sudo()
        values = {
            "count": self.record_count,
            "day": self.day and self.day.strftime("%d/%m/%Y"),
            "body": year._approving_body() if year else "",
        }
        if self.kind == "trouble":
            return self.env._("%(body)s: %(count)s records refused or without an answer for more than a day", **values)
        left = self.company_id.sudo()._hocba_days_left(self.day) if self.company_id else 0
        if left < 0:
            return self.env._(
                "%(body)s, before %(day)s: overdue by %(days)s days, %(count)s records wait for you",
                days=-left,
                **values,
            )
        if self.risk == "late":
            return self.env._(
                "%(body)s, before %(day)s: late at the present pace, %(count)s records wait for you", **values
            )
        return self.env._(
            "%(body)s, before %(day)s: %(days)s days left, %(count)s records wait for you", days=left, **values
        )

    def _line_text(self, line):
        """One line of ``details``: what waits, how many, since when, in which classes."""
        cockpit = self.env["hocba.cockpit"]
        labels = dict(cockpit._fields["stage"]._description_selection(self.env))
        what = labels.get(line["stage"], line["stage"])
        if line["stage"] == "signing":
            what = self.env._("To be signed")
        values = {"what": what, "count": line["count"], "classes": line["classes"]}
        if line["days"]:
            return self.env._("%(what)s: %(count)s (%(classes)s), for %(days)s days", days=line["days"], **values)
        return self.env._("%(what)s: %(count)s (%(classes)s)", **values)

    def _address(self):
        """Where the mail's button leads."""
        return f"{self.get_base_url()}/odoo/hocba-alerts/{self.id}"

    def action_open(self):
        """The screen on which this person moves on what waits."""
        self.ensure_one()
        self.check_access("read")
        line = (self.details or [{}])[0]
        column = line.get("column")
        own = self.user_id == self.env.user
        cockpit = self.env["hocba.cockpit"]
        if column == "blocked" and own and not self.env["hocba.record"].has_access("write"):
            return self.env["hocba.finding"]._open([("teacher_id", "=", self.env.uid)], self.headline)
        if not column or not cockpit.has_access("read"):
            return self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_my_subjects")
        if self.kind == "trouble" or not own:
            return self.env["ir.actions.client"]._for_xml_id("hocba_digital.action_cockpit")
        where = {"company_id": self.company_id.id, "kind": self.kind, "day": fields.Date.to_string(self.day)}
        return cockpit.open_step(column, **where, class_ids=line["class_ids"], year=self.school_year_id.name)

    # ---- telling the person ----------------------------------------------------------------------------------------

    def _tell(self, today):
        """Activity of this person, and a mail when there is something new to say; at most one mail a day."""
        self.ensure_one()
        activity = self._update_activity(today)
        if not self._news(today):
            return
        if not activity:
            alert = self._for_its_person()
            alert.activity_schedule(
                "hocba_digital.activity_deadline", user_id=self.user_id.id, **alert._activity_values(today)
            )
        if self.user_id.email:
            self.env.ref("hocba_digital.mail_deadline").send_mail(self.id)
        self.mailed_on = today

    def _update_activity(self, today):
        """This person's activity, which says what holds now; empty when there is none."""
        activity = self.activity_ids.filtered(lambda line: line.user_id == self.user_id)[:1]
        if activity:
            values = self._for_its_person()._activity_values(today)
            activity.with_context(mail_activity_quick_update=True).write(values)
        return activity

    def _for_its_person(self):
        return self.with_context(lang=self.user_id.lang or LANGUAGE, mail_activity_quick_update=True)

    def _activity_values(self, today):
        last = deadlines.last_moment(self.day, inclusive=self.company_id.hocba_deadline_inclusive).date()
        return {"summary": self.headline, "date_deadline": max(last, today)}

    def _news(self, today):
        """Whether to tell again: a further warning was reached, the last day is here, or a week has passed."""
        if not self.mailed_on or self.env.context.get("hocba_alert_worse"):
            return self.mailed_on != today
        last_days = self.kind != "trouble" and 0 <= self.company_id._hocba_days_left(self.day) <= 1
        return self.mailed_on != today and (last_days or (today - self.mailed_on).days >= 7)

    def _close(self, today):
        """The cause is gone: the activity is done by itself."""
        for alert in self:
            alert.with_context(lang=alert.user_id.lang or LANGUAGE).activity_feedback(
                ["hocba_digital.activity_deadline"],
                feedback=self.env._("Closed by itself: nothing waits any more, or the deadline is no longer at risk."),
            )
        self.write({"closed_on": today, "record_count": 0, "details": [], "warned_at": 0})
