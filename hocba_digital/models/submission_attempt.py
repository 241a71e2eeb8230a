from odoo import fields, models


class SubmissionAttempt(models.Model):
    """One call to the gateway: written before the call, completed after the answer."""

    _name = "hocba.submission.attempt"
    _description = "Attempt"
    _order = "id desc"
    _rec_name = "started_at"

    submission_id = fields.Many2one(
        "hocba.submission", "Transaction", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="submission_id.company_id", store=True, index=True)
    action = fields.Selection([("send", "Send"), ("query", "Query")], required=True, readonly=True)
    started_at = fields.Datetime("Started", required=True, readonly=True)
    ended_at = fields.Datetime("Answered at", readonly=True)
    outcome = fields.Selection(
        [
            ("ok", "Answered"),
            ("data", "Data error"),
            ("authorisation", "Not authorised"),
            ("transport", "No connection"),
            ("receiver", "Error at the gateway"),
            ("lost", "Interrupted"),
        ],
        readonly=True,
    )
    reached = fields.Boolean("May have arrived", readonly=True)
    code = fields.Char(readonly=True)
    message = fields.Text("Answer", readonly=True)
