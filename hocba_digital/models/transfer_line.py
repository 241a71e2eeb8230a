import base64
import hashlib

from odoo import fields, models
from odoo.exceptions import UserError

from ..core import packet, signing

#: What checking a signature ends in (EN 319 102-1).
RESULTS = [("TOTAL_PASSED", "Holds"), ("INDETERMINATE", "Not decided"), ("TOTAL_FAILED", "Does not hold")]


class TransferLine(models.Model):
    """One year that changes schools: an own record, or a received packet byte for byte as it was signed."""

    _name = "hocba.transfer.line"
    _description = "Year of a Change of School"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _by_methods_only = True
    _order = "transfer_id, school_year_name"
    _rec_name = "uuid"

    transfer_id = fields.Many2one("hocba.transfer", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True)
    uuid = fields.Char("Look-up code (UUID)", required=True, readonly=True, index=True)
    school_year_name = fields.Char("School year", required=True, readonly=True)
    class_name = fields.Char("Class", readonly=True)
    school_name = fields.Char("School that issued it", readonly=True)
    record_id = fields.Many2one("hocba.record", "Own record", readonly=True, ondelete="restrict", index=True)
    packet_digest = fields.Char("SHA-256 of the packet", required=True, readonly=True)
    packet = fields.Binary(attachment=False, readonly=True, groups=fields.NO_ACCESS)
    evidence = fields.Binary(attachment=False, readonly=True, groups=fields.NO_ACCESS)
    result = fields.Selection(
        RESULTS,
        "Signatures when it came",
        readonly=True,
    )
    finding = fields.Text("What checking showed", readonly=True)

    _once = models.UniqueIndex("(transfer_id, uuid)", "A year stands once in a hand-over.")

    def _packet_bytes(self):
        """The packet as it was signed; raises UserError when the stored bytes are others."""
        self.ensure_one()
        line = self.sudo().with_context(bin_size=False)
        if line.record_id:
            return line.record_id._packet_bytes()
        content = base64.b64decode(line.packet or b"")
        if hashlib.sha256(content).hexdigest() != line.packet_digest:
            raise UserError(
                self.env._("The stored packet of %(uuid)s is not the one that was received.", uuid=self.uuid)
            )
        return content

    def _evidence_bytes(self):
        line = self.sudo().with_context(bin_size=False)
        return base64.b64decode(line.evidence) if line.evidence else b""

    def action_open_page(self):
        """The year as its form, on the screen."""
        self.ensure_one()
        self.check_access("read")
        if self.record_id:
            return self.record_id.get_formview_action()
        return {"type": "ir.actions.act_url", "url": f"/hocba/transfer/year/{self.id}", "target": "new"}


def verified(content, evidence, trust):
    """``PacketReport`` of a packet and its evidence file (may be empty). Raises ValueError for broken evidence."""
    proof = signing.Evidence.from_pem(evidence) if evidence else None
    return signing.verify_packet(content, trust, profile=packet.reading_profile(content), evidence=proof)
