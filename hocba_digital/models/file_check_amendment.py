from odoo import models


class FileCheckAmendment(models.AbstractModel):
    """Signatures stay valid for ever; that a record is superseded only this database can say."""

    _inherit = "hocba.file.check"

    def _content(self, data):
        lines = super()._content(data)
        text = self._superseded_text(data.uuid)
        return [{"label": self.env._("No longer in force"), "text": text}, *lines] if text else lines

    def _superseded_text(self, uuid):
        """What is known here of a record that another one supersedes; nothing of the others."""
        record = (
            self.env["hocba.record"].sudo().search([("uuid", "=", uuid), ("superseded_by_id", "!=", False)], limit=1)
        )
        return record and record._superseded_text()
