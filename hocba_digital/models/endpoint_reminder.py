"""Nothing signed is forgotten: who sends is told what was sealed and never reported, and what nobody sends."""

from odoo import models


class EndpointReminder(models.Model):
    _inherit = "hocba.endpoint"

    def _remind_of_unsent(self, since):
        """One task a school as long as there is something sealed before ``since`` (UTC) and not reported, or left."""
        self.ensure_one()
        user = self._responsible_users("hocba_digital.group_clerk")[:1] or self.create_uid
        # Near a deadline its alert says the same to the same person, and more.
        unsent = 0 if self._alerted(user) else self._count_unsent(since)
        waiting = self._count_nobody_sends(since)
        known = self.activity_search(["hocba_digital.mail_activity_unsent"])
        if not unsent and not waiting:
            known.unlink()
            return
        lines = []
        if unsent:
            lines.append(self.env._("%(count)s sealed records have not been sent to the department.", count=unsent))
        if waiting:
            lines.append(
                self.env._(
                    "%(count)s transactions wait although nobody sends them: on hold, or the schedule is switched off.",
                    count=waiting,
                )
            )
        note = " ".join(lines)
        if known:
            known.filtered(lambda activity: activity.note != note).write({"note": note})
            return
        self.activity_schedule(
            "hocba_digital.mail_activity_unsent",
            summary=self.env._("Send what is sealed"),
            note=note,
            user_id=user.id,
        )

    def _alerted(self, user):
        """Whether a deadline's alert tells this person already that sealed records wait to be sent."""
        alerts = self.env["hocba.deadline.alert"].sudo()
        open_alerts = alerts.search(
            [("company_id", "=", self.company_id.id), ("user_id", "=", user.id), ("closed_on", "=", False)]
        )
        return any(line["stage"] == "signed" for alert in open_alerts for line in alert.details or ())

    def _count_unsent(self, since):
        return self.env["hocba.record"].search_count(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "signed"),
                ("waiting_for", "=", "sending"),
                ("refusal", "=", False),
                ("signature_ids", "any", [("role", "=", "seal"), ("valid", "=", True), ("signed_at", "<=", since)]),
            ]
        )

    def _count_nobody_sends(self, since):
        submissions = self.env["hocba.submission"]
        domain = [
            ("endpoint_id", "=", self.id),
            ("state", "in", submissions._open_states()),
            ("next_try_at", "<=", since),
        ]
        if self.send_automatically:
            domain.append(("held", "=", True))
        return submissions.search_count(domain)
