from odoo import api, fields, models


class YearWizardPupil(models.TransientModel):
    """What follows the school year for one pupil. The suggestion comes from the assessment; exceptions are entered."""

    _name = "hocba.year.wizard.pupil"
    _description = "Pupil in the Next School Year"
    _order = "id"

    wizard_id = fields.Many2one("hocba.year.wizard", required=True, ondelete="cascade", index=True)
    enrolment_id = fields.Many2one("hocba.enrolment", required=True, readonly=True, ondelete="cascade")
    pupil_name = fields.Char(related="enrolment_id.pupil_id.name", string="Full name")
    class_id = fields.Many2one(related="enrolment_id.class_id", string="Class now")
    step = fields.Selection(
        [
            ("promoted", "Moves up"),
            ("repeats", "Repeats the grade"),
            ("finishes", "Has completed primary school"),
            ("undecided", "Not decided yet"),
            ("left", "Leaves for another school"),
            ("dropped", "Stops school"),
        ],
        "What follows",
        required=True,
    )
    target_name = fields.Char("Class of the next year")
    moves = fields.Boolean(compute="_compute_moves")

    @api.depends("step")
    def _compute_moves(self):
        for line in self:
            line.moves = line.step in ("promoted", "repeats")
