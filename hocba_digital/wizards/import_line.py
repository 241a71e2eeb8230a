from odoo import fields, models

SEVERITIES = [("fatal", "File not read"), ("error", "Row left out"), ("warn", "To be checked")]


class ImportLine(models.TransientModel):
    """One finding of an import: where in the workbook, and what is wrong there."""

    _name = "hocba.import.line"
    _description = "Finding of an Import"
    _order = "id"
    _rec_name = "reason"

    wizard_id = fields.Many2one("hocba.import.wizard", required=True, ondelete="cascade", index=True)
    sheet = fields.Char(readonly=True)
    row = fields.Integer("Row number", readonly=True)
    row_text = fields.Char("Row", compute="_compute_row_text")
    column = fields.Char(readonly=True, help="Letter and heading of the column.")
    reason = fields.Text(readonly=True)
    severity = fields.Selection(SEVERITIES, "Consequence", readonly=True)
    code = fields.Char(readonly=True)

    def _compute_row_text(self):
        for line in self:
            line.row_text = str(line.row) if line.row else ""
