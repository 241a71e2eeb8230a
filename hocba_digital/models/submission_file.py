"""Where no gateway is reachable: transactions go out as files, and answers come back as files (annex 1 §II.2).

The bytes, the states and the checks are those of the wire. A transaction that was handed over as a file is "unknown"
until its answer is there: over a wire that works again it would be asked for first, and never be doubled.
"""

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..core.gateway import Request
from ..core.gateway.files import request_files


class SubmissionFile(models.Model):
    _inherit = "hocba.submission"

    exported_at = fields.Datetime("Handed over as a file", readonly=True)

    def action_export_files(self):
        """The files of these transactions as one zip file; from now on an answer is waited for."""
        if not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Only the clerk sends to the department."))
        self.check_access("read")
        submissions = self.sudo().sorted("id")
        submissions._check_free()
        files = [file for submission in submissions for file in submission._files()]
        name = submissions.messageid if len(submissions) == 1 else f"{len(self)}-giao-dich"
        package = self.env["hocba.file.package"]._of(name, files)
        for submission in submissions:
            submission._note_export()
        return package._download()

    def _check_free(self):
        """Lock these rows; what a worker is calling for at this moment is left alone."""
        now = fields.Datetime.now()
        if self.try_lock_for_update(allow_referencing=True) != self or any(
            submission.lease_until and submission.lease_until > now for submission in self
        ):
            raise UserError(self.env._("One of these transactions is being sent at this moment. Try again shortly."))

    def _files(self):
        """(name, bytes) of this transaction's files, exactly as its frozen bytes would go over the wire."""
        self.ensure_one()
        request = Request(
            self.kind,
            self.messageid,
            self.endpoint_id.unit_code,
            self.school_year_id.name,
            self._payload_text(),
            tuple(self._extra_parameters()),
        )
        return request_files(request, self.endpoint_id.user_name or "")

    def _note_export(self):
        now = fields.Datetime.now()
        text = self.env._("SHA-256 of the content: %(digest)s", digest=self.payload_digest)
        self._note_file("export", "ok", text, reached=True)
        values = {"exported_at": now}
        if self.state in ("queued", "failed", "sending"):
            values |= {"state": "unknown", "next_try_at": now, "error": False, "advice": False}
        self.write(values)
        if not self.trial:
            self.env["hocba.event"]._log(self.line_ids.record_id, "exported", self.messageid)

    def _note_file(self, action, outcome, text, **values):
        """A file that a person took away or brought is an attempt like a call."""
        now = fields.Datetime.now()
        noted = {
            "submission_id": self.id,
            "action": action,
            "started_at": now,
            "ended_at": now,
            "user_id": self.env.uid,
        }
        self.env["hocba.submission.attempt"].create({**noted, "outcome": outcome, "message": text, **values})

    def _wait_reason(self, now):
        if self.state in self._open_states() and self.endpoint_id.transport == "files":
            if self.exported_at:
                return self.env._("Waits for the department's answer, which is entered from a file.")
            return self.env._("Waits to be exported as a file: this gateway cannot be reached over the network.")
        return super()._wait_reason(now)

    def _may_have_arrived(self):
        return bool(self.exported_at) or super()._may_have_arrived()
