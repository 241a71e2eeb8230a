from odoo import api, models
from odoo.exceptions import UserError

#: Files that are kept as they came; triggers and an index guard them in the database as well.
_KEPT = {"hocba.registry.record": "packet", "hocba.registry.transaction": "content"}
_OPEN = {"access_token", "index_content", "description"}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def write(self, vals):
        if not set(vals) <= _OPEN:
            self._hocba_refuse_kept()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_kept(self):
        self._hocba_refuse_kept()

    def _hocba_refuse_kept(self):
        if any(file.res_field and _KEPT.get(file.res_model) == file.res_field for file in self.sudo()):
            raise UserError(self.env._("What schools have sent is kept as it came."))
