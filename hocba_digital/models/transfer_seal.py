"""What the clerk seals next of a change of school, for keys that answer at once and for those that answer later."""

from odoo import api, models


class TransferSeal(models.Model):
    _inherit = "hocba.transfer"

    def _to_seal(self):
        """These changes, locked, for the clerk alone."""
        return self._require("group_clerk", self.env._("Only the clerk seals hand-over files and receipts."))

    @api.private
    def _document_to_seal(self):
        """Manifest or receipt, without signature. Raises UserError when nothing is to be sealed now."""
        return self._manifest() if self.direction == "out" else self._receipt_told()

    @api.private
    def _document_sealed(self, content):
        """Go on with the sealed manifest or receipt."""
        return self._released(content) if self.direction == "out" else self._answered(content)
