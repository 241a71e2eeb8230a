"""What came is judged anew when the head decides: what held on the day of receipt may not hold any more."""

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import signing, transfer
from .transfer_line import verified


class TransferRecheck(models.Model):
    _inherit = "hocba.transfer"

    checked_at = fields.Datetime("Checked again at", readonly=True, copy=False)
    recheck = fields.Text("What checking again showed", readonly=True, copy=False)

    @api.private
    def _judged(self, found, trust):
        """{look-up code: ``PacketReport``} of a ``HandoverFile``'s packets. Raises UserError for broken evidence."""
        reports = {}
        for uuid, content in found.packets.items():
            try:
                reports[uuid] = verified(content, found.evidence.get(uuid, b""), trust)
            except ValueError as error:
                year = found.data[uuid].school_year
                raise UserError(
                    self.env._("The evidence of %(year)s in the file cannot be read.", year=year)
                ) from error
        return reports

    def action_check_again(self):
        """Head: judge seal and signatures with what is known now, and note what was not there when the file came."""
        for arriving in self._require("group_head", self.env._("Only the head has a hand-over checked again.")):
            arriving._check_state("in", "received")
            _results, news = arriving._judged_now()
            now = fields.Datetime.now()
            arriving._in_transition().write({"checked_at": now, "recheck": "\n".join(news) or False})
        return True

    def _checked_now(self):
        """The results as of now.

        Raises UserError when a signature does not hold, or something came up that the head has not seen: a certificate
        that was revoked, evidence that went stale, an authority that is not trusted any more.
        """
        results, news = self._judged_now()
        unseen = [text for text in news if text not in (self.recheck or "").splitlines()]
        if signing.TOTAL_FAILED in results:
            raise UserError(
                self.env._(
                    "%(name)s: a signature does not hold any more. Such a file is refused; ask the other school for a "
                    "new one.\n%(reasons)s",
                    name=self.pupil_name,
                    reasons="\n".join(news),
                )
            )
        if unseen:
            raise UserError(
                self.env._(
                    "%(name)s: since the file came, something has changed. Press “Check again”, and decide on what it "
                    "shows.\n%(reasons)s",
                    name=self.pupil_name,
                    reasons="\n".join(unseen),
                )
            )
        return results

    def _judged_now(self):
        """(results, findings that were not there when the file came) of the seal on the file, of every year and of
        the head's signature on results so far.
        """
        found = transfer.unpack(base64.b64decode(self.with_context(bin_size=False).file))
        trust = self.env["hocba.trust"]._store()
        seal, known = signing.verify_list(found.manifest, trust), self._known_findings()
        seen = [(self.env._("Seal of the other school"), seal, known.get("", ()))]
        for uuid, report in self._judged(found, trust).items():
            seen.append((found.data[uuid].school_year, report, known.get(uuid, ())))
        if found.results:
            before = [line.partition(": ")[2] for line in known.get("", ())]
            seen.append((self.env._("Results so far"), self._head_report(found, trust), before))
        news = [
            f"{label}: {item.text_vi}"
            for label, report, before in seen
            for item in report.reasons
            if not item.is_note and item.text_vi not in before
        ]
        return {report.result for _label, report, _before in seen}, list(dict.fromkeys(news))

    def _known_findings(self):
        """{look-up code, or nothing for the seal: the findings on the day the file came}."""
        known = {line.uuid: (line.finding or "").splitlines() for line in self.line_ids}
        return {**known, "": (self.finding or "").splitlines()}
