from odoo import api, fields, models


class SigningJobLine(models.Model):
    """One record of a signing job."""

    _name = "hocba.signing.job.line"
    _description = "Record of a Signing"
    _rec_name = "record_id"
    _order = "id"

    job_id = fields.Many2one("hocba.signing.job", required=True, ondelete="cascade", index=True)
    record_id = fields.Many2one("hocba.record", required=True, ondelete="restrict", index=True)
    name = fields.Char("Results", compute="_compute_name")
    subject_id = fields.Many2one("hocba.subject", ondelete="restrict", help="Whose results a subject teacher signs.")
    record_ids = fields.Many2many(
        "hocba.record",
        "hocba_signing_job_line_report_rel",
        string="Records of the transaction",
        help="Of a report to the department: what one transaction holds.",
    )
    submission_id = fields.Many2one("hocba.submission", "Transaction", ondelete="set null")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("asked", "Waiting for approval"),
            ("done", "Signed"),
            ("left_out", "Left out"),
        ],
        default="waiting",
        required=True,
    )
    reason = fields.Char("Why it was left out")
    digest = fields.Char(
        "Digest to be signed",
        help="SHA-256, hexadecimal, of what was handed to the key: the record is signed as it was then.",
    )
    value = fields.Char(groups=fields.NO_ACCESS)

    @api.depends("record_id", "subject_id")
    def _compute_name(self):
        for line in self:
            line.name = line.sudo()._label()

    def _label(self):
        """What is signed, as people call it."""
        return ": ".join(filter(None, (self.record_id.display_name, self.subject_id.name)))
