import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError


class RecordPdf(models.Model):
    """The soft copy of an issued record: the official form with its packet inside, signed by head and school.

    ::

        prepared --head signs--> head --school's seal--> sealed

    A row belongs to one packet (``packet_digest``). When the record is reopened and signed anew, its packet is another
    one, and the old soft copy is no longer the record's; it stays as it was given out. Sealed rows are closed for good.
    The row stands beside the record and changes nothing in it, so it can be made after the closing too.
    """

    _name = "hocba.record.pdf"
    _description = "Signed PDF of a Record"
    _inherit = ["hocba.frozen.mixin"]
    _order = "id desc"
    _rec_name = "record_id"

    _by_methods_only = True
    _frozen_states = ("sealed",)
    _kept_files = ("content",)

    record_id = fields.Many2one("hocba.record", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="record_id.company_id", store=True, index=True)
    class_id = fields.Many2one(related="record_id.class_id", store=True, index=True)
    state = fields.Selection(
        [("prepared", "Prepared"), ("head", "Signed by the head"), ("sealed", "Signed by head and school")],
        default="prepared",
        required=True,
        readonly=True,
    )
    packet_digest = fields.Char("SHA-256 of the packet", required=True, readonly=True)
    content = fields.Binary("PDF file", attachment=True, readonly=True)
    digest = fields.Char("SHA-256 of the PDF", readonly=True)
    head_id = fields.Many2one("res.users", "Signed in as (head)", readonly=True, ondelete="restrict")
    head_name = fields.Char("Head", readonly=True)
    head_at = fields.Datetime("Head signed at", readonly=True)
    seal_id = fields.Many2one("res.users", "Signed in as (seal)", readonly=True, ondelete="restrict")
    seal_name = fields.Char("School's seal", readonly=True)
    seal_at = fields.Datetime("Sealed at", readonly=True)

    _one_a_packet = models.UniqueIndex("(record_id, packet_digest)", "This packet has a PDF already.")

    def _text_by_hand(self):
        return self.env._("PDF files come from signing and are never edited.")

    def _text_deletion(self):
        return self.env._("Signed PDF files are never deleted.")

    def _bytes(self):
        """The file as stored; raises when it is not the one that was signed."""
        self.ensure_one()
        content = base64.b64decode(self.sudo().with_context(bin_size=False).content or b"")
        if hashlib.sha256(content).hexdigest() != self.digest:
            raise UserError(
                self.env._(
                    "The stored PDF of %(name)s is not the one that was signed. Restore it from a backup.",
                    name=self.record_id.display_name,
                )
            )
        return content

    @api.private
    def _store(self, contents, **values):
        """Store the files (bytes, in the order of the rows), then ``values`` (a state closes what is stored)."""
        rows = self.sudo()._in_transition()
        rows._store_kept_files("content", contents)
        for row, content in zip(rows, contents, strict=True):
            row.write({"digest": hashlib.sha256(content).hexdigest()})
        self.env.flush_all()
        if values:
            rows.write(values)
