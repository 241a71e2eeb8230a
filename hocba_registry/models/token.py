import hashlib
import hmac
import secrets
from datetime import timedelta

from odoo import api, fields, models

LIFETIME = timedelta(minutes=30)
_WRONG = 10
_NO_TAG = "0" * 64


class Token(models.Model):
    """A session of a reporting school (annex 3, §3.1). The token itself is not kept, only its digest."""

    _name = "hocba.registry.token"
    _description = "Session of a School"
    _log_access = False

    unit_id = fields.Many2one("hocba.registry.unit", required=True, ondelete="cascade", index=True)
    digest = fields.Char(required=True, index=True)
    password_tag = fields.Char(required=True)
    expires_at = fields.Datetime(required=True, index=True)
    wrong_count = fields.Integer("Wrong passwords")

    @api.model
    def _issue(self, unit, password):
        """A new token for ``unit``; the password that came with it is bound to it."""
        token = secrets.token_urlsafe(32)
        self.create(
            {
                "unit_id": unit.id,
                "digest": _digest(token),
                "password_tag": _digest(token + password),
                "expires_at": fields.Datetime.now() + LIFETIME,
            }
        )
        return token

    @api.model
    def _unit_of(self, token, password):
        """The school that ``token`` and ``password`` stand for; empty when they stand for none now."""
        # Half a character, which JSON can carry, has no bytes to take a digest of.
        if not isinstance(token, str) or not token.isascii() or not isinstance(password, str):
            return self.env["hocba.registry.unit"]
        found = self.search([("digest", "=", _digest(token)), ("expires_at", ">", fields.Datetime.now())], limit=1)
        # An unknown token costs the same.
        if not hmac.compare_digest(found.password_tag or _NO_TAG, _digest(token + password)):
            found._note_wrong()
            return self.env["hocba.registry.unit"]
        return found.unit_id.filtered("active")

    def _note_wrong(self):
        """A session ends with a few wrong passwords: the next one needs a new token, where guesses are counted."""
        if self.wrong_count + 1 >= _WRONG:
            self.unlink()
        elif self:
            self.wrong_count += 1

    @api.autovacuum
    def _drop_expired(self):
        old = self.search([("expires_at", "<", fields.Datetime.now() - timedelta(days=1))], limit=10000)
        old.unlink()
        return len(old), len(old) == 10000


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()
