"""What a change of school within the year means for the record of that year at the school that the pupil leaves."""

from odoo import api, models
from odoo.exceptions import UserError


class TransferDraft(models.Model):
    _inherit = "hocba.transfer"

    def _withdraw_drafts(self):
        """Drafts of the year under way end: the other school issues the record of the year, with a code of its own."""
        self._tell_of_issued()
        drafts = self.pupil_id.record_ids.filtered(lambda record: record.state == "draft" and record._goes_along())
        if not drafts:
            return
        text = self.env._(
            "The pupil went to %(school)s (%(code)s), which issues the record of the year",
            school=self.other_name,
            code=self.other_code,
        )
        drafts.signature_ids._void(text)
        drafts._move("recalled", "recalled", text)
        drafts.activity_ids.action_done()

    def _tell_of_issued(self):
        """After a withdrawal the record of the year may have been issued here; the acceptance that came wins."""
        issued = self.pupil_id.record_ids._standing().filtered(lambda record: record.state in ("signed", "submitted"))
        if issued:
            text = self.env._(
                "%(name)s went to %(school)s after all, but the record of %(year)s was issued here meanwhile. Agree "
                "with that school whose record counts; reopen or recall this one if it is theirs.",
                name=self.pupil_name,
                school=self.other_name,
                year=", ".join(issued.school_year_id.mapped("name")),
            )
            self.message_post(body=text)
            self._ask_head(self.env._("A pupil who left: decide whose record of the year counts"))


class RecordTransfer(models.Model):
    _inherit = "hocba.record"

    def _goes_along(self):
        """Whether a hand-over decides on this record: amendments of closed years and years on paper stay here."""
        return not self.supersedes_id and not self.digitised

    def _hand_over_hint(self):
        """Why nobody signs this draft: the pupil is with another school, or on the way there; empty otherwise."""
        if self.state != "draft" or not self._goes_along():
            return ""
        out = self.sudo().pupil_id.transfer_ids.filtered(lambda each: each.direction == "out")
        released = out.filtered(lambda each: each.state == "released")[:1]
        if released:
            return self.env._(
                "%(name)s was handed over to %(school)s; nothing is signed here until its receipt is there.",
                name=self.pupil_name,
                school=released.other_name,
            )
        if out and self.sudo().pupil_id._is_gone():
            return self.env._("%(name)s is with another school now.", name=self.pupil_name)
        return ""

    def _sign_hint(self):
        return self._hand_over_hint() or super()._sign_hint()

    def _part_hint(self, subject):
        return self._hand_over_hint() or super()._part_hint(subject)


class AssessmentTransfer(models.Model):
    _inherit = "hocba.assessment"

    def _check_unsigned(self, vals):
        super()._check_unsigned(vals)
        content = {name for name in vals if not name.startswith(("message_", "activity_"))}
        if not content - {"overall", "overall_computed", "missing_count", "promotion_state", "reassessment_count"}:
            return
        for assessment in self.sudo().filtered(lambda each: each.enrolment_id.end_reason == "left"):
            if assessment.pupil_id._is_gone():
                raise UserError(
                    self.env._(
                        "%(name)s is with another school now; the results here can only be read.",
                        name=assessment.pupil_name,
                    )
                )


class EnrolmentTransfer(models.Model):
    _inherit = "hocba.enrolment"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._enter_waiting_results()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if "class_id" in vals:
            self._enter_waiting_results()
        return result

    def _enter_waiting_results(self):
        """A pupil who came within the year and joins a class now: the results so far are entered there."""
        pupils = self.filtered("class_id").pupil_id
        if pupils:
            domain = [("pupil_id", "in", pupils.ids), ("direction", "=", "in"), ("results_entered_at", "=", False)]
            domain += [("state", "in", ("agreed", "completed")), ("results_year", "!=", False)]
            for arriving in self.env["hocba.transfer"].sudo().search(domain):
                arriving._enter_results()
