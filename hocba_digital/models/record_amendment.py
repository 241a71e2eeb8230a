"""A locked record is never edited: a new record supersedes it, once the department has agreed (QĐ 1789, Art. 21.6)."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.packet import get_profile
from ..core.rules import RecordDraft, difference

IN_FORCE = ("submitted", "locked", "transferred")


class RecordAmendment(models.Model):
    _inherit = "hocba.record"

    supersedes_id = fields.Many2one(
        "hocba.record", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    superseded_by_id = fields.Many2one(
        "hocba.record", "Superseded by", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    amendment_ids = fields.One2many("hocba.amendment", "record_id", "Amendments", readonly=True)
    amendment_difference = fields.Html(
        "Changes against the record it supersedes", compute="_compute_amendment_difference", sanitize=False
    )

    _one_successor = models.UniqueIndex(
        "(supersedes_id) WHERE state != 'recalled' AND supersedes_id IS NOT NULL",
        "A record supersedes this one already.",
    )

    _frozen_once = ("superseded_by_id",)

    @api.depends("superseded_by_id")
    def _compute_correction_text(self):
        result = super()._compute_correction_text()
        for record in self.filtered("superseded_by_id"):
            record.correction_text = "\n".join(filter(None, (record._superseded_text(), record.correction_text)))
        return result

    def _superseded_text(self):
        """What every look-up says of a record that another one supersedes."""
        new = self.sudo().superseded_by_id
        return self.env._(
            "Superseded by the record with look-up code %(uuid)s; no longer in force since %(date)s",
            uuid=new.uuid,
            date=fields.Datetime.context_timestamp(
                self.with_context(tz="Asia/Ho_Chi_Minh"), new.effective_on or new.submitted_at
            ).strftime("%d/%m/%Y"),
        )

    @api.depends("supersedes_id", "data_hash", "state")
    def _compute_amendment_difference(self):
        for record in self:
            lines = record.sudo()._changes_since_superseded() if record.supersedes_id else []
            record.amendment_difference = record._difference_table(
                lines, self.env._("In the locked record"), self.env._("In this record")
            )

    def _changes_since_superseded(self):
        """Differences between the locked record and what this one says, as lines for the table."""
        old = self.supersedes_id
        before = get_profile(old.profile).parse(old._packet_bytes()).data
        source = self._print_source()[0]
        after = source.to_data() if isinstance(source, RecordDraft) else source
        return self._difference_lines(difference.differences(before, after))

    def _being_amended(self):
        """Whether a draft that is to supersede this locked record takes its data from the school again."""
        return bool(self.sudo().amendment_ids.filtered(lambda line: line.state == "granted"))

    def _standing(self):
        """Of several records of a pupil and year the one that counts: not withdrawn, not superseded, not a plan."""
        return self.filtered(
            lambda record: (
                record.state != "recalled"
                and not record.superseded_by_id
                and (not record.supersedes_id or record.state in IN_FORCE)
            )
        )

    def _start_successor(self, detail):
        """A draft with a look-up code of its own that will supersede this locked record."""
        self.ensure_one()
        if self.state not in ("locked", "transferred") or self.superseded_by_id:
            raise UserError(self.env._("%(name)s is not a locked record in force.", name=self.display_name))
        values = {**self._new_values(self.assessment_id), **self._paper_values(), "supersedes_id": self.id}
        new = self._in_transition().create(values)
        self.env["hocba.event"]._log(new, "created", detail)
        return new

    def _accept(self, detail):
        """The department accepted these records; those that they supersede say so from now on, and stay."""
        fresh = self.filtered(lambda record: record.state == "signed")
        result = super()._accept(detail)
        for record in fresh.filtered("supersedes_id"):
            old = record.sudo().supersedes_id
            old._in_transition().write({"superseded_by_id": record.id})
            old.divergence_ids.unlink()
            self.env["hocba.event"]._log(old, "superseded", record.uuid)
            old.amendment_ids._done(record)
        return result

    def _compare_with_source(self):
        # The school's data are those of the record that superseded this one.
        return super(RecordAmendment, self.filtered(lambda record: not record.superseded_by_id))._compare_with_source()

    def action_verify(self):
        """Verify the stored packet; of a superseded record the answer says so first."""
        action = super().action_verify()
        if self.superseded_by_id:
            action["params"]["message"] = f"{self._superseded_text()}. {action['params']['message']}"
            action["params"]["type"] = "warning"
        return action

    def action_ask_amendment(self):
        """Clerk: a new request to amend this locked record, to be filled in."""
        self.ensure_one()
        self.env["hocba.amendment"].check_access("create")
        return {
            "type": "ir.actions.act_window",
            "res_model": "hocba.amendment",
            "view_mode": "form",
            "name": self.env._("Amendment of a locked record"),
            "context": {"default_record_id": self.id},
        }

    def action_open_amendments(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_amendment")
        related = self | self.sudo().supersedes_id | self.sudo().superseded_by_id
        return {**action, "domain": [("record_id", "in", related.ids)], "context": {}}

    def action_open_superseding(self):
        """The record that supersedes this one, or that this one supersedes."""
        self.ensure_one()
        return (self.superseded_by_id or self.supersedes_id).get_formview_action()
