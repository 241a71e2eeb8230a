from odoo import fields, models


class AnswerWizardLine(models.TransientModel):
    """What became of one answer."""

    _name = "hocba.answer.wizard.line"
    _description = "Answer from a File"

    wizard_id = fields.Many2one("hocba.answer.wizard", required=True, ondelete="cascade")
    messageid = fields.Char("Message ID", readonly=True)
    submission_id = fields.Many2one("hocba.submission", "Transaction", readonly=True)
    result = fields.Selection(
        [("applied", "Entered"), ("same", "Nothing new"), ("refused", "Not entered")], readonly=True, required=True
    )
    text = fields.Char("What became of it", readonly=True)
