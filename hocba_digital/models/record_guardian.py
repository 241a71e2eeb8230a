"""A record as its guardian takes it: the signed PDF where there is one, else the printed form; or the packet itself."""

from odoo import models


class RecordGuardian(models.Model):
    _inherit = "hocba.record"

    def _copy_for_guardian(self, kind, guardian):
        """(bytes, file name) of a registered copy, ``kind`` pdf or xml, for who represents the pupil."""
        self.ensure_one()
        record, name = self.sudo(), guardian.partner_id.name
        service = self.env["hocba.print"].sudo()
        register = self.env["hocba.issuance"]
        common = {"purpose": "pupil", "recipient": name}
        if kind == "xml":
            content = record._packet_bytes()
            register._one(record, content, "xml", **common)
            self.env["hocba.event"]._log(record, "printed")
            return content, f"{record.uuid}.xml"
        if record.pdf_state == "sealed":
            content = record.pdf_id._bytes()
            register._one(record, content, "pdf", **common)
            self.env["hocba.event"]._log(record, "pdf_taken")
            return content, service._record_file_name(record, signed=True)
        return service._issue_records(record, **common)[record.id], service._record_file_name(record)
