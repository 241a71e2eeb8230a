from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.signing import SigningError
from ..core.signing.signers.csc import CscClient, CscConfig


class SigningService(models.Model):
    """A remote signing service (Cloud Signature Consortium API 1.0.4) and the school's account there.

    The account's secret is written only: it is sealed for this very database and readable by nobody.
    """

    _name = "hocba.signing.service"
    _description = "Remote Signing Service"
    _inherit = ["mail.thread", "hocba.secret.mixin"]
    _order = "company_id, name, id"
    _secrets = {"secret": "signing service"}

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", "School", required=True, index=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True)
    base_url = fields.Char(
        "Address", required=True, tracking=True, help="As the provider names it, for example https://host/csc/v1"
    )
    auth = fields.Selection(
        [
            ("client", "Client ID and secret (OAuth 2.0)"),
            ("basic", "User name and password"),
            ("none", "By the network alone"),
        ],
        "The school's account",
        required=True,
        default="client",
    )
    client_id = fields.Char("Client ID or user name", tracking=True)
    secret = fields.Char(
        "Secret or password",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        help="Written only; it is never shown again.",
    )
    has_secret = fields.Boolean("Secret is set", compute="_compute_has_secrets")
    sealed_secret = fields.Text(groups=fields.NO_ACCESS)
    timeout = fields.Integer("Time-out (seconds)", required=True, default=60)
    tested_at = fields.Datetime("Last test", readonly=True)
    test_ok = fields.Boolean("Test passed", readonly=True)
    test_message = fields.Text("Result of the test", readonly=True)
    certificate_count = fields.Integer("Certificates", compute="_compute_certificate_count")

    def _compute_certificate_count(self):
        counts = dict(
            self.env["hocba.certificate"]._read_group([("service_id", "in", self.ids)], ["service_id"], ["__count"])
        )
        for service in self:
            service.certificate_count = counts.get(service, 0)

    @api.constrains("base_url", "timeout")
    def _check_address(self):
        for service in self:
            if not 1 <= service.timeout <= 110:
                raise ValidationError(self.env._("The time-out is 1 to 110 seconds."))
            try:
                CscClient(CscConfig(base_url=service.base_url))
            except SigningError:
                raise ValidationError(self.env._("The address of a signing service begins with https://"))

    def _secret_lost_text(self, name):
        return self.env._(
            "The secret of “%(name)s” cannot be opened here. A copied database cannot sign; on the "
            "school's own server, enter the secret again.",
            name=self.name,
        )

    @api.private
    def _client(self):
        """A ``CscClient`` for this service. Raises UserError in a copied database."""
        self.ensure_one()
        service = self.sudo()
        secret = service._open_secret("secret") if service.auth != "none" else ""
        return CscClient(
            CscConfig(
                base_url=service.base_url,
                auth=service.auth,
                client_id=service.client_id or "",
                secret=secret,
                timeout=service.timeout,
            )
        )

    def action_test(self):
        """Sign in at the service, count its keys, and say what is wrong."""
        self.ensure_one()
        self.check_access("write")
        try:
            with self._client() as client:
                name = str(client.info().get("name") or self.name)[:100]
                count = len(client.credential_ids())
            ok, message = True, self.env._("%(name)s answers; keys there: %(count)s.", name=name, count=count)
        except SigningError as error:
            ok, message = False, self.env["hocba.certificate"]._key_text(error.code)
        self.write({"tested_at": fields.Datetime.now(), "test_ok": ok, "test_message": message})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Connection works") if ok else self.env._("Connection fails"),
                "message": message,
                "type": "success" if ok else "danger",
                "sticky": not ok,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_open_certificates(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_certificate")
        action["domain"] = [("service_id", "=", self.id)]
        return action
