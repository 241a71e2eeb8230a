from datetime import UTC, datetime

from odoo import api, fields, models

from ..core import lookup


class LookupCounter(models.Model):
    """How often outsiders asked and guessed, one row a key and window, the same for every worker and node.

    Keys are digests: the rows name neither people nor addresses.
    """

    _name = "hocba.lookup.counter"
    _description = "Counter of Look-ups"
    _log_access = False

    scope = fields.Char(required=True)
    key = fields.Char(required=True)
    window_start = fields.Integer(required=True, index=True)
    total = fields.Integer(required=True, default=0)
    last_at = fields.Datetime()

    _key_uniq = models.Constraint("UNIQUE(scope, key, window_start)", "One counter a key and window.")

    @api.model
    def _count(self, keys, limits, now):
        """``Decision`` on one more of everything; an allowed one is counted. ``keys``: scope -> key.

        Rows are locked in the order of ``limits``, so that calls at once wait for each other and none is missed. The
        caller's transaction must read what others committed meanwhile (READ COMMITTED).
        """
        rows = {limit.scope: self._locked(limit.scope, keys[limit.scope], limit.window(now)) for limit in limits}
        counters = {scope: lookup.Counter(total, last) for scope, (_row, total, last) in rows.items()}
        decision = lookup.decide(counters, now, limits)
        if decision.allowed:
            self._add([row for row, _total, _last in rows.values()], 1, now)
        return decision

    @api.model
    def _take_back(self, keys, limits, now):
        """What was counted at ``now`` was no wrong guess."""
        rows = [self._locked(limit.scope, keys[limit.scope], limit.window(now))[0] for limit in limits]
        self._add(rows, -1, None)

    def _locked(self, scope, key, window):
        self.env.cr.execute(
            "INSERT INTO hocba_lookup_counter (scope, key, window_start, total) VALUES (%s, %s, %s, 0)"
            " ON CONFLICT (scope, key, window_start) DO NOTHING",
            [scope, key, window],
        )
        self.env.cr.execute(
            "SELECT id, total, last_at FROM hocba_lookup_counter"
            " WHERE scope = %s AND key = %s AND window_start = %s FOR UPDATE",
            [scope, key, window],
        )
        row, total, last = self.env.cr.fetchone()
        return row, total, last and last.replace(tzinfo=UTC)

    def _add(self, rows, number, now):
        self.env.cr.execute(
            "UPDATE hocba_lookup_counter SET total = GREATEST(0, total + %s), last_at = COALESCE(%s, last_at)"
            " WHERE id = ANY(%s)",
            [number, now and now.astimezone(UTC).replace(tzinfo=None), rows],
        )

    @api.autovacuum
    def _drop_old(self):
        """Windows of more than two days ago; what counts for ever has window 0."""
        oldest = int(datetime.now(UTC).timestamp()) - 2 * 86400
        self.env.cr.execute("DELETE FROM hocba_lookup_counter WHERE window_start > 0 AND window_start < %s", [oldest])
