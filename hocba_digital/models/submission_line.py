from odoo import fields, models


class SubmissionLine(models.Model):
    """One record in one transaction, and the department's verdict on it (annex 1 §2.3)."""

    _name = "hocba.submission.line"
    _description = "Record in a Transaction"
    _rec_name = "uuid"
    _order = "id"

    submission_id = fields.Many2one(
        "hocba.submission", "Transaction", required=True, readonly=True, ondelete="restrict", index=True
    )
    state = fields.Selection(related="submission_id.state", string="Transaction's state")
    company_id = fields.Many2one(related="submission_id.company_id", store=True, index=True)
    record_id = fields.Many2one("hocba.record", required=True, readonly=True, ondelete="restrict", index=True)
    uuid = fields.Char("Look-up code (UUID)", required=True, readonly=True)
    packet_digest = fields.Char("SHA-256 of the packet", required=True, readonly=True)
    verdict = fields.Selection(
        [("pending", "Pending"), ("accepted", "Accepted"), ("refused", "Refused")],
        default="pending",
        required=True,
        readonly=True,
        index=True,
    )
    error_code = fields.Char("Error", readonly=True)
    error_field = fields.Char("Field", readonly=True)
    error_description = fields.Text("Reason", readonly=True)
    answered_at = fields.Datetime("Answered at", readonly=True)
