"""Numbers of issued copies, counted a school and calendar year by a sequence of PostgreSQL.

A sequence makes nobody wait while a long print is under way; the number of a print that failed stays unused.
"""

from datetime import datetime

from odoo import api, models
from odoo.tools import SQL

from ..core import lookup
from .record_content import VIETNAM


class IssuanceNumber(models.Model):
    _inherit = "hocba.issuance"

    @api.model
    def _numbers(self, company, count):
        """``count`` new ``lookup.CopyNumber`` of a school, in order."""
        if not count:
            return []
        year = datetime.now(VIETNAM).year
        name = f"hocba_issuance_{company.id}_{year}"
        self._ensure_sequence(name)
        self.env.cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [name, count])
        return [lookup.CopyNumber(year, value, lookup.new_code()) for (value,) in self.env.cr.fetchall()]

    @api.model
    def _numbers_of(self, sources):
        """A new number for each of these rows of any schools: {id: ``lookup.CopyNumber``}."""
        numbers = {}
        for company, rows in sources.grouped("company_id").items():
            numbers.update(zip(rows.ids, self._numbers(company, len(rows)), strict=True))
        return numbers

    def _ensure_sequence(self, name):
        self.env.cr.execute("SELECT to_regclass(%s)", [name])
        if self.env.cr.fetchone()[0]:
            return
        # Two first copies at once: the second waits here, and then finds the sequence.
        self.env.cr.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
        self.env.cr.execute(SQL("CREATE SEQUENCE IF NOT EXISTS %s", SQL.identifier(name)))

    @api.model
    def _drop_sequences(self):
        """For the uninstallation."""
        self.env.cr.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'S' AND relname ~ '^hocba_issuance_[0-9]+_[0-9]+$'"
        )
        for (name,) in self.env.cr.fetchall():
            self.env.cr.execute(SQL("DROP SEQUENCE %s", SQL.identifier(name)))
