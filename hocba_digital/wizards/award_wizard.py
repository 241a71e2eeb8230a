from odoo import fields, models

from ..core.rules import deadlines


class AwardWizard(models.TransientModel):
    """Asks for the day and note of the class, or for the head's reason."""

    _name = "hocba.award.wizard"
    _description = "Award Step"

    mode = fields.Selection(
        [("recognise", "Recognised by the class"), ("refuse", "Refuse"), ("withdraw", "Withdraw")],
        required=True,
        readonly=True,
    )
    award_ids = fields.Many2many("hocba.award", string="Awards", required=True)
    day = fields.Date("Class meeting on", default=lambda self: deadlines.today())
    note = fields.Text()

    def action_confirm(self):
        """Hand it to the awards, which check who may do it."""
        self.ensure_one()
        if self.mode == "recognise":
            self.award_ids._recognise(self.day or deadlines.today(), self.note)
        elif self.mode == "refuse":
            self.award_ids._refuse(self.note)
        else:
            self.award_ids._withdraw(self.note)
        return {"type": "ir.actions.act_window_close"}
