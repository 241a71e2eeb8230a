from odoo import fields, models


class SubmissionLine(models.Model):
    """Received records in the transactions with which a department reports to the ministry."""

    _inherit = "hocba.submission.line"

    registry_record_id = fields.Many2one(
        "hocba.registry.record", "Received record", readonly=True, ondelete="restrict", index="btree_not_null"
    )

    def _reported_name(self):
        return self.registry_record_id.display_name or super()._reported_name()

    def _apply_accepted(self):
        self.registry_record_id._note_upper_state("accepted")
        return super()._apply_accepted()

    def _apply_refused(self):
        self.registry_record_id._note_upper_state("refused")
        return super()._apply_refused()

    def _apply_locked(self, effective_on):
        self.registry_record_id._note_upper_state("locked")
        return super()._apply_locked(effective_on)

    def _apply_recalled(self):
        self._recalls()._upward_approved()
        return super()._apply_recalled()

    def _apply_recall_refused(self):
        if self.submission_id.state == "refused":
            # Refused as a whole, for its signature or the like: nobody has judged the recalls.
            self._recalls()._note_upward(self.env["hocba.submission"])
        else:
            for line in self.filtered("registry_record_id"):
                line._recalls()._upward_refused(line.error_description or line.error_code)
        return super()._apply_recall_refused()

    def _recalls(self):
        domain = [("upward_id", "in", self.submission_id.ids), ("record_id", "in", self.registry_record_id.ids)]
        return self.env["hocba.registry.recall"].sudo().search([*domain, ("state", "=", "upward")])

    def _awaits_closing(self):
        return super()._awaits_closing() or any(line.registry_record_id.upper_state == "accepted" for line in self)

    def _awaits_closing_domain(self):
        return super()._awaits_closing_domain() | fields.Domain("registry_record_id.upper_state", "=", "accepted")
