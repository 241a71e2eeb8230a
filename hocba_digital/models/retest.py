from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core.rules import deadlines
from .result import SCORES


class Retest(models.Model):
    """Another test because the first result is abnormal against the ongoing assessment (TT 27, Art. 7.1d).

    The teacher proposes, the head allows, the teacher enters the new score. The last score counts (annex 1, item 2);
    the earlier one stays here.
    """

    _name = "hocba.retest"
    _description = "Another Test"
    _order = "id desc"
    _inherit = ["mail.thread", "hocba.frozen.mixin"]
    _rec_name = "result_id"

    _frozen_states = ("done", "refused")
    _frozen_open = ("pupil_id", "class_id", "company_id", "period", "subject_id", "teacher_id")

    result_id = fields.Many2one("hocba.result", "Subject line", required=True, ondelete="cascade", index=True)
    pupil_id = fields.Many2one(related="result_id.pupil_id", store=True)
    class_id = fields.Many2one(related="result_id.class_id", store=True, index=True)
    subject_id = fields.Many2one(related="result_id.subject_id", store=True)
    company_id = fields.Many2one(related="result_id.company_id", store=True, index=True)
    period = fields.Selection(related="result_id.period", store=True)
    teacher_id = fields.Many2one(related="result_id.teacher_id", store=True, index=True)
    earlier_score = fields.Selection(SCORES, readonly=True, copy=False)
    reason = fields.Text(
        required=True, default=lambda self: self.env._("The result is abnormal against the ongoing assessment")
    )
    state = fields.Selection(
        [("proposed", "Proposed"), ("allowed", "Allowed"), ("done", "Tested again"), ("refused", "Refused")],
        default="proposed",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    proposed_by_id = fields.Many2one("res.users", "Proposed by", readonly=True)
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_on = fields.Date("Decided on", readonly=True)
    new_score = fields.Selection(SCORES)
    tested_on = fields.Date("Tested on")
    done_by_id = fields.Many2one("res.users", "Entered by", readonly=True)

    _open_once = models.UniqueIndex(
        "(result_id) WHERE state IN ('proposed', 'allowed')", "Another test of this subject is already under way."
    )

    @api.depends("pupil_id.name", "subject_id.name")
    def _compute_display_name(self):
        for retest in self:
            retest.display_name = f"{retest.pupil_id.name or ''} - {retest.subject_id.name or ''}"

    @api.model_create_multi
    def create(self, vals_list):
        retests = (
            super(Retest, self._in_transition())
            .create(
                [
                    dict(
                        {key: value for key, value in vals.items() if key in ("result_id", "reason")},
                        earlier_score=self.env["hocba.result"].browse(vals.get("result_id")).score,
                        proposed_by_id=self.env.uid,
                    )
                    for vals in vals_list
                ]
            )
            .with_env(self.env)
        )
        for retest in retests:
            retest._check_teacher()
            retest._check_possible()
        return retests

    def _check_possible(self):
        line = self.result_id
        if line.period not in ("end1", "year") or not line.needs_score or not line.score:
            raise UserError(
                self.env._(
                    "%(name)s: another test follows one at the end of a semester whose score is entered (Art. 7.1d).",
                    name=self.display_name,
                )
            )
        line.assessment_id._check_unsigned({"result_ids": True})

    def _check_teacher(self):
        for retest in self.sudo():
            if not self.env.su and self.env.user not in retest.teacher_id | retest.class_id.homeroom_id:
                raise AccessError(
                    self.env._(
                        "%(name)s: only the teacher of the subject or the homeroom teacher.", name=retest.display_name
                    )
                )

    def write(self, vals):
        if not self._is_transition():
            if vals.keys() - {"reason", "new_score", "tested_on"} - self._chatter_names(vals):
                raise UserError(self.env._("The course of another test is kept as it is; use its buttons."))
            if {"reason", "new_score", "tested_on"} & vals.keys():
                self._check_teacher()
        return super().write(vals)

    def _chatter_names(self, vals):
        return {name for name in vals if name.startswith("message_")}

    @api.ondelete(at_uninstall=False)
    def _unlink_only_proposed(self):
        self._check_teacher()
        if any(retest.state != "proposed" for retest in self):
            raise UserError(self.env._("Another test that was decided on is kept."))

    def _decide(self, state):
        if not self.env.user.has_group("hocba_digital.group_head"):
            raise AccessError(self.env._("Only the head allows another test."))
        self.check_access("read")
        proposed = self.sudo().filtered(lambda retest: retest.state == "proposed")
        proposed._in_transition().write(
            {"state": state, "decided_by_id": self.env.uid, "decided_on": deadlines.today()}
        )

    def action_allow(self):
        """Head: the pupil may take another test."""
        self._decide("allowed")

    def action_refuse(self):
        """Head: the first score stays."""
        self._decide("refused")

    def action_done(self):
        """Teacher: the score of the new test counts from now on."""
        self._check_teacher()
        for retest in self.sudo():
            if retest.state != "allowed":
                raise UserError(
                    self.env._("%(name)s: the head has not allowed another test.", name=retest.display_name)
                )
            if not retest.new_score:
                raise UserError(self.env._("%(name)s: enter the score of the new test.", name=retest.display_name))
            retest.result_id.with_context(hocba_reason=retest.reason).write({"score": retest.new_score})
            retest._in_transition().write(
                {
                    "state": "done",
                    "done_by_id": self.env.uid,
                    "tested_on": retest.tested_on or deadlines.today(),
                }
            )
