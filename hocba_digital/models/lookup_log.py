import logging
from datetime import timedelta

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

#: Days that a look-up stays in the log; parameter ``hocba_digital.lookup_log_days``.
_KEPT_DAYS = 730
_PORTION = 10_000


class LookupLog(models.Model):
    """Who looked up which record when, and what was shown. Written by the look-up only; nobody edits it."""

    _name = "hocba.lookup.log"
    _description = "Look-up of a Record"
    _log_access = False
    _order = "id desc"
    _rec_name = "uuid"

    at = fields.Datetime("When", required=True, readonly=True, index=True)
    uuid = fields.Char("Look-up code (UUID)", required=True, readonly=True, index=True)
    record_id = fields.Many2one("hocba.record", readonly=True, index=True, ondelete="set null")
    company_id = fields.Many2one("res.company", "School", readonly=True, index=True, ondelete="cascade")
    outcome = fields.Selection(
        [
            ("summary", "Validity shown"),
            ("record", "Record shown"),
            ("miss", "Wrong data, nothing shown"),
        ],
        required=True,
        readonly=True,
    )
    means = fields.Selection(
        [
            ("code", "Code only"),
            ("copy", "Code of a copy"),
            ("factor", "Birth date and digits"),
            ("share", "Share link and PIN"),
            ("account", "Account"),
            ("procedure", "Administrative procedure"),
        ],
        "Shown by",
        required=True,
        readonly=True,
        default="code",
    )
    user_id = fields.Many2one("res.users", "Account", readonly=True, ondelete="set null")
    address = fields.Char("From address", readonly=True, help="Without its last part.")

    def _is_of_a_record(self):
        return bool(self.record_id)

    def _alarm_target(self):
        """Columns of an alarm that name the record of this row."""
        return {"record_id": self.record_id.id, "company_id": self.company_id.id}

    @api.autovacuum
    def _drop_old(self):
        """Remove what is older than the stated days, a portion at a time; returns (removed, whether more may be)."""
        stated = self.env["ir.config_parameter"].sudo().get_param("hocba_digital.lookup_log_days") or ""
        # What is no number of days must not empty the log.
        days = int(stated) if stated.isdecimal() and int(stated) else _KEPT_DAYS
        old = self.sudo().search([("at", "<", fields.Datetime.now() - timedelta(days=days))], limit=_PORTION)
        old.unlink()
        if old:
            _logger.info("%s look-ups older than %s days removed", len(old), days)
        return len(old), len(old) == _PORTION
