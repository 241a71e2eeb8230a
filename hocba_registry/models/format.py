from odoo import api, fields, models
from odoo.addons.hocba_digital.core import packet
from odoo.exceptions import ValidationError


class Format(models.Model):
    """A format of records that is received here, or not: the department's choice. Records accepted before stay."""

    _name = "hocba.registry.format"
    _description = "Format of Records"
    _inherit = ["mail.thread"]
    _order = "name"

    name = fields.Char("Format", required=True)
    label = fields.Char("What it is", translate=True)
    accepted = fields.Boolean(default=True, tracking=True)

    _name_uniq = models.Constraint("UNIQUE(name)", "This format is already listed.")

    @api.constrains("name")
    def _check_name(self):
        for line in self:
            if line.name not in packet.profile_names():
                raise ValidationError(
                    self.env._(
                        "“%(name)s” is no format that this software reads; it reads %(known)s.",
                        name=line.name,
                        known=", ".join(packet.profile_names()),
                    )
                )

    @api.model
    @api.private
    def _accepted_names(self):
        """Names of the formats that are received here."""
        return set(self.sudo().search([("accepted", "=", True)]).mapped("name"))
