from odoo import fields, models


class ResUsersSettings(models.Model):
    """Where a teacher left the class grid."""

    _inherit = "res.users.settings"

    hocba_grid_class = fields.Integer("Class last open in the grid")
    hocba_grid_period = fields.Char("Period last open in the grid")
    hocba_grid_view = fields.Char("View last open in the grid")
