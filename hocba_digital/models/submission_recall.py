"""Transactions 5 and 6: recalls go out sealed, the department's decision on each comes by query."""

from odoo import api, models
from odoo.exceptions import UserError

from ..core.gateway import build_recalls

#: A person at the department decides: asking more often than this only costs both sides (seconds).
DECISION_PAUSE = 1800


class SubmissionRecall(models.Model):
    _inherit = "hocba.submission"

    @api.model
    def _queue_recalls(self, records, pin):
        """Freeze transaction 5 for the records whose recall the head has asked for."""
        records = (
            records.sudo()
            .try_lock_for_update()
            .filtered(lambda record: record.state == "submitted" and record.recall_state == "asked")
        )
        if not records:
            raise UserError(self.env._("None of these records waits to be recalled."))
        company = records.company_id
        if len(company) > 1:
            raise UserError(self.env._("Send the records of one school at a time."))
        endpoint = self.env["hocba.endpoint"]._for_company(company)
        _certificate, signer = self.env["hocba.certificate"]._seal_signer(company, pin)
        submissions = self.browse()
        for year, group in records.grouped("school_year_id").items():
            entries = [record._recall_entry() for record in group]
            listing = self._signed_now(build_recalls(entries), signer, company)
            submissions |= self._create_frozen("5", endpoint, year, listing, group)
        records._in_transition().write({"recall_state": "sent"})
        self.env.ref("hocba_digital.cron_send")._trigger()
        return submissions

    def _settle_answer(self, answer):
        if self.kind != "5":
            return super()._settle_answer(answer)
        self._settle_recalls(answer)
        return None

    def _settle_recalls(self, answer):
        """Decisions that have come; the others are asked for again later."""
        decisions = {decision.uuid: decision for decision in answer.verdicts}
        approved = refused = self.env["hocba.submission.line"]
        for line in self.line_ids.filtered(lambda line: line.verdict == "pending"):
            decision = decisions.get(line.uuid)
            if not decision or decision.state == "waiting":
                continue
            granted = decision.state == "approved"
            line._decide(granted, decision.error, decision.description)
            if granted:
                approved |= line
            else:
                refused |= line
        approved._apply_recalled()
        refused._apply_recall_refused()
        if "pending" in self.line_ids.mapped("verdict"):
            self._wait("received", DECISION_PAUSE)
        else:
            self._conclude()

    def _refuse_whole(self, code, description):
        result = super()._refuse_whole(code, description)
        if self.kind == "5":
            self.line_ids._apply_recall_refused()
        return result
