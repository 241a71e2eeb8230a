from odoo import api, models
from odoo.exceptions import UserError

#: Files that are kept as they came; triggers and an index guard them in the database as well.
_KEPT = {"hocba.registry.record": "packet", "hocba.registry.transaction": "content"}
#: Taken for text, the whole of a file would be copied into the column for full-text search. A name that says nothing
#: (application/octet-stream) would be guessed again.
_KIND = "application/vnd.hocba.received"
_OPEN = {"access_token", "index_content", "description"}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, "mimetype": _KIND} if _is_kept(vals) else vals for vals in vals_list])

    def write(self, vals):
        if not set(vals) <= _OPEN:
            self._hocba_refuse_kept()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_kept(self):
        self._hocba_refuse_kept()

    def _hocba_refuse_kept(self):
        if any(_is_kept(file) for file in self.sudo()):
            raise UserError(self.env._("What schools have sent is kept as it came."))


def _is_kept(file):
    """Whether an attachment, or the values of one, is such a file."""
    names = file if isinstance(file, dict) else {"res_model": file.res_model, "res_field": file.res_field}
    return bool(names.get("res_field")) and _KEPT.get(names.get("res_model")) == names["res_field"]
