from odoo import api, models


class IntakeAmendment(models.AbstractModel):
    """Verdicts that are asked for again name the record that supersedes theirs."""

    _inherit = "hocba.registry.intake"

    @api.model
    def _verdict(self, line):
        row = super()._verdict(line)
        new = line.record_id.superseded_by_id
        return {**row, "ma_tra_cuu_thay_the": new.uuid} if new else row
