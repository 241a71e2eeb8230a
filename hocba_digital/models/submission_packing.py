"""Which records go into which transaction, and which one is left out so that the others can go."""

from odoo import api, models
from odoo.exceptions import UserError

from ..core.gateway import MAX_CONTENT_BYTES
from ..core.gateway.packing import portions


class SubmissionPacking(models.Model):
    _inherit = "hocba.submission"

    def _sendable(self, records):
        """Those of ``records`` that may be reported now, taken. Raises UserError when there are none."""
        locked = records.sudo().try_lock_for_update().with_env(self.env)
        sendable = locked.filtered(
            lambda record: record.state == "signed" and record.waiting_for == "sending" and not record.refusal
        )
        if not sendable:
            raise UserError(self.env._("None of these records is signed and waiting to be sent."))
        return self._intact(sendable)

    def _intact(self, records):
        """Those whose stored bytes are the ones that were signed. One that is damaged must not hold up a thousand."""
        intact = records.browse()
        reasons = {}
        for record in records:
            try:
                record._packet_bytes()
                intact |= record
            except UserError as error:
                reasons[record] = str(error)
        if not intact:
            raise UserError("\n".join(reasons.values()))
        for record, reason in reasons.items():
            self._note_left_out(record, reason)
        return intact

    def _note_left_out(self, record, reason):
        summary = self.env._("Left out of the report to the department")
        record = record.sudo()
        if summary not in record.activity_ids.mapped("summary"):
            record.activity_schedule("mail.mail_activity_data_todo", summary=summary, note=reason, user_id=self.env.uid)

    @api.model
    def _split(self, records, endpoint):
        """The records of each transaction: of one school year and format, within the limits of a transaction."""
        for _kind, group in records.grouped(lambda record: (record.school_year_id, record.profile)).items():
            yield from self._portions(group, endpoint)

    @api.model
    def _portions(self, records, endpoint):
        """Groups of records whose content stays below the limits of a transaction."""
        packets = ((record.id, record._packet_bytes()) for record in records)
        gateway = endpoint.sudo()
        limits = {"most": gateway.batch_records, "room": gateway.batch_bytes, "list_bytes": MAX_CONTENT_BYTES}
        for ids in portions(packets, **limits):
            yield records.browse(ids)
