from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core.rules import deadlines
from .assessment import COMPETENCE_FIELDS, QUALITY_FIELDS
from .result import SCORES

TRAITS = (*QUALITY_FIELDS, *COMPETENCE_FIELDS)
_GUARDED = {"state", "first_level", "first_score", "first_comment", "done_on", "done_by_id", "assessment_id"}
_GUARDED |= {"result_id", "trait"}


class Reassessment(models.Model):
    """A subject, quality or competence assessed again after the year, before the second deadline (Art. 11.1b).

    The row keeps what stood there first. Finishing it enters the new values; what follows from them (overall result,
    completion, moving up) is worked out again.
    """

    _name = "hocba.reassessment"
    _description = "Additional Assessment"
    _order = "class_id, pupil_name, assessment_id, id"
    _inherit = ["hocba.frozen.mixin"]
    _rec_name = "item_name"

    _frozen_states = ("done",)
    # What follows the pupil, the class and the teachers may still follow them.
    _frozen_open = ("pupil_name", "class_id", "homeroom_id", "teacher_id", "school_year_id", "company_id", "deadline")

    assessment_id = fields.Many2one("hocba.assessment", required=True, ondelete="cascade", index=True, readonly=True)
    pupil_name = fields.Char(related="assessment_id.pupil_name", store=True)
    class_id = fields.Many2one(related="assessment_id.class_id", store=True, index=True)
    school_year_id = fields.Many2one(related="assessment_id.school_year_id", store=True)
    homeroom_id = fields.Many2one(related="assessment_id.homeroom_id", store=True)
    company_id = fields.Many2one(related="assessment_id.company_id", store=True, index=True)
    deadline = fields.Date(related="class_id.deadline_summer", store=True)
    result_id = fields.Many2one("hocba.result", "Subject line", ondelete="cascade", readonly=True, index=True)
    trait = fields.Selection(
        selection=lambda self: [
            (name, self.env["hocba.assessment"]._fields[name]._description_string(self.env)) for name in TRAITS
        ],
        string="Quality or competence",
        readonly=True,
    )
    item_name = fields.Char("Subject or trait", compute="_compute_item_name")
    has_test = fields.Boolean(related="result_id.needs_score", string="Test needed")
    teacher_id = fields.Many2one("res.users", compute="_compute_teacher_id", store=True, index=True)
    plan = fields.Text("Plan of help", help="What the teacher does with the pupil until then (Art. 11.1b).")
    first_level = fields.Selection([("T", "T"), ("H", "H"), ("D", "Đ"), ("C", "C")], "First level", readonly=True)
    first_score = fields.Selection(SCORES, "First score", readonly=True)
    first_comment = fields.Text(readonly=True)
    new_level = fields.Selection([("T", "T"), ("H", "H"), ("D", "Đ"), ("C", "C")])
    new_score = fields.Selection(SCORES)
    comment = fields.Text("New comment", help="Empty: the first comment stays.")
    state = fields.Selection(
        [("planned", "To be assessed"), ("done", "Assessed again"), ("cancelled", "Cancelled")],
        default="planned",
        required=True,
        readonly=True,
        index=True,
    )
    done_on = fields.Date("Assessed on", readonly=True)
    done_by_id = fields.Many2one("res.users", "Assessed by", readonly=True)

    _item = models.Constraint(
        "CHECK((result_id IS NULL) <> (trait IS NULL))",
        "Either a subject or a quality or competence is assessed again.",
    )
    _once = models.UniqueIndex(
        "(assessment_id, COALESCE(result_id, 0), COALESCE(trait, '')) WHERE state = 'planned'",
        "This is already planned to be assessed again.",
    )

    @api.depends("result_id.subject_id.name", "trait")
    def _compute_item_name(self):
        labels = dict(self._fields["trait"]._description_selection(self.env))
        for item in self:
            item.item_name = item.result_id.subject_id.name or labels.get(item.trait)

    @api.depends("result_id.teacher_id", "assessment_id.homeroom_id")
    def _compute_teacher_id(self):
        for item in self:
            item.teacher_id = item.result_id.teacher_id or item.assessment_id.homeroom_id

    @api.constrains("new_level", "new_score", "trait")
    def _check_scale(self):
        for item in self:
            scale = ("T", "D", "C") if item.trait else ("T", "H", "C")
            if item.new_level and item.new_level not in scale:
                raise ValidationError(
                    self.env._(
                        "%(pupil)s, %(item)s: choose one of %(levels)s.",
                        pupil=item.pupil_name,
                        item=item.item_name,
                        levels=", ".join("Đ" if level == "D" else level for level in scale),
                    )
                )
            if item.new_score and not item.has_test:
                raise ValidationError(
                    self.env._("%(pupil)s, %(item)s has no test.", pupil=item.pupil_name, item=item.item_name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_transition():
            raise UserError(
                self.env._("An additional assessment is planned from the year-end assessment of the pupil.")
            )
        return super().create(vals_list)

    def write(self, vals):
        if not self._is_transition():
            if _GUARDED & vals.keys():
                raise UserError(self.env._("What stood there first and the state are kept as they are."))
            self._check_mine()
            if any(item.state == "cancelled" for item in self):
                raise UserError(self.env._("A cancelled item is not filled in; plan it again."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An additional assessment is cancelled, not deleted."))

    def _check_mine(self):
        for item in self.sudo():
            if not self.env.su and self.env.user not in item.teacher_id | item.homeroom_id:
                raise AccessError(
                    self.env._(
                        "%(pupil)s, %(item)s is assessed by its teacher or the homeroom teacher.",
                        pupil=item.pupil_name,
                        item=item.item_name,
                    )
                )

    def action_done(self):
        """Enter the new values in the year's assessment; the first ones stay here."""
        self._check_mine()
        for item in self.sudo():
            if item.state != "planned":
                continue
            item._check_complete()
            item._remember_overall()
            item._enter()
        done = self.sudo().filtered(lambda item: item.state == "planned")
        done._in_transition().write({"state": "done", "done_on": deadlines.today(), "done_by_id": self.env.uid})
        for assessment in done.assessment_id:
            assessment._after_reassessment()

    def _check_complete(self):
        self.ensure_one()
        lacks_score = self.has_test and self.first_score and int(self.first_score) < 5 and not self.new_score
        if not self.new_level or lacks_score:
            raise UserError(
                self.env._(
                    "%(pupil)s, %(item)s: enter the new level%(score)s first.",
                    pupil=self.pupil_name,
                    item=self.item_name,
                    score=self.env._(" and the score of the new test") if lacks_score else "",
                )
            )

    def _remember_overall(self):
        assessment = self.assessment_id
        if not assessment.overall_first:
            assessment._in_transition().write({"overall_first": assessment.overall})

    def _enter(self):
        reason = self.env._("Additional assessment in summer")
        if self.trait:
            self.assessment_id.with_context(hocba_reason=reason).write({self.trait: self.new_level})
            return
        values = {"level": self.new_level}
        if self.new_score:
            values["score"] = self.new_score
        if self.comment:
            values["comment"] = self.comment
        self.result_id.with_context(hocba_reason=reason).write(values)

    def action_cancel(self):
        """Homeroom teacher: take an item back that was planned by mistake."""
        if not all(item.assessment_id._is_homeroom() for item in self):
            raise AccessError(self.env._("Only the homeroom teacher cancels an additional assessment."))
        planned = self.sudo().filtered(lambda item: item.state == "planned")
        planned._in_transition().write({"state": "cancelled"})

    def action_open_assessment(self):
        self.ensure_one()
        return self.assessment_id.get_formview_action()
