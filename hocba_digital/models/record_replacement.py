"""A record that takes the place of another says which one, why, and what it says differently."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import packet
from ..core.rules import RecordDraft, difference


class RecordReplacement(models.Model):
    _inherit = "hocba.record"

    replaces_uuid = fields.Char("Look-up code of the replaced record", related="replaces_id.uuid")
    replacement_reason = fields.Text("Why it was replaced", compute="_compute_replacement_difference")
    replacement_difference = fields.Html(
        "What is different from the replaced record", compute="_compute_replacement_difference", sanitize=False
    )

    @api.depends("replaces_id", "data_hash", "state")
    def _compute_replacement_difference(self):
        for record in self:
            old = record.sudo().replaces_id
            record.replacement_reason = old._withdrawal_reason() if old else False
            record.replacement_difference = record._replacement_table(old) if old else False

    def _withdrawal_reason(self):
        """What was said when this record was withdrawn."""
        return self.event_ids.filtered(lambda event: event.kind == "recalled")[:1].detail

    def _replacement_table(self, old):
        try:
            content = old._packet_bytes()
            before = packet.profile_of(content).parse(content).data
            current = self.sudo()._print_source()[0]
        except (UserError, packet.PacketError, AttributeError):
            return Markup("<p>{}</p>").format(self.env._("The replaced record's file cannot be read."))
        after = current.to_data() if isinstance(current, RecordDraft) else current
        found = self._difference_lines(difference.differences(before, after))
        return self._difference_table(found, self.env._("Replaced record"), self.env._("This record")) or Markup(
            "<p>{}</p>"
        ).format(self.env._("Nothing is different yet."))
