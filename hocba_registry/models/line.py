from odoo import api, fields, models
from odoo.exceptions import UserError


class Line(models.Model):
    """The verdict on one record of a transaction (annex 1, §II.2.3)."""

    _name = "hocba.registry.line"
    _description = "Verdict on a Record"
    _order = "id"
    _rec_name = "uuid"

    transaction_id = fields.Many2one(
        "hocba.registry.transaction", "Transaction", required=True, readonly=True, ondelete="restrict", index=True
    )
    unit_id = fields.Many2one(related="transaction_id.unit_id", store=True, index=True)
    received_at = fields.Datetime(related="transaction_id.received_at", store=True)
    record_id = fields.Many2one("hocba.registry.record", "Record", readonly=True, ondelete="restrict", index=True)
    uuid = fields.Char("Look-up code (UUID)", readonly=True, index=True)
    pupil_name = fields.Char("Pupil", readonly=True)
    pupil_code = fields.Char("Pupil code", readonly=True)
    id_number = fields.Char("ID number", readonly=True, groups="hocba_registry.group_so_officer")
    verdict = fields.Selection([("1", "Accepted"), ("0", "Refused")], required=True, readonly=True, index=True)
    error_code = fields.Char("Error", readonly=True, index=True)
    error_field = fields.Char("Field", readonly=True)
    error_description = fields.Text("Reason", readonly=True)
    digest = fields.Char("SHA-256 of the packet", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Verdicts come from processing."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("A verdict is never changed."))
        return super().write(vals)

    def unlink(self):
        raise UserError(self.env._("Verdicts are kept for ever."))
