from odoo import api, models
from odoo.exceptions import UserError

from .frozen_mixin import TRANSITION

#: Taken for text, the whole of a file would be copied into the column for full-text search; a name that says nothing
#: (application/octet-stream) would be guessed again.
KIND = "application/vnd.hocba.kept"
_OPEN = {"access_token", "index_content", "description"}


class IrAttachment(models.Model):
    """Files behind a field of ``_kept_files`` are as closed as the rows that hold them."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [
                {**vals, "mimetype": KIND}
                if self._hocba_is_kept(vals.get("res_model"), vals.get("res_field"))
                else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if set(vals) <= _OPEN:
            return super().write(vals)
        kept = self._hocba_kept()
        if kept and self.env.context.get("hocba_transition") is not TRANSITION:
            raise UserError(self.env._("The bytes that were signed, sent or received cannot be replaced."))
        if kept and kept == self:
            vals = {**vals, "mimetype": KIND}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_kept(self):
        if self._hocba_kept() and self.env.context.get("hocba_transition") is not TRANSITION:
            raise UserError(self.env._("The bytes that were signed, sent or received cannot be deleted."))

    def _hocba_kept(self):
        return self.filtered(lambda file: self._hocba_is_kept(file.sudo().res_model, file.sudo().res_field))

    @api.model
    def _hocba_is_kept(self, res_model, res_field):
        return (
            bool(res_field) and res_model in self.env and res_field in getattr(self.env[res_model], "_kept_files", ())
        )
