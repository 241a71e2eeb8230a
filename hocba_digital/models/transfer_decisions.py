"""Decisions of the year under way that a pupil takes along: how a disability is taught, exemptions from subjects.

They are entered at the new school as the other school's, with who decided and when, and stand until the new head
decides anew (TT 27/2020/TT-BGDĐT, Art. 8 and 15: each head answers for the assessment at the own school). The reason
of an exemption and the scans, which speak of the child's health, do not go along.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import packet, transfer
from .frozen_mixin import TRANSITION

_DECIDED = ("disability_education", "not_assessed", "disability_decision")


class TransferDecisions(models.Model):
    _inherit = "hocba.transfer"

    def _decisions_so_far(self, line):
        """Values of ``transfer.Results``: what was decided for the year of the enrolment ``line``."""
        text = packet.clean_text
        disability = line.disability_education and transfer.DisabilityDecision(
            kind=line.disability_education,
            decision=text(line.disability_decision),
            not_assessed=line.not_assessed,
            decided_at=text(line.disability_origin) or "",
        )
        exemptions = tuple(
            transfer.ExemptionDecision(
                code=each.subject_id.moet_code or each.subject_id.code,
                name=text(line.class_id._printed_subject(each.subject_id)),
                decided_by=text(each.decided_by_id.name or each.origin_decider),
                decided_on=each.decided_on,
                decision=text(each.decision),
                decided_at="" if each.decided_by_id else text(each.origin_school),
            )
            for each in line.exemption_ids.sorted("id")
        )
        return {"disability": disability or None, "exemptions": exemptions}

    def _enter_decisions(self, line, told):
        """Enter what the other school decided for this year; returns what was entered and what was not, in words."""
        notes = self._enter_disability(line, told) if told.disability else []
        subjects = self._subjects_by_code()
        for decision in told.exemptions:
            notes.append(self._enter_exemption(line, told, decision, subjects.get(decision.code)))
        return [note for note in notes if note]

    def _enter_disability(self, line, told):
        if line.disability_education:
            return [
                self.env._(
                    "The disability was entered here already and stays; the other school's decision is in its document."
                )
            ]
        decision = told.disability
        school = decision.decided_at or told.school.name
        line.sudo().with_context(hocba_transition=TRANSITION).write(
            {
                "disability_education": decision.kind,
                "not_assessed": decision.not_assessed,
                "disability_decision": decision.decision,
                "disability_origin": school,
            }
        )
        return [
            self.env._(
                "Disability: entered as %(school)s decided (%(decision)s).", school=school, decision=decision.decision
            )
        ]

    def _enter_exemption(self, line, told, decision, subject):
        if not subject:
            return self.env._("Exemption, not entered: %(name)s is not known here.", name=decision.name)
        if subject in line.exemption_ids.subject_id:
            return None
        results = line.assessment_ids.result_ids.filtered(lambda each: each.subject_id == subject)
        if results.filtered(lambda each: each.level not in (False, "M")):
            return self.env._(
                "Exemption from %(subject)s, not entered: there are other levels. The head decides.",
                subject=subject.name,
            )
        school = decision.decided_at or told.school.name
        self.env["hocba.exemption"].sudo().with_context(hocba_transition=TRANSITION).create(
            {
                "enrolment_id": line.id,
                "subject_id": subject.id,
                "reason": self.env._("By decision of the school that the pupil came from"),
                "decision": decision.decision,
                "decided_by_id": False,
                "decided_on": decision.decided_on,
                "origin_school": school,
                "origin_decider": decision.decided_by,
                "origin_transfer_id": self.id,
            }
        )
        return self.env._(
            "Exemption from %(subject)s: entered as %(school)s decided. The head may decide anew.",
            subject=subject.name,
            school=school,
        )


class ExemptionOrigin(models.Model):
    _inherit = "hocba.exemption"

    decided_by_id = fields.Many2one(required=False)
    origin_school = fields.Char("Decided at another school", readonly=True, copy=False)
    origin_decider = fields.Char("Decided there by", readonly=True, copy=False)
    origin_transfer_id = fields.Many2one(
        "hocba.transfer",
        "Hand-over that the decision came with",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    _decider = models.Constraint(
        "CHECK(decided_by_id IS NOT NULL OR origin_transfer_id IS NOT NULL)",
        "Say which head decided on the exemption.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_origin(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_origin(vals)
        return super().write(vals)

    def _check_origin(self, vals):
        by_hand = self.env.context.get("hocba_transition") is not TRANSITION
        if by_hand and any(vals.get(name) for name in ("origin_school", "origin_decider", "origin_transfer_id")):
            raise UserError(
                self.env._("What another school decided comes with the hand-over and is never entered by hand.")
            )


class EnrolmentOrigin(models.Model):
    _inherit = "hocba.enrolment"

    disability_origin = fields.Char(
        "Decided at another school", readonly=True, copy=False, help="The school that decided; empty: this one."
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_origin(vals) for vals in vals_list])

    def write(self, vals):
        # Whoever decides otherwise decides here.
        anew = self.filtered(
            lambda line: line.disability_origin and any(name in vals and vals[name] != line[name] for name in _DECIDED)
        )
        done = super().write(self._without_origin(vals))
        if anew and self.env.context.get("hocba_transition") is not TRANSITION:
            anew.with_context(hocba_transition=TRANSITION).write({"disability_origin": False})
        return done

    def _without_origin(self, vals):
        if self.env.context.get("hocba_transition") is TRANSITION:
            return vals
        return {name: value for name, value in vals.items() if name != "disability_origin"}
