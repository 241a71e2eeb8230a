from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.assessment import PERIODS

KINDS = [
    ("results", "Results of a period"),
    ("pupils", "Pupils and school career"),
    ("staff", "Classes and teaching assignments"),
    ("sector_results", "Results in the layout of the sector database"),
    ("sector_pupils", "Pupils in the layout of the sector database"),
]


class ExportWizard(models.TransientModel):
    """Choice of what to have of one class or several as an Excel file."""

    _name = "hocba.export.wizard"
    _description = "Export to Excel"

    kind = fields.Selection(KINDS, "What to export", required=True, default="results")
    period = fields.Selection(PERIODS, required=True, default="year")
    class_ids = fields.Many2many("hocba.class", string="Classes", required=True)
    is_office = fields.Boolean("School office", compute="_compute_is_office")

    @api.depends_context("uid")
    def _compute_is_office(self):
        office = any(self.env.user.has_group(f"hocba_digital.group_{name}") for name in ("clerk", "head"))
        for wizard in self:
            wizard.is_office = office

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "class_ids" in fields_list:
            values["class_ids"] = [(6, 0, self._offered_classes().ids)]
        return values

    @api.model
    def _offered_classes(self):
        """The chosen classes, those of the chosen assessments, the whole school or the own class."""
        model, ids = self.env.context.get("active_model"), self.env.context.get("active_ids") or []
        if model == "hocba.class":
            return self.env[model].browse(ids)
        if model == "hocba.assessment" and ids:
            return self.env[model].browse(ids).class_id
        year = self.env["hocba.import.wizard"]._default_school_year()
        mine = [] if self.env.context.get("hocba_whole_school") else [("homeroom_id", "=", self.env.uid)]
        return self.env["hocba.class"].search([*mine, ("school_year_id", "=", year.id)])

    def action_export(self):
        """Download; rights and school year are checked where the file is made."""
        self.ensure_one()
        if len(self.class_ids.school_year_id) != 1:
            raise UserError(self.env._("Choose classes of one school year."))
        classes = ",".join(map(str, self.class_ids.ids))
        url = f"/hocba/workbook/{self.kind}?classes={classes}&period={self.period}"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}
