from odoo import fields, models


class CustodyWizard(models.TransientModel):
    """Asks an officer which school took a pupil over by file, and for the document that shows it."""

    _name = "hocba.registry.custody.wizard"
    _description = "Record a Change of Custody"

    custody_id = fields.Many2one(
        "hocba.registry.custody",
        "Pupil",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    from_unit_id = fields.Many2one(related="custody_id.unit_id", string="Until now")
    unit_id = fields.Many2one(
        "hocba.registry.unit",
        "School that took the pupil over",
        required=True,
        domain="[('id', '!=', from_unit_id)]",
    )
    reason = fields.Text(required=True)
    document = fields.Binary(required=True, help="The sealed receipt, or the decision on the change of school.")
    document_name = fields.Char("File name")

    def action_confirm(self):
        """Record it; who may do it is checked by the custody's own method."""
        self.ensure_one()
        wizard = self.with_context(bin_size=False)
        self.custody_id.record_move(self.unit_id, self.reason, wizard.document, self.document_name)
        return {"type": "ir.actions.act_window_close"}
