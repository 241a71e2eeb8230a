from odoo import api, models
from odoo.exceptions import UserError

from .frozen_mixin import TRANSITION

#: Files behind fields that only the models' own methods write.
_KEPT = {"hocba.record": "packet", "hocba.submission": "payload"}
_OPEN = {"access_token", "index_content", "description"}


class IrAttachment(models.Model):
    """The bytes that were signed and sent are as closed as the rows that hold them."""

    _inherit = "ir.attachment"

    def init(self):
        result = super().init()
        # No second file can be slipped under a record or a transaction, not even by SQL.
        self.env.cr.execute(
            """
            CREATE UNIQUE INDEX IF NOT EXISTS hocba_one_file ON ir_attachment (res_model, res_id, res_field)
             WHERE res_model IN ('hocba.record', 'hocba.submission') AND res_field IN ('packet', 'payload')
            """
        )
        return result

    def write(self, vals):
        if not set(vals) <= _OPEN:
            self._hocba_refuse_own()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_own(self):
        self._hocba_refuse_own()

    def _hocba_refuse_own(self):
        if self.env.context.get("hocba_transition") is TRANSITION:
            return
        if any(file.res_field and _KEPT.get(file.res_model) == file.res_field for file in self.sudo()):
            raise UserError(self.env._("The bytes that were signed or sent cannot be replaced."))
