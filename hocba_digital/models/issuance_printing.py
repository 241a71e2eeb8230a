"""Printing as issuing: what is signed gets a number on every page and a row in the register; drafts get neither."""

import hashlib

from odoo import api, models

from .issuance import IssuedCopy


class PrintIssuance(models.AbstractModel):
    _inherit = "hocba.print"

    @api.private
    def _issue_records(self, records, **values):
        """Like :meth:`_render_records`, registered: {record id: bytes}. ``values``: of the register's rows."""
        issued = records.filtered(lambda record: record.state != "draft")
        register = self.env["hocba.issuance"]
        numbers = register._numbers_of(issued)
        rendered = self._render_records(records, numbers)
        copies = [IssuedCopy(numbers[record.id], record, _digest(rendered[record.id])) for record in issued]
        register._enter(copies, "print", **values)
        self.env["hocba.event"]._log(records, "printed")
        return rendered

    @api.private
    def _issue_books(self, pupils, **values):
        """Like :meth:`_render_books`, registered: {pupil id: bytes}. ``values``: of the register's rows."""
        records = {pupil: self._book_records(pupil) for pupil in pupils}
        received = {pupil: self._book_received(pupil, found) for pupil, found in records.items()}
        issued = {pupil: found._issued() for pupil, found in records.items() if found._issued() or received[pupil]}
        register = self.env["hocba.issuance"]
        numbers = register._numbers_of(pupils.browse(pupil.id for pupil in issued))
        rendered = self._render_books(pupils, numbers)
        copies = [
            IssuedCopy(numbers[pupil.id], found, _digest(rendered[pupil.id]), pupil, received[pupil])
            for pupil, found in issued.items()
        ]
        register._enter(copies, "book", **values)
        for found in records.values():
            self.env["hocba.event"]._log(found, "printed")
        return rendered


class RecordIssuance(models.Model):
    _inherit = "hocba.record"

    def _issued(self):
        """Those whose packet is complete: copies of them count."""
        return self.filtered(lambda record: record.state != "draft" and record._has_packet())


def _digest(content):
    return hashlib.sha256(content).hexdigest()
