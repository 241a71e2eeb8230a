"""Taking a reported record back before the closing (CV 2088, annex 1, III.3): the head asks, the clerk sends.

::

    submitted --head asks--> asked --clerk sends, sealed--> sent --Sở approves--> (record recalled, new draft)
                               ^                              |
                               +------- head asks again ------+--Sở refuses, with its reason--> refused
"""

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..core.gateway import Recall
from ..core.packet import get_profile


class RecordRecall(models.Model):
    _inherit = "hocba.record"

    recall_state = fields.Selection(
        [
            ("asked", "Asked for, not sent yet"),
            ("sent", "The department decides"),
            ("approved", "Approved"),
            ("refused", "Refused by the department"),
        ],
        "Recall",
        readonly=True,
        copy=False,
        index=True,
    )

    def action_ask_recall(self, reason):
        """Head: ask the department to take these records back, with a reason."""
        if not self.env.user.has_group("hocba_digital.group_head"):
            raise AccessError(self.env._("Only the head has a record recalled."))
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the record is recalled."))
        self.check_access("write")
        records = self.sudo()
        records.lock_for_update()
        for record in records:
            if record.state != "submitted":
                raise UserError(
                    self.env._(
                        "%(name)s is not in state “Submitted”: only what the department accepted and has not closed "
                        "yet is recalled.",
                        name=record.display_name,
                    )
                )
            if record.recall_state in ("asked", "sent"):
                raise UserError(self.env._("%(name)s is being recalled already.", name=record.display_name))
        records._in_transition().write({"recall_state": "asked", "recall_reason": reason, "recall_refusal": False})
        self.env["hocba.event"]._log(self, "recall_asked", reason)

    def action_withdraw_recall(self):
        """Head: take the request back while it has not been sent."""
        if not self.env.user.has_group("hocba_digital.group_head"):
            raise AccessError(self.env._("Only the head has a record recalled."))
        waiting = self.sudo().filtered(lambda record: record.recall_state == "asked")
        waiting._in_transition().write({"recall_state": False, "recall_reason": False})

    def _move(self, state, *args, **values):
        result = super()._move(state, *args, **values)
        corrected = self.filtered(lambda record: record.replaces_id or record.supersedes_id)
        if state == "signed" and corrected:
            # Whoever was asked to correct the data has done so: the new record is signed by all.
            corrected.sudo().activity_feedback(["mail.mail_activity_data_todo"])
        return result

    def _recall_entry(self):
        """What transaction 5 says of this record: from the packet that the department holds."""
        data = get_profile(self.profile).parse(self._packet_bytes()).data
        return Recall.of(data, self.recall_reason)

    def _recall_approved(self, detail):
        """The department agreed: withdrawn, and a new draft with a new look-up code takes its place."""
        for record in self.filtered(lambda record: record.state == "submitted"):
            record._in_transition().write({"recall_state": "approved"})
            new = record._withdraw_and_replace(f"{detail}: {record.recall_reason or ''}".strip(": "))
            new.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("The recall was approved: correct the data, then have the new record signed"),
                user_id=new.class_id.homeroom_id.id or self.env.uid,
            )

    def _recall_refused(self, reasons):
        """The department refused; the record stays in force. ``reasons``: record id -> text."""
        refused = self.filtered(lambda record: record.recall_state == "sent")
        for record in refused:
            record._in_transition().write({"recall_state": "refused", "recall_refusal": reasons.get(record.id)})
        self.env["hocba.event"]._log(refused, "recall_refused", reasons)
