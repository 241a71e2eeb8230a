from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class Line(models.Model):
    """The verdict on one record of a transaction (annex 1, §II.2.3)."""

    _name = "hocba.registry.line"
    _description = "Verdict on a Record"
    _order = "id"
    _rec_name = "uuid"

    transaction_id = fields.Many2one(
        "hocba.registry.transaction", required=True, readonly=True, ondelete="restrict", index=True
    )
    unit_id = fields.Many2one(related="transaction_id.unit_id", store=True)
    received_at = fields.Datetime(related="transaction_id.received_at", store=True)
    record_id = fields.Many2one("hocba.registry.record", readonly=True, ondelete="restrict", index=True)
    uuid = fields.Char("Look-up code (UUID)", readonly=True, index=True)
    pupil_name = fields.Char("Pupil", readonly=True, help="As the packet says, also where its signatures do not hold.")
    pupil_code = fields.Char("Pupil code", readonly=True)
    id_number = fields.Char("ID number", readonly=True, groups="hocba_registry.group_so_officer")
    verdict = fields.Selection([("1", "Accepted"), ("0", "Refused")], required=True, readonly=True)
    error_code = fields.Char("Error", readonly=True)
    error_title = fields.Char("Kind of error", readonly=True, help="The wire's text for the code.")
    error_field = fields.Char("Field", readonly=True)
    error_description = fields.Text("Reason", readonly=True)
    digest = fields.Char("SHA-256 of the packet", readonly=True)
    settled = fields.Boolean("Accepted since", readonly=True, help="The pupil has a record in force by now.")

    # Nine of ten lines are accepted and only looked up; the lists are of those that are not.
    _refused = models.Index("(unit_id, id) WHERE verdict = '0'")
    _refused_pupil = models.Index("(pupil_code) WHERE verdict = '0'")
    _waiting = models.Index("(unit_id, error_code) WHERE verdict = '0' AND settled IS NOT TRUE")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Verdicts come from processing."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("A verdict is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Verdicts are kept for ever."))

    @api.model
    def _settle(self, records):
        """Refusals of the pupils of ``records`` in that year need nobody's attention any more."""
        if not records:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE hocba_registry_line line SET settled = true
                     FROM hocba_registry_record record
                     JOIN hocba_registry_year year ON year.id = record.year_id
                     JOIN hocba_registry_transaction message ON message.year_name = year.name
                    WHERE record.id IN %(ids)s AND line.pupil_code = record.pupil_code
                      AND line.transaction_id = message.id AND line.unit_id = record.unit_id
                      AND line.verdict = '0' AND line.settled IS NOT TRUE""",
                ids=tuple(records.ids),
            )
        )
        self.invalidate_model(["settled"])
