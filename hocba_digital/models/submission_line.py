from odoo import fields, models


class SubmissionLine(models.Model):
    """One record in one transaction, and the receiver's verdict on it (annex 1 §2.3).

    What a verdict means for what was reported stands in the methods below and nowhere else: whoever reports something
    else than ``hocba.record`` through the same transactions (a department its received records) extends these.
    """

    _name = "hocba.submission.line"
    _description = "Record in a Transaction"
    _rec_name = "uuid"
    _order = "id"

    submission_id = fields.Many2one(
        "hocba.submission", "Transaction", required=True, readonly=True, ondelete="restrict", index=True
    )
    state = fields.Selection(related="submission_id.state", string="Transaction's state")
    company_id = fields.Many2one(related="submission_id.company_id", store=True, index=True)
    record_id = fields.Many2one("hocba.record", readonly=True, ondelete="restrict", index=True)
    uuid = fields.Char("Look-up code (UUID)", required=True, readonly=True)
    packet_digest = fields.Char("SHA-256 of the packet", required=True, readonly=True)
    verdict = fields.Selection(
        [
            ("pending", "Pending"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("conflict", "Other bytes at the department"),
        ],
        default="pending",
        required=True,
        readonly=True,
        index=True,
    )
    error_code = fields.Char("Error", readonly=True)
    error_field = fields.Char("Field", readonly=True)
    error_description = fields.Text("Reason", readonly=True)
    answered_at = fields.Datetime("Answered at", readonly=True)

    def _decide(self, granted, code, description):
        """Note the receiver's decision on what these lines ask for, with its error when it was not granted."""
        self.write(
            {
                "verdict": "accepted" if granted else "refused",
                "error_code": False if granted else code,
                "error_description": False if granted else description,
                "answered_at": self.submission_id._now(),
            }
        )

    def _reported_name(self):
        """Name of what this line reports, for texts."""
        return self.record_id.display_name or self.uuid

    def _apply_accepted(self):
        """The receiver has accepted what these lines of one transaction report."""
        self.record_id._accept(self.submission_id.messageid)

    def _apply_refused(self):
        """The receiver has refused it; why stands on each line."""
        reasons = {line.record_id.id: line.error_description for line in self if line.record_id}
        self.record_id._refuse(reasons)

    def _apply_locked(self, effective_on):
        """The receiver has closed it, in force since ``effective_on`` (UTC)."""
        self.record_id._lock(effective_on, self.submission_id.messageid)

    def _apply_recalled(self):
        """The receiver has approved the recall."""
        self.record_id._recall_approved(self.env._("Recalled with transaction %(id)s", id=self.submission_id.messageid))

    def _apply_recall_refused(self):
        """The receiver has refused the recall; why stands on each line."""
        reasons = {line.record_id.id: line.error_description for line in self if line.record_id}
        self.record_id._recall_refused(reasons)

    def _awaits_closing(self):
        """Whether something that was accepted is not closed yet by the receiver."""
        return any(line.record_id.state == "submitted" for line in self)

    def _awaits_closing_domain(self):
        return fields.Domain("record_id.state", "=", "submitted")
