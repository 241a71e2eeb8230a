from datetime import UTC

from odoo import models
from odoo.addons.hocba_digital.core import packet, signing
from odoo.addons.hocba_digital.models.lookup import Found

_STANDING = {"accepted": "reported", "locked": "locked", "recalled": "recalled"}


class Lookup(models.AbstractModel):
    """The department answers for the records it received."""

    _inherit = "hocba.lookup"

    def _find(self, uuid):
        record = self.env["hocba.registry.record"].sudo().search([("uuid", "=", uuid)], limit=1)
        if not record:
            return super()._find(uuid)
        if record.superseded_by_id:
            return Found(record, "superseded")
        return Found(record, _STANDING[record.state], record.effective_on if record.state == "locked" else None)

    def _decoy(self):
        return self.env["hocba.registry.record"].sudo().search([], order="id", limit=1) or super()._decoy()

    def _report(self, record):
        if record._name != "hocba.registry.record":
            return super()._report(record)
        return signing.verify_packet(
            record._packet_bytes(),
            self.env["hocba.trust"]._store(),
            profile=packet.get_profile(record.profile),
            at=record.received_at.replace(tzinfo=UTC),
        )

    def _log_target(self, record):
        if record is None or record._name != "hocba.registry.record":
            return super()._log_target(record)
        return {"registry_record_id": record.id}
