from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core.rules import awards as rules
from ..core.rules import deadlines
from .reassessment import TRAITS

KINDS = [
    ("excellent", "Excellent pupil"),
    ("exemplary", "Exemplary pupil"),
    ("sudden", "Achievement during the year"),
    ("recommend", "Recommended to a higher authority"),
    ("letter", "Letter of praise"),
]
_ENTRIES = {"kind", "assessment_id", "subject_id", "trait", "achievement"}


class Award(models.Model):
    """Praise of a pupil in a school year (TT 27, Art. 13): proposed by the homeroom teacher, decided by the head.

    ::

        proposed --class recognises ("Tiêu biểu" only)--> recognised --head--> decided --head--> withdrawn
            |                                                 |
            +--------------------- head ----------------------+--> refused
    """

    _name = "hocba.award"
    _description = "Award"
    _order = "class_id, pupil_name, id"
    _inherit = ["mail.thread", "hocba.frozen.mixin"]
    _rec_name = "kind"

    assessment_id = fields.Many2one(
        "hocba.assessment", "Pupil", required=True, ondelete="cascade", index=True, domain="[('period', '=', 'year')]"
    )
    pupil_name = fields.Char(related="assessment_id.pupil_name", store=True)
    class_id = fields.Many2one(related="assessment_id.class_id", store=True, index=True)
    school_year_id = fields.Many2one(related="assessment_id.school_year_id", store=True)
    homeroom_id = fields.Many2one(related="assessment_id.homeroom_id", store=True)
    company_id = fields.Many2one(related="assessment_id.company_id", store=True, index=True)
    overall = fields.Selection(related="assessment_id.overall", string="Overall result")
    kind = fields.Selection(KINDS, required=True, tracking=True)
    subject_id = fields.Many2one("hocba.subject", "Outstanding in", ondelete="restrict", tracking=True)
    trait = fields.Selection(
        selection=lambda self: [
            (name, self.env["hocba.assessment"]._fields[name]._description_string(self.env)) for name in TRAITS
        ],
        string="Marked progress in",
        tracking=True,
    )
    achievement = fields.Char(tracking=True, help="The words of the certificate or of the record, in Vietnamese.")
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("recognised", "Recognised by the class"),
            ("decided", "Awarded"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        default="proposed",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    recognised_on = fields.Date("Class recognised on", readonly=True, copy=False)
    class_note = fields.Text("Note of the class", readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True, copy=False, tracking=True)
    decided_on = fields.Date("Decided on", readonly=True, copy=False)
    decision_note = fields.Text("Note or reason of the head", readonly=True, copy=False, tracking=True)

    _one_title = models.UniqueIndex(
        "(assessment_id, kind) WHERE kind IN ('excellent', 'exemplary') AND state NOT IN ('refused', 'withdrawn')",
        "The pupil is already proposed for this title.",
    )

    @api.depends("pupil_name", "kind")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for award in self:
            award.display_name = f"{award.pupil_name or ''} - {labels.get(award.kind, '')}"

    @api.model_create_multi
    def create(self, vals_list):
        awards = super().create([{key: vals[key] for key in _ENTRIES & vals.keys()} for vals in vals_list])
        for award in awards:
            award._check_homeroom()
            award._refuse_ungrounded(recognised=True)
        return awards

    def write(self, vals):
        if not self._is_transition():
            if not all(name in _ENTRIES or name.startswith("message_") for name in vals):
                raise UserError(self.env._("The state of an award is changed by its buttons only."))
            if _ENTRIES & vals.keys():
                self._check_homeroom()
                for award in self:
                    if award.state != "proposed":
                        raise UserError(self.env._("%(name)s is no longer a proposal.", name=award.display_name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_proposals(self):
        self._check_homeroom()
        if any(award.state != "proposed" for award in self):
            raise UserError(self.env._("Only a proposal can be removed; an award is withdrawn with a reason."))

    def _check_homeroom(self):
        if not all(award.assessment_id._is_homeroom() for award in self):
            raise AccessError(self.env._("Only the homeroom teacher proposes awards of the class."))

    def _check_head(self):
        if not self.env.user.has_group("hocba_digital.group_head"):
            raise AccessError(self.env._("Only the head decides on awards."))
        self.check_access("read")

    def _refuse_ungrounded(self, recognised=False):
        """Raise when Art. 13 does not allow this award. ``recognised``: leave the recognition by the class aside."""
        self.ensure_one()
        if self.assessment_id.sudo().period != "year":
            raise UserError(
                self.env._("%(name)s: awards stand with the assessment at the end of the year.", name=self.display_name)
            )
        problem = rules.problem(
            self.kind,
            self.assessment_id.sudo().overall or None,
            outstanding_subject=bool(self.subject_id),
            marked_progress=bool(self.trait),
            accepted_by_class=recognised or bool(self.recognised_on),
            achievement=self.achievement,
        )
        name = self.display_name
        texts = {
            "result": self.env._("%(name)s: the overall result does not open this title (Art. 13.1a).", name=name),
            "ground": self.env._(
                "%(name)s: name the subject with outstanding achievement or the quality or competence with marked "
                "progress (Art. 13.1a).",
                name=name,
            ),
            "class": self.env._("%(name)s: the class has not recognised it yet (Art. 13.1a).", name=name),
            "achievement": self.env._("%(name)s: say what the praise is for.", name=name),
        }
        if problem:
            raise UserError(texts[problem])

    def _recognise(self, day, note):
        """Homeroom teacher: the class recognised these pupils as exemplary."""
        self._check_homeroom()
        chosen = self.sudo().filtered(lambda award: award.kind == "exemplary" and award.state == "proposed")
        if not chosen:
            raise UserError(self.env._("No proposal for “Học sinh Tiêu biểu” waits for the class."))
        chosen._in_transition().write({"state": "recognised", "recognised_on": day, "class_note": note})

    def _decide(self, note=None):
        """Head: give the awards; item 5 of the record says so."""
        self._check_head()
        for award in self.sudo().filtered(lambda award: award.state in ("proposed", "recognised")):
            award._refuse_ungrounded()
            award._move("decided", note)
            award._enter(rules.joined)

    def _refuse(self, note):
        """Head: no award, with the reason."""
        self._check_head()
        self._check_reason(note)
        self.sudo().filtered(lambda award: award.state in ("proposed", "recognised"))._move("refused", note)

    def _withdraw(self, note):
        """Head: take an award back, with the reason; item 5 no longer names it."""
        self._check_head()
        self._check_reason(note)
        for award in self.sudo().filtered(lambda award: award.state == "decided"):
            award._enter(rules.without)
            award._move("withdrawn", note)

    def _check_reason(self, note):
        if not (note or "").strip():
            raise UserError(self.env._("Say why."))

    def _move(self, state, note):
        values = {"state": state, "decided_by_id": self.env.uid, "decided_on": deadlines.today()}
        self._in_transition().write(dict(values, decision_note=note or False))

    def _enter(self, change):
        """Put the words of this award into the record's item 5, or take them out."""
        if self.kind in ("excellent", "exemplary"):
            name, phrase = "award", rules.award_phrase(rules.title_of(self.kind))
        elif self.kind == "sudden":
            name, phrase = "extra_award", self.achievement.strip()
        else:
            return
        text = change(self.assessment_id[name] or None, phrase) or False
        if text != self.assessment_id[name]:
            self.assessment_id.write({name: text})

    def action_decide(self):
        self._decide()

    def action_recognise(self):
        return self._open_wizard("recognise", self.env._("Recognised by the class"))

    def action_refuse(self):
        return self._open_wizard("refuse", self.env._("Refuse"))

    def action_withdraw(self):
        return self._open_wizard("withdraw", self.env._("Withdraw"))

    def _open_wizard(self, mode, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "hocba.award.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_mode": mode, "default_award_ids": [(6, 0, self.ids)]},
        }
