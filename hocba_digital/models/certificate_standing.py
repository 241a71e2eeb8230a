"""Whether the department has approved a seal: said by its gateway, or by a paper where there is no gateway for it."""

from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class CertificateStanding(models.Model):
    _inherit = "hocba.certificate"

    approval_ids = fields.One2many("hocba.certificate.approval", "certificate_id", "Approvals", readonly=True)
    registers_online = fields.Boolean("Registered over the gateway", compute="_compute_registers_online")

    def _compute_registers_online(self):
        for certificate in self:
            certificate.registers_online = certificate._answering_gateway()

    def _answering_gateway(self):
        """Whether the school has a real gateway that answers transactions 3 and 4 (a trial's answers do not count)."""
        endpoint = self.env["hocba.endpoint"].sudo().search([("company_id", "=", self.company_id.id)], limit=1)
        return bool(endpoint and endpoint.environment == "production" and endpoint.registers_certificates)

    def action_approve_on_paper(self, reason, scan, scan_name=None):
        """Head or administrator: the department has approved the seal on paper. ``scan``: base64.

        Only where no gateway answers registrations; there the answer decides.
        """
        self.ensure_one()
        self._check_may_note_approval()
        if self.kind != "organisation":
            raise UserError(self.env._("Only the school's seal is registered with the department."))
        if self._answering_gateway():
            raise UserError(
                self.env._(
                    "The school's gateway answers registrations: press “Register with the department”, the approval "
                    "comes with its answer."
                )
            )
        if not (reason or "").strip() or not scan:
            raise UserError(self.env._("Say how the department approved the seal, and add the scan of its paper."))
        self._set_approved(True, "paper", reason.strip(), scan, scan_name)

    def action_withdraw_approval(self, reason):
        """Head or administrator: the department has taken its approval back; the seal issues no more records."""
        self.ensure_one()
        self._check_may_note_approval()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the approval is withdrawn."))
        self._set_approved(False, "paper", reason.strip())

    def _check_may_note_approval(self):
        self.check_access("read")
        user = self.env.user
        groups = ("group_head", "group_school_admin")
        if self.company_id not in user.company_ids or not any(
            user.has_group(f"hocba_digital.{group}") for group in groups
        ):
            raise AccessError(self.env._("Only the head or the administrator notes the department's approval."))

    def _set_approved(self, approved, source, reason, scan=False, scan_name=False):
        """Note the department's decision, with where it comes from."""
        values = {
            "certificate_id": self.id,
            "company_id": self.company_id.id,
            "approved": approved,
            "source": source,
            "reason": reason,
            "scan": scan,
            "scan_name": scan_name,
            "user_id": self.env.uid,
        }
        self.env["hocba.certificate.approval"].sudo()._in_transition().create(values)
        self.sudo().approved = approved
