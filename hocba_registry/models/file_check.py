from odoo import models


class FileCheck(models.AbstractModel):
    """A file that is checked here may be of a record that a later one superseded."""

    _inherit = "hocba.file.check"

    def _superseded_text(self, uuid):
        records = self.env["hocba.registry.record"].sudo()
        record = records.search([("uuid", "=", uuid), ("superseded_by_id", "!=", False)], limit=1)
        return record.superseded_text or super()._superseded_text(uuid)
