"""What is kept beside a record's packet: proof of time, certificates, revocation data (as XAdES-LT and -LTA do)."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class RecordEvidence(models.Model):
    _inherit = "hocba.record"

    archive_leaf_ids = fields.One2many("hocba.archive.leaf", "record_id", "Archive stamps", readonly=True)

    @api.private
    def _evidence(self):
        """``Evidence`` of the stored packet; None when there is none yet."""
        self.ensure_one()
        leaves = self.sudo().archive_leaf_ids.filtered(lambda leaf: leaf.digest == self.packet_digest)
        return leaves._evidence() if leaves else None

    def action_download_evidence(self):
        """The evidence file of one record, for whoever verifies its packet elsewhere (``bin/verify``)."""
        self.ensure_one()
        self.check_access("read")
        if not self._evidence():
            raise UserError(
                self.env._(
                    "There is no evidence of %(name)s yet. It is made after the school's seal and at the closing, when "
                    "the school has a time-stamping authority.",
                    name=self.display_name,
                )
            )
        return {"type": "ir.actions.act_url", "url": f"/hocba/record/{self.id}/evidence", "target": "download"}
