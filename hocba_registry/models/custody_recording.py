"""Custody that passed without the registry: an officer records it on the document that shows it."""

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .transfer import OPEN


class CustodyRecording(models.Model):
    _inherit = "hocba.registry.custody"

    def record_move(self, unit, reason, document, document_name):
        """Officer: the pupil's record went to ``unit`` by file, as ``document`` (Base64: receipt, decision) shows.

        Without this a school that took the pupil over by file could not report later years here. Raises UserError.
        """
        self.ensure_one()
        if not self.env.user.has_group("hocba_registry.group_so_officer"):
            raise AccessError(self.env._("Only an officer of the department records where a pupil's record is."))
        self.check_access("read")
        unit.check_access("read")
        reason = " ".join((reason or "").split())
        if not reason or not document:
            raise UserError(self.env._("%(name)s: give the reason and the document.", name=self.pupil_name))
        custody = self.sudo()
        custody._take_turn()
        if custody.unit_id == unit:
            raise UserError(
                self.env._("%(name)s: %(school)s has the record already.", name=self.pupil_name, school=unit.name)
            )
        if custody.transfer_ids.filtered(lambda each: each.state in OPEN):
            raise UserError(
                self.env._(
                    "%(name)s: a change of school through the gateway is under way. One of the schools ends it first.",
                    name=self.pupil_name,
                )
            )
        self.env["hocba.registry.custody.move"].sudo()._in_transition().create(
            {
                "custody_id": self.id,
                "from_unit_id": custody.unit_id.id,
                "unit_id": unit.id,
                "at": fields.Datetime.now(),
                "officer_id": self.env.uid,
                "reason": reason,
                "document": document,
                "document_name": document_name,
            }
        )
        custody._in_transition().write(
            {
                "unit_id": unit.id,
                "since": fields.Datetime.now(),
                "last_year": custody.last_year or custody._newest_year(),
            }
        )

    def _newest_year(self):
        records = self.env["hocba.registry.record"].sudo().search([("pupil_code", "=", self.pupil_code)])
        return max(records.mapped("year_id.name"), default=False)
