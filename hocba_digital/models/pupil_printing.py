"""What a pupil's screen prints."""

from odoo import models


class PupilPrinting(models.Model):
    _inherit = "hocba.pupil"

    def action_print_book(self):
        """The whole books of these pupils as one PDF."""
        return self.env["hocba.print"]._action_print_books(self)
