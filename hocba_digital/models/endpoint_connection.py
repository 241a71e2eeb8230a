"""How the gateway is reached: TLS, the client of the wire, and the connection test."""

import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..core.gateway import Endpoint as GatewayEndpoint
from ..core.gateway import GatewayClient, Tls, default_paths, describe, read_authorities, read_client

_MAX_FILE = 1024 * 1024


class EndpointConnection(models.Model):
    _inherit = "hocba.endpoint"

    authority_file = fields.Binary(
        "Own certificate authorities",
        compute="_compute_files",
        inverse="_inverse_authority_file",
        attachment=False,
        help="PEM or DER. Only for gateways whose TLS certificate no public authority issued: then only the "
        "authorities "
        "in this file are believed. Empty: the public ones.",
    )
    authorities = fields.Text("Authorities (PEM)", readonly=True)
    authority_text = fields.Text("Authorities believed", compute="_compute_tls_texts")
    client_file = fields.Binary(
        "Client certificate",
        compute="_compute_files",
        inverse="_inverse_client_file",
        attachment=False,
        help="PKCS#12 (.p12, .pfx) or PEM with certificate and key. Only for gateways that demand one (mutual TLS). "
        "The key is sealed for this database and never shown again.",
    )
    client_file_password = fields.Char(
        "Password of the file",
        compute="_compute_files",
        inverse="_inverse_client_file",
        help="Opens the file once; it is not kept.",
    )
    client_certificate = fields.Text("Client certificate (PEM)", readonly=True, copy=False)
    client_key = fields.Text("Client key", compute="_compute_secrets", inverse="_inverse_secrets")
    has_client_key = fields.Boolean("A client key is stored", compute="_compute_has_secrets")
    sealed_client_key = fields.Text(groups=fields.NO_ACCESS, copy=False)
    client_text = fields.Text("Client certificate in use", compute="_compute_tls_texts")
    tested_at = fields.Datetime("Last test", readonly=True, copy=False)
    test_ok = fields.Boolean("Test passed", readonly=True, copy=False)
    test_message = fields.Text("Result of the test", readonly=True, copy=False)
    test_advice = fields.Text("Advice after the test", readonly=True, copy=False)
    test_steps = fields.Text("What was tested", readonly=True, copy=False)

    def _compute_files(self):
        self.authority_file = False
        self.client_file = False
        self.client_file_password = False

    def _inverse_authority_file(self):
        for endpoint in self.filtered("authority_file"):
            try:
                endpoint.authorities = read_authorities(_content(endpoint.authority_file))
            except ValueError as error:
                raise ValidationError(
                    self.env._("The file with the authorities holds no certificate (PEM or DER).")
                ) from error

    def _inverse_client_file(self):
        for endpoint in self.filtered("client_file"):
            try:
                certificate, key = read_client(_content(endpoint.client_file), endpoint.client_file_password or "")
                Tls(certificate=certificate, key=key).context()
            except (ValueError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The client certificate cannot be read: it takes a .p12, .pfx or .pem file with certificate "
                        "and key, and the right password."
                    )
                ) from error
            endpoint.write({"client_certificate": certificate, "client_key": key})
        self.invalidate_recordset(["client_file", "client_file_password"], flush=False)

    def action_forget_authorities(self):
        """Believe the public authorities again."""
        self.check_access("write")
        self.authorities = False

    def action_forget_client(self):
        """Show no client certificate any more; its key is destroyed."""
        self.check_access("write")
        self.write({"client_certificate": False})
        self.sudo().sealed_client_key = False

    @api.depends("authorities", "client_certificate")
    def _compute_tls_texts(self):
        for endpoint in self:
            endpoint.authority_text = endpoint._certificates_text(endpoint.authorities)
            endpoint.client_text = endpoint._certificates_text(endpoint.client_certificate)

    def _certificates_text(self, pem):
        return "\n".join(
            self.env._("%(name)s, valid until %(until)s", name=name, until=format_date(self.env, until.date()))
            for name, _since, until in (describe(pem) if pem else ())
        )

    def write(self, vals):
        """A test says something about the settings it was made with."""
        tested = {"test_ok", "tested_at", "test_message", "test_advice", "test_steps"}
        about = ("base_url", "unit_code", "user_name", "password", "path_", "authorit", "client_")
        if not tested & vals.keys() and any(name.startswith(about) for name in vals):
            vals = {**vals, "test_ok": False, "tested_at": False}
        return super().write(vals)

    @api.private
    def _client(self):
        """A ``GatewayClient`` for this endpoint. Raises UserError in a copied database."""
        self.ensure_one()
        endpoint = self.sudo()
        if endpoint.transport == "files":
            raise UserError(
                self.env._(
                    "“%(name)s” is reached by files only: export the transaction, and enter the department's answer "
                    "from "
                    "its file.",
                    name=endpoint.name,
                )
            )
        own = ("token", "report", "certificate", "certificate_query", "recall", "recall_query")
        paths = default_paths() | {name: endpoint[f"path_{name}"] for name in own}
        paths["report_query"] = endpoint.path_query
        return GatewayClient(
            GatewayEndpoint(
                base_url=endpoint.base_url,
                user_name=endpoint.user_name,
                password_sha256=endpoint._open_secret("password"),
                unit_code=endpoint.unit_code,
                paths=paths,
                timeout=endpoint.timeout,
                escape_quote=endpoint.escape_quote,
                tls=endpoint._tls(),
            )
        )

    def _tls(self):
        """``Tls`` where it is not the usual one; None otherwise."""
        if not self.authorities and not self.client_certificate:
            return None
        return Tls(
            authorities=self.authorities or "",
            certificate=self.client_certificate or "",
            key=self._open_secret("client_key") if self.client_certificate else "",
        )

    def action_test(self):
        """Test the connection and say precisely what is wrong."""
        self.ensure_one()
        self.check_access("write")
        with self._client() as client:
            found = client.probe()
        self.write(
            {
                "tested_at": fields.Datetime.now(),
                "test_ok": found.ok,
                "test_message": found.message,
                "test_advice": found.advice,
                "test_steps": "\n".join(f"{'✓' if right else '✗'} {text}" for right, text in found.steps),
            }
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Connection works") if found.ok else self.env._("Connection fails"),
                "message": f"{found.message} {found.advice}".strip(),
                "type": "success" if found.ok else "danger",
                "sticky": not found.ok,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }


def _content(value):
    """Bytes of an uploaded file. Raises ValueError."""
    try:
        content = base64.b64decode(value or b"", validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error
    if not 0 < len(content) <= _MAX_FILE:
        raise ValueError("empty or too long")
    return content
