from datetime import UTC

from odoo import fields, models
from odoo.addons.hocba_digital.core.gateway import AcknowledgedRecord, Acknowledgement
from odoo.addons.hocba_digital.core.packet import VIETNAM_TIME


class TransactionAcknowledgement(models.Model):
    """What the school is told of its transaction is signed once, kept, and told the same way for ever."""

    _inherit = "hocba.registry.transaction"

    receipt = fields.Text(readonly=True, groups=fields.NO_ACCESS)
    verdict_receipt = fields.Text(readonly=True, groups=fields.NO_ACCESS)

    def _acknowledged(self, **more):
        self.ensure_one()
        return self.env["hocba.registry.seal"]._acknowledge(
            Acknowledgement(
                messageid=self.messageid,
                unit_code=self.unit_id.code,
                kind=self.kind,
                digest=self.digest,
                received_at=_vietnam(self.received_at),
                **more,
            )
        )

    def _acknowledged_verdicts(self):
        """The acknowledgement with every record's verdict; False where there is no seal."""
        lines = self.env["hocba.registry.line"].search([("transaction_id", "=", self.id)], order="id")
        records = tuple(
            AcknowledgedRecord(line.uuid or "-", line.verdict == "1", line.error_code or "00", line.digest or "-")
            for line in lines
        )
        return self._acknowledged(judged_at=_vietnam(fields.Datetime.now()), records=records)


def _vietnam(moment):
    return moment.replace(tzinfo=UTC).astimezone(VIETNAM_TIME)
