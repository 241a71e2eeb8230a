from odoo import api, fields, models


class IssuanceLine(models.Model):
    """A record in an issued copy, with the digest of the packet that it was made from."""

    _name = "hocba.issuance.line"
    _description = "Record in an Issued Copy"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _by_methods_only = True
    _log_access = False
    _order = "issuance_id, id"
    _rec_name = "record_id"

    issuance_id = fields.Many2one("hocba.issuance", required=True, readonly=True, index=True, ondelete="restrict")
    record_id = fields.Many2one("hocba.record", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, ondelete="restrict")
    packet_digest = fields.Char("SHA-256 of the packet", readonly=True)
    standing = fields.Selection(
        [
            ("signed", "Signed, not reported yet"),
            ("reported", "Reported to the department"),
            ("locked", "In force"),
            ("superseded", "Replaced by an amended record"),
            ("recalled", "Withdrawn"),
            ("reopened", "Reopened: the copy is of an earlier version"),
        ],
        "Standing now",
        compute="_compute_standing",
    )

    @api.depends("record_id.state", "record_id.superseded_by_id", "record_id.packet_digest", "packet_digest")
    def _compute_standing(self):
        for line in self:
            line.standing = line._standing_now()

    def _standing_now(self):
        record = self.record_id.sudo()
        if record.state == "recalled":
            return "recalled"
        if record.state == "draft" or record.packet_digest != self.packet_digest:
            return "reopened"
        if record.superseded_by_id:
            return "superseded"
        return {"signed": "signed", "submitted": "reported"}.get(record.state, "locked")

    def _is_current(self):
        return self.standing in ("signed", "reported", "locked")
