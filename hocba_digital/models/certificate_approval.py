from odoo import fields, models


class CertificateApproval(models.Model):
    """How a seal came by the department's approval, or lost it: by the gateway or by paper (CV 2088, III.1)."""

    _name = "hocba.certificate.approval"
    _description = "Approval of a Certificate"
    _inherit = ["hocba.frozen.mixin"]
    _order = "id desc"
    _append_only = True
    _by_methods_only = True
    _kept_files = ("scan",)

    certificate_id = fields.Many2one("hocba.certificate", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True, ondelete="restrict")
    approved = fields.Boolean(readonly=True)
    source = fields.Selection(
        [("gateway", "Answer of the gateway"), ("paper", "Paper of the department")], required=True, readonly=True
    )
    reason = fields.Text(readonly=True)
    scan = fields.Binary("Scan of the paper", attachment=True, readonly=True)
    scan_name = fields.Char("File name", readonly=True)
    at = fields.Datetime("When", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", "Who", required=True, readonly=True, ondelete="restrict")
