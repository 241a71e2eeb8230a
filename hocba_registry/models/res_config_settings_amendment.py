from odoo import fields, models


class ResConfigSettingsAmendment(models.TransientModel):
    _inherit = "res.config.settings"

    hocba_amendments = fields.Boolean("Amendments after the closing")

    def get_values(self):
        allowed = self.env["hocba.registry.recall"]._amendments_allowed()
        return super().get_values() | {"hocba_amendments": allowed}

    def set_values(self):
        result = super().set_values()
        value = "1" if self.hocba_amendments else "0"
        self.env["ir.config_parameter"].set_param("hocba_registry.amendments", value)
        return result
