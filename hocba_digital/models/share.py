import hashlib
import hmac
import logging
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..core import lookup
from .issuance import PURPOSES, IssuedCopy

_logger = logging.getLogger(__name__)

PIN_DIGITS = 6
#: The longest that a link may live.
MOST_DAYS = 90
_CODE_LENGTH = 20
_PORTION = 10_000


class Share(models.Model):
    """A guardian's link for somebody else to a child's records: with a PIN, an end, a purpose, and a log of who looked.

    Link and PIN together are a second factor of the look-up, and the token of administrative procedures. The PIN is
    shown once and kept as a digest under the database's secret.
    """

    _name = "hocba.share"
    _description = "Share Link"
    _inherit = ["hocba.frozen.mixin"]
    _by_methods_only = True
    _order = "id desc"
    _rec_name = "recipient"

    code = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    # Empty once the link has ended.
    pin_digest = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    pupil_id = fields.Many2one("hocba.pupil", required=True, readonly=True, index=True, ondelete="restrict")
    record_ids = fields.Many2many("hocba.record", string="Records", readonly=True)
    guardian_id = fields.Many2one("hocba.guardian", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, ondelete="restrict")
    recipient = fields.Char("For whom", required=True, readonly=True)
    purpose = fields.Selection(PURPOSES, required=True, readonly=True)
    text_id = fields.Many2one("hocba.legal.text", "Agreed to", required=True, readonly=True, ondelete="restrict")
    shared_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    expires_at = fields.Datetime("Valid until", required=True, readonly=True)
    revoked_at = fields.Datetime(readonly=True)
    log_ids = fields.One2many("hocba.lookup.log", "share_id", "Looked at", readonly=True)
    state = fields.Selection(
        [("active", "Valid"), ("expired", "Expired"), ("revoked", "Revoked")], compute="_compute_state"
    )

    _code_uniq = models.UniqueIndex("(code)", "This code was already given.")

    @api.depends("expires_at", "revoked_at", "guardian_id.state")
    def _compute_state(self):
        now = fields.Datetime.now()
        for share in self:
            if share.revoked_at or not share.guardian_id._is_current():
                share.state = "revoked"
            else:
                share.state = "active" if share.expires_at > now else "expired"

    @api.model
    def _share(self, guardian, records, recipient, purpose, days, text):
        """(Share, PIN) of a guardian's current child's records. Raises ValidationError or AccessError."""
        recipient = " ".join((recipient or "").split())[:200]
        if not guardian._is_current() or not records or records.pupil_id != guardian.pupil_id:
            raise AccessError(self.env._("Only a current guardian shares the records of the child."))
        if not recipient or purpose not in dict(PURPOSES) or not 1 <= days <= MOST_DAYS:
            raise ValidationError(
                self.env._("Say for whom the link is, what for, and how many days (1 to %(most)s).", most=MOST_DAYS)
            )
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
        code = lookup.new_code(_CODE_LENGTH)
        share = (
            self.sudo()
            ._in_transition()
            .create(
                {
                    "code": code,
                    "pin_digest": self._digest(code, pin),
                    "pupil_id": guardian.pupil_id.id,
                    "record_ids": [(6, 0, records.ids)],
                    "guardian_id": guardian.id,
                    "company_id": guardian.company_id.id,
                    "recipient": recipient,
                    "purpose": purpose,
                    "text_id": text.id,
                    "expires_at": fields.Datetime.now() + timedelta(days=days),
                }
            )
        )
        (number,) = self.env["hocba.issuance"]._numbers(guardian.company_id, 1)
        self.env["hocba.issuance"]._enter([IssuedCopy(number, records)], "share", purpose, recipient)
        return share, pin

    def _revoke(self):
        for share in self.sudo().filtered(lambda share: not share.revoked_at):
            share._in_transition().revoked_at = fields.Datetime.now()

    @api.autovacuum
    def _drop_pins(self):
        """Remove the PIN of links that have ended; who was given what stays. Returns (removed, whether more may be)."""
        over = ["|", ("expires_at", "<=", fields.Datetime.now()), ("revoked_at", "!=", False)]
        over = ["|", *over, ("guardian_id", "not any", self.env["hocba.guardian"]._current_domain())]
        ended = self.sudo().search([("pin_digest", "!=", False), *over], limit=_PORTION)
        ended._in_transition().pin_digest = False
        if ended:
            _logger.info("PINs of %s share links that have ended removed", len(ended))
        return len(ended), len(ended) == _PORTION

    @api.model
    def _matching(self, code, pin):
        """The valid share of this code and PIN, for the system; empty when anything is wrong, after the same work."""
        code = lookup.read_code(code, _CODE_LENGTH) or ""
        share = self.sudo().search([("code", "=", code)], limit=1)
        typed = self._digest(code, "".join((pin or "").split()))
        fits = hmac.compare_digest(typed, share.pin_digest or self._digest("", ""))
        return share if fits and share and share.state == "active" else share.browse()

    def _digest(self, code, pin):
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret").encode()
        return hmac.new(secret, f"share:{code}:{pin}".encode(), hashlib.sha256).hexdigest()

    def _link(self, record):
        """Address of the look-up of one of the records with this share's code."""
        base = (self.env["ir.config_parameter"].sudo().get_param("web.base.url") or "").rstrip("/")
        return f"{base}/hocba/tra-cuu/{record.uuid}?chia_se={self.sudo().code}"
