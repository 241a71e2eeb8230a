from odoo import models
from odoo.exceptions import UserError


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def button_uninstall(self):
        if "hocba_digital" in self.mapped("name"):
            locked = self.env["hocba.record"].sudo().search_count([("state", "in", ("locked", "transferred"))])
            if locked:
                raise UserError(
                    self.env._(
                        "%(count)s locked school records are kept in this database. They are legal documents for life, "
                        "so the application cannot be uninstalled.",
                        count=locked,
                    )
                )
        return super().button_uninstall()
