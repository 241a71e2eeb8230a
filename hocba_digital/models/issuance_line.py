from odoo import api, fields, models


class IssuanceLine(models.Model):
    """A record in an issued copy, or a year received from another school, with the digest of its packet."""

    _name = "hocba.issuance.line"
    _description = "Record in an Issued Copy"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _by_methods_only = True
    _log_access = False
    _order = "issuance_id, id"
    _rec_name = "record_id"

    issuance_id = fields.Many2one("hocba.issuance", required=True, readonly=True, index=True, ondelete="restrict")
    record_id = fields.Many2one("hocba.record", readonly=True, index=True, ondelete="restrict")
    received_id = fields.Many2one(
        "hocba.transfer.line", "Year received from another school", readonly=True, index=True, ondelete="restrict"
    )
    uuid = fields.Char("Look-up code (UUID)", compute="_compute_year")
    school_year_name = fields.Char("School year", compute="_compute_year")
    school_name = fields.Char("School that issued it", compute="_compute_year")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, ondelete="restrict")
    packet_digest = fields.Char("SHA-256 of the packet", readonly=True)
    standing = fields.Selection(
        [
            ("signed", "Signed, not reported yet"),
            ("reported", "Reported to the department"),
            ("locked", "In force"),
            ("received", "Issued by another school, as received"),
            ("replaced", "Received again since, with other content"),
            ("superseded", "Replaced by an amended record"),
            ("recalled", "Withdrawn"),
            ("reopened", "Reopened: the copy is of an earlier version"),
        ],
        "Standing now",
        compute="_compute_standing",
    )

    _one_source = models.Constraint(
        "CHECK (num_nonnulls(record_id, received_id) = 1)", "A line names a record or a received year."
    )

    @api.depends("record_id", "received_id")
    def _compute_year(self):
        for line in self:
            record, received = line.record_id.sudo(), line.received_id.sudo()
            line.uuid = record.uuid or received.uuid
            line.school_year_name = record.school_year_id.name or received.school_year_name
            line.school_name = record.company_id.name or received.school_name

    @api.depends(
        "record_id.state", "record_id.superseded_by_id", "record_id.packet_digest", "packet_digest", "received_id"
    )
    def _compute_standing(self):
        for line in self:
            line.standing = line._standing_now()

    def _standing_now(self):
        record, received = self.record_id.sudo(), self.received_id.sudo()
        if received:
            now = received.transfer_id.pupil_id._received_lines()
            same = now.filtered(lambda line: line.school_year_name == received.school_year_name)
            return "replaced" if same and same.packet_digest != self.packet_digest else "received"
        if record.state == "recalled":
            return "recalled"
        if record.state == "draft" or record.packet_digest != self.packet_digest:
            return "reopened"
        if record.superseded_by_id:
            return "superseded"
        return {"signed": "signed", "submitted": "reported"}.get(record.state, "locked")

    def _is_current(self):
        return self.standing in ("signed", "reported", "locked", "received")
