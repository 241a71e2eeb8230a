from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ClosingWizard(models.TransientModel):
    """Chốt năm học: what it will freeze, and a typed confirmation, because nothing undoes it."""

    _name = "hocba.registry.closing.wizard"
    _description = "Close a School Year"

    year_id = fields.Many2one("hocba.registry.year", "School year", required=True, ondelete="cascade")
    unit_id = fields.Many2one("hocba.registry.unit", "School", help="Empty: all schools.", ondelete="cascade")
    record_count = fields.Integer("Records that will be locked", compute="_compute_summary")
    unit_count = fields.Integer("Schools", compute="_compute_summary")
    waiting_count = fields.Integer("Transactions not judged yet", compute="_compute_summary")
    silent_count = fields.Integer("Schools that reported nothing", compute="_compute_summary")
    confirmation = fields.Char("Type the school year to confirm")

    @api.depends("year_id", "unit_id")
    def _compute_summary(self):
        for wizard in self:
            scope = [("unit_id", "=", wizard.unit_id.id)] if wizard.unit_id else []
            records = self.env["hocba.registry.record"]
            open_domain = [("year_id", "=", wizard.year_id.id), ("state", "=", "accepted"), *scope]
            wizard.record_count = records.search_count(open_domain)
            reported = records._read_group(
                [("year_id", "=", wizard.year_id.id), *scope], [], ["unit_id:count_distinct"]
            )[0][0]
            wizard.unit_count = reported
            wizard.waiting_count = self.env["hocba.registry.transaction"].search_count(
                [("state", "=", "received"), ("year_name", "=", wizard.year_id.name), *scope]
            )
            units = self.env["hocba.registry.unit"].search_count([("id", "=", wizard.unit_id.id)] if scope else [])
            wizard.silent_count = units - reported

    def action_close(self):
        """Close now. Refused while transactions of the year are not judged yet."""
        self.ensure_one()
        if not self.env.user.has_group("hocba_registry.group_so_officer"):
            raise AccessError(self.env._("Only an officer of the department closes a school year."))
        if (self.confirmation or "").strip() != self.year_id.name:
            raise UserError(self.env._("Type “%(name)s” to confirm the closing.", name=self.year_id.name))
        if self.waiting_count:
            raise UserError(
                self.env._("%(count)s transactions are not judged yet. Close afterwards.", count=self.waiting_count)
            )
        if self.year_id._closed_for(self.unit_id):
            raise UserError(self.env._("The school year is closed already."))
        closing = self.env["hocba.registry.closing"]._close(self.year_id, self.unit_id)
        self.year_id.sudo()._message_log(
            body=self.env._(
                "Closed for %(scope)s: %(count)s records locked.",
                scope=self.unit_id.name or self.env._("all schools"),
                count=closing.record_count,
            )
        )
        return self.year_id.action_open_records()
