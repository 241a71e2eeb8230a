from odoo import api, fields, models


class ApprovalWizard(models.TransientModel):
    """Asks for what proves that the department has approved the seal, or taken its approval back."""

    _name = "hocba.approval.wizard"
    _description = "Approval of the Seal"

    certificate_id = fields.Many2one("hocba.certificate", required=True, readonly=True, ondelete="cascade")
    approved = fields.Boolean(readonly=True)
    reason = fields.Text(required=True)
    scan = fields.Binary("Scan of the paper", attachment=False)
    scan_name = fields.Char("File name")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "hocba.certificate":
            certificate = self.env["hocba.certificate"].browse(self.env.context.get("active_id"))
            values |= {"certificate_id": certificate.id, "approved": not certificate.approved}
        return values

    def action_confirm(self):
        """Note it; who may is checked by the certificate."""
        self.ensure_one()
        if self.approved:
            scan = self.with_context(bin_size=False).scan
            self.certificate_id.action_approve_on_paper(self.reason, scan, self.scan_name)
        else:
            self.certificate_id.action_withdraw_approval(self.reason)
        return {"type": "ir.actions.act_window_close"}
