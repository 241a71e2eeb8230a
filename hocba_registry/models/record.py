import base64
import hashlib

from odoo import api, fields, models
from odoo.addons.hocba_digital.workbook.text import fold
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Records that one statement locks.
_LOT = 10_000


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
    # How it is found follows better ways of finding; what became of it at the ministry comes after the closing.
    _frozen_open = ("commune", "search_name", "upper_state")

    uuid = fields.Char("Look-up code (UUID)", required=True, readonly=True, index=True)
    unit_id = fields.Many2one("hocba.registry.unit", "School", required=True, readonly=True, index=True)
    commune = fields.Char(related="unit_id.commune", store=True)
    year_id = fields.Many2one("hocba.registry.year", "School year", required=True, readonly=True, index=True)
    grade = fields.Char(readonly=True)
    class_name = fields.Char("Class", readonly=True)
    pupil_name = fields.Char("Pupil", readonly=True)
    search_name = fields.Char("Pupil without accents", compute="_compute_search_name", store=True, index="trigram")
    pupil_code = fields.Char("Pupil code", readonly=True, index=True)
    id_number = fields.Char("ID number", readonly=True, index=True, groups="hocba_registry.group_so_officer")
    overall = fields.Char("Overall result", readonly=True)
    award = fields.Char(readonly=True)
    school_code = fields.Char("School code", readonly=True, help="MA_TRUONG; kept at the ministry.")
    school_name = fields.Char("Name of the school", readonly=True)
    lookup = fields.Char(
        "Pupil, code or number",
        compute="_compute_lookup",
        search="_search_lookup",
        help="Finds a name without accents, a whole look-up code, pupil code or ID number.",
    )
    profile = fields.Char("Format", readonly=True)
    packet = fields.Binary(
        compute="_compute_packet",
        groups=fields.NO_ACCESS,
        help="The bytes of the record as the school signed and sent it.",
    )
    packet_start = fields.Integer(readonly=True, help="Where the packet stands in the transaction's list, in bytes.")
    packet_size = fields.Integer(readonly=True, help="Bytes. None: a file of its own, by an earlier version.")
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
    recall_ids = fields.One2many("hocba.registry.recall", "record_id", "Requests to recall", readonly=True)

    _uuid_uniq = models.Constraint("UNIQUE(uuid)", "This look-up code is already in use.")
    _one_a_year = models.UniqueIndex(
        "(pupil_code, year_id) WHERE state != 'recalled' AND supersedes_id IS NULL",
        "The pupil already has a record of this school year.",
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

    @api.depends("pupil_name")
    def _compute_search_name(self):
        for record in self:
            record.search_name = _search_key(record.pupil_name)

    def _compute_lookup(self):
        self.lookup = False

    def _search_lookup(self, operator, value):
        """Names by part and without accents; codes and numbers only whole, so that nobody can feel for them."""
        texts = [text.strip() for text in ([value] if isinstance(value, str) else value) if text and text.strip()]
        if operator not in ("=", "ilike", "in") or not texts:
            return NotImplemented
        return fields.Domain.OR(self._lookup_domain(text) for text in texts)

    def _lookup_domain(self, text):
        domain = fields.Domain("pupil_code", "=", text)
        bare = text.replace("-", "").lower()
        if len(bare) == 32:
            parts = (bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:])
            domain |= fields.Domain("uuid", "=", "-".join(parts))
        if text.isdecimal() and len(text) == 12:
            domain |= fields.Domain("id_number", "=", text)
        if _search_key(text):
            domain |= fields.Domain("search_name", "like", _search_key(text))
        return domain

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

    @api.model
    def _lock_all(self, domain, effective_on, most=None):
        """Lock the records of ``domain`` (accepted ones) set by set, up to ``most``; returns how many.

        No record is read: PostgreSQL locks ``_LOT`` with one statement, and its guards and tallies see each of them.
        Under the schedule every set is committed, so that a closing that was broken off goes on where it stopped.
        """
        self.env.flush_all()
        done = 0
        while most is None or done < most:
            lot = self._search(domain, order="id", limit=min(_LOT, most - done) if most else _LOT)
            self.env.cr.execute(
                SQL(
                    "UPDATE hocba_registry_record SET state = 'locked', effective_on = %s, write_uid = %s,"
                    " write_date = now() AT TIME ZONE 'UTC' WHERE id IN %s AND state = 'accepted'",
                    effective_on,
                    self.env.uid,
                    lot.subselect(),
                )
            )
            locked = self.env.cr.rowcount
            done += locked
            if most is None and locked:
                self.env["ir.cron"]._commit_progress(locked)
            if locked < _LOT:
                break
        self.env.invalidate_all()
        return done

    def _is_closed(self):
        """Whether a closing covers this record, locked already or about to be."""
        self.ensure_one()
        return self.state == "locked" or (
            self.state == "accepted" and self.sudo().year_id._closed_for(self.unit_id, self.grade)
        )

    @api.model
    def _receive(self, vals_list):
        """Records of accepted packets. The verdict says who sent them when; the chatter repeats nothing of it."""
        return self.with_context(tracking_disable=True)._in_transition().create(vals_list)

    def _compute_packet(self):
        contents = self._packets()
        for record in self:
            record.packet = base64.b64encode(contents[record.id])

    def _packets(self):
        """Id -> packet as received, of any number of records; each transaction is opened once.

        Raises UserError when the stored bytes are others.
        """
        contents = {}
        for transaction, records in self.sudo().grouped("transaction_id").items():
            placed = records.filtered("packet_size")
            listing = transaction._content_xml() if placed else b""
            for record in placed:
                contents[record.id] = listing[record.packet_start : record.packet_start + record.packet_size]
            contents |= (records - placed)._own_files()
        for record in self:
            if hashlib.sha256(contents[record.id]).hexdigest() != record.digest:
                raise UserError(
                    self.env._("The stored packet of %(name)s is not the one received.", name=record.display_name)
                )
        return contents

    def _own_files(self):
        """Id -> content of the file that versions before 19.0.2 wrote for each record."""
        place = [("res_model", "=", self._name), ("res_field", "=", "packet"), ("res_id", "in", self.ids)]
        files = self.env["ir.attachment"].search(place) if self else self.env["ir.attachment"]
        return {**dict.fromkeys(self.ids, b""), **{file.res_id: file.raw or b"" for file in files}}

    def _packet_bytes(self):
        """The packet as received; raises when the stored bytes are others."""
        self.ensure_one()
        return self._packets()[self.id]

    def action_open_form(self):
        """The record as its official form."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/hocba/registry/record/{self.id}/pdf", "target": "new"}

    def action_download(self):
        """The packet, byte for byte."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/hocba/registry/record/{self.id}/xml", "target": "download"}


def _search_key(name):
    """A name for searching: words in lower case without accents ("Đặng Thị Ánh" -> "dang thi anh")."""
    return " ".join(fold(word) for word in (name or "").split())
