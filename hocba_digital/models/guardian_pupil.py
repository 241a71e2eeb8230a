"""What a pupil's screen says of the guardians."""

from odoo import fields, models


class PupilGuardian(models.Model):
    _inherit = "hocba.pupil"

    guardian_ids = fields.One2many("hocba.guardian", "pupil_id", "Guardians", readonly=True)

    def action_add_guardian(self):
        """Enter a guardian with contact and paper."""
        return self.env["hocba.guardian.wizard"]._action_open(self)
