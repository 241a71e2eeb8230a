from odoo import fields, models


class ImportValue(models.TransientModel):
    """A value of a column with a closed set of values, and what it is read as."""

    _name = "hocba.import.value"
    _description = "Value of an Import"
    _order = "is_known, number, raw"
    _rec_name = "raw"

    wizard_id = fields.Many2one("hocba.import.wizard", required=True, ondelete="cascade", index=True)
    number = fields.Integer(readonly=True)
    key = fields.Char(required=True, readonly=True)
    column = fields.Char("Heading", readonly=True)
    scope = fields.Char(required=True, readonly=True)
    raw = fields.Char("Value in the file", required=True, readonly=True)
    count = fields.Integer("Rows", readonly=True)
    is_known = fields.Boolean("Understood", readonly=True)
    option_id = fields.Many2one(
        "hocba.import.option",
        "Read as",
        domain="[('wizard_id', '=', wizard_id), ('scope', '=', scope)]",
        ondelete="set null",
    )
