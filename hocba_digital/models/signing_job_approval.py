"""Keys that answer later: a remote service that waits for its owner's phone, or a token at the signer's own computer.

Every step is one transaction. What was handed out stands on the lines (``digest``) before anybody is asked; what came
back (``value``) stands there before it is put into a packet. A step that dies is done again: a value belongs to one
digest, and a record is signed only while its content still has that digest, so nothing is signed twice or lost.
"""

import base64
import logging
import secrets
from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.signing import SigningError
from ..core.signing.values import verified_values
from .record_content import VIETNAM

_logger = logging.getLogger(__name__)

#: An agent's consent, or an approval without a named end, is waited for this long.
PATIENCE = timedelta(minutes=10)
_PORTION = 100
_PAUSE = timedelta(seconds=20)


class SigningJobApproval(models.Model):
    _inherit = "hocba.signing.job"

    asked_at = fields.Datetime("Signing time", readonly=True)
    approve_until = fields.Datetime("Approval possible until", readonly=True)
    note = fields.Char("Last answer", readonly=True)
    ticket = fields.Char(groups=fields.NO_ACCESS)

    def prepare(self):
        """Compute what is to be signed, once, for as many records as the key signs at a time.

        Returns :meth:`progress`, with ``request`` {nonce, label, fingerprint, digests (SHA-256, base64)} where the
        browser has to ask an agent. What was asked for before and not answered is asked for anew.
        """
        job = self._mine_locked()
        if job.state == "done" or self.certificate_id._answers_at_once() or job.line_ids.filtered("value"):
            return self.progress()
        if job.state == "approval" and self.certificate_id.provider == "remote":
            return self.progress()
        self.certificate_id._check_holder()
        self.certificate_id._reference()
        job._release(False)
        limit = min(self.certificate_id.sudo().batch_limit or 2000, 2000)
        lines = job.line_ids.filtered(lambda line: line.state == "waiting" and not line.value)[:limit]
        job.asked_at = fields.Datetime.now()
        digests, left_out = self._digests(lines)
        job._settle(lines.browse(left_out), left_out)
        if not digests:
            return self.progress()
        self._note_digests(lines.filtered(lambda line: line.id in digests), digests)
        if self.certificate_id.provider != "agent":
            return self.progress()
        job.write({"state": "approval", "ticket": secrets.token_urlsafe(24), "approve_until": job._patience()})
        return {**self.progress(), "request": job._agent_request()}

    def _digests(self, lines):
        """({line id: digest to be signed}, {line id: why it is left out})."""
        at = self._signing_time()
        digests, left_out = {}, {}
        for group in self._rounds(lines):
            ready, prepared, reasons = self._prepare(group, at)
            digests |= dict(zip(ready.ids, prepared.digests if prepared else (), strict=True))
            left_out |= reasons
        return digests, left_out

    def _note_digests(self, lines, digests):
        for line in lines:
            line.write({"state": "asked", "digest": digests[line.id].hex()})
        return lines

    def _agent_request(self):
        return {
            "nonce": self.ticket,
            "label": self._label(),
            "fingerprint": self.certificate_id._x509_fingerprint(),
            "digests": [base64.b64encode(digest).decode() for digest in self._asked()[1]],
        }

    def _label(self):
        lines = self._asked()[0]
        count = len(lines.record_id | lines.record_ids)
        return self.env._("%(school)s: %(count)s school records", school=self.company_id.name, count=count)

    def _asked(self):
        """(lines, digests) handed out and not answered yet."""
        lines = self.line_ids.filtered(lambda line: line.state == "asked" and not line.value)
        return lines, [bytes.fromhex(line.digest) for line in lines]

    def _signing_time(self):
        return self.asked_at.replace(tzinfo=UTC).astimezone(VIETNAM)

    def _patience(self):
        return fields.Datetime.now() + PATIENCE

    def send_otp(self):
        """Have the remote service send its owner a one-time password."""
        self._check_mine()
        if self.certificate_id.provider != "remote":
            raise UserError(self.env._("This key has no one-time password."))
        signer = self.certificate_id._signer("")
        try:
            signer.send_otp()
        except SigningError as error:
            raise UserError(self.certificate_id._key_text(error.code)) from error
        return True

    def request(self, pin="", otp=""):
        """Ask the remote service to sign what :meth:`prepare` prepared. Returns :meth:`progress`."""
        job = self._mine_locked()
        lines, digests = job._asked()
        if job.state != "running" or not lines or self.certificate_id.provider != "remote":
            return self.progress()
        signer = self.certificate_id._signer(pin, otp=otp or "")
        try:
            job._take(signer.request(digests, label=job._label()), lines)
        except SigningError as error:
            raise UserError(self.env["hocba.record"]._signing_text(error.code)) from error
        return self.progress()

    def deliver(self, nonce, values):
        """Take what the agent signed (base64, in the order of the request). Returns :meth:`progress`."""
        job = self._mine_locked()
        lines, digests = job._asked()
        if job.state != "approval" or self.certificate_id.provider != "agent" or nonce != job.ticket:
            raise UserError(self.env._("This answer comes too late. Start the signing again."))
        signer = self.certificate_id._signer("", nonce=job.ticket, delivered=list(values))
        try:
            job._take(signer.collect(nonce, digests), lines)
        except SigningError as error:
            raise UserError(self.env["hocba.record"]._signing_text(error.code)) from error
        return self.progress()

    def poll(self):
        """Go on: ask whether the approval has come, or put the next portion of signatures into the records."""
        self._check_mine()
        job = self.sudo().try_lock_for_update()  # dialog and schedule may come at the same moment
        if job.line_ids.filtered("value"):
            self._finish_portion()
        elif job.state == "approval":
            self._ask_again()
        return self.progress()

    def _ask_again(self):
        """An approval that came in time counts, however late it is asked for; otherwise it ends by its date."""
        job = self.sudo()
        late = job.approve_until and job.approve_until < fields.Datetime.now()
        if self.certificate_id.provider == "remote":
            job._collect(self.certificate_id)
        if late and job.state == "approval":
            job._release(self.certificate_id._key_text("approval_expired"))

    def _collect(self, certificate):
        lines, digests = self._asked()
        try:
            self._take(certificate._signer("").collect(self.ticket, digests), lines)
        except SigningError as error:
            if error.code != "service_unreachable":
                self._release(self.env["hocba.record"]._signing_text(error.code))

    def _take(self, answer, lines):
        """Keep the answer: a ticket to ask again with, or one value a line. Raises SigningError for a false value."""
        if answer.waits:
            until = answer.expires_at and answer.expires_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
            self.write(
                {
                    "state": "approval",
                    "ticket": answer.ticket,
                    "approve_until": until or self.approve_until or self._patience(),
                    "note": False,
                }
            )
            self._wake_schedule()
            return
        digests = [bytes.fromhex(line.digest) for line in lines]
        for line, value in zip(
            lines, verified_values(self.certificate_id._x509(), digests, answer.values), strict=True
        ):
            line.value = base64.b64encode(value).decode()
        self.write({"state": "running", "ticket": False, "approve_until": False, "note": False})

    def _finish_portion(self):
        """Put the next signatures into their records; a record that says something else by now is left out."""
        lines = self._rounds(self.sudo().line_ids.filtered("value"))[0][:_PORTION]
        used, left_out = self._finish(lines)
        self.sudo()._settle(used | lines.browse(left_out), left_out)

    def _finish(self, lines):
        """Use the values on the lines. Returns (lines whose value was used, {line id: why it was left out})."""
        at = self._signing_time()
        ready, prepared, left_out = self._prepare(lines, at)
        if not ready:
            return ready, left_out
        same = [
            position
            for position, (line, digest) in enumerate(zip(ready, prepared.digests, strict=True))
            if line.digest == digest.hex()
        ]
        unchanged = ready.browse([ready.ids[position] for position in same])
        for line in ready - unchanged:
            left_out[line.id] = self.env._("Its content changed while the signature was being given. Sign it again.")
        if unchanged:
            values = [base64.b64decode(line.value) for line in unchanged]
            self._put(unchanged, prepared.only(same), values, at)
        return unchanged, left_out

    def _release(self, note, values=False):
        """Forget an approval that did not come: its records wait again; with ``values``, also what came is dropped."""
        lines = self.line_ids.filtered(lambda line: line.state == "asked" and (values or not line.value))
        lines.write({"state": "waiting", "digest": False, "value": False})
        self.write({"ticket": False, "approve_until": False, "note": note or False})
        if self.state == "approval":
            self.state = "running"

    @api.model
    def _cron_approvals(self):
        """Go on with every signing that waits for an approval or was cut off. Never raises."""
        domain = ["|", ("state", "=", "approval"), "&", ("state", "=", "running"), ("line_ids.value", "!=", False)]
        jobs = self.sudo().search(domain, order="id")
        remaining = len(jobs)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for job in jobs:
            try:
                with self.env.cr.savepoint():
                    job.with_user(job.user_id).with_company(job.company_id).poll()
            except UserError as error:  # the certificate has expired, the seal lost its approval: nothing to wait for
                job._release(str(error), values=True)
            except Exception:
                _logger.exception("signing %s: going on failed and will be tried again", job.id)
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break
        if self.sudo().search_count(domain, limit=1):
            self._wake_schedule()

    def _wake_schedule(self):
        """Look again in a while, whether or not anybody has the dialog open then."""
        self.env.ref("hocba_digital.cron_approvals").sudo()._trigger(fields.Datetime.now() + _PAUSE)
