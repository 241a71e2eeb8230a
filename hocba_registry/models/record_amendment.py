"""A locked record that a new one supersedes stays as it is, and says so (QĐ 1789/QĐ-SGDĐT, Art. 21.6)."""

from odoo import api, fields, models

from .record_storage import COUNTED


class RecordAmendment(models.Model):
    _inherit = "hocba.registry.record"

    _frozen_once = ("superseded_by_id",)

    supersedes_id = fields.Many2one("hocba.registry.record", readonly=True, index="btree_not_null", ondelete="restrict")
    superseded_by_id = fields.Many2one(
        "hocba.registry.record", "Superseded by", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    superseded_text = fields.Char("No longer in force", compute="_compute_superseded_text")

    _one_successor = models.UniqueIndex(
        "(supersedes_id) WHERE supersedes_id IS NOT NULL", "A record supersedes this one already."
    )

    @api.depends_context("lang")
    @api.depends("superseded_by_id")
    def _compute_superseded_text(self):
        for record in self:
            new = record.sudo().superseded_by_id
            record.superseded_text = new and self.env._(
                "Superseded by the record with look-up code %(uuid)s; no longer in force since %(date)s",
                uuid=new.uuid,
                date=fields.Datetime.context_timestamp(
                    self.with_context(tz="Asia/Ho_Chi_Minh"), new.effective_on
                ).strftime("%d/%m/%Y"),
            )

    def _annotation(self):
        """What the form of this record says of what came after its signatures; the form is Vietnamese."""
        return self.with_context(lang="vi_VN").superseded_text or ""

    def _supersede(self):
        """Put these accepted records in the place of those that they supersede.

        They are locked at once: their year is closed, so no closing would ever lock them, and until then the school
        could recall the only record in force.
        """
        amending = self.filtered("supersedes_id")
        if not amending:
            return
        amending._lock(fields.Datetime.now())
        for record in amending:
            old = record.supersedes_id
            old._in_transition().write({"superseded_by_id": record.id})
            old.recall_ids._note_successor(record)
            self.env["hocba.registry.tally"].sudo().create(old._counted_no_more())

    def _counted_no_more(self):
        """Row of the tally: of a pupil's records of a year the one in force is counted."""
        values = {name: self[name] for name in COUNTED}
        return {**values, "unit_id": self.unit_id.id, "year_id": self.year_id.id, "delta": -1}

    def action_open_superseding(self):
        """The record that supersedes this one, or that this one supersedes."""
        self.ensure_one()
        return (self.superseded_by_id or self.supersedes_id).get_formview_action()
