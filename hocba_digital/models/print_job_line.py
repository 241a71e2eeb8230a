from odoo import api, fields, models


class PrintJobLine(models.Model):
    """One pupil of a print job: a record of one year, or a pupil's whole book."""

    _name = "hocba.print.job.line"
    _description = "Printed Pupil"
    _order = "job_id, position, id"

    job_id = fields.Many2one("hocba.print.job", required=True, readonly=True, index=True, ondelete="cascade")
    position = fields.Integer(readonly=True)
    record_id = fields.Many2one("hocba.record", readonly=True, ondelete="cascade")
    pupil_id = fields.Many2one("hocba.pupil", readonly=True, ondelete="cascade")
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Ready"), ("left_out", "Left out")],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    page_count = fields.Integer("Pages", readonly=True)
    reason = fields.Text("Why it was left out", readonly=True)

    @api.depends("record_id.display_name", "pupil_id.display_name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line._source().sudo().display_name or ""

    def _source(self):
        """The record, or the pupil whose book it is."""
        self.ensure_one()
        return self.pupil_id or self.record_id

    def _leave_out(self, reason):
        self.write({"state": "left_out", "reason": reason})
