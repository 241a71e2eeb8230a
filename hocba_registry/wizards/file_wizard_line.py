from odoo import fields, models


class FileWizardLine(models.TransientModel):
    """What became of one transaction out of a file."""

    _name = "hocba.registry.file.wizard.line"
    _description = "Transaction from a File"

    wizard_id = fields.Many2one("hocba.registry.file.wizard", required=True, ondelete="cascade")
    messageid = fields.Char("Message ID", readonly=True)
    transaction_id = fields.Many2one("hocba.registry.transaction", readonly=True, ondelete="cascade")
    unit_id = fields.Many2one(related="transaction_id.unit_id")
    state = fields.Selection(related="transaction_id.state")
    accepted_count = fields.Integer(related="transaction_id.accepted_count")
    refused_count = fields.Integer(related="transaction_id.refused_count")
    text = fields.Char("Answer", readonly=True)
