"""Judging requests to amend locked records, which come as transaction 5 with ``YEU_CAU`` (docs/wire.md)."""

import base64

from odoo import models
from odoo.addons.hocba_digital.core.gateway import AMENDMENT, ERRORS

from .recall import UNDECIDED
from .recall_amendment import evidence_values


class TransactionAmendment(models.Model):
    _inherit = "hocba.registry.transaction"

    def _recall_values(self, recall, record):
        if recall.request != AMENDMENT:
            return super()._recall_values(recall, record)
        values = super()._recall_values(recall, record)
        for name in ("error_code", "refusal", "follows_id"):
            values.pop(name, None)
        values |= {"state": "waiting", **evidence_values(recall)}
        code = self._amendment_refusal(record)
        if code:
            return {**values, "state": "refused", "error_code": code, "refusal": ERRORS[code][1]}
        values["evidence"] = base64.b64encode(recall.evidence) if recall.evidence else False
        waiting = record.recall_ids.filtered(
            lambda line: line.amendment and line.state in UNDECIDED and not line.follows_id
        )
        return {**values, "follows_id": waiting[:1].id} if waiting else values

    def _amendment_refusal(self, record):
        """Code of what speaks against an amendment at once; None when an officer decides."""
        if not self.env["hocba.registry.recall"]._amendments_allowed():
            return "43"
        if not record:
            return "40"
        if record.superseded_by_id:
            return "45"
        if record.state == "accepted" and record.state not in record.recall_ids._amended_states():
            return "44"
        return "42" if record.state == "recalled" else None
