from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.rules import deadlines


class Exemption(models.Model):
    """A pupil is exempt from a subject for a school year (level M of the national schema): why, and who decided."""

    _name = "hocba.exemption"
    _description = "Exemption from a Subject"
    _order = "class_id, pupil_id, id"
    _inherit = ["mail.thread"]
    _rec_name = "subject_id"

    enrolment_id = fields.Many2one(
        "hocba.enrolment", "Pupil in the class", required=True, ondelete="cascade", index=True
    )
    pupil_id = fields.Many2one(related="enrolment_id.pupil_id", store=True)
    class_id = fields.Many2one(related="enrolment_id.class_id", store=True, index=True)
    company_id = fields.Many2one(related="enrolment_id.company_id", store=True, index=True)
    subject_id = fields.Many2one("hocba.subject", required=True, ondelete="restrict", tracking=True)
    reason = fields.Text(required=True, tracking=True)
    decision = fields.Char(tracking=True, help="Number and date of the decision, where there is one.")
    decided_by_id = fields.Many2one(
        "res.users", "Decided by", required=True, tracking=True, default=lambda self: self._default_decider()
    )
    decided_on = fields.Date("Decided on", required=True, default=lambda self: deadlines.today(), tracking=True)
    file = fields.Binary("Copy of the decision", attachment=True)
    file_name = fields.Char()

    _subject_uniq = models.Constraint(
        "UNIQUE(enrolment_id, subject_id)", "The pupil is already exempt from this subject."
    )

    def _default_decider(self):
        user = self.env.user
        return user if user.has_group("hocba_digital.group_head") else self.env.company.sudo().hocba_head_id

    @api.depends("pupil_id.name", "subject_id.name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.pupil_id.name or ''} - {line.subject_id.name or ''}"

    @api.constrains("decided_by_id")
    def _check_decider(self):
        """The head answers for the assessment of the school (Art. 15.1, 15.3)."""
        for line in self.filtered("decided_by_id"):
            if not line.decided_by_id.has_group("hocba_digital.group_head"):
                raise UserError(
                    self.env._(
                        "%(pupil)s: only the head decides on an exemption, and %(name)s is no head.",
                        pupil=line.pupil_id.name,
                        name=line.decided_by_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        for line in lines:
            line._results()._write_exempt()
        return lines

    def write(self, vals):
        if {"enrolment_id", "subject_id"} & vals.keys():
            raise UserError(self.env._("Remove the exemption and enter another one instead of moving it."))
        return super().write(vals)

    def unlink(self):
        results = self.env["hocba.result"].sudo().union(*(line._results() for line in self))
        # What another school's head signed stays as it was signed.
        results = results.filtered(lambda result: not result.assessment_id.origin_transfer_id)
        results.assessment_id._check_unsigned({"result_ids": True})
        done = super().unlink()
        results.filtered(lambda result: result.level == "M").write({"level": False})
        return done

    def _results(self):
        """The pupil's results in the subject, in every period of the year."""
        self.ensure_one()
        return self.sudo().enrolment_id.assessment_ids.result_ids.filtered(
            lambda result: result.subject_id == self.subject_id
        )
