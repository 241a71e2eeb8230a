"""A print of many as copies: each pupil's pages carry a number, the register gets all rows when the file is ready."""

import hashlib

from odoo import fields, models

from ..core import lookup
from .issuance import PURPOSES, IssuedCopy


class PrintJobIssuance(models.Model):
    _inherit = "hocba.print.job"

    purpose = fields.Selection(PURPOSES, readonly=True, default="school", required=True)
    recipient = fields.Char("Issued to", readonly=True)

    def _draw_numbers(self, lines):
        """Give a number to each line whose pages are a copy of something signed."""
        issued = lines.filtered(lambda line: line._issued_records() or line._received_years())
        numbers = self.env["hocba.issuance"]._numbers(self.sudo().company_id, len(issued))
        for line, number in zip(issued, numbers, strict=True):
            line.write({"copy_year": number.year, "copy_sequence": number.sequence, "copy_code": number.code})

    def _register_copies(self, content):
        """Rows of the register for everybody in the file; lines of a zip file know the digest of their own pages."""
        digest = hashlib.sha256(content).hexdigest()
        lines = self.line_ids.filtered(lambda line: line.state == "done" and line.copy_code)
        copies = [
            IssuedCopy(
                line._copy_number(),
                line._issued_records(),
                line.copy_digest or digest,
                line.sudo().pupil_id or line.sudo().record_id.pupil_id,
                line._received_years(),
            )
            for line in lines
        ]
        self.env["hocba.issuance"].with_user(self.user_id)._enter(
            copies,
            "book" if self.content == "book" else "print",
            self.purpose,
            self.recipient,
        )


class PrintJobLineIssuance(models.Model):
    _inherit = "hocba.print.job.line"

    copy_year = fields.Integer(readonly=True)
    copy_sequence = fields.Integer(readonly=True)
    copy_code = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    copy_digest = fields.Char(readonly=True)

    def _issued_records(self):
        """The records of this line whose pages are a copy; none for drafts."""
        line = self.sudo()
        records = line.pupil_id.record_ids._standing() if line.pupil_id else line.record_id
        return records._issued().filtered(lambda record: record.state != "recalled")

    def _received_years(self):
        """The years from other schools in this line's book."""
        pupil = self.sudo().pupil_id
        return self.env["hocba.print"]._book_received(pupil, pupil.record_ids._standing())

    def _copy_number(self):
        line = self.sudo()
        if not line.copy_code:
            return None
        return lookup.CopyNumber(line.copy_year, line.copy_sequence, line.copy_code)
