from odoo import fields, models


class ImportMappingLine(models.Model):
    """A heading and the field that the column below it is read as."""

    _name = "hocba.import.mapping.line"
    _description = "Column of a Mapping"
    _order = "id"
    _rec_name = "header"

    mapping_id = fields.Many2one("hocba.import.mapping", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="mapping_id.company_id", store=True)
    header = fields.Char("Heading", required=True)
    key = fields.Char(required=True, readonly=True)
    label = fields.Char("Read as")
