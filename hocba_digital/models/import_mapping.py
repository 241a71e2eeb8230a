from odoo import fields, models


class ImportMapping(models.Model):
    """How a file of other software is read: columns, values and dates, kept by name for the whole school."""

    _name = "hocba.import.mapping"
    _description = "Column Mapping"
    _order = "kind, name"

    name = fields.Char(required=True)
    kind = fields.Selection(
        [("pupils", "Pupils"), ("results", "Results by period"), ("staff", "Classes and teachers")], required=True
    )
    company_id = fields.Many2one(
        "res.company", "School", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )
    signature = fields.Char(index=True, readonly=True, help="By the headings: files with the same ones are recognised.")
    date_order = fields.Selection(
        [("dmy", "day/month/year"), ("mdy", "month/day/year"), ("ymd", "year/month/day")],
        "Dates",
        required=True,
        default="dmy",
    )
    pad_id = fields.Boolean("Restore lost zeros of ID numbers")
    line_ids = fields.One2many("hocba.import.mapping.line", "mapping_id", "Columns")
    value_ids = fields.One2many("hocba.import.mapping.value", "mapping_id", "Values")
    last_used = fields.Datetime("Last used", readonly=True)
    active = fields.Boolean(default=True)

    _name_uniq = models.Constraint(
        "UNIQUE(name, kind, company_id)", "A mapping of this name already exists for this kind of file."
    )
