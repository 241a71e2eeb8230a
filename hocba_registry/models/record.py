import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError


class Record(models.Model):
    """A record as the school sent it: the packet's bytes are the record, the columns only find it."""

    _name = "hocba.registry.record"
    _description = "Received School Record"
    _inherit = ["mail.thread", "hocba.frozen.mixin"]
    _order = "year_id desc, unit_id, class_name, pupil_name, id"
    _rec_names_search = ["pupil_name", "uuid", "pupil_code"]

    _frozen_states = ("locked",)
    _kept_files = ("packet",)
    # Where the school lies now helps to find a record and is not part of it: communes are merged.
    _frozen_open = ("commune",)

    uuid = fields.Char("Look-up code (UUID)", required=True, readonly=True, index=True)
    unit_id = fields.Many2one("hocba.registry.unit", "School", required=True, readonly=True, index=True)
    commune = fields.Char(related="unit_id.commune", store=True)
    year_id = fields.Many2one("hocba.registry.year", "School year", required=True, readonly=True, index=True)
    grade = fields.Char(readonly=True)
    class_name = fields.Char("Class", readonly=True)
    pupil_name = fields.Char("Pupil", readonly=True, index="trigram")
    pupil_code = fields.Char("Pupil code", readonly=True, index=True)
    id_number = fields.Char("ID number", readonly=True, index=True, groups="hocba_registry.group_so_officer")
    overall = fields.Char("Overall result", readonly=True)
    profile = fields.Char("Format", readonly=True)
    packet = fields.Binary(attachment=True, readonly=True)
    digest = fields.Char("SHA-256 of the packet", required=True, readonly=True)
    transaction_id = fields.Many2one("hocba.registry.transaction", required=True, readonly=True)
    received_at = fields.Datetime("Received at", readonly=True)
    state = fields.Selection(
        [("accepted", "Accepted"), ("locked", "Locked"), ("recalled", "Withdrawn")],
        default="accepted",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    effective_on = fields.Datetime("In force since", readonly=True)

    _uuid_uniq = models.Constraint("UNIQUE(uuid)", "This look-up code is already in use.")
    _one_a_year = models.UniqueIndex(
        "(pupil_code, year_id) WHERE state != 'recalled'", "The pupil already has a record of this school year."
    )

    @api.depends("pupil_name", "class_name", "year_id.name")
    def _compute_display_name(self):
        for record in self:
            record.display_name = self.env._(
                "%(pupil)s - class %(class_name)s - %(year)s",
                pupil=record.pupil_name,
                class_name=record.class_name,
                year=record.year_id.name,
            )

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_transition():
            raise UserError(self.env._("Records come over the wire."))
        return super().create(vals_list)

    def write(self, vals):
        if not self._is_transition() and any(not name.startswith(("message_", "activity_")) for name in vals):
            raise UserError(self.env._("A received record is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Records are kept for ever."))

    def _lock(self, effective_on):
        """Closing: these records are in force and closed from ``effective_on`` (UTC)."""
        self.env.flush_all()
        self.with_context(tracking_disable=True)._in_transition().sudo().write(
            {"state": "locked", "effective_on": effective_on}
        )

    def _packet_bytes(self):
        """The packet as received; raises when the stored bytes are others."""
        self.ensure_one()
        content = base64.b64decode(self.with_context(bin_size=False).packet or b"")
        if hashlib.sha256(content).hexdigest() != self.digest:
            raise UserError(
                self.env._("The stored packet of %(name)s is not the one received.", name=self.display_name)
            )
        return content

    def action_open_form(self):
        """The record as its official form."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/hocba/registry/record/{self.id}/pdf", "target": "new"}

    def action_download(self):
        """The packet, byte for byte."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/hocba/registry/record/{self.id}/xml", "target": "download"}
