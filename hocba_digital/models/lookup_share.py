"""A guardian's share link as second factor of the look-up, and guardians as accounts with the right."""

from datetime import UTC, datetime

from odoo import api, fields, models

from ..core import lookup


class LookupShareLog(models.Model):
    _inherit = "hocba.lookup.log"

    share_id = fields.Many2one("hocba.share", "Share link", readonly=True, index="btree_not_null", ondelete="set null")


class LookupShare(models.AbstractModel):
    _inherit = "hocba.lookup"

    @api.model
    def _share_for(self, found, code, pin):
        """The valid share link with which somebody asks for this record; empty when anything is wrong."""
        share = self.env["hocba.share"]._matching(code, pin)
        if not found or found.record._name != "hocba.record":
            return share.browse()
        return share if found.record in share.record_ids else share.browse()

    @api.private
    def _token(self, uuid, code, pin, address, purposes=None):
        """(Decision, Found, Share) for a guardian's token; the last two None whatever does not fit.

        Counted and logged as a second factor. ``purposes``: those of the link that are enough; None: any.
        """
        now, keys = datetime.now(UTC), self._guess_keys(uuid, address)
        with self._own_transaction() as own:
            decision = own._counted(keys, lookup.GUESSES, now)
        if not decision.allowed:
            return decision, None, None
        found = self._find(uuid) if self._is_open() else None
        link = self._share_for(found, code, pin)
        right = bool(link and (purposes is None or link.purpose in purposes))
        with self._own_transaction() as own:
            if link:
                own._taken_back(keys, now)
            outcome = "record" if right else "miss"
            own._log(uuid, found, outcome, "procedure", address, self.env.uid, share_id=link.id)
        return (decision, found, link) if right else (decision, None, None)

    def _may_read(self, record):
        return super()._may_read(record) or self._is_guardian_of(record)

    def _is_guardian_of(self, record):
        if record._name != "hocba.record":
            return False
        return record.sudo().pupil_id in self.env["hocba.guardian"]._of_user().pupil_id
