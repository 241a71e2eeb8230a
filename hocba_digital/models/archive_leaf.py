import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import signing


class ArchiveLeaf(models.Model):
    """What an archive stamp covers: a record's packet, or an older stamp; and the way from its digest to the root."""

    _name = "hocba.archive.leaf"
    _description = "Entry of an Archive Time Stamp"
    _inherit = ["hocba.frozen.mixin"]
    _order = "id"
    _append_only = True

    archive_id = fields.Many2one(
        "hocba.archive", "Stamp", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="archive_id.company_id")
    purpose = fields.Selection(related="archive_id.purpose")
    record_id = fields.Many2one("hocba.record", readonly=True, index="btree_not_null", ondelete="restrict")
    renewed_id = fields.Many2one("hocba.archive", "Older stamp", readonly=True, index="btree_not_null")
    digest = fields.Char("Digest (SHA-256)", required=True, readonly=True, index=True)
    way = fields.Text("Way to the root", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_transition(self)
        return super().create(vals_list)

    @api.model
    def _check_transition(self, records):
        if not records._is_transition():
            raise UserError(self.env._("Archive stamps are made by the system and never by hand."))

    @api.private
    def _evidence(self):
        """``Evidence`` of the packets with this digest: one record a leaf, certificates and revocation data joined."""
        parts = {"certificates": {}, "crls": {}, "ocsps": {}}
        records = []
        for leaf in self.sudo():
            archive = leaf.archive_id
            steps = [(signing.Evidence.way_of(leaf.way), base64.b64decode(archive.token)), *archive._chain()]
            records.append(signing.evidence_record(signing.archive_time_stamp(way, token) for way, token in steps))
            material = base64.b64decode(archive.material or b"")
            found = signing.Evidence.from_pem(material) if material else signing.Evidence()
            for name, items in parts.items():
                items.update(dict.fromkeys(getattr(found, name)))
        return signing.Evidence(records=tuple(records), **{name: tuple(items) for name, items in parts.items()})
