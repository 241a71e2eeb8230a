"""How fresh an authority's revocation data are, and the switch for fetching them."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .revocation import SWITCH


class TrustRevocation(models.Model):
    _inherit = "hocba.trust"

    revocation_ids = fields.One2many("hocba.revocation", "trust_id", "Fetched revocation data", readonly=True)
    revoked_until = fields.Datetime("Revocation data until", compute="_compute_revoked_until")
    freshness = fields.Selection(
        [("fresh", "Up to date"), ("stale", "Out of date"), ("none", "None")],
        "Revocation data",
        compute="_compute_revoked_until",
    )
    fetching = fields.Boolean("Fetched on schedule", compute="_compute_fetching")

    @api.depends("crl_until", "revocation_ids.next_update")
    def _compute_revoked_until(self):
        now = fields.Datetime.now()
        for trust in self:
            lists = trust.sudo().revocation_ids.filtered(lambda row: row.kind == "crl")
            ends = [moment for moment in (trust.crl_until, *lists.mapped("next_update")) if moment]
            trust.revoked_until = max(ends, default=False)
            trust.freshness = ("fresh" if trust.revoked_until > now else "stale") if ends else "none"

    def _compute_fetching(self):
        self.fetching = self.env["hocba.revocation"]._is_on()

    def action_fetching_on(self):
        """Fetch revocation data on schedule from now on, first in a moment."""
        self._switch_fetching(True)
        self.env.ref("hocba_digital.cron_revocation").sudo()._trigger()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_fetching_off(self):
        """Fetch no more revocation data; what is there stays."""
        self._switch_fetching(False)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_fetch_now(self):
        """Fetch the revocation data of these authorities in a moment, without waiting for the schedule."""
        self.check_access("read")
        if not self._may_refresh():
            raise AccessError(self.env._("Only the administrator has revocation data fetched."))
        if not self.env["hocba.revocation"]._is_on():
            raise UserError(
                self.env._("Revocation data are not fetched here. The administrator switches it on in this list.")
            )
        self.sudo().revocation_ids._in_transition().write({"next_try_at": False})
        self.env.ref("hocba_digital.cron_revocation").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("The lists are being fetched. Open this page again in a moment."),
                "type": "info",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _may_switch_fetching(self):
        return self.env.su or self.env.user.has_group("hocba_digital.group_school_admin")

    @api.model
    def _may_refresh(self):
        return self._may_switch_fetching()

    def _switch_fetching(self, on):
        if not self._may_switch_fetching():
            raise AccessError(self.env._("Only the administrator switches the fetching of revocation data."))
        self.env["ir.config_parameter"].sudo().set_param(SWITCH, "True" if on else False)

    def write(self, vals):
        result = super().write(vals)
        if "crl" in vals:
            self.env["hocba.revocation"]._use_new_data()
        return result
