from odoo import fields, models

from ..models.subject import GRADES


class YearWizardClass(models.TransientModel):
    """One class of the next school year; without a class before it, a new one such as a first grade."""

    _name = "hocba.year.wizard.class"
    _description = "Class of the Next School Year"
    _order = "grade, name, id"

    wizard_id = fields.Many2one("hocba.year.wizard", required=True, ondelete="cascade", index=True)
    source_class_id = fields.Many2one("hocba.class", "Comes from", readonly=True)
    name = fields.Char("Class", required=True)
    grade = fields.Selection(GRADES, required=True, default="1")
    homeroom_id = fields.Many2one("res.users", "Homeroom teacher", domain="[('share', '=', False)]")
    keep_teachers = fields.Boolean(
        "Same subject teachers", default=True, help="Take the teaching assignments of the class before over."
    )
    exists = fields.Boolean("Exists already", readonly=True)
