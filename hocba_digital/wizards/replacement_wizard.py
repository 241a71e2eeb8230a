from odoo import api, fields, models

from ..core.rules import deadlines


class ReplacementWizard(models.TransientModel):
    """Somebody takes a teacher's place in signing: who, for what, why, on which evidence (QĐ 1789, Art. 14.5, 14.7)."""

    _name = "hocba.replacement.wizard"
    _description = "Replace a Signer"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, readonly=True)
    role = fields.Selection(
        [("gvcn", "Homeroom teacher"), ("gvbm", "Subject teacher")], "Signs as", required=True, default="gvcn"
    )
    class_id = fields.Many2one(
        "hocba.class", required=True, domain="[('company_id', '=', company_id)]", ondelete="cascade"
    )
    subject_id = fields.Many2one("hocba.subject", ondelete="cascade")
    principal_id = fields.Many2one("res.users", "In whose place", compute="_compute_principal_id")
    user_id = fields.Many2one(
        "res.users", "Who signs", required=True, domain="[('share', '=', False)]", ondelete="cascade"
    )
    date_from = fields.Date("From", required=True, default=lambda self: deadlines.today())
    date_to = fields.Date("Until")
    reason = fields.Text(required=True)
    scan = fields.Binary("Evidence", attachment=False)
    scan_name = fields.Char("File name")
    can_decide = fields.Boolean(compute="_compute_can_decide")

    @api.depends("role", "class_id", "subject_id")
    def _compute_principal_id(self):
        for wizard in self:
            values = {"role": wizard.role, "class_ids": wizard.class_id.ids, "subject_id": wizard.subject_id.id}
            mandate = self.env["hocba.mandate"].new({**values, "company_id": wizard.company_id.id})
            wizard.principal_id = mandate._usual_principals()[:1]

    @api.depends("company_id")
    def _compute_can_decide(self):
        admin = self.env.user.has_group("hocba_digital.group_school_admin")
        for wizard in self:
            wizard.can_decide = admin or wizard.company_id.sudo().hocba_head_id == self.env.user

    def action_confirm(self):
        """Write the mandate down; the head and the administrator approve it at once, others ask the head."""
        self.ensure_one()
        mandate = self.env["hocba.mandate"].create(
            {
                "company_id": self.company_id.id,
                "role": self.role,
                "class_ids": [(6, 0, self.class_id.ids)],
                "subject_id": self.role == "gvbm" and self.subject_id.id,
                "principal_id": self.principal_id.id,
                "user_id": self.user_id.id,
                "date_from": self.date_from,
                "date_to": self.date_to,
                "reason": self.reason,
                "scan": self.with_context(bin_size=False).scan,
                "scan_name": self.scan_name,
            }
        )
        if self.can_decide:
            mandate.action_approve()
        else:
            mandate.action_ask()
        return mandate.get_formview_action() | {"target": "current"}
