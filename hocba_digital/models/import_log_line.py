from odoo import fields, models


class ImportLogLine(models.Model):
    """One finding of an import that was carried out."""

    _name = "hocba.import.log.line"
    _description = "Finding of an Import Report"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _order = "id"
    _rec_name = "reason"

    log_id = fields.Many2one("hocba.import.log", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    sheet = fields.Char(readonly=True)
    row = fields.Integer("Row number", readonly=True)
    column = fields.Char(readonly=True)
    reason = fields.Text(readonly=True)
    severity = fields.Selection(
        [("fatal", "File not read"), ("error", "Row left out"), ("warn", "To be checked")], "Consequence", readonly=True
    )
