from odoo import api, fields, models


class AssignmentSigning(models.Model):
    """How far the teacher of a subject has signed its results in the class."""

    _inherit = "hocba.assignment"

    part_count = fields.Integer("Results to be signed", compute="_compute_parts")
    part_signed_count = fields.Integer("Results signed", compute="_compute_parts")

    @api.depends("class_id.record_ids.signature_ids.valid", "teacher_id", "subject_id")
    def _compute_parts(self):
        rows = {(row["class_id"], row["subject_id"]): row for row in self.class_id._part_rows()}
        for line in self:
            row = rows.get((line.class_id.id, line.subject_id.id), {})
            line.part_count = row.get("total", 0)
            line.part_signed_count = row.get("signed", 0)
