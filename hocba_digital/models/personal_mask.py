"""ID numbers in lists and logs show their last four digits only; who has the right sees them whole on the form."""

from odoo import api, fields, models

from ..tools.masking import masked, masked_text

_NUMBER_FIELDS = ("id_number", "hocba_id_number")


class ChangeMask(models.Model):
    _inherit = "hocba.change"

    old_shown = fields.Text("Value before", compute="_compute_shown")
    new_shown = fields.Text("Value after", compute="_compute_shown")

    @api.depends("field_name", "old_value", "new_value")
    def _compute_shown(self):
        for change in self:
            # An added or deleted row is one text without a field's name; the number stands somewhere in it.
            hide = masked if change.field_name in _NUMBER_FIELDS else str if change.field_name else masked_text
            change.old_shown = hide(change.old_value or "")
            change.new_shown = hide(change.new_value or "")


class CorrectionMask(models.Model):
    _inherit = "hocba.correction"

    summary_shown = fields.Text("Corrected entries", compute="_compute_summary_shown")

    @api.depends("summary")
    def _compute_summary_shown(self):
        for correction in self:
            correction.summary_shown = masked_text(correction.summary)


class PupilMask(models.Model):
    _inherit = "hocba.pupil"

    def _mail_track(self, tracked_fields, initial_values):
        """The discussion says that the number changed, and shows the last four digits of both."""
        changes, commands = super()._mail_track(tracked_fields, initial_values)
        number = self.env["ir.model.fields"]._get("hocba.pupil", "id_number")
        for _create, _id, values in commands:
            if values.get("field_id") == number.id:
                for name in ("old_value_char", "new_value_char"):
                    values[name] = masked(values.get(name))
        return changes, commands


class UserMask(models.Model):
    _inherit = "res.users"

    hocba_id_number_masked = fields.Char(
        "ID number", compute="_compute_hocba_id_number_masked", groups="hocba_digital.group_school_admin"
    )

    @api.depends("hocba_id_number")
    def _compute_hocba_id_number_masked(self):
        for user in self:
            user.hocba_id_number_masked = masked(user.hocba_id_number)
