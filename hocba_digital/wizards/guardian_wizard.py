from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core.rules import deadlines
from ..models.guardian import KINDS


class GuardianWizard(models.TransientModel):
    """Enters a guardian, puts another one in the place of one, or ends a guardian's right."""

    _name = "hocba.guardian.wizard"
    _description = "Guardian"

    pupil_id = fields.Many2one("hocba.pupil", required=True, readonly=True)
    guardian_id = fields.Many2one("hocba.guardian", "Guardian until now", readonly=True)
    mode = fields.Selection(
        [("add", "New guardian"), ("replace", "Change of guardian"), ("end", "End of the right")],
        required=True,
        readonly=True,
        default="add",
    )
    name = fields.Char("Full name")
    email = fields.Char()
    phone = fields.Char()
    kind = fields.Selection(KINDS, "Relation", default="mother")
    date_from = fields.Date("From", default=lambda self: deadlines.today())
    date_to = fields.Date("Until")
    basis = fields.Char("Paper", help="Kind, number, date and issuer, e.g. birth certificate 12/2016 of the commune.")
    paper = fields.Binary("Scan of the paper", attachment=False)
    paper_name = fields.Char()

    @api.model
    def _action_open(self, pupil, guardian=None, mode="add"):
        self._check_right()
        pupil.ensure_one()
        pupil.check_access("read")
        wizard = self.create({"pupil_id": pupil.id, "guardian_id": guardian.id if guardian else False, "mode": mode})
        return {
            "type": "ir.actions.act_window",
            "name": dict(self._fields["mode"]._description_selection(self.env))[mode],
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_confirm(self):
        """Do what the dialog is for. Raises UserError when something is missing."""
        self.ensure_one()
        self._check_right()
        self.pupil_id.check_access("read")
        if not (self.basis or "").strip():
            raise UserError(self.env._("Name the paper that says so: kind, number, date and issuer."))
        if self.mode != "add":
            if not self.paper:
                raise UserError(self.env._("Attach the scan of the decision."))
            self.guardian_id.check_access("read")
            self.guardian_id._end(self.basis, self.paper, self.paper_name)
        if self.mode == "end":
            return {"type": "ir.actions.act_window_close"}
        if not (self.name or "").strip():
            raise UserError(self.env._("Enter the guardian's full name."))
        self.env["hocba.guardian"]._add(
            self.pupil_id,
            self._contact(),
            self.kind,
            self.basis,
            date_from=self.date_from,
            date_to=self.date_to,
            paper=self.paper,
            paper_name=self.paper_name,
        )
        return {"type": "ir.actions.act_window_close"}

    def _contact(self):
        """The contact with this e-mail address who is a guardian at this school already, or a new one."""
        name, email = " ".join(self.name.split()), (self.email or "").strip()
        company = self.pupil_id.company_id
        if email:
            known = self.env["hocba.guardian"].sudo().search([("company_id", "=", company.id)]).partner_id
            found = known.filtered(lambda partner: partner.email and partner.email.lower() == email.lower())[:1]
            if found and found.name == name:
                return found
            if found:
                raise UserError(
                    self.env._(
                        "The e-mail address belongs to %(name)s already. Each guardian needs an own one.",
                        name=found.name,
                    )
                )
        return (
            self.env["res.partner"]
            .sudo()
            .create(
                {"name": name, "email": email or False, "phone": self.phone, "company_id": company.id, "lang": "vi_VN"}
            )
        )

    def _check_right(self):
        if not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Guardians are kept by the clerk."))
