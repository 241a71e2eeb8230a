from dataclasses import replace

from odoo import api, models


class LookupAmendment(models.AbstractModel):
    """A record that a new one supersedes still answers to its code, and says that it is not the current one."""

    _inherit = "hocba.lookup"

    @api.model
    def _find(self, uuid):
        found = super()._find(uuid)
        return replace(found, standing="superseded", since=None) if found and found.record.superseded_by_id else found
