from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.rules import deadlines
from ..models.pupil_identity import IDENTITY_FIELDS


class CorrectionWizard(models.TransientModel):
    """Asks for the decision and the corrected identity of a pupil who has signed records."""

    _name = "hocba.correction.wizard"
    _description = "Correct Civil Status"

    pupil_id = fields.Many2one("hocba.pupil", required=True, readonly=True, ondelete="cascade")
    decision_number = fields.Char("Number of the decision", required=True)
    decision_date = fields.Date("Date of the decision", required=True)
    issuing_body = fields.Char("Issued by", required=True)
    scan = fields.Binary("Scan of the decision", required=True, attachment=False)
    scan_name = fields.Char("File name")

    name = fields.Char("Full name")
    birth_date = fields.Date("Date of birth")
    gender = fields.Selection(lambda self: self.env["hocba.pupil"]._fields["gender"]._description_selection(self.env))
    ethnicity_id = fields.Many2one("hocba.ethnicity", "Ethnic group", ondelete="cascade")
    nationality_id = fields.Many2one("res.country", ondelete="cascade")
    birth_place = fields.Char("Place of birth")
    home_town = fields.Char("Native place")
    father_name = fields.Char("Father's name")
    mother_name = fields.Char("Mother's name")
    id_number = fields.Char("Personal ID number")
    record_ids = fields.Many2many("hocba.record", string="Records signed before", compute="_compute_record_ids")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        pupil = self.env["hocba.pupil"].browse(values.get("pupil_id") or self.env.context.get("active_id"))
        values["pupil_id"] = pupil.id
        for name in IDENTITY_FIELDS:
            value = pupil[name]
            values[name] = value.id if pupil._fields[name].relational else value
        return values

    @api.depends("pupil_id")
    def _compute_record_ids(self):
        for wizard in self:
            wizard.record_ids = wizard.pupil_id._signed_records().with_env(self.env)

    def action_confirm(self):
        """Correct the pupil; the records signed before carry the annotation."""
        self.ensure_one()
        if self.decision_date > deadlines.today():
            raise UserError(self.env._("The decision is dated in the future. Correct the date."))
        decision = {
            name: self.with_context(bin_size=False)[name]
            for name in ("decision_number", "decision_date", "issuing_body", "scan", "scan_name")
        }
        pupil = self.pupil_id
        values = {name: self[name].id if pupil._fields[name].relational else self[name] for name in IDENTITY_FIELDS}
        pupil._correct_identity(values, decision)
        return {"type": "ir.actions.act_window_close"}
