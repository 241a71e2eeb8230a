"""Who approves the records of a school year: what the school has set, kept with the year."""

from odoo import api, fields, models

from .res_company_deadline import APPROVERS


class SchoolYearApprover(models.Model):
    _inherit = "hocba.school.year"

    approver_kind = fields.Selection(APPROVERS, "Approving body", tracking=True)
    approver_name = fields.Char("Name of the approving body", tracking=True)
    approving_body = fields.Char("Records go to", compute="_compute_approving_body")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
            vals.setdefault("approver_kind", company.sudo().hocba_approver_kind)
            vals.setdefault("approver_name", company.sudo().hocba_approver_name)
        return super().create(vals_list)

    @api.depends("approver_kind", "approver_name", "company_id")
    def _compute_approving_body(self):
        for year in self:
            year.approving_body = year.company_id and year._approving_body()

    def _approving_body(self):
        """The approving body of the year as messages call it."""
        company = self.company_id.sudo() or self.env.company.sudo()
        return company._hocba_approving_body(self.approver_kind, self.approver_name)
