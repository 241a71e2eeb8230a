from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.issuance import PURPOSES
from ..models.print_job import CONTENTS, OUTPUTS


class PrintWizard(models.TransientModel):
    """Chooses what is printed for classes or for the whole school, and starts the print."""

    _name = "hocba.print.wizard"
    _description = "Print Records"

    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    school_year_id = fields.Many2one(
        "hocba.school.year", "School year", default=lambda self: self._newest_year(), check_company=True
    )
    class_ids = fields.Many2many("hocba.class", string="Classes", help="Empty: every class of the school year.")
    content = fields.Selection(CONTENTS, "What", required=True, default="record")
    output = fields.Selection(OUTPUTS, "As", required=True, default="pdf")
    with_drafts = fields.Boolean("Drafts too, marked as such", default=True)
    purpose = fields.Selection(PURPOSES, required=True, default="school")
    recipient = fields.Char("Issued to", help="Empty: whoever prints.")
    count = fields.Integer("Pupils", compute="_compute_count")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "hocba.class" and "class_ids" in fields_list:
            classes = self.env["hocba.class"].browse(self.env.context.get("active_ids", []))
            values.update(class_ids=[(6, 0, classes.ids)], school_year_id=classes[:1].school_year_id.id)
        return values

    @api.model
    def _newest_year(self):
        return self.env["hocba.school.year"].search([("company_id", "=", self.env.company.id)], limit=1)

    @api.depends("school_year_id", "class_ids", "content", "with_drafts")
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard._sources())

    def _sources(self):
        """Records to print in the order of classes and names, or the pupils whose books they are."""
        domain = [("state", "!=", "recalled")] if self.with_drafts else [("state", "not in", ("draft", "recalled"))]
        if self.class_ids:
            domain += [("class_id", "in", self.class_ids._origin.ids)]
        else:
            domain += [("school_year_id", "=", self.school_year_id.id)]
        records = self.env["hocba.record"].search(domain)
        records = records.sorted(lambda record: (record.class_id.grade, record.class_id.name))
        return records.pupil_id if self.content == "book" else records

    def action_print(self):
        """Start the print and show its progress."""
        self.ensure_one()
        sources = self._sources()
        if not sources:
            raise UserError(self.env._("There is no record to print."))
        what = dict(self._fields["content"]._description_selection(self.env))[self.content]
        where = ", ".join(self.class_ids.mapped("name")) or self.company_id.name
        name = f"{what} - {where} - {self.school_year_id.name or ''}"
        job = self.env["hocba.print.job"]._start(name, sources, self.output)
        job.sudo().write({"purpose": self.purpose, "recipient": self.recipient})
        return job._open_progress()
