from odoo import fields, models


class RecordCustody(models.Model):
    """Which school has the record now: who issued it, until it was handed over."""

    _inherit = "hocba.registry.record"

    custodian_id = fields.Many2one(
        "hocba.registry.unit",
        "School that has the record",
        compute="_compute_custodian_id",
        compute_sudo=True,
        help="Another one than the school that issued it where the pupil has changed schools since.",
    )

    def _compute_custodian_id(self):
        moved = self.env["hocba.registry.custody"].search(
            [("pupil_code", "in", self.mapped("pupil_code")), ("since", "!=", False)]
        )
        unit_of = {custody.pupil_code: custody.unit_id for custody in moved}
        for record in self:
            record.custodian_id = unit_of.get(record.pupil_code, record.unit_id)
