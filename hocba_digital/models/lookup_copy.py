"""The public check of a copy: was it issued by this server's school, and is what it says still current?"""

from datetime import UTC, datetime

from odoo import api, fields, models

from ..core import lookup
from .lookup import Found

_MISSES = (lookup.Limit("copies", 3600, 60),)


class LookupCopy(models.AbstractModel):
    _inherit = "hocba.lookup"

    @api.private
    def _copy(self, typed, address):
        """(Decision, what is said of the copy or None) for the check code that somebody typed or scanned."""
        now, keys = datetime.now(UTC), {"copies": lookup.network_of(address)}
        with self._own_transaction() as own:
            decision = own._counted(keys, _MISSES, now)
        if not decision.allowed:
            return decision, None
        code = lookup.read_code(typed)
        copy = self.env["hocba.issuance"].sudo().search([("code", "=", code or ""), ("code", "!=", "")], limit=1)
        if not copy or not self._is_open():
            return decision, None
        with self._own_transaction() as own:
            own.env["hocba.lookup.counter"]._take_back(own._digests(keys), _MISSES, now)
            school = {"company_id": copy.company_id.id}
            for line in copy.line_ids:
                own._log(line.uuid, self._copy_found(line), "summary", "copy", address, self.env.uid, **school)
        return decision, self._described_copy(copy)

    def _copy_found(self, line):
        return Found(line.record_id, line.standing) if line.record_id else None

    def _described_copy(self, copy):
        """{number, current, school, at, kind, initials, lines: [{year, standing, current, uuid, own, school}]}.

        No full names. ``own``: whether the look-up of this school knows the year.
        """
        kinds = dict(copy._fields["kind"]._description_selection(self.env))
        standings = dict(copy.line_ids._fields["standing"]._description_selection(self.env))
        at = fields.Datetime.context_timestamp(self.with_context(tz="Asia/Ho_Chi_Minh"), copy.at)
        return {
            "number": copy.number,
            "current": copy.standing == "current",
            "school": copy.company_id.name,
            "at": f"{at:%d/%m/%Y}",
            "kind": kinds[copy.kind],
            "initials": lookup.initials(copy.line_ids.record_id[:1].pupil_name or copy.pupil_id.name),
            "lines": [
                {
                    "year": line.school_year_name,
                    "uuid": line.uuid,
                    "own": bool(line.record_id),
                    "school": line.school_name,
                    "standing": standings[line.standing],
                    "current": line._is_current(),
                }
                for line in copy.line_ids
            ],
        }
