"""What a record's screen prints besides the record itself."""

from odoo import models


class RecordPrinting(models.Model):
    _inherit = "hocba.record"

    def action_print_book(self):
        """The whole books of the records' pupils as one PDF."""
        self.check_access("read")
        return self.env["hocba.print"]._action_print_books(self.pupil_id)
