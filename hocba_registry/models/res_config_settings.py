from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    hocba_registry_level = fields.Selection(
        [("so", "Department: schools report here"), ("bo", "Ministry: departments report here")],
        "Level",
        default="so",
        config_parameter="hocba_registry.level",
    )
    hocba_second_officer = fields.Boolean("Second pair of eyes")

    def get_values(self):
        second = self.env["hocba.registry.recall"]._needs_second_officer()
        return super().get_values() | {"hocba_second_officer": second}

    def set_values(self):
        result = super().set_values()
        value = "1" if self.hocba_second_officer else "0"
        self.env["ir.config_parameter"].set_param("hocba_registry.second_officer", value)
        return result
