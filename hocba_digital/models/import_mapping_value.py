from odoo import fields, models


class ImportMappingValue(models.Model):
    """A value of a closed set as other software writes it, and what it is read as."""

    _name = "hocba.import.mapping.value"
    _description = "Value of a Mapping"
    _order = "key, raw"
    _rec_name = "raw"

    mapping_id = fields.Many2one("hocba.import.mapping", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="mapping_id.company_id", store=True)
    key = fields.Char(required=True, readonly=True)
    raw = fields.Char("Value in the file", required=True)
    code = fields.Char(readonly=True, help="Empty: the value is left out.")
    label = fields.Char("Read as")
