"""Earlier tests of a subject stay in sight beside the last score (TT 27, Art. 7.1d; annex 1, item 2)."""

from odoo import api, fields, models


class ResultRetest(models.Model):
    _inherit = "hocba.result"

    retest_ids = fields.One2many("hocba.retest", "result_id", "Other tests")
    reassessment_ids = fields.One2many("hocba.reassessment", "result_id", "Additional assessments")
    earlier = fields.Char("Before", compute="_compute_earlier", help="Earlier scores and levels, oldest first.")

    @api.depends("retest_ids.state", "retest_ids.earlier_score", "reassessment_ids.state")
    def _compute_earlier(self):
        for line in self:
            tests = line.sudo().retest_ids.filtered(lambda test: test.state == "done").sorted("id")
            again = line.sudo().reassessment_ids.filtered(lambda item: item.state == "done").sorted("id")
            words = [test.earlier_score for test in tests]
            words += ["/".join(filter(None, (item.first_level, item.first_score))) for item in again]
            line.earlier = ", ".join(words)

    def action_propose_retest(self):
        """Open the proposal of another test, or the one that is under way."""
        self.ensure_one()
        current = self.retest_ids.filtered(lambda test: test.state in ("proposed", "allowed"))[:1]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Another test"),
            "res_model": "hocba.retest",
            "res_id": current.id,
            "view_mode": "form",
            "target": "current",
            "context": {"default_result_id": self.id},
        }
