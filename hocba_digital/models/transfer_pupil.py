"""What pupils and their books know of changes of school."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class PupilTransfer(models.Model):
    _inherit = "hocba.pupil"

    transfer_ids = fields.One2many("hocba.transfer", "pupil_id", "Changes of school", readonly=True)
    transfer_count = fields.Integer(compute="_compute_transfer_count")
    has_book = fields.Boolean("There is a book to print", compute="_compute_has_book")

    @api.depends("transfer_ids")
    def _compute_transfer_count(self):
        for pupil in self:
            pupil.transfer_count = len(pupil.transfer_ids)

    @api.depends("record_ids", "transfer_ids.state")
    def _compute_has_book(self):
        for pupil in self:
            pupil.has_book = bool(pupil.sudo().record_ids or pupil._received_lines())

    def _is_gone(self):
        """Whether another school has this pupil: the last hand-over that was completed went out."""
        self.ensure_one()
        done = self.sudo().transfer_ids.filtered(
            lambda each: (
                (each.direction == "out" and each.state == "completed")
                or (each.direction == "in" and each.state in ("agreed", "completed"))
            )
        )
        return done.sorted("id")[-1:].direction == "out"

    def _received_lines(self):
        """Years that this school took over and did not issue itself, one a year, the last that came."""
        taken = self.sudo().transfer_ids.filtered(
            lambda each: each.direction == "in" and each.state in ("agreed", "completed")
        )
        by_year = {}
        for line in taken.sorted("id").line_ids.filtered(lambda line: not line.record_id):
            by_year[line.school_year_name] = line
        return self.env["hocba.transfer.line"].sudo().union(*by_year.values())

    def action_open_transfers(self):
        """The changes of school of these pupils."""
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_transfer")
        return {**action, "domain": [("pupil_id", "in", self.ids)], "context": {}}

    def action_change_school(self):
        """Begin a change of school of this pupil."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_transfer")
        return {**action, "views": [(False, "form")], "context": {"default_pupil_id": self.id}}


class BookTransfer(models.AbstractModel):
    _inherit = "hocba.print"

    def _book_years(self, pupil, records):
        """Forms of all years of the book, oldest first: the received ones from their packets as they came.

        Raises UserError when there is none.
        """
        service = self.sudo()
        own = [(record.school_year_id.name, service._form_of_record(record)) for record in records]
        received = [
            (line.school_year_name, service._form_of_packet(line._packet_bytes(), issuer=line.school_name))
            for line in self._book_received(pupil, records)
        ]
        if not own and not received:
            raise UserError(self.env._("%(name)s has no record to print yet.", name=pupil.name))
        return [page for _name, page in sorted(own + received, key=lambda row: row[0])]

    @api.private
    def _book_received(self, pupil, records):
        """``hocba.transfer.line`` of the book's years that other schools issued: where this one has no ``records``."""
        own = set(records.school_year_id.mapped("name"))
        return pupil._received_lines().filtered(lambda line: line.school_year_name not in own)
