import ipaddress
from datetime import timedelta

from odoo import api, fields, models

#: Wrong passwords are remembered so long.
WINDOW = timedelta(minutes=15)
#: Wrong passwords in that time after which nothing more is looked at: of one account from one address, of one address,
#: of one account from anywhere. Many schools may share an address, so theirs is far from one school's. The system
#: parameter ``hocba_registry.guess_limits`` ("5,50,100") has others.
PER_BOTH, PER_ADDRESS, PER_ACCOUNT = 5, 50, 100


class Guess(models.Model):
    """A wrong password: kept in the database, so that every worker and node counts the same."""

    _name = "hocba.registry.guess"
    _description = "Wrong Password of an Account"
    _log_access = False
    _order = "failed_at desc, id desc"

    login = fields.Char("Account", required=True)
    address = fields.Char()
    failed_at = fields.Datetime(required=True, index=True)

    _by_login = models.Index("(login, failed_at)")
    _by_address = models.Index("(address, failed_at)")

    @api.model
    def _note(self, login, address):
        self.create({"login": login, "address": _network(address), "failed_at": fields.Datetime.now()})

    @api.model
    def _seconds_to_wait(self, login, address):
        """Seconds until another password of ``login`` is looked at from ``address``; 0: at once."""
        per_both, per_address, per_account = self._limits()
        account, place = [("login", "=", login)], [("address", "=", _network(address))]
        waits = [self._wait(account, per_account), self._wait(account + place, per_both)]
        return max([*waits, self._wait(place, per_address)] if _network(address) else waits)

    def _limits(self):
        stated = self.env["ir.config_parameter"].sudo().get_param("hocba_registry.guess_limits", "").split(",")
        if len(stated) == 3 and all(text.strip().isdecimal() and int(text) > 0 for text in stated):
            return [int(text) for text in stated]
        return PER_BOTH, PER_ADDRESS, PER_ACCOUNT

    def _wait(self, domain, limit):
        since = fields.Datetime.now() - WINDOW
        last = self.search([*domain, ("failed_at", ">", since)], limit=1, offset=limit - 1)
        return int((last.failed_at - since).total_seconds()) if last else 0

    @api.autovacuum
    def _drop_old(self):
        old = self.search([("failed_at", "<", fields.Datetime.now() - WINDOW)], limit=10000)
        old.unlink()
        return len(old), len(old) == 10000


def _network(address):
    """Whom an address stands for: itself, or the /64 that one user of IPv6 has to choose from."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    if found.version == 6 and found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))
