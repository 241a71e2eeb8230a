from odoo import models


class LookupAlarm(models.Model):
    """At the department, officers are told."""

    _inherit = "hocba.lookup.alarm"

    def _responsible(self):
        return super()._responsible() | self.env.ref("hocba_registry.group_so_officer").sudo().all_user_ids

    def _may_reopen(self):
        return self.env.user.has_group("hocba_registry.group_so_officer") or super()._may_reopen()
