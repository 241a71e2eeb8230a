import base64
import hashlib
import logging
from datetime import timedelta

from odoo import api, fields, models

from ..core.gateway import RECEIPT, RELEASE, REQUEST, STOP, advice_for, after_try

_logger = logging.getLogger(__name__)


class TransferStep(models.Model):
    """One step of a change of school that goes to the department's gateway: stored first, then sent, then answered.

    ::

        waiting --the gateway has it--> sent
           |  \\--no answer: asked for and tried again, later each time
           +--the gateway refuses it--> refused

    The bytes never change, and the gateway answers the same bytes the same way for ever; so a step whose outcome is
    not known may always be sent again, once the gateway was asked whether it has it.
    """

    _name = "hocba.transfer.step"
    _description = "Step of a Change of School to the Gateway"
    _inherit = ["hocba.frozen.mixin"]
    _by_methods_only = True
    _frozen_states = ("sent",)
    _order = "id"
    _rec_name = "number"

    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True)
    number = fields.Char("Number of the hand-over", required=True, readonly=True, index=True)
    transfer_id = fields.Many2one("hocba.transfer", "Change of school", readonly=True, index=True, ondelete="restrict")
    request_id = fields.Many2one("hocba.transfer.request", readonly=True, index=True, ondelete="restrict")
    step = fields.Selection(
        [(REQUEST, "Request"), (RELEASE, "Hand-over file"), (RECEIPT, "Receipt"), (STOP, "End before acceptance")],
        required=True,
        readonly=True,
    )
    payload = fields.Binary(attachment=False, readonly=True, groups=fields.NO_ACCESS)
    digest = fields.Char("SHA-256", required=True, readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting to be sent"), ("sent", "Received by the gateway"), ("refused", "Refused by the gateway")],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    code = fields.Char("Answer", readonly=True)
    error = fields.Text("What the gateway said", readonly=True)
    failures = fields.Integer("Failures in a row", readonly=True)
    next_try_at = fields.Datetime("Next try at", readonly=True)
    sent_at = fields.Datetime("Sent at", readonly=True)

    _once = models.UniqueIndex(
        "(company_id, number, step) WHERE state != 'refused'", "This step is on its way to the gateway already."
    )

    @api.model
    def _queue(self, owner, step, content):
        """Store ``step`` of ``owner`` (a change of school or a request) with its bytes; the schedule sends it."""
        link = "transfer_id" if owner._name == "hocba.transfer" else "request_id"
        queued = (
            self.sudo()
            ._in_transition()
            .create(
                {
                    "company_id": owner.company_id.id,
                    "number": owner.number,
                    link: owner.id,
                    "step": step,
                    "payload": base64.b64encode(content),
                    "digest": hashlib.sha256(content).hexdigest(),
                    "next_try_at": fields.Datetime.now(),
                }
            )
        )
        self.env.ref("hocba_digital.cron_transfers").sudo()._trigger()
        return queued

    def _frozen_bytes(self):
        """(number, step, digest, bytes) of a step that waits; None when it does not, or its bytes were changed."""
        self.ensure_one()
        step = self.sudo().with_context(bin_size=False)
        content = base64.b64decode(step.payload or b"")
        if step.state != "waiting":
            return None
        if hashlib.sha256(content).hexdigest() != step.digest:
            _logger.error("the stored bytes of step %s of %s were changed; it is not sent", step.step, step.number)
            return None
        return step.number, step.step, step.digest, content

    def _settle(self, code, text):
        """The gateway's answer to this step: ``code`` as in ``core.gateway.ERRORS``."""
        self.lock_for_update(allow_referencing=True)
        if self.state != "waiting":
            return
        owner = self.transfer_id or self.request_id
        if code in ("00", "01"):
            now = fields.Datetime.now()
            self._in_transition().write({"state": "sent", "code": code, "error": False, "sent_at": now, "failures": 0})
            owner._step_taken(self)
        else:
            said = f"{text.rstrip('.')}. {advice_for(code)}"
            self._in_transition().write({"state": "refused", "code": code, "error": said, "next_try_at": False})
            owner._step_refused(self, code, said)

    def _fail(self, text):
        """No answer: tried again, later each time, after the gateway was asked whether it has it."""
        self.lock_for_update(allow_referencing=True)
        if self.state != "waiting":
            return
        failures = self.failures + 1
        when = fields.Datetime.now() + timedelta(seconds=after_try(failures))
        self._in_transition().write({"failures": failures, "error": text, "next_try_at": when})
        self.env.ref("hocba_digital.cron_transfers").sudo()._trigger(when)
