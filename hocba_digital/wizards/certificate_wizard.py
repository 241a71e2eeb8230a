import base64
import binascii

from odoo import fields, models
from odoo.exceptions import UserError


class CertificateWizard(models.TransientModel):
    """Takes a key file (PKCS#12) and its PIN.

    Neither has a column: both go straight to ``hocba.certificate``, which keeps the file sealed and
    the PIN not at all.
    """

    _name = "hocba.certificate.wizard"
    _description = "Upload a Signing Certificate"

    kind = fields.Selection(
        [("person", "My own certificate"), ("organisation", "The school's seal")], required=True, default="person"
    )
    content = fields.Binary(
        "Key file (.p12, .pfx)", compute="_compute_upload", inverse="_inverse_upload", store=False, attachment=False
    )
    file_name = fields.Char("File name", store=False)
    pin = fields.Char("PIN of the file", compute="_compute_upload", inverse="_inverse_upload", store=False)
    certificate_id = fields.Many2one("hocba.certificate", readonly=True)

    def _compute_upload(self):
        self.content = False
        self.pin = False

    def _inverse_upload(self):
        for wizard in self.filtered("content"):
            try:
                content = base64.b64decode(wizard.content, validate=False)
            except (binascii.Error, ValueError):
                raise UserError(self.env._("The file cannot be read."))
            wizard.certificate_id = self.env["hocba.certificate"]._import_pkcs12(content, wizard.pin or "", wizard.kind)

    def action_import(self):
        """Show the certificate that was stored when file and PIN were given."""
        self.ensure_one()
        if not self.certificate_id:
            raise UserError(self.env._("Choose the key file and enter its PIN."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "hocba.certificate",
            "res_id": self.certificate_id.id,
            "views": [(False, "form")],
            "target": "main",
            "name": self.env._("My certificates"),
        }
