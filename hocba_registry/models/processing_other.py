"""Judging what is not a report: registrations of certificates (transaction 3) and recalls (transaction 5)."""

import base64

from odoo import fields, models
from odoo.addons.hocba_digital.core.gateway import ERRORS, GatewayError, parse_recalls, parse_registration
from odoo.addons.hocba_digital.core.packet import PacketError
from odoo.addons.hocba_digital.core.signing import TOTAL_FAILED, holder_of_der, verify_list

from .recall import UNDECIDED


class TransactionProcessingOther(models.Model):
    _inherit = "hocba.registry.transaction"

    def _process(self):
        if self.kind == "3":
            return self._process_registration()
        return super()._process()

    def _open_content(self, approved):
        if self.kind != "5":
            return super()._open_content(approved)
        xml = self._content_xml()
        return parse_recalls(xml), verify_list(xml, **self._verification(approved))

    def _judge_content(self, entries, approved):
        if self.kind != "5":
            return super()._judge_content(entries, approved)
        self._judge_recalls(entries)
        return None

    # Transaction 5 -----------------------------------------------------------------------------

    def _judge_recalls(self, recalls):
        """One request per record. What cannot be recalled is refused at once; the rest waits for an officer."""
        records = self.env["hocba.registry.record"].search(
            [("uuid", "in", [recall.uuid for recall in recalls]), ("unit_id", "=", self.unit_id.id)]
        )
        by_uuid = {record.uuid: record for record in records}
        # The chatter begins with the first decision: what came says itself when and from whom.
        created = (
            self.env["hocba.registry.recall"]
            .with_context(mail_create_nolog=True)
            .create([self._recall_values(recall, by_uuid.get(recall.uuid)) for recall in recalls])
        )
        refused = created.filtered(lambda line: line.state == "refused")
        self._done(len(created), len(refused))

    def _recall_values(self, recall, record):
        codes = {None: "40", "locked": "41", "recalled": "42"}
        code = codes.get(record and ("locked" if record._is_closed() else record.state))
        waiting = record and record.recall_ids.filtered(lambda line: line.state in UNDECIDED and not line.follows_id)
        values = {
            "transaction_id": self.id,
            "unit_id": self.unit_id.id,
            "received_at": self.received_at,
            "uuid": recall.uuid,
            "pupil_name": record.pupil_name if record else recall.pupil_name,
            "pupil_code": record and record.pupil_code,
            "reason": recall.reason,
            "record_id": record and record.id,
            "state": "waiting",
        }
        if code:
            return {**values, "state": "refused", "error_code": code, "refusal": ERRORS[code][1]}
        # A second request for the same record follows the first one's decision.
        return {**values, "follows_id": waiting[:1].id} if waiting else values

    def _done(self, total, refused):
        self.flush_recordset()
        self.write(
            {
                "state": "processed",
                "processed_at": fields.Datetime.now(),
                "record_count": total,
                "accepted_count": total - refused,
                "refused_count": refused,
            }
        )

    # Transaction 3 -----------------------------------------------------------------------------

    def _process_registration(self):
        """Keep the certificate for an officer's decision, once its key has signed for it."""
        try:
            xml = self._content_xml()
            registration = parse_registration(xml)
            holder = holder_of_der(registration.certificate)
        except (GatewayError, PacketError, ValueError) as error:
            self._refuse("27", str(error))
            return
        report = verify_list(xml, **self._verification(None))
        if report.result == TOTAL_FAILED or report.certificate_der != registration.certificate:
            self._refuse("24", " ".join(reason.text_vi for reason in report.reasons if not reason.is_note))
            return
        serial = f"{holder.certificate.serial_number:x}"
        if registration.unit_code != self.unit_id.code or registration.serial_number.lower() != serial:
            self._refuse("27", None)
            return
        certificate = self._registered(holder, registration)
        if certificate.unit_id != self.unit_id:
            self._refuse("28", None)
            return
        self.write({"certificate_id": certificate.id})
        self._done(1, 0)

    def _registered(self, holder, registration):
        certificates = self.env["hocba.registry.certificate"]
        known = certificates.search([("fingerprint", "=", holder.fingerprint.hex())], limit=1)
        return known or certificates.create(
            {
                "unit_id": self.unit_id.id,
                "file": base64.b64encode(registration.certificate),
                "signature_type": registration.signature_kind,
                "provider": registration.provider,
            }
        )
