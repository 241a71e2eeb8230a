from odoo import models
from odoo.exceptions import MissingError

#: Files that leave by routes of their own only, which enter them into the register of copies.
_REGISTERED = {("hocba.record", "packet"), ("hocba.record.version", "packet"), ("hocba.record.pdf", "content")}


class IrBinary(models.AbstractModel):
    """The general download of binary fields is no way round the register of copies."""

    _inherit = "ir.binary"

    def _record_to_stream(self, record, field_name):
        place = (record._name, field_name)
        if record._name == "ir.attachment":
            place = (record.sudo().res_model, record.sudo().res_field)
        if place in _REGISTERED:
            raise MissingError(self.env._("This file is downloaded with its button, which registers the copy."))
        return super()._record_to_stream(record, field_name)
