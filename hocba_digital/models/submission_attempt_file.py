from odoo import fields, models


class SubmissionAttemptFile(models.Model):
    """An attempt by file: who handed it over or entered the answer, and the answer's bytes as they came."""

    _inherit = "hocba.submission.attempt"

    action = fields.Selection(
        selection_add=[("export", "Exported as a file"), ("import", "Answer from a file")],
        ondelete={"export": "cascade", "import": "cascade"},
    )
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="restrict")
    answer_file = fields.Binary("Answer as it came", attachment=True, readonly=True)
    answer_digest = fields.Char("SHA-256 of the answer", readonly=True, index="btree_not_null")
