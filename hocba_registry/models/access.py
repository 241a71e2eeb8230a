from datetime import timedelta

from odoo import api, fields, models

#: Looking again at a record that is on the screen is no second look.
_SAME_LOOK = timedelta(minutes=10)


class Access(models.Model):
    """Who has read which single record, when and how. It can only grow (personal data of children)."""

    _name = "hocba.registry.access"
    _description = "Access to a Record"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _log_access = False
    _order = "id desc"
    _rec_name = "kind"

    at = fields.Datetime("When", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", "Who", required=True, readonly=True, index=True, ondelete="restrict")
    record_id = fields.Many2one("hocba.registry.record", required=True, readonly=True, index=True, ondelete="restrict")
    unit_id = fields.Many2one("hocba.registry.unit", "School", required=True, readonly=True, ondelete="restrict")
    kind = fields.Selection(
        [("opened", "Opened on screen"), ("pdf", "Official form taken"), ("xml", "Packet taken")],
        "What",
        required=True,
        readonly=True,
    )

    @api.model
    def _log(self, record, kind):
        """Note that the current user reads ``record``."""
        now = fields.Datetime.now()
        log = self.sudo()
        seen = [("user_id", "=", self.env.uid), ("record_id", "=", record.id), ("kind", "=", kind)]
        if kind == "opened" and log.search_count([*seen, ("at", ">", now - _SAME_LOOK)], limit=1):
            return
        values = {"at": now, "user_id": self.env.uid, "record_id": record.id, "kind": kind}
        log.create({**values, "unit_id": record.sudo().unit_id.id})
