"""Who keeps a department's revocation data."""

from odoo import api, models


class Trust(models.Model):
    _inherit = "hocba.trust"

    @api.model
    def _may_switch_fetching(self):
        return super()._may_switch_fetching() or self.env.user.has_group("hocba_registry.group_so_admin")

    @api.model
    def _may_refresh(self):
        return super()._may_refresh() or self.env.user.has_group("hocba_registry.group_so_officer")
