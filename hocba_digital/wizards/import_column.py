from odoo import fields, models


class ImportColumn(models.TransientModel):
    """A column of a file of other software, and what it is read as."""

    _name = "hocba.import.column"
    _description = "Column of an Import"
    _order = "number"
    _rec_name = "header"

    wizard_id = fields.Many2one("hocba.import.wizard", required=True, ondelete="cascade", index=True)
    number = fields.Integer(required=True, readonly=True)
    letter = fields.Char("Column", readonly=True)
    header = fields.Char("Heading", readonly=True)
    samples = fields.Char("First values", readonly=True)
    option_id = fields.Many2one(
        "hocba.import.option",
        "Read as",
        domain="[('wizard_id', '=', wizard_id), ('scope', '=', 'field')]",
        ondelete="set null",
    )
