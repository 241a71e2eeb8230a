from odoo import models
from odoo.exceptions import UserError


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def button_uninstall(self):
        if "hocba_registry" in self.mapped("name"):
            count = self.env["hocba.registry.record"].sudo().search_count([])
            if count:
                raise UserError(
                    self.env._(
                        "%(count)s received school records are kept in this database. They are legal documents for "
                        "life, so the application cannot be uninstalled.",
                        count=count,
                    )
                )
        return super().button_uninstall()
