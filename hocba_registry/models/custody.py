"""Who has which pupil's record: one row a pupil, made when a school first asks for the pupil."""

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.addons.hocba_digital.core.packet import PacketError, reading_profile
from odoo.addons.hocba_digital.core.transfer import is_same_pupil
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

_IN_FORCE = ("accepted", "locked")


class Custody(models.Model):
    """The school that keeps a pupil's record (QĐ 1789/QĐ-SGDĐT, Art. 22). It changes with an accepted hand-over only.

    The pupil is known by the code of the sector database, which never changes. Until the first hand-over the custodian
    is who issued the newest record; from then on it is who accepted the last hand-over.
    """

    _name = "hocba.registry.custody"
    _description = "Custody of a Pupil's Record"
    _inherit = ["hocba.frozen.mixin"]
    _by_methods_only = True
    _order = "pupil_name, id"
    _rec_name = "pupil_name"
    _rec_names_search = ["pupil_name", "pupil_code"]

    pupil_code = fields.Char("Pupil code", required=True, readonly=True)
    pupil_name = fields.Char("Pupil", required=True, readonly=True)
    birth_date = fields.Date("Date of birth", required=True, readonly=True)
    id_number = fields.Char("ID number", readonly=True, index=True, groups="hocba_registry.group_so_officer")
    unit_id = fields.Many2one(
        "hocba.registry.unit", "School that has the record", required=True, readonly=True, index=True
    )
    since = fields.Datetime("Taken over at", readonly=True, help="Empty until the first hand-over.")
    last_year = fields.Char(
        "Newest year handed over", readonly=True, help="Years after this one are reported by the school that has it."
    )
    turn = fields.Integer("Steps taken", readonly=True, default=0)
    move_ids = fields.One2many("hocba.registry.custody.move", "custody_id", "History", readonly=True)
    transfer_ids = fields.One2many("hocba.registry.transfer", "custody_id", "Changes of school", readonly=True)

    _one_a_pupil = models.UniqueIndex("(pupil_code)", "Each pupil has one custody.")

    @api.model
    def _of_pupil(self, pupil):
        """Custody of the pupil that ``pupil`` (core.transfer.HandedPupil) names; empty when anything is wrong in it.

        Code, name and birth date, and the ID number where the newest record has one, must all be those of that record.
        An unknown code costs as much as a known one.
        """
        records = self.env["hocba.registry.record"].sudo()
        found = records.search([("pupil_code", "=", pupil.code), ("state", "in", _IN_FORCE)])
        newest = max(found, key=lambda record: (record.year_id.name, record.id), default=None)
        data = self._data_of(newest or records.search([("state", "in", _IN_FORCE)], limit=1))
        if not newest or not data or not is_same_pupil(pupil, data):
            return self.browse()
        return self._ensure(newest, data)

    def _data_of(self, record):
        if not record:
            return None
        content = record._packet_bytes()
        try:
            return reading_profile(content).parse(content).data
        except PacketError:
            return None

    def _ensure(self, record, data):
        """The row of this pupil, brought up to the newest record; made when there is none."""
        rows = self.sudo()._in_transition()
        custody = rows.search([("pupil_code", "=", data.pupil_code)])
        values = {"pupil_name": data.pupil_name, "birth_date": data.birth_date, "id_number": data.id_number}
        if custody:
            custody._take_turn()
            custody.write(values if custody.since else {**values, "unit_id": record.unit_id.id})
            return custody
        try:
            with self.env.cr.savepoint():
                return rows.create({**values, "pupil_code": data.pupil_code, "unit_id": record.unit_id.id})
        except UniqueViolation as error:
            # Two schools ask for the same pupil for the first time at the same moment: the later one looks again.
            raise ConcurrencyError("custody was made meanwhile") from error

    def _take_turn(self):
        """From here to the end of the transaction nobody else takes a step with this pupil.

        The row is changed and not only locked: who waited for it must not go on with what was seen before the other's
        step, and under REPEATABLE READ only a change breaks that transaction off (Odoo then begins it anew).
        """
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE hocba_registry_custody SET turn = turn + 1 WHERE id = %s", self.id))
        self.invalidate_recordset(["turn"])

    def _pass_to(self, transfer, last_year):
        """The record goes from the school that has it to the one that accepted ``transfer``, once."""
        self.ensure_one()
        now = fields.Datetime.now()
        rows = self.sudo()._in_transition()
        self.env["hocba.registry.custody.move"].sudo()._in_transition().create(
            {
                "custody_id": self.id,
                "from_unit_id": self.unit_id.id,
                "unit_id": transfer.target_id.id,
                "at": now,
                "transfer_id": transfer.id,
                "receipt_digest": transfer.receipt_digest,
            }
        )
        rows.write({"unit_id": transfer.target_id.id, "since": now, "last_year": last_year})

    @api.model
    def _elsewhere(self, unit, year_name, codes):
        """Those of the pupil codes whose records of ``year_name`` another school reports, after a hand-over."""
        found = self.sudo().search(
            [
                ("pupil_code", "in", list(codes)),
                ("since", "!=", False),
                ("unit_id", "!=", unit.id),
                ("last_year", "<", year_name),
            ]
        )
        return set(found.mapped("pupil_code"))

    def action_open_records(self):
        """All records of this pupil that the officer may see."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_registry.action_record")
        return {**action, "domain": [("pupil_code", "=", self.pupil_code)], "context": {}}

    def action_open_transfers(self):
        """All hand-overs of this pupil."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_registry.action_transfer")
        return {**action, "domain": [("custody_id", "=", self.id)], "context": {}}
