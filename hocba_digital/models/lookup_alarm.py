from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

#: Wrong data for one record in a day, and for all in an hour, that people should hear of.
_MANY_FOR_ONE = 10
_MANY_FOR_ALL = 300


class LookupAlarm(models.Model):
    """Somebody seems to be guessing: many wrong data for one record, or for all of them."""

    _name = "hocba.lookup.alarm"
    _description = "Alarm of the Look-up"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "uuid"

    kind = fields.Selection(
        [("record", "One record"), ("all", "Many records")], "What for", required=True, readonly=True
    )
    uuid = fields.Char("Look-up code (UUID)", readonly=True, index=True)
    record_id = fields.Many2one("hocba.record", readonly=True, ondelete="set null")
    company_id = fields.Many2one("res.company", "School", readonly=True, index=True, ondelete="cascade")
    misses = fields.Integer("Wrong tries", readonly=True)
    raised_at = fields.Datetime("Raised at", readonly=True)
    reopened_at = fields.Datetime("Tries allowed again", readonly=True)

    @api.depends("kind", "uuid")
    def _compute_display_name(self):
        for alarm in self:
            alarm.display_name = (
                self.env._("Guessing at record %(uuid)s", uuid=alarm.uuid)
                if alarm.kind == "record"
                else self.env._("Guessing at many records")
            )

    @api.model
    def _cron_watch(self):
        """Raise what the last day and the last hour call for; one alarm a record and day, one for all an hour."""
        now = fields.Datetime.now()
        log = self.env["hocba.lookup.log"].sudo()
        day, hour = now - timedelta(days=1), now - timedelta(hours=1)
        miss = [("outcome", "=", "miss")]
        groups = log._read_group([*miss, ("at", ">=", day)], ["uuid"], ["__count", "id:max"])
        known = set(self.sudo().search([("kind", "=", "record"), ("raised_at", ">=", day)]).mapped("uuid"))
        for uuid, count, last in groups:
            row = log.browse(last)
            if count >= _MANY_FOR_ONE and uuid not in known and row._is_of_a_record():
                self._raise("record", count, uuid=uuid, **row._alarm_target())
        count = log.search_count([*miss, ("at", ">=", hour)])
        raised = self.sudo().search_count([("kind", "=", "all"), ("raised_at", ">=", hour)], limit=1)
        if count >= _MANY_FOR_ALL and not raised:
            self._raise("all", count)

    def _raise(self, kind, misses, **target):
        now = fields.Datetime.now()
        alarm = self.sudo().create({"kind": kind, "misses": misses, "raised_at": now, **target})
        text = self.env._(
            "%(count)s wrong tries at looking up records. Look at the log; a record's second factor closes by itself.",
            count=misses,
        )
        for user in alarm._responsible():
            alarm.activity_schedule(
                "mail.mail_activity_data_warning", summary=alarm.display_name, note=text, user_id=user.id
            )

    def _responsible(self):
        """Users who are told: the school's signing head, of all schools where no school is named."""
        companies = self.company_id or self.env["res.company"].sudo().search([("hocba_head_id", "!=", False)])
        return companies.hocba_head_id

    def action_reopen(self):
        """Allow tries at this record again after its 200 were used up."""
        self.check_access("write")
        if not self.env.user.has_group("hocba_digital.group_head") and not self._may_reopen():
            raise AccessError(self.env._("Only the head opens the look-up of a record again."))
        for alarm in self.sudo().filtered("uuid"):
            self.env["hocba.lookup"]._forget_misses(alarm.uuid)
            alarm.reopened_at = fields.Datetime.now()

    def _may_reopen(self):
        return False
