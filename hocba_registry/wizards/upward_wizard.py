from odoo import api, fields, models
from odoo.exceptions import UserError


class UpwardWizard(models.TransientModel):
    """Reports a year's records to the ministry. What the PIN freezes is sent by the schedule, which is woken up."""

    _name = "hocba.registry.upward.wizard"
    _description = "Report to the Ministry"
    _inherit = ["hocba.pin.mixin"]

    year_id = fields.Many2one("hocba.registry.year", "School year", required=True, ondelete="cascade")
    again = fields.Boolean("Also what was refused", help="After the cause was mended: the same packets go again.")
    waiting_count = fields.Integer("Records to be reported", compute="_compute_counts")
    refused_count = fields.Integer("Refused by the ministry", related="year_id.upward_refused_count")
    certificate_id = fields.Many2one("hocba.certificate", "Department's certificate", compute="_compute_ways")
    endpoint_id = fields.Many2one("hocba.endpoint", "Ministry's repository", compute="_compute_ways")
    submission_ids = fields.Many2many("hocba.submission", string="Transactions", readonly=True)

    @api.depends("year_id", "again", "submission_ids")
    def _compute_counts(self):
        for wizard in self:
            domain = self.env["hocba.registry.upward"]._waiting_domain(wizard.year_id, wizard.again)
            wizard.waiting_count = self.env["hocba.registry.record"].search_count(domain)

    def _compute_ways(self):
        company = self.env.company
        self.certificate_id = self.env["hocba.certificate"]._for_role("seal", company)
        self.endpoint_id = self.env["hocba.endpoint"].sudo().search([("company_id", "=", company.id)], limit=1)

    def _use_pin(self, pin):
        self.submission_ids |= self.env["hocba.registry.upward"]._queue_records(self.year_id, pin, self.again)

    def action_report(self):
        """Show the transactions that were frozen when the PIN was given; ask again while records are left."""
        self.ensure_one()
        if not self.submission_ids:
            raise UserError(self.env._("Enter the PIN of the department's certificate."))
        if self.waiting_count and not any(self.submission_ids.mapped("trial")):
            return self.get_formview_action() | {"target": "new", "name": self.env._("Report to the ministry")}
        return self._open_submissions(self.submission_ids)
