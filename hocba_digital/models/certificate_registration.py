"""A seal's standing with the department: registered by transaction 3, decided by an officer there."""

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError


class CertificateRegistration(models.Model):
    _inherit = "hocba.certificate"

    submission_ids = fields.One2many("hocba.submission", "certificate_id", "Registrations", readonly=True)
    registration_state = fields.Selection(
        lambda self: self.env["hocba.submission"]._fields["state"]._description_selection(self.env),
        "Registration",
        compute="_compute_registration",
    )
    registration_answer = fields.Text("The department's answer", compute="_compute_registration")

    @api.depends("submission_ids.state", "submission_ids.error")
    def _compute_registration(self):
        for certificate in self:
            last = certificate.sudo().submission_ids[:1]
            certificate.registration_state = last.state
            certificate.registration_answer = last.error

    def action_register(self):
        """Ask for the PIN and register this seal with the department."""
        self.ensure_one()
        if self.kind != "organisation":
            raise UserError(self.env._("Only the school's seal is registered with the department."))
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_registration_wizard")
        action["context"] = {"default_certificate_id": self.id}
        return action

    def _der_bytes(self):
        return base64.b64decode(self.sudo().with_context(bin_size=False).der)

    @api.model
    def _seal_signer(self, company, pin):
        """(certificate of the school's seal, its signer) for the current user, for keys that answer at once."""
        certificate = self._for_role("seal", company)
        if not certificate:
            raise UserError(self.env._("The school's seal has no valid certificate to sign with."))
        if not certificate._answers_at_once():
            raise UserError(self.env._("The seal's key needs an approval; send in the dialog."))
        return certificate, certificate._signer(pin)
