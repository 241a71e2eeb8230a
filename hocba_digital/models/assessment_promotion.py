"""Completing the grade and moving up: two facts, the second the head's where the first does not decide (Art. 11)."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core.rules import assessment as rules
from ..core.rules import deadlines

YES_NO = [("yes", "Promoted"), ("no", "Not promoted")]
COMPLETION = [("yes", "Completed"), ("no", "Not completed")]
STATES = [
    ("completed", "Completed, moves up"),
    ("to_plan", "Additional assessment to be planned"),
    ("summer", "Additional assessment under way"),
    ("to_decide", "The head is to decide"),
    ("decided", "Decided by the head"),
]
_FLAGS = {"yes": True, "no": False}
#: Only the methods below write these.
_GUARDED = {
    *("promotion_decision", "promotion_reason", "promotion_decided_by_id", "promotion_decided_on"),
    *("promotion_proposal", "promotion_proposal_note", "promotion_proposed_by_id", "promotion_proposed_on"),
    "overall_first",
}


class AssessmentPromotion(models.Model):
    _inherit = "hocba.assessment"

    class_completed_computed = fields.Selection(
        COMPLETION, "Grade's programme by the rules", compute="_compute_outcome", store=True
    )
    class_completed_manual = fields.Selection(COMPLETION, "Grade's programme set by hand", tracking=True)
    completion_reason = fields.Text("Reason for the other decision on the programme", tracking=True)
    class_completed = fields.Selection(
        COMPLETION, "Grade's programme", compute="_compute_outcome", store=True, tracking=True
    )
    promoted = fields.Selection(
        [*YES_NO, ("summer", "Decided after summer")],
        "Promotion",
        compute="_compute_outcome",
        store=True,
        readonly=False,
        tracking=True,
    )
    promotion_state = fields.Selection(
        STATES, "Moving up", compute="_compute_promotion_state", store=True, tracking=True, index=True
    )
    promotion_proposal = fields.Selection(YES_NO, "Teacher's proposal", readonly=True, copy=False, tracking=True)
    promotion_proposal_note = fields.Text("What the teacher reports", readonly=True, copy=False, tracking=True)
    promotion_proposed_by_id = fields.Many2one("res.users", "Proposed by", readonly=True, copy=False)
    promotion_proposed_on = fields.Datetime("Proposed on", readonly=True, copy=False)
    promotion_decision = fields.Selection(YES_NO, "Head's decision", readonly=True, copy=False, tracking=True)
    promotion_reason = fields.Text("Reason of the decision", readonly=True, copy=False, tracking=True)
    promotion_decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True, copy=False, tracking=True)
    promotion_decided_on = fields.Datetime("Decided on", readonly=True, copy=False)
    overall_first = fields.Selection(
        selection=lambda self: self._fields["overall"].selection,
        string="Result before the additional assessment",
        readonly=True,
        copy=False,
        tracking=True,
    )
    reassessment_ids = fields.One2many("hocba.reassessment", "assessment_id", "Additional assessment")
    reassessment_count = fields.Integer("Items assessed again", compute="_compute_promotion_state", store=True)
    summer_deadline = fields.Date(related="class_id.deadline_summer", string="Deadline after summer")

    _overall_reason = models.Constraint(
        "CHECK(overall_manual IS NULL OR btrim(COALESCE(overall_reason, '')) <> '')",
        "A result set by hand needs its reason.",
    )
    _completion_reason = models.Constraint(
        "CHECK(class_completed_manual IS NULL OR btrim(COALESCE(completion_reason, '')) <> '')",
        "A completion set by hand needs its reason.",
    )
    _decision_complete = models.Constraint(
        "CHECK(promotion_decision IS NULL OR btrim(COALESCE(promotion_reason, '')) <> '')",
        "The head's decision on moving up needs its reason.",
    )

    @api.depends("overall", "class_completed_manual", "promotion_decision", "not_assessed")
    def _compute_outcome(self):
        """Art. 11.1a: who completed is promoted; for the others the head decides (Art. 11.1c)."""
        for assessment in self:
            by_rules = rules.class_completion(assessment.overall or None)
            assessment.class_completed_computed = _word(by_rules)
            assessment.class_completed = assessment.class_completed_manual or assessment.class_completed_computed
            decided = rules.promotion_of(
                _FLAGS.get(assessment.class_completed),
                _FLAGS.get(assessment.promotion_decision),
                not_assessed=assessment.not_assessed,
            )
            waits = assessment.promoted == "summer" and assessment.class_completed == "no"
            assessment.promoted = _word(decided) or ("summer" if waits else False)

    @api.depends(
        "class_completed", "promotion_decision", "not_assessed", "promoted", "reassessment_ids.state", "period"
    )
    def _compute_promotion_state(self):
        for assessment in self:
            states = assessment.reassessment_ids.mapped("state")
            waits = assessment.promoted == "summer" and not states
            assessment.reassessment_count = len(states)
            assessment.promotion_state = assessment.period == "year" and rules.promotion_state(
                _FLAGS.get(assessment.class_completed),
                _FLAGS.get(assessment.promotion_decision),
                not_assessed=assessment.not_assessed,
                open_items=states.count("planned") or waits,
                done_items=states.count("done"),
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_guarded(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_guarded(vals)
        return super().write(vals)

    def _check_guarded(self, vals):
        """Decisions come from the buttons that ask for the reason, whoever writes."""
        if self._is_transition():
            return
        guarded = _GUARDED & vals.keys()
        if guarded:
            raise UserError(
                self.env._(
                    "“%(field)s” is not typed in; use the buttons of the assessment.",
                    field=self._fields[min(guarded)]._description_string(self.env),
                )
            )
        if vals.get("promoted") in ("yes", "no") and any(line.promoted != vals["promoted"] for line in self):
            raise UserError(
                self.env._(
                    "Moving up follows from the results; for a pupil who did not complete the grade only the head "
                    "decides, with a reason (Art. 11.1c)."
                )
            )

    def _propose_promotion(self, proposal, note):
        """Homeroom teacher: report to the head a pupil who did not complete (Art. 11.1c)."""
        if not all(line._is_homeroom() for line in self):
            raise AccessError(self.env._("Only the homeroom teacher reports to the head who has not completed."))
        for line in self:
            line._refuse_decision(proposal == "yes")
        self.sudo()._in_transition().write(
            {
                "promotion_proposal": proposal,
                "promotion_proposal_note": note,
                "promotion_proposed_by_id": self.env.uid,
                "promotion_proposed_on": fields.Datetime.now(),
            }
        )
        for line in self.sudo():
            line._finish_activities()
            line._plan_activity(line.company_id.hocba_head_id, self.env._("Decide on moving up (Art. 11.1c)"))

    def _import_promotion(self, value):
        """What a workbook says of who moves up: a plan for the summer, or a proposal; never a decision."""
        self.ensure_one()
        open_items = len(self.sudo().reassessment_ids.filtered(lambda item: item.state == "planned"))
        completed = _FLAGS.get(self.class_completed)
        if value == "summer":
            self.promoted = value
        elif not rules.decision_problem(int(self.grade), completed, value == "yes", open_items=open_items):
            self.sudo()._propose_promotion(value, self.env._("From a workbook"))

    def _decide_promotion(self, decision, reason):
        """Head: whether pupils who did not complete the grade move up, with the reason (Art. 11.1c)."""
        if not self.env.user.has_group("hocba_digital.group_head"):
            raise AccessError(self.env._("Only the head decides whether a pupil moves up."))
        self.check_access("read")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why you decide so."))
        for line in self:
            line._refuse_decision(decision == "yes")
        lines = self.sudo()
        lines._in_transition().write(
            {
                "promotion_decision": decision,
                "promotion_reason": reason,
                "promotion_decided_by_id": self.env.uid,
                "promotion_decided_on": fields.Datetime.now(),
            }
        )
        for line in lines:
            line._finish_activities()

    def _refuse_decision(self, promote):
        """Raise when Art. 11 leaves no room for a decision on this pupil."""
        self.ensure_one()
        if self.period != "year" or not self.promotion_state:
            raise UserError(self.env._("%(name)s: the year's result is not complete yet.", name=self.pupil_name))
        open_items = len(self.sudo().reassessment_ids.filtered(lambda item: item.state == "planned"))
        completed = _FLAGS.get(self.class_completed)
        problem = rules.decision_problem(int(self.grade), completed, promote, open_items=open_items)
        texts = {
            "completed": self.env._(
                "%(name)s completed the grade's programme and moves up without a decision (Art. 11.1a).",
                name=self.pupil_name,
            ),
            "open": self.env._(
                "%(name)s: %(count)s items of the additional assessment are still open. Finish or cancel them first.",
                name=self.pupil_name,
                count=open_items,
            ),
            "grade_5": self.env._(
                "%(name)s is in grade 5: only who completed the programme leaves primary school (Art. 11.2).",
                name=self.pupil_name,
            ),
        }
        if problem:
            raise UserError(texts[problem])

    def _is_homeroom(self):
        """Whether the current user is the homeroom teacher of this pupil's class."""
        self.ensure_one()
        return self.env.su or self.sudo().homeroom_id == self.env.user

    def _plan_activity(self, user, summary, deadline=None):
        if user:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=deadline or deadlines.today(),
                summary=summary,
                user_id=user.id,
            )

    def _finish_activities(self):
        self.activity_unlink(["mail.mail_activity_data_todo"])

    def action_propose_promotion(self):
        return self._open_promotion_wizard("propose", self.env._("Report to the head"))

    def action_decide_promotion(self):
        return self._open_promotion_wizard("decide", self.env._("Decide on moving up"))

    def _open_promotion_wizard(self, mode, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "hocba.promotion.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_mode": mode, "default_assessment_ids": [(6, 0, self.ids)]},
        }


def _word(flag):
    return {True: "yes", False: "no"}.get(flag, False)
