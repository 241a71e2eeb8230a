from odoo import api, fields, models
from odoo.exceptions import UserError

FINDINGS = [
    ("agrees", "Agrees with what was sent"),
    ("unverified", "Cannot be verified here"),
    ("forged", "Its signature does not hold"),
    ("differs", "Differs from what was sent"),
]


class SubmissionAcknowledgement(models.Model):
    """The receiver's signed word on a transaction as it came, kept for ever, and what was found when it came."""

    _name = "hocba.submission.acknowledgement"
    _description = "Acknowledgement of the Gateway"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _order = "id"
    _rec_name = "submission_id"

    submission_id = fields.Many2one(
        "hocba.submission", "Transaction", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True)
    # In the row itself, so that the same guard closes both.
    content = fields.Binary("Acknowledgement as received", attachment=False, required=True, readonly=True)
    content_name = fields.Char("File name", compute="_compute_content_name")
    digest = fields.Char("SHA-256 of the acknowledgement", required=True, readonly=True)
    stage = fields.Selection(
        [("receipt", "What was received"), ("verdicts", "What was decided on each record")], "Speaks of", readonly=True
    )
    received_at = fields.Datetime("Received at", required=True, readonly=True)
    signer = fields.Char("Signed by", readonly=True)
    organisation = fields.Char("Organisation code of the signer", readonly=True)
    signed_at = fields.Datetime("Signed at", readonly=True)
    finding = fields.Selection(FINDINGS, "Found when it came", required=True, readonly=True)
    detail = fields.Text("What was found", readonly=True)

    _once = models.UniqueIndex("(submission_id, digest)")

    @api.depends("submission_id", "stage")
    def _compute_content_name(self):
        for row in self:
            stage = "ket-qua" if row.stage == "verdicts" else "tiep-nhan"
            row.content_name = f"{row.submission_id.messageid}-xac-nhan-{stage}.xml"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Acknowledgements come with the gateway's answers."))
        return super().create(vals_list)
