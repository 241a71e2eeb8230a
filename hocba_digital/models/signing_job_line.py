from odoo import fields, models


class SigningJobLine(models.Model):
    """One record of a signing job."""

    _name = "hocba.signing.job.line"
    _description = "Record of a Signing"
    _rec_name = "record_id"
    _order = "id"

    job_id = fields.Many2one("hocba.signing.job", required=True, ondelete="cascade", index=True)
    record_id = fields.Many2one("hocba.record", required=True, ondelete="restrict", index=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Signed"), ("left_out", "Left out")], default="waiting", required=True
    )
    reason = fields.Char("Why it was left out")
