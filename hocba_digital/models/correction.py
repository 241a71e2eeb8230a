from odoo import api, fields, models


class Correction(models.Model):
    """A correction of civil status (cải chính hộ tịch) by decision, with the scan: kept for good.

    Records that were signed before are not edited: they carry the annotation (QĐ 1789/QĐ-SGDĐT, Art. 21.7).
    """

    _name = "hocba.correction"
    _description = "Civil-status Correction"
    _inherit = ["hocba.frozen.mixin"]
    _order = "id desc"
    _rec_name = "decision_number"

    _frozen_states = ("done",)
    _kept_files = ("scan",)

    pupil_id = fields.Many2one("hocba.pupil", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True, ondelete="restrict")
    state = fields.Selection([("done", "Done")], required=True, readonly=True, default="done")
    decision_number = fields.Char("Number of the decision", required=True, readonly=True)
    decision_date = fields.Date("Date of the decision", required=True, readonly=True)
    issuing_body = fields.Char("Issued by", required=True, readonly=True)
    scan = fields.Binary("Scan of the decision", attachment=True, readonly=True)
    scan_name = fields.Char("File name", readonly=True)
    summary = fields.Text("What was corrected", readonly=True)
    at = fields.Datetime("Entered at", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", "Entered by", required=True, readonly=True, ondelete="restrict")
    record_ids = fields.Many2many(
        "hocba.record",
        "hocba_correction_record_rel",
        "correction_id",
        "record_id",
        "Records signed before",
        readonly=True,
    )

    def init(self):
        result = super().init()
        self._guard_every_row("hocba_correction_record_rel")
        return result

    @api.depends("decision_number", "decision_date", "issuing_body")
    def _compute_display_name(self):
        for correction in self:
            correction.display_name = correction._annotation()

    def _annotation(self):
        """What a record that was signed before says about the correction."""
        return self.env._(
            "Civil status corrected by decision %(number)s of %(date)s, %(body)s",
            number=self.decision_number,
            date=self.decision_date and f"{self.decision_date:%d/%m/%Y}",
            body=self.issuing_body,
        )
