from odoo import fields, models


class CertificateCandidate(models.TransientModel):
    """A certificate that was found at a token or a remote service and may be registered."""

    _name = "hocba.certificate.candidate"
    _description = "Certificate Found"
    _order = "id"

    wizard_id = fields.Many2one("hocba.certificate.wizard", required=True, ondelete="cascade")
    name = fields.Char("Certificate", required=True)
    der = fields.Binary(attachment=False)
    reference = fields.Char(help="Where the key is, for hocba.certificate; JSON.")
    details = fields.Json(help="Further values of the certificate's row.")
