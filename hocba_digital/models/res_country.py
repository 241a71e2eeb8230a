from odoo import fields, models
from odoo.exceptions import AccessError


class ResCountry(models.Model):
    """A nationality: the country's name as Vietnamese schools write it, where Odoo's own list says it otherwise."""

    _inherit = "res.country"

    hocba_nationality = fields.Char("Name on the record", help="Empty: the country's name is printed.")

    def write(self, vals):
        user = self.env.user
        system = self.env.su or user.has_group("base.group_system")
        if set(vals) - {"hocba_nationality"} and not system and user.has_group("hocba_digital.group_school_admin"):
            raise AccessError(
                self.env._("A school's administrator changes only how a nationality is written on the record.")
            )
        return super().write(vals)

    def _nationality(self):
        """The name that a record prints; None without a country."""
        return self.hocba_nationality or self.name or None
