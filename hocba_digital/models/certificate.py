from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

_EDITABLE = {"active"}


class Certificate(models.Model):
    """A certificate known to the school and, sealed, how its key is reached: the key file, or a place elsewhere.

    No key ever leaves: the field is in nobody's reach over RPC, and what is stored is sealed with a
    key outside the database and still protected by its owner's PIN.
    """

    _name = "hocba.certificate"
    _description = "Signing Certificate"
    _order = "not_after desc"
    _inherit = ["mail.thread"]

    name = fields.Char("Holder", required=True, readonly=True)
    kind = fields.Selection([("person", "Person"), ("organisation", "School's seal")], required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Person", readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True)
    serial = fields.Char("Serial number", readonly=True)
    subject = fields.Char("Subject of the certificate", readonly=True)
    issuer = fields.Char("Issued by", readonly=True)
    not_before = fields.Datetime("Valid from", readonly=True)
    not_after = fields.Datetime("Valid until", readonly=True)
    der = fields.Binary("Certificate file", readonly=True, attachment=False)
    sealed_key = fields.Text(groups=fields.NO_ACCESS)
    has_key = fields.Boolean("Ready to sign", readonly=True)
    approved = fields.Boolean(
        "Approved by the department",
        tracking=True,
        readonly=True,
        help="Only an approved seal may issue records (CV 2088, III.1).",
    )
    active = fields.Boolean(default=True)
    validity = fields.Selection(
        [("valid", "Valid"), ("soon", "Expires soon"), ("future", "Not yet valid"), ("expired", "Expired")],
        compute="_compute_validity",
    )

    _serial_uniq = models.Constraint(
        "UNIQUE(serial, issuer, company_id)", "This certificate is already known to the school."
    )

    def write(self, vals):
        if not self.env.su and not all(
            name in _EDITABLE or name.startswith(("message_", "activity_")) for name in vals
        ):
            raise AccessError(
                self.env._("A certificate says what its file says, and its approval what the department says.")
            )
        return super().write(vals)

    @api.depends("not_before", "not_after")
    def _compute_validity(self):
        now = fields.Datetime.now()
        for certificate in self:
            if certificate.not_after and certificate.not_after <= now:
                certificate.validity = "expired"
            elif certificate.not_before and certificate.not_before > now:
                certificate.validity = "future"
            elif certificate.not_after and (certificate.not_after - now).days < 60:
                certificate.validity = "soon"
            else:
                certificate.validity = "valid"

    def _check_holder(self):
        mine = self.kind == "person" and self.user_id == self.env.user
        keeper = self.kind == "organisation" and self.company_id in self.env.user.company_ids and self._keeps_seal()
        if not (mine or keeper):
            raise AccessError(self.env._("You may not sign with the certificate of “%(name)s”.", name=self.name))
        if self.validity in ("expired", "future"):
            raise UserError(
                self.env._(
                    "The certificate of “%(name)s” is not valid today (valid from %(start)s until %(end)s).",
                    name=self.name,
                    start=self.not_before,
                    end=self.not_after,
                )
            )

    def _keeps_seal(self):
        user = self.env.user
        return user.has_group("hocba_digital.group_clerk") or self.env["hocba.mandate"]._valid_for(
            user, "seal", self.company_id
        )

    @api.model
    def _for_role(self, role, company):
        """Certificate that the current user signs with in ``role``; empty when there is none."""
        return self._usable_for(role, company)[:1]

    @api.model
    def _usable_for(self, role, company):
        """Certificates that the current user may sign with in ``role``, the one that lasts longest first."""
        domain = [("has_key", "=", True), ("not_after", ">", fields.Datetime.now())]
        if role in ("seal", "report", "transfer"):
            domain += [("kind", "=", "organisation"), ("company_id", "=", company.id)]
        else:
            domain += [("kind", "=", "person"), ("user_id", "=", self.env.uid)]
        return self.sudo().search(domain).sudo(False)
