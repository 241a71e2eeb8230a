from odoo import fields, models
from odoo.addons.hocba_digital.core.gateway import Recall as RecallEntry
from odoo.addons.hocba_digital.core.gateway import build_recalls
from odoo.addons.hocba_digital.core.packet import get_profile
from odoo.addons.hocba_digital.models.frozen_mixin import TRANSITION
from odoo.exceptions import UserError

_AT_MINISTRY = ("accepted", "locked")


class RecallUpward(models.Model):
    """A record that the ministry holds is recalled there first (CV 2088, annex 1, §IV.3).

    ::

        waiting --officer approves--> upward --the ministry approves--> approved
                                         \\--the ministry refuses----> refused
    """

    _inherit = "hocba.registry.recall"

    upward_id = fields.Many2one(
        "hocba.submission", "Transaction with the ministry", readonly=True, ondelete="restrict", index="btree_not_null"
    )

    def _approve(self):
        record = self.record_id
        record.lock_for_update()
        if record.state != "accepted" or record._is_closed() or not self._ministry_decides():
            return super()._approve()
        self._decide("upward", decided_by_id=self.env.uid, decided_at=fields.Datetime.now())
        return None

    def _ministry_decides(self):
        """Whether the ministry holds the record. Raises while that is not known."""
        if self.record_id.upper_state == "queued":
            raise UserError(
                self.env._(
                    "%(name)s: the record is on its way to the ministry. Decide when the ministry has answered.",
                    name=self.pupil_name,
                )
            )
        return self.record_id.upper_state in _AT_MINISTRY

    def _upward_parts(self):
        """These requests as they go up: each part is one transaction."""
        return list(self.grouped(lambda recall: recall.record_id.year_id).values())

    def _upward_list(self):
        """What transaction 5 says of the records: from the packets, with the schools' reasons."""
        return build_recalls([recall._upward_entry() for recall in self])

    def _upward_entry(self):
        record = self.record_id
        data = get_profile(record.profile).parse(record._packet_bytes()).data
        return RecallEntry.of(data, self.reason)

    def _note_upward(self, submission):
        """The transaction under way for these recalls; none when it was refused as a whole."""
        self.with_context(hocba_transition=TRANSITION).write({"upward_id": submission.id})

    def _upward_approved(self):
        """The ministry agreed: the record is withdrawn here too, and the school learns it by transaction 6."""
        for recall in self:
            recall.record_id._in_transition().write({"state": "recalled", "upper_state": "recalled"})
            recall._decide("approved")

    def _upward_refused(self, reason):
        """The ministry refused: the record stays in force, and the school is told why."""
        for recall in self:
            recall._decide("refused", refusal=self.env._("The ministry: %(reason)s", reason=reason))
