from odoo import fields, models
from odoo.exceptions import AccessError


class TransactionFile(models.Model):
    """Transactions that came as files, and answers that go out as files."""

    _inherit = "hocba.registry.transaction"

    file_user_id = fields.Many2one("res.users", "Taken from a file by", readonly=True, ondelete="restrict")

    def action_export_answers(self):
        """The answers to these transactions as they stand now: one zip file for the schools."""
        if not self.env.user.has_group("hocba_registry.group_so_officer"):
            raise AccessError(self.env._("Only an officer of the department hands out answers."))
        files = self.env["hocba.registry.intake"]._answer_files(self)
        return self.env["hocba.file.package"]._of("tra-loi", files)._download()
