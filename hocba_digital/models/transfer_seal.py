"""What the clerk seals next of a change of school, for keys that answer at once and for those that answer later."""

import hashlib

from odoo import api, models

from .issuance import IssuedCopy


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

    def _enter_copy(self, content, years):
        """The sealed file leaves as a copy for the other school: enter it into the register."""
        found = {"hocba.record": self.env["hocba.record"], "hocba.transfer.line": self.env["hocba.transfer.line"]}
        for year in years:
            found[year.record._name] |= year.record.with_env(self.env)
        register = self.env["hocba.issuance"]
        (number,) = register._numbers(self.company_id, 1)
        digest = hashlib.sha256(content).hexdigest()
        copy = IssuedCopy(number, found["hocba.record"], digest, self.pupil_id, found["hocba.transfer.line"])
        register._enter([copy], "handover", "transfer", f"{self.other_name} ({self.other_code})", note=self.number)
