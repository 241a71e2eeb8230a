from odoo import api, models


class AlertsOfReports(models.Model):
    """What the ministry answers ends activities soon, like everything that moves records."""

    _inherit = "hocba.deadline.alert"

    @api.model
    def _anything_open(self):
        return super()._anything_open() or bool(self._reports_told())

    @api.model
    def _close_settled(self):
        result = super()._close_settled()
        for year in self._reports_told():
            year._watch_report()
        return result

    def _reports_told(self):
        """Years of whose report somebody is told."""
        kind = self.env.ref("hocba_registry.activity_report")
        found = self.env["mail.activity"].sudo().search([("activity_type_id", "=", kind.id)])
        return self.env["hocba.registry.year"].sudo().browse(set(found.mapped("res_id"))).exists()
