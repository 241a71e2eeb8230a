"""What the school does with the gateway's acknowledgement: keep it, verify it, compare it with its own frozen bytes.

The engine decides by the answers themselves, acknowledged or not; what is found here is told to people.
"""

import base64
import hashlib
from datetime import UTC

from odoo import fields, models
from odoo.exceptions import AccessError

from ..core.gateway import parse_acknowledgement
from ..core.packet import PacketError
from ..core.signing import TOTAL_FAILED, TOTAL_PASSED, verify_list
from .submission_acknowledgement import FINDINGS

#: A gateway has two things to acknowledge; one that says ever new things fills no database.
_MOST = 20
#: Differences shown; whoever sees so many asks the department.
_MOST_LINES = 30


class SubmissionAcknowledging(models.Model):
    _inherit = "hocba.submission"

    acknowledgement_ids = fields.One2many(
        "hocba.submission.acknowledgement", "submission_id", "Acknowledgements", readonly=True
    )
    acknowledgement_finding = fields.Selection(
        FINDINGS,
        "Signed acknowledgement",
        readonly=True,
        tracking=True,
        help="What the gateway signed about this transaction, compared with the bytes that were "
        "sent. Empty: it gave none.",
    )
    acknowledgement_detail = fields.Text("What the acknowledgement shows", readonly=True)

    def _settle(self, attempt_id, outcome):
        result = super()._settle(attempt_id, outcome)
        # What came too late was left aside as a whole.
        if self.env["hocba.submission.attempt"].browse(attempt_id).outcome == "ok":
            self._keep_acknowledgement(outcome)
        return result

    def _take_answer(self, answer):
        entered = super()._take_answer(answer)
        try:
            parsed = answer.read(self.kind)[1]
        except (ValueError, AttributeError, TypeError):
            return entered
        # Also of an answer that was refused: what the gateway has signed is worth keeping just then.
        self._keep_acknowledgement(parsed)
        return entered

    def _keep_acknowledgement(self, answer):
        """Keep the acknowledgement in an answer, once, and say what it shows."""
        content = getattr(answer, "acknowledgement", None)
        if not content:
            return
        digest = hashlib.sha256(content).hexdigest()
        if digest in self.acknowledgement_ids.mapped("digest") or len(self.acknowledgement_ids) >= _MOST:
            return
        finding, detail, values = self._examine(content)
        self.env["hocba.submission.acknowledgement"].sudo().create(
            {
                "submission_id": self.id,
                "company_id": self.company_id.id,
                "content": base64.b64encode(content),
                "digest": digest,
                "received_at": self._now(),
                "finding": finding,
                "detail": detail,
                **values,
            }
        )
        self._note_acknowledgements()

    def _note_acknowledgements(self):
        """The worst that the acknowledgements show, examined anew; a person is told of what contradicts."""
        ranks = [name for name, _label in FINDINGS]
        found = []
        for row in self.acknowledgement_ids.with_context(bin_size=False):
            finding, detail, _values = self._examine(base64.b64decode(row.content))
            found.append((ranks.index(finding), detail))
        worst = max(rank for rank, _detail in found)
        details = [detail for rank, detail in found if detail and rank == worst]
        self.write(
            {
                "acknowledgement_finding": ranks[worst],
                "acknowledgement_detail": "\n".join(dict.fromkeys(details)) or False,
            }
        )
        if ranks[worst] in ("differs", "forged"):
            texts = {
                "differs": self.env._("The gateway's acknowledgement differs from what was sent"),
                "forged": self.env._("The signature on the gateway's acknowledgement does not hold"),
            }
            self._ask_for_help(texts[ranks[worst]], self.acknowledgement_detail or "")

    def _examine(self, content):
        """(finding, text or False, what the row says of stage and signer) of an acknowledgement's bytes."""
        report = verify_list(content, self.env["hocba.trust"]._store())
        values = {"signer": report.signer_name, "organisation": report.signer_id}
        if report.signed_at:
            values["signed_at"] = report.signed_at.astimezone(UTC).replace(tzinfo=None)
        reasons = " ".join(dict.fromkeys(item.text_vi for item in report.reasons if not item.is_note))
        try:
            told = parse_acknowledgement(content)
        except PacketError:
            return "forged", self.env._("It is no acknowledgement in the agreed form."), values
        values["stage"] = "verdicts" if told.judged_at else "receipt"
        if report.result == TOTAL_FAILED:
            return "forged", reasons, values
        differences = self._acknowledged_differences(told)
        if differences:
            return "differs", "\n".join(differences), values
        if report.result != TOTAL_PASSED:
            advice = self.env._(
                "Have the administrator enter the certification authority of the department's seal under “Trusted "
                "authorities”, then press “Check again” under “Acknowledgement”."
            )
            return "unverified", f"{reasons} {advice}", values
        return *self._check_signer(report), values

    def _acknowledged_differences(self, told):
        """What it says otherwise than the frozen bytes and the answers; records by name, Vietnamese like the rest."""
        lines = self.line_ids
        verdicts = {line.uuid: line.verdict == "accepted" for line in lines if line.verdict in ("accepted", "refused")}
        digests = {line.uuid: line.packet_digest for line in lines}
        found = told.differences(self.messageid, self.payload_digest, digests, verdicts)
        if (told.unit_code, told.kind) != (self.endpoint_id.unit_code, self.kind):
            found.append(
                self.env._("It is about transaction %(kind)s of unit %(unit)s.", kind=told.kind, unit=told.unit_code)
            )
        more = len(found) - _MOST_LINES
        found = found[:_MOST_LINES]
        for line in lines if found else ():
            named = f"{line._reported_name()} ({line.uuid})"
            found = [text.replace(line.uuid, named) for text in found]
        return [*found, self.env._("… and %(count)s more", count=more)] if more > 0 else found

    def _check_signer(self, report):
        """(finding, text): the same organisation has to acknowledge everything that goes through one gateway."""
        known = self.endpoint_id._acknowledger(report)
        if known in (report.signer_id, report.signer_name):
            return "agrees", False
        return "unverified", self.env._(
            "It was signed by %(name)s (%(code)s), and acknowledgements of this gateway by %(known)s until now. Ask "
            "the department; an administrator accepts the new one in the gateway's settings.",
            name=report.signer_name,
            code=report.signer_id or "-",
            known=known,
        )

    def action_check_acknowledgement(self):
        """Examine the acknowledgements again, for example when a certification authority was added."""
        self.check_access("read")
        if not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Only the clerk has acknowledgements examined."))
        for submission in self.sudo().filtered("acknowledgement_ids")._locked():
            submission._note_acknowledgements()

    def action_download_acknowledgement(self):
        """The acknowledgements as they came: one file, or several in one zip file."""
        self.check_access("read")
        rows = self.sudo().acknowledgement_ids.with_context(bin_size=False)
        files = [(row.content_name, base64.b64decode(row.content)) for row in rows]
        return self.env["hocba.file.package"]._of(f"xac-nhan-{self[:1].messageid}", files)._download()
