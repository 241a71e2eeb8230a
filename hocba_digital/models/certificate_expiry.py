"""Certificates that run out: seen in time, by the person who has to renew them."""

import logging

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

#: Days before the end at which the holder is told, each once.
WARN_AT = (60, 30, 7)


class CertificateExpiry(models.Model):
    _name = "hocba.certificate"
    _inherit = ["hocba.certificate", "mail.activity.mixin"]

    days_left = fields.Integer("Days left", compute="_compute_days_left")
    warned_at_days = fields.Integer("Last warned at", readonly=True, copy=False, help="Days left at the last warning.")

    @api.depends("not_after")
    def _compute_days_left(self):
        now = fields.Datetime.now()
        for certificate in self:
            certificate.days_left = max((certificate.not_after - now).days, 0) if certificate.not_after else 0

    @api.model
    def _cron_expiry(self):
        """Tell holders 60, 30 and 7 days before their certificate ends. Never raises."""
        due = self._due_for_warning()
        remaining = len(due)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for certificate in due:
            try:
                with self.env.cr.savepoint():
                    certificate._warn()
            except Exception:
                _logger.exception("certificate %s: its holder could not be told that it ends", certificate.serial)
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break

    @api.model
    def _due_for_warning(self):
        usable = self.sudo().search([("has_key", "=", True), ("not_after", ">", fields.Datetime.now())])
        return usable.filtered(lambda one: one._threshold() and not one._renewed())

    def _threshold(self):
        """The threshold that was passed since the last warning; None when there is none."""
        passed = [days for days in WARN_AT if self.days_left < days]
        reached = min(passed, default=None)
        return reached if reached and (not self.warned_at_days or reached < self.warned_at_days) else None

    def _renewed(self):
        """Whether the holder has a certificate that lasts longer already."""
        same = [("kind", "=", self.kind), ("company_id", "=", self.company_id.id), ("not_after", ">", self.not_after)]
        if self.kind == "person":
            same.append(("user_id", "=", self.user_id.id))
        return bool(self.sudo().search_count([*same, ("has_key", "=", True)], limit=1))

    def _warn(self):
        text = self.env._(
            "The certificate of %(name)s ends in %(days)s days (%(date)s). Apply for the new one now: a new seal has "
            "to be approved by the department before it can issue records.",
            name=self.name,
            days=self.days_left,
            date=fields.Date.to_string(self.not_after.date()),
        )
        for user in self._keepers():
            self.activity_schedule("mail.mail_activity_data_todo", note=text, summary=text[:120], user_id=user.id)
        self.warned_at_days = self._threshold()

    def _keepers(self):
        """Who renews it: the person, or the clerks of the school for the seal."""
        if self.kind == "person":
            return self.user_id
        clerks = self.env.ref("hocba_digital.group_clerk").all_user_ids
        return clerks.filtered(lambda user: self.company_id in user.company_ids and not user.share)
