"""A signed record says which corrections of civil status came after it."""

from odoo import api, fields, models


class RecordCorrection(models.Model):
    _inherit = "hocba.record"

    correction_ids = fields.Many2many(
        "hocba.correction",
        "hocba_correction_record_rel",
        "record_id",
        "correction_id",
        "Civil-status corrections",
        readonly=True,
        copy=False,
    )
    correction_text = fields.Text("Annotation", compute="_compute_correction_text")

    @api.depends_context("lang")
    @api.depends("correction_ids")
    def _compute_correction_text(self):
        for record in self:
            record.correction_text = "\n".join(line._annotation() for line in record.sudo().correction_ids)
