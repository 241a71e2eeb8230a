"""Transactions with a test gateway: everything happens for real, and nothing of it counts."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class SubmissionTrial(models.Model):
    _inherit = "hocba.submission"

    trial = fields.Boolean(
        readonly=True,
        index=True,
        help="Made with a test gateway: its answers are kept here and change nothing in the records.",
    )

    @api.model
    def _create_frozen(self, kind, endpoint, *args, **values):
        trial = endpoint.sudo().environment == "sandbox"
        return super()._create_frozen(kind, endpoint, *args, **{"trial": trial, **values})

    @api.model
    def _queue_recalls(self, records, pin):
        company = records.company_id[:1]
        if company and self.env["hocba.endpoint"]._for_company(company).sudo().environment == "sandbox":
            raise UserError(
                self.env._(
                    "%(school)s reports to a test gateway now. What the real gateway accepted can only be recalled "
                    "there.",
                    school=company.name,
                )
            )
        return super()._queue_recalls(records, pin)

    def _settle_verdicts(self, answer):
        if not self.trial:
            return super()._settle_verdicts(answer)
        verdicts = {verdict.uuid: verdict for verdict in answer.verdicts}
        open_lines = self.line_ids.filtered(lambda line: line.verdict in ("pending", "conflict"))
        for line in open_lines.filtered(lambda line: line.uuid in verdicts):
            self._judge(line, verdicts[line.uuid])
        self._conclude()
        return None

    def _next_action(self):
        """Of a trial nothing is asked for once its verdicts are there: a test gateway closes no year."""
        if self.trial and self.state in ("accepted", "partly"):
            return None
        return super()._next_action()

    def _end_trial(self):
        """The test gateway is given up: what waits for its answer waits no longer."""
        for submission in self:
            text = self.env._("The test gateway was archived before it answered. Nothing was reported.")
            submission.line_ids.filtered(lambda line: line.verdict == "pending").write(
                {"verdict": "refused", "error_description": text, "answered_at": fields.Datetime.now()}
            )
            submission.write({"state": "failed", "error": text, "advice": False, "next_try_at": False})
