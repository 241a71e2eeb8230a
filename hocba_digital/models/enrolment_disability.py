"""What a pupil is excused from in a year: by a disability (TT 27, Art. 8), by exemptions. Data, never guessed."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.rules import disability as rules

KINDS = [
    ("inclusive", "Inclusive education"),
    ("individual", "By the individual education plan"),
    ("special", "Special education"),
    ("class", "Class for pupils with disabilities"),
]
_DECIDING = ("disability_education", "not_assessed")
_STAFF = "hocba_digital.group_homeroom,hocba_digital.group_clerk,hocba_digital.group_head,hocba_digital.group_auditor"


class EnrolmentDisability(models.Model):
    _inherit = "hocba.enrolment"

    disability_education = fields.Selection(
        KINDS, "Education of a pupil with a disability", help="Empty: a pupil without a disability."
    )
    not_assessed = fields.Boolean(
        "Disabled, not assessed",
        help="By decision of the school no level is given. The format cv2088-1.0 cannot carry such a record.",
    )
    disability_decision = fields.Char(
        "Decision or plan", help="Number and date of the decision or of the individual education plan."
    )
    disability_file = fields.Binary("Copy of the decision or plan", attachment=True, groups=_STAFF)
    disability_file_name = fields.Char(groups=_STAFF)

    exemption_ids = fields.One2many("hocba.exemption", "enrolment_id", "Exemptions from subjects")

    @api.constrains("disability_education", "not_assessed", "disability_decision")
    def _check_disability(self):
        for line in self:
            if line.not_assessed and not line.disability_education:
                raise ValidationError(
                    self.env._(
                        "%(name)s: say which education the pupil with a disability receives; only then “not assessed” "
                        "can hold.",
                        name=line.pupil_id.name,
                    )
                )
            if line.disability_education and not (line.disability_decision or "").strip():
                raise ValidationError(
                    self.env._(
                        "%(name)s: name the decision or the individual education plan that says so.",
                        name=line.pupil_id.name,
                    )
                )

    def write(self, vals):
        changed = self.filtered(
            lambda line: any(name in vals and (vals[name] or False) != line[name] for name in _DECIDING)
        )
        changed.sudo().assessment_ids._check_unsigned({"result_ids": True})
        done = super().write(vals)
        for line in changed:
            line._tell_pupil()
        return done

    def _tell_pupil(self):
        """Leave a trace with the pupil: an enrolment has no chatter of its own."""
        kinds = dict(self._fields["disability_education"]._description_selection(self.env))
        words = [self.class_name, kinds.get(self.disability_education) or self.env._("pupil without a disability")]
        if self.not_assessed:
            words.append(self.env._("not assessed"))
        if self.disability_decision:
            words.append(self.disability_decision)
        self.pupil_id.sudo().message_post(body=" · ".join(words))

    def _demands(self):
        """``Demands`` of Art. 8 on this pupil in this year."""
        self.ensure_one()
        kind = self.disability_education or None
        return rules.demands(kind, not_assessed=bool(kind and self.not_assessed))
