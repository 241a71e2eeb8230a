"""Handing out packets (XML) and evidence files to staff: every one of something signed is a copy and registered."""

from odoo import models
from odoo.exceptions import UserError


class RecordPacketDownload(models.Model):
    _inherit = "hocba.record"

    def action_download_packet(self):
        """Download the packet (XML) as it is signed; the register of copies notes it."""
        self.ensure_one()
        self.check_access("read")
        if not self.packet_digest:
            raise UserError(self.env._("%(name)s has no packet yet.", name=self.display_name))
        return {"type": "ir.actions.act_url", "url": f"/hocba/record/{self.id}/packet", "target": "download"}

    def _issue_packet(self):
        """The packet's bytes, registered as a copy; one that is still being signed is traced only."""
        self.ensure_one()
        content = self.sudo()._packet_bytes()
        if self.state != "draft":
            self.env["hocba.issuance"]._one(self, content, "xml")
        self.env["hocba.event"]._log(self, "packet_taken")
        return content

    def _issue_evidence(self):
        """The evidence file's bytes, registered as a copy; nothing when there is none."""
        evidence = self._evidence()
        if evidence is None:
            return b""
        content = evidence.to_pem()
        self.env["hocba.issuance"]._one(self, content, "evidence")
        self.env["hocba.event"]._log(self, "packet_taken", self.env._("Evidence file"))
        return content


class VersionPacketDownload(models.Model):
    _inherit = "hocba.record.version"

    def action_download_packet(self):
        """Download the packet as it was before the record was reopened; the register of copies notes it."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/hocba/version/{self.id}/packet", "target": "download"}

    def _issue_packet(self):
        """The kept bytes, registered as a copy that is not current."""
        self.ensure_one()
        content, record = self.sudo()._bytes(), self.record_id
        self.env["hocba.issuance"]._one(record, content, "xml", packet_digest=self.digest)
        self.env["hocba.event"]._log(record, "packet_taken", self.packet_name)
        return content
