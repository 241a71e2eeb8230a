import base64
import hashlib

from odoo import api, fields, models

from ..core import packet


class RecordVersion(models.Model):
    """The packet of a record as it was signed before the head reopened it: kept for good, never the valid one again."""

    _name = "hocba.record.version"
    _description = "Earlier Signed Version"
    _inherit = ["hocba.frozen.mixin"]
    _order = "record_id, number desc"
    _rec_name = "number"

    _frozen_states = ("kept",)
    _kept_files = ("packet",)

    record_id = fields.Many2one("hocba.record", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True, ondelete="restrict")
    number = fields.Integer("Version", required=True, readonly=True)
    state = fields.Selection([("kept", "Kept")], required=True, readonly=True, default="kept")
    profile = fields.Char("Format", readonly=True)
    packet = fields.Binary(attachment=True, readonly=True)
    packet_name = fields.Char(compute="_compute_packet_name")
    digest = fields.Char("SHA-256 of the packet", required=True, readonly=True)
    reopened_at = fields.Datetime("Reopened at", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Reopened by", required=True, readonly=True, ondelete="restrict")
    reason = fields.Text("Why it was reopened", readonly=True)

    _number_uniq = models.Constraint("UNIQUE(record_id, number)", "This version of the record is kept already.")

    def _compute_packet_name(self):
        for version in self:
            version.packet_name = f"{version.record_id.uuid}-{version.number}.xml"

    @api.model
    def _keep(self, record, reason):
        """Keep the packet that ``record`` carries now."""
        return self._keep_bytes(record, record._packet_bytes(), reason, fields.Datetime.now(), self.env.uid)

    @api.model
    def _keep_file(self, record, file):
        """Keep a packet that stood with the record as a loose file (before version 19.0.2)."""
        return self._keep_bytes(record, file.raw, False, file.create_date, file.create_uid.id or self.env.uid)

    def _keep_bytes(self, record, content, reason, at, user_id):
        return self.sudo().create(
            {
                "record_id": record.id,
                "company_id": record.company_id.id,
                "number": len(record.version_ids) + 1,
                "profile": record.profile,
                "packet": base64.b64encode(content),
                "digest": hashlib.sha256(content).hexdigest(),
                "reopened_at": at,
                "user_id": user_id,
                "reason": reason,
            }
        )

    def _data(self):
        """``RecordData`` of the kept packet."""
        return packet.get_profile(self.profile).parse(self._bytes()).data

    def _bytes(self):
        """The kept packet."""
        self.ensure_one()
        return base64.b64decode(self.with_context(bin_size=False).packet or b"")
