"""What an answer of the gateway means for a transaction and its records."""

from datetime import UTC, timedelta

from odoo import fields, models

from ..core.gateway import advice_for
from ..core.gateway.pauses import growing

#: The receiver has to say "never seen" this often, this far apart, before the same bytes go again.
NEVER_SEEN_TWICE = 2
NEVER_SEEN_APART = timedelta(minutes=3)
#: Seconds before the verdict is asked for the first time, and at most.
FIRST_QUESTION, LONGEST_QUESTION = 2, 1800
#: Questions without a verdict after which a person is told.
_TOO_MANY_QUESTIONS = 20


class SubmissionVerdicts(models.Model):
    _inherit = "hocba.submission"

    never_seen_at = fields.Datetime(readonly=True)
    questions = fields.Integer("Questions without a verdict", readonly=True, default=0)
    conflict_at = fields.Datetime("Other bytes reported at", readonly=True)

    def _settle_sent(self, answer):
        if not answer.accepted:
            self._settle_refusal(answer.code, answer.description)
        elif answer.held_digest and answer.held_digest != self.payload_digest:
            # Whether it holds other bytes under this messageid, or only says so, its word on the records tells.
            self._fail(self._digest_text(answer.held_digest), advice_for("DIGEST"))
            self._wait("unknown", FIRST_QUESTION)
        else:
            self.write({"error": False, "advice": False, "questions": 0})
            self._wait("received", FIRST_QUESTION)

    def _digest_text(self, digest):
        return self.env._("The department says it holds other bytes than were sent (digest %(digest)s).", digest=digest)

    def _settle_query(self, answer):
        if answer.never_seen:
            self._settle_never_seen()
            return
        self.write({"never_seen": 0, "never_seen_at": False})
        if answer.processing:
            self._ask_later()
        elif answer.refused:
            self._settle_refusal(answer.code, answer.description)
        else:
            self._settle_answer(answer)

    def _ask_later(self, state="received"):
        """The receiver has it and has not decided yet."""
        self.write({"questions": self.questions + 1, "error": False, "advice": False})
        self._wait(state, growing(FIRST_QUESTION, LONGEST_QUESTION, self.questions))
        if self.questions == _TOO_MANY_QUESTIONS:
            self._ask_for_help(self.env._("The department has the transaction and gives no verdict; ask there."))

    def _settle_answer(self, answer):
        """The receiver's word on what the transaction carried."""
        self._settle_verdicts(answer)

    def _settle_never_seen(self):
        """Twice "never seen", some minutes apart: only then the same bytes go again."""
        now = self._now()
        if not self.never_seen_at or now - self.never_seen_at >= NEVER_SEEN_APART:
            self.write({"never_seen": self.never_seen + 1, "never_seen_at": now})
        if self.never_seen >= NEVER_SEEN_TWICE:
            self.write({"never_seen": 0, "never_seen_at": False})
            self._wait("queued", 0)
        else:
            self._wait("unknown", NEVER_SEEN_APART.total_seconds())

    def _settle_refusal(self, code, description):
        """The receiver refuses the transaction as a whole, which it may do once and before it accepted any of it."""
        reason = f"{code}: {description}"
        if code == "25":
            self._stop_for_conflict(reason)
        elif "accepted" in self.line_ids.mapped("verdict"):
            # A later word against what was promised changes nothing here; it is asked for again.
            self._fail(reason)
        else:
            self._refuse_whole(code, description)

    def _refuse_whole(self, code, description):
        """The transaction as a whole was refused: its records were not judged and can be sent anew."""
        self.line_ids.write(
            {
                "verdict": "refused",
                "error_code": code,
                "error_description": description,
                "answered_at": self._now(),
            }
        )
        self.write(
            {
                "state": "refused",
                "error": f"{code}: {description}",
                "advice": advice_for(code, "data"),
                "next_try_at": False,
            }
        )
        self._ask_for_help(self.env._("The department refused the whole transaction: %(reason)s", reason=description))

    def _stop_for_conflict(self, reason):
        """The receiver holds something else under this name. Only people can say what happened: nothing goes again."""
        self.line_ids.filtered(lambda line: line.verdict == "pending").write({"verdict": "conflict"})
        self.write({"state": "failed", "error": reason, "advice": advice_for("DIGEST"), "next_try_at": False})
        self._ask_for_help(self.env._("The department holds other bytes than were sent"), reason)

    def _settle_verdicts(self, answer):
        """Verdict per record: the answer must name the UUID that was sent, and the digest where it has one."""
        verdicts = _unanimous(answer.verdicts)
        none = self.env["hocba.submission.line"]
        accepted, refused, closings = none, none, {}
        for line in self.line_ids:
            verdict = verdicts.get(line.uuid)
            if not verdict:
                continue
            if line.verdict in ("pending", "conflict"):
                self._judge(line, verdict)
                if line.verdict == "accepted":
                    accepted |= line
                elif line.verdict == "refused":
                    refused |= line
            if line.verdict == "accepted" and verdict.effective_on:
                moment = verdict.effective_on.astimezone(UTC).replace(tzinfo=None)
                closings[moment] = closings.get(moment, none) | line
        accepted._apply_accepted()
        refused._apply_refused()
        for effective_on, lines in closings.items():
            lines._apply_locked(effective_on)
        self._conclude()

    def _judge(self, line, verdict):
        if verdict.accepted and verdict.digest and verdict.digest != line.packet_digest:
            self._judge_conflict(line, verdict)
            return
        accepted = verdict.accepted
        line.write(
            {
                "verdict": "accepted" if accepted else "refused",
                "error_code": False if accepted else verdict.error,
                "error_field": False if accepted else verdict.error_field,
                "error_description": False if accepted else verdict.error_description,
                "answered_at": self._now(),
            }
        )

    def _judge_conflict(self, line, verdict):
        """Other bytes under the record's look-up code: believed when said again some minutes later."""
        now = self._now()
        self.conflict_at = self.conflict_at or now
        values = {"error_code": "DIGEST", "error_description": self._digest_text(verdict.digest), "answered_at": now}
        if now - self.conflict_at >= NEVER_SEEN_APART:
            values["verdict"] = "conflict"
        line.write(values)

    def _conclude(self):
        verdicts = set(self.line_ids.mapped("verdict"))
        if "pending" in verdicts:
            doubted = self.line_ids.filtered(lambda line: line.verdict == "pending" and line.error_code == "DIGEST")
            if doubted:
                self._fail(doubted[0].error_description, advice_for("DIGEST"))
                self._wait("received", NEVER_SEEN_APART.total_seconds())
            else:
                self._ask_later()
            return
        if "conflict" in verdicts:
            self._stop_for_conflict(
                self.line_ids.filtered(lambda line: line.verdict == "conflict")[0].error_description
                or self._digest_text("?")
            )
            return
        state = "accepted" if verdicts == {"accepted"} else "refused" if verdicts == {"refused"} else "partly"
        if self.state != state:
            self.write({"state": state, "error": False, "advice": False, "conflict_at": False})
            if state != "accepted":
                self._ask_for_help(self.env._("The department refused %(count)s records.", count=self.refused_count))
        self.next_try_at = False


def _unanimous(verdicts):
    """UUID -> verdict. An answer that says two things of one record says nothing of it."""
    found = {}
    for verdict in verdicts:
        same = found.setdefault(verdict.uuid, verdict)
        if same and (same.accepted, same.digest) != (verdict.accepted, verdict.digest):
            found[verdict.uuid] = None
    return found
