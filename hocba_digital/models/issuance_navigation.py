"""From records and pupils to the copies of them."""

from odoo import fields, models


class RecordCopies(models.Model):
    _inherit = "hocba.record"

    issuance_count = fields.Integer("Copies", compute="_compute_issuance_count")

    def _compute_issuance_count(self):
        groups = (
            self.env["hocba.issuance.line"]
            .sudo()
            ._read_group([("record_id", "in", self.ids)], ["record_id"], ["__count"])
        )
        counts = {record.id: count for record, count in groups}
        for record in self:
            record.issuance_count = counts.get(record.id, 0)

    def action_open_issuances(self):
        """The copies that hold these records."""
        return self.env["hocba.issuance"]._action_open([("line_ids.record_id", "in", self.ids)])

    def action_issue_copy(self):
        """Issue a copy of this year to somebody who asked for it."""
        self.ensure_one()
        return self.env["hocba.issue.wizard"]._action_open(self.pupil_id, self)


class PupilCopies(models.Model):
    _inherit = "hocba.pupil"

    issuance_count = fields.Integer("Copies", compute="_compute_issuance_count")

    def _compute_issuance_count(self):
        groups = (
            self.env["hocba.issuance"].sudo()._read_group([("pupil_id", "in", self.ids)], ["pupil_id"], ["__count"])
        )
        counts = {pupil.id: count for pupil, count in groups}
        for pupil in self:
            pupil.issuance_count = counts.get(pupil.id, 0)

    def action_open_issuances(self):
        """The copies of these pupils' records."""
        return self.env["hocba.issuance"]._action_open([("pupil_id", "in", self.ids)])

    def action_issue_copy(self):
        """Issue a copy of a year or of the whole book to somebody who asked for it."""
        self.ensure_one()
        return self.env["hocba.issue.wizard"]._action_open(self)


class IssuanceNavigation(models.Model):
    _inherit = "hocba.issuance"

    def _action_open(self, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_issuance")
        return {**action, "domain": domain, "context": {}}
