"""Transaction 5 that asks for an amendment: one request each, as it carries its evidence."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.gateway import build_recalls
from .submission_recall import DECISION_PAUSE


class SubmissionAmendment(models.Model):
    _inherit = "hocba.submission"

    amendment_id = fields.Many2one("hocba.amendment", readonly=True, index="btree_not_null", ondelete="restrict")

    @api.model
    def _queue_amendments(self, amendments, pin):
        """Freeze one transaction for each amendment that the head has agreed to."""
        agreed = amendments.sudo().try_lock_for_update().filtered(lambda line: line.state == "agreed")
        if not agreed:
            raise UserError(self.env._("None of these requests waits to be sent."))
        if len(agreed.company_id) > 1:
            raise UserError(self.env._("Send the requests of one school at a time."))
        endpoint = self.env["hocba.endpoint"]._for_company(agreed.company_id)
        _certificate, signer = self.env["hocba.certificate"]._seal_signer(agreed.company_id, pin)
        submissions = self.browse()
        for line in agreed:
            listing = self._signed_now(build_recalls([line._wire_entry()]), signer, line.company_id)
            submissions |= self._create_frozen(
                "5", endpoint, line.school_year_id, listing, line.record_id, amendment_id=line.id
            )
            line._move("sent")
            self.env["hocba.event"]._log(line.record_id, "amendment_sent", submissions[-1:].messageid)
        self.env.ref("hocba_digital.cron_send")._trigger()
        return submissions

    def _settle_answer(self, answer):
        if not self.amendment_id:
            return super()._settle_answer(answer)
        self._settle_amendment(answer)
        return None

    def _settle_amendment(self, answer):
        """The department's decision, when it has come."""
        line = self.line_ids
        decision = next((item for item in answer.verdicts if item.uuid == line.uuid), None)
        if decision is None or decision.state == "waiting":
            self._wait("received", DECISION_PAUSE)
            return
        granted = decision.state == "approved"
        if line.verdict == "pending":
            line._decide(granted, decision.error, decision.description)
            if granted:
                self.amendment_id._granted()
            else:
                self.amendment_id._refused(decision.description)
        self._conclude()

    def _refuse_whole(self, code, description):
        result = super()._refuse_whole(code, description)
        self.amendment_id._refused(description)
        return result
