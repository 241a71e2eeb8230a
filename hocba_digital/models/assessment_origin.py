"""Results of a part of the year that a pupil brings from another school (QĐ 1789, Art. 22.2, 22.3b).

From paper they are typed in, with the scan beside them. From a hand-over file they are entered as the other school's
head signed them, with that document as the proof; what came so is not changed here.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: What says where results come from; with a hand-over behind it, nobody edits it.
_ORIGIN = ("from_other_school", "origin_school", "origin_scan", "origin_scan_name")


class AssessmentOrigin(models.Model):
    _inherit = "hocba.assessment"

    from_other_school = fields.Boolean(
        "Taken over from another school", help="The results of this period were assessed at another school."
    )
    origin_school = fields.Char("Assessed at", tracking=True)
    origin_scan = fields.Binary("Scan of the results", attachment=True)
    origin_scan_name = fields.Char("File name of the scan")
    origin_transfer_id = fields.Many2one(
        "hocba.transfer",
        "Hand-over that they came with",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    has_origin_document = fields.Boolean(compute="_compute_has_origin_document")

    @api.depends("origin_transfer_id")
    def _compute_has_origin_document(self):
        for assessment in self:
            assessment.has_origin_document = bool(assessment.sudo().origin_transfer_id)

    @api.constrains("from_other_school", "origin_school", "origin_scan", "origin_transfer_id", "period")
    def _check_origin(self):
        for assessment in self.filtered("from_other_school"):
            if assessment.period == "year":
                raise ValidationError(
                    self.env._(
                        "%(name)s: the results of the end of the year are assessed here. A whole year at another "
                        "school is taken over as a record from paper.",
                        name=assessment.pupil_name,
                    )
                )
            proof = assessment.origin_scan or assessment.sudo().origin_transfer_id
            if not assessment.origin_school or not proof:
                raise ValidationError(
                    self.env._(
                        "%(name)s: results from another school need the name of the school and the scan of the paper.",
                        name=assessment.pupil_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_transition() and any(vals.get("origin_transfer_id") for vals in vals_list):
            raise UserError(self.env._("The hand-over that results came with is never entered by hand."))
        return super().create(vals_list)

    def _check_unsigned(self, vals):
        super()._check_unsigned(vals)
        if self._is_transition():
            return
        if "origin_transfer_id" in vals:
            raise UserError(self.env._("The hand-over that results came with is never entered by hand."))
        stored = {name for name in vals if name in self._fields and not name.startswith(("message_", "activity_"))}
        for assessment in self.sudo().filtered("origin_transfer_id"):
            if not stored.isdisjoint(_ORIGIN) or assessment._changes_said(vals):
                assessment._refuse_change()

    def _refuse_change(self):
        raise UserError(
            self.env._(
                "%(name)s: these results were signed by the head of %(school)s and are not changed here.",
                name=self.pupil_name,
                school=self.origin_school,
            )
        )

    def _changes_said(self, vals):
        counts = ("has_attendance", "absences_excused", "absences_unexcused")
        if self.has_attendance and any(name in vals and vals[name] != self[name] for name in counts):
            return True
        return changes_entry(self, vals, self.env["hocba.class"]._grid_kinds("assessment"))

    def action_open_origin(self):
        """The document of the other school, for whoever may read the assessment."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/hocba/assessment/origin/{self.id}", "target": "new"}


def changes_entry(row, vals, names):
    """Whether ``vals`` change an entry that is there; what was left empty may still be entered."""
    return any(row[name] and name in vals and row[name] != vals[name] for name in names)
