from odoo import fields, models


class RecordUpward(models.Model):
    """What the ministry says of a record that the department has reported."""

    _inherit = "hocba.registry.record"

    upper_state = fields.Selection(
        [
            ("queued", "On its way to the ministry"),
            ("accepted", "Accepted by the ministry"),
            ("refused", "Refused by the ministry"),
            ("locked", "Closed by the ministry"),
            ("recalled", "Withdrawn at the ministry"),
        ],
        "At the ministry",
        readonly=True,
    )
    upward_line_ids = fields.One2many(
        "hocba.submission.line",
        "registry_record_id",
        "Reports to the ministry",
        readonly=True,
        groups="hocba_registry.group_so_reporter",
    )

    _to_report = models.Index("(year_id, id) WHERE upper_state IS NULL AND state IN ('accepted', 'locked')")

    def _note_upper_state(self, state):
        """Where these records stand at the ministry; the records themselves stay as they are."""
        if self:
            self.sudo().with_context(tracking_disable=True)._in_transition().write({"upper_state": state})
            self.env["hocba.deadline.alert"]._look_again()
