from odoo import fields, models


class ImportOption(models.TransientModel):
    """What a column or a value of a file may be read as: made anew for every import, because subjects differ."""

    _name = "hocba.import.option"
    _description = "Possible Meaning in an Import"
    _order = "sequence, id"

    wizard_id = fields.Many2one("hocba.import.wizard", required=True, ondelete="cascade", index=True)
    scope = fields.Char(required=True, index=True, help="sheet, field, or the name of a closed set of values.")
    code = fields.Char(help="Empty: the value is left out.")
    name = fields.Char(required=True)
    values_scope = fields.Char(help="Of a field: its closed set of values.")
    sequence = fields.Integer(default=10)
