"""Judging what came in: the transaction's signature, then each record by itself."""

import base64
import hashlib
import logging
from datetime import UTC

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.addons.hocba_digital.core.gateway import ERRORS, GatewayError, wire
from odoo.addons.hocba_digital.core.packet import PacketError, get_profile
from odoo.addons.hocba_digital.core.signing import TOTAL_PASSED, verify_list, verify_packet

from .transaction import BATCH

_logger = logging.getLogger(__name__)

_MAX_FAILURES = 5
#: Findings of the verifier -> code of the verdict; what is not named is a signature that does not hold.
_CODE_OF_REASON = {"packet_format": "30", "seal_not_approved": "32"}


class TransactionProcessing(models.Model):
    _inherit = "hocba.registry.transaction"

    @api.model
    def _cron_process(self):
        """Judge what waits. Never raises; one transaction that fails does not hold up the others."""
        domain = [("state", "=", "received"), ("failures", "<", _MAX_FAILURES)]
        self._process_all(self.search(domain, order="id", limit=BATCH), waiting=self.search_count(domain))
        self._lock_stragglers()

    @api.model
    def _process_all(self, transactions, waiting=None):
        """Judge ``transactions``, each in a transaction of its own. ``waiting``: how many there are in all."""
        remaining = max(waiting or 0, len(transactions))
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for transaction in transactions:
            transaction._process_safely()
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break

    def _process_safely(self):
        """Judge this transaction unless somebody else is at it; what goes wrong is noted and tried again."""
        try:
            with self.env.cr.savepoint():
                if self.try_lock_for_update() and self.state == "received":
                    self._process()
        except OperationalError:
            # Another worker changed the same rows; the next run sees what it did.
            _logger.info("transaction %s is being worked on elsewhere", self.id)
            self.env.invalidate_all()
        except Exception as error:
            self.env.invalidate_all()
            _logger.exception("transaction %s could not be judged", self.id)
            self._note_failure(error)

    def _note_failure(self, error):
        try:
            with self.env.cr.savepoint():
                self.write({"failures": self.failures + 1, "failure": f"{type(error).__name__}: {error}"[:500]})
        except Exception:
            _logger.exception("the failure of transaction %s could not be noted", self.id)
            self.env.invalidate_all()

    def _lock_stragglers(self):
        try:
            with self.env.cr.savepoint():
                self.env["hocba.registry.closing"]._close_stragglers()
        except Exception:
            _logger.exception("records accepted during a closing could not be locked; they will be next time")
            self.env.invalidate_all()

    def _process(self):
        """Judge this transaction: refuse it whole, or give every record its verdict."""
        try:
            listing = self._open_content()
        except (GatewayError, PacketError) as error:
            self._refuse(error.code if isinstance(error, GatewayError) else "23", str(error))
            return
        approved = self.unit_id._approved_fingerprints()
        refusal = self._refusal_of_whole(listing, approved)
        if refusal:
            self._refuse(*refusal)
            return
        self._judge_records(listing[1], approved)

    def _open_content(self):
        """(XML of the list, its packets). Raises GatewayError or PacketError."""
        xml = wire.decode_content(self._content_text())
        return xml, get_profile("cv2088-1.0").split_list(xml).packets

    def _refusal_of_whole(self, listing, approved):
        if not approved:
            return "13", None
        if not self._year():
            return "26", None
        report = verify_list(
            listing[0],
            self.env["hocba.trust"]._store(),
            at=self.received_at.replace(tzinfo=UTC),
            approved_seals=approved,
        )
        if report.result != TOTAL_PASSED:
            return "24", _texts(report.reasons)
        return None

    def _year(self):
        return self.env["hocba.registry.year"].search([("name", "=", self.year_name)], limit=1)

    def _refuse(self, code, detail):
        text = ERRORS[code][1]
        self.write(
            {
                "state": "refused",
                "error_code": code,
                "error_description": f"{text}: {detail}" if detail else text,
                "processed_at": fields.Datetime.now(),
            }
        )

    def _judge_records(self, packets, approved):
        """One verdict per packet. What is accepted is stored as it came."""
        batch = _Batch(self, approved, packets)
        verdicts = [batch.judge(packet) for packet in packets]
        created = self.env["hocba.registry.record"]._in_transition().create(batch.accepted_values)
        by_uuid = {record.uuid: record.id for record in created | batch.known_records}
        self.env["hocba.registry.line"].create(
            [
                {**verdict, "record_id": by_uuid.get(verdict["uuid"]) if verdict["verdict"] == "1" else False}
                for verdict in verdicts
            ]
        )
        self.env["hocba.registry.line"]._settle(created)
        accepted = sum(verdict["verdict"] == "1" for verdict in verdicts)
        self.flush_recordset()
        self.write(
            {
                "state": "processed",
                "processed_at": fields.Datetime.now(),
                "record_count": len(verdicts),
                "accepted_count": accepted,
                "refused_count": len(verdicts) - accepted,
            }
        )


class _Batch:
    """The records of one transaction under judgement, with what the registry knows of them read once."""

    def __init__(self, transaction, approved, packets):
        self.transaction = transaction
        self.approved = approved
        self.profile = get_profile("cv2088-1.0")
        self.trust = transaction.env["hocba.trust"]._store()
        self.at = transaction.received_at.replace(tzinfo=UTC)
        self.year = transaction._year()
        self.closed = self.year._closed_for(transaction.unit_id)
        self.accepted_values = []
        self._reports = {}
        self._seen_uuids, self._seen_pupils = {}, set()
        self._load(packets)

    def _load(self, packets):
        """Verify every packet, then read in two queries what is stored under their codes already."""
        for packet in packets:
            self._reports[hashlib.sha256(packet).hexdigest()] = self._verify(packet)
        datas = [report.data for report in self._reports.values() if report and report.data]
        records = self.transaction.env["hocba.registry.record"]
        self.known_records = records.search([("uuid", "in", [data.uuid for data in datas])])
        self._known = {record.uuid: record for record in self.known_records}
        same_pupils = records.search(
            [
                ("year_id", "=", self.year.id),
                ("state", "!=", "recalled"),
                ("pupil_code", "in", [data.pupil_code for data in datas]),
            ]
        )
        self._taken_pupils = set(same_pupils.mapped("pupil_code"))

    def _verify(self, packet):
        """The verifier's report; None when it failed itself, which concerns this one record only."""
        try:
            return verify_packet(packet, self.trust, profile=self.profile, at=self.at, approved_seals=self.approved)
        except Exception:
            _logger.exception("a packet of transaction %s could not be verified", self.transaction.messageid)
            return None

    def judge(self, packet):
        """Values of the verdict's line for one packet; an accepted one is queued to be stored."""
        digest = hashlib.sha256(packet).hexdigest()
        report = self._reports[digest]
        data = report and report.data
        claimed = data or self._claimed(packet)
        line = {
            "transaction_id": self.transaction.id,
            "uuid": claimed.uuid if claimed else _claimed_uuid(packet),
            "pupil_name": claimed and claimed.pupil_name,
            "pupil_code": claimed and claimed.pupil_code,
            "id_number": claimed and claimed.id_number,
            "digest": digest,
        }
        code, field, detail = self._finding(report, digest)
        if code:
            text = ERRORS[code][1]
            return {
                **line,
                "verdict": "0",
                "error_code": code,
                "error_title": text,
                "error_field": field,
                "error_description": f"{text}: {detail}" if detail else text,
            }
        if data.uuid not in self._known and data.uuid not in self._seen_uuids:
            self._accept(packet, data, digest)
        return {**line, "verdict": "1", "error_code": "00"}

    def _claimed(self, packet):
        """What a packet says whose signatures do not hold, so that its sender can find it; None when unreadable."""
        try:
            return self.profile.parse(packet).data
        except PacketError:
            return None

    def _finding(self, report, digest):
        """(code, field, detail) of what speaks against a record; (None, None, None) when nothing does."""
        if report is None:
            return "90", "HOC_BA", None
        data = report.data
        if report.result != TOTAL_PASSED or not data:
            codes = [reason.code for line in (report, *report.signatures) for reason in line.reasons]
            code = next((_CODE_OF_REASON[name] for name in codes if name in _CODE_OF_REASON), "31")
            return code, "Signature" if code != "30" else "HOC_BA", _texts(report.reasons)
        if data.school_code != self.transaction.unit_id.code:
            return "33", "MA_TRUONG", data.school_code
        if data.school_year != self.transaction.year_name:
            return "34", "TEN_NAM_HOC", data.school_year
        known = self._known.get(data.uuid)
        if known:
            same = known.digest == digest and known.unit_id == self.transaction.unit_id and known.state != "recalled"
            return (None, None, None) if same else ("35", "MA_TRA_CUU_UUID", data.uuid)
        seen = self._seen_uuids.get(data.uuid)
        if seen:
            return (None, None, None) if seen == digest else ("35", "MA_TRA_CUU_UUID", data.uuid)
        if self.closed:
            return "37", "TEN_NAM_HOC", data.school_year
        if data.pupil_code in self._taken_pupils:
            return "36", "MA_HOC_SINH", data.pupil_code
        return None, None, None

    def _accept(self, packet, data, digest):
        self._seen_uuids[data.uuid] = digest
        self._taken_pupils.add(data.pupil_code)
        self.accepted_values.append(
            {
                "uuid": data.uuid,
                "unit_id": self.transaction.unit_id.id,
                "year_id": self.year.id,
                "grade": str(data.grade),
                "class_name": data.class_name,
                "pupil_name": data.pupil_name,
                "pupil_code": data.pupil_code,
                "id_number": data.id_number,
                "overall": data.overall,
                "profile": self.profile.name,
                "packet": base64.b64encode(packet),
                "digest": digest,
                "transaction_id": self.transaction.id,
                "received_at": self.transaction.received_at,
            }
        )


def _texts(reasons):
    return " ".join(dict.fromkeys(reason.text_vi for reason in reasons if not reason.is_note))


def _claimed_uuid(packet):
    """The look-up code that an unreadable packet claims, so that its sender can find it; else empty."""
    start, end = b"<MA_TRA_CUU_UUID>", b"</MA_TRA_CUU_UUID>"
    begin = packet.find(start)
    stop = packet.find(end, begin)
    claimed = packet[begin + len(start) : stop] if begin >= 0 and stop > begin else b""
    return claimed.decode("ascii", "ignore").lower() if len(claimed) == 36 else False
