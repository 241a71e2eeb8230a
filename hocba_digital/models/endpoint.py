import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.gateway import Endpoint as GatewayEndpoint
from ..core.gateway import GatewayClient, default_paths
from ..tools import vault


class Endpoint(models.Model):
    """Where and how the school reports: the Sở's gateway (Cổng tiếp nhận học bạ số)."""

    _name = "hocba.endpoint"
    _description = "Reporting Gateway"
    _inherit = ["mail.thread"]
    _order = "company_id, id"

    name = fields.Char(required=True, default=lambda self: self.env._("Department's gateway"))
    company_id = fields.Many2one("res.company", "School", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)
    environment = fields.Selection(
        [("sandbox", "Test gateway"), ("production", "Real gateway")], required=True, default="sandbox", tracking=True
    )
    base_url = fields.Char("Address", required=True, tracking=True, help="For example https://gateway.example.edu.vn")
    unit_code = fields.Char("Unit code", required=True, tracking=True, help="ma_don_vi of the account.")
    user_name = fields.Char("Account", required=True, tracking=True)
    password = fields.Char(
        compute="_compute_password",
        inverse="_inverse_password",
        help="Written only; it is never shown again.",
    )
    has_password = fields.Boolean(compute="_compute_has_password")
    sealed_password = fields.Text(groups=fields.NO_ACCESS)
    escape_quote = fields.Selection(
        [("none", "None"), ("backslash", "Backslash before each quote")],
        "Escape of quotes",
        required=True,
        default="none",
        help="Annex 1 §2.2 asks for “escape quote” before compression without saying how; gateways differ.",
    )
    path_token = fields.Char("Path: token", required=True, default=lambda self: default_paths()["token"])
    path_report = fields.Char("Path: report", required=True, default=lambda self: default_paths()["report"])
    path_query = fields.Char("Path: query", required=True, default=lambda self: default_paths()["report_query"])
    timeout = fields.Integer("Time-out (seconds)", required=True, default=60)
    batch_size = fields.Integer("Records a transaction", required=True, default=500)
    send_automatically = fields.Boolean("Send on schedule", default=True)
    tested_at = fields.Datetime("Last test", readonly=True)
    test_ok = fields.Boolean("Test passed", readonly=True)
    test_message = fields.Text("Result of the test", readonly=True)

    _one_active = models.UniqueIndex("(company_id) WHERE active", "The school already has an active gateway.")

    def _compute_password(self):
        self.password = False

    def _inverse_password(self):
        for endpoint in self.filtered("password"):
            digest = hashlib.sha256(endpoint.password.encode()).hexdigest()
            endpoint.sudo().sealed_password = vault.seal(endpoint.env, digest.encode(), "endpoint")

    @api.depends("sealed_password")
    def _compute_has_password(self):
        for endpoint in self:
            endpoint.has_password = bool(endpoint.sudo().sealed_password)

    @api.constrains("batch_size", "timeout")
    def _check_limits(self):
        for endpoint in self:
            if not 1 <= endpoint.batch_size <= 1000 or not 1 <= endpoint.timeout <= 600:
                raise UserError(
                    self.env._("A transaction carries 1 to 1,000 records, and the time-out is 1 to 600 seconds.")
                )

    @api.private
    def _client(self):
        """A ``GatewayClient`` for this endpoint. Raises UserError in a copied database."""
        self.ensure_one()
        endpoint = self.sudo()
        try:
            password = vault.unseal(self.env, endpoint.sealed_password, "endpoint").decode()
        except vault.VaultError:
            raise UserError(
                self.env._(
                    "The password of “%(name)s” cannot be opened here. A copied database cannot send; on the "
                    "school's own server, enter the password again.",
                    name=endpoint.name,
                )
            )
        paths = dict(
            default_paths(), token=endpoint.path_token, report=endpoint.path_report, report_query=endpoint.path_query
        )
        return GatewayClient(
            GatewayEndpoint(
                base_url=endpoint.base_url,
                user_name=endpoint.user_name,
                password_sha256=password,
                unit_code=endpoint.unit_code,
                paths=paths,
                timeout=endpoint.timeout,
                escape_quote=endpoint.escape_quote,
            )
        )

    @api.model
    def _for_company(self, company):
        endpoint = self.sudo().search([("company_id", "=", company.id)], limit=1)
        if not endpoint:
            raise UserError(
                self.env._(
                    "%(school)s has no gateway yet. An administrator sets it up under Settings.", school=company.name
                )
            )
        return endpoint.sudo(False)

    def action_test(self):
        """Test the connection and say precisely what is wrong."""
        self.ensure_one()
        self.check_access("write")
        with self._client() as client:
            probe = client.probe()
        self.write({"tested_at": fields.Datetime.now(), "test_ok": probe.ok, "test_message": probe.message})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Connection works") if probe.ok else self.env._("Connection fails"),
                "message": probe.message,
                "type": "success" if probe.ok else "danger",
                "sticky": not probe.ok,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
