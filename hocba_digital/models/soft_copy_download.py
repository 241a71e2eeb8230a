"""Handing out signed PDF files: of one record, of a selection, of a class; never a part of what was asked for."""

import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..reports.print_service import ranges
from .issuance import IssuedCopy

_NAMED = 20


class RecordDownload(models.Model):
    _inherit = "hocba.record"

    def action_download_signed_pdf(self):
        """Download the signed PDF of one record, or of several as an archive. Raises unless every one is there."""
        self._signed_pdfs()
        return {"type": "ir.actions.act_url", "url": f"/hocba/signed-pdf?ids={ranges(self.ids)}", "target": "self"}

    def _signed_pdfs(self):
        """The rows of the finished files, in the order of the records. Raises UserError, naming what is missing."""
        self.check_access("read")
        if not self:
            raise UserError(self.env._("There is no record whose PDF could be downloaded."))
        missing = self.filtered(lambda record: record.pdf_state != "sealed")
        if missing:
            names = "\n".join(f"- {record.display_name}" for record in missing[:_NAMED])
            more = self.env._("\nand %(count)s more", count=len(missing) - _NAMED) if len(missing) > _NAMED else ""
            raise UserError(
                self.env._(
                    "Nothing was downloaded, because %(count)s of %(total)s records have no PDF signed by head and "
                    "school:\n%(names)s",
                    count=len(missing),
                    total=len(self),
                    names=names + more,
                )
            )
        return self.env["hocba.record.pdf"].union(*(record.pdf_id for record in self))

    def _issue_signed_pdfs(self, rows):
        """Register the downloaded ``rows`` (``hocba.record.pdf``) as copies, and trace them with their records."""
        register = self.env["hocba.issuance"]
        numbers = register._numbers_of(rows)
        copies = [IssuedCopy(numbers[row.id], row.record_id, hashlib.sha256(row._bytes()).hexdigest()) for row in rows]
        register._enter(copies, "pdf")
        self.env["hocba.event"]._log(self, "pdf_taken")


class SchoolClassDownload(models.Model):
    _inherit = "hocba.class"

    my_pdf_count = fields.Integer("PDF files waiting for me", compute="_compute_pdf_counts")
    pdf_count = fields.Integer("Signed PDF files", compute="_compute_pdf_counts")

    @api.depends_context("uid")
    def _compute_pdf_counts(self):
        readable = self.env["hocba.record"].has_access("read")
        for school_class in self:
            records = school_class.record_ids if readable else self.env["hocba.record"]
            school_class.pdf_count = len(records.filtered(lambda record: record.pdf_state == "sealed"))
            school_class.my_pdf_count = len(records.filtered("can_sign_pdf"))

    def action_sign_pdfs(self):
        """Sign every PDF of the class that waits for the current user."""
        return self.record_ids.action_sign_pdf()

    def action_download_signed_pdfs(self):
        """Download the signed PDF files of the class; withdrawn records are left out."""
        return self.record_ids.filtered(lambda record: record.state != "recalled").action_download_signed_pdf()
