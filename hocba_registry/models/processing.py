"""Judging what came in: the transaction's signature, then each record by itself."""

import hashlib
import logging
from datetime import UTC, timedelta

from psycopg2 import OperationalError
from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.addons.hocba_digital.core.gateway import ERRORS, GatewayError
from odoo.addons.hocba_digital.core.packet import PacketError, default_profile, profile_of, reading_profile
from odoo.addons.hocba_digital.core.signing import TOTAL_PASSED, open_list, verify_packet

from .transaction import BATCH

_logger = logging.getLogger(__name__)

_MAX_FAILURES = 5
_AGAIN = timedelta(seconds=30)
#: Endings of the external ids of the scheduled actions that judge side by side.
PROCESSORS = ("", "_2", "_3", "_4")
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
        if self.search_count(domain, limit=1):
            # Another worker is at them, or they are to be tried again; should that worker die, this takes over.
            self._wake_processors(fields.Datetime.now() + _AGAIN)

    @api.model
    def _wake_processors(self, at=None):
        """Have the schedule judge what waits, by as many of its workers as are free: now, or from ``at`` (UTC) on.

        Odoo runs a scheduled action in one worker at a time, so there are several of the same.
        """
        for number in PROCESSORS:
            self.env.ref(f"hocba_registry.cron_process{number}")._trigger(at)

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
        except (OperationalError, UniqueViolation):
            # Another worker changed the same rows, or stored the same record; the next run sees what it did.
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
        approved = self.unit_id._approved_fingerprints()
        try:
            entries, report = self._open_content(approved)
        except (GatewayError, PacketError) as error:
            self._refuse(error.code if isinstance(error, GatewayError) else "23", str(error))
            return
        refusal = self._refusal_of_whole(report, approved)
        if refusal:
            self._refuse(*refusal)
            return
        self._judge_content(entries, approved)

    def _judge_content(self, entries, approved):
        """Judge what the transaction carries, once it is known to come from the unit."""
        self._judge_records(entries, approved)

    def _open_content(self, approved):
        """(What the content lists, report on its signature as of its arrival). Raises GatewayError or PacketError."""
        opened = open_list(self._content_xml(), profile=default_profile(), **self._verification(approved))
        return opened, opened.report

    def _verification(self, approved):
        return {
            "trust": self.env["hocba.trust"]._store(),
            "at": self.received_at.replace(tzinfo=UTC),
            "approved_seals": approved,
        }

    def _refusal_of_whole(self, report, approved):
        if not approved:
            return "13", None
        if not self._year():
            return "26", None
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

    def _judge_records(self, opened, approved):
        """One verdict per packet. What is accepted is found again by its place in the content as it came."""
        batch = _Batch(self, approved, opened.packets)
        verdicts = [batch.judge(*place) for place in zip(opened.packets, opened.starts, strict=True)]
        created = self.env["hocba.registry.record"]._receive(batch.accepted_values)
        created._supersede()
        by_uuid = {record.uuid: record.id for record in created | batch.known_records}
        self.env["hocba.registry.line"].create(
            [
                {**verdict, "record_id": by_uuid.get(verdict["uuid"]) if verdict["verdict"] == "1" else False}
                for verdict in verdicts
            ]
        )
        self.env["hocba.registry.line"]._settle(created)
        self.env["hocba.revocation"]._note_signers(batch.reports.values())
        accepted = sum(verdict["verdict"] == "1" for verdict in verdicts)
        self.flush_recordset()
        self.write(
            {
                "state": "processed",
                "processed_at": fields.Datetime.now(),
                "record_count": len(verdicts),
                "accepted_count": accepted,
                "refused_count": len(verdicts) - accepted,
                "verdict_receipt": self._acknowledged_verdicts(),
            }
        )


class _Batch:
    """The records of one transaction under judgement, with what the registry knows of them read once."""

    def __init__(self, transaction, approved, packets):
        self.transaction = transaction
        self.approved = transaction._record_seals(approved)
        self.trust = transaction.env["hocba.trust"]._store()
        self.at = transaction.received_at.replace(tzinfo=UTC)
        self.year = transaction._year()
        self.formats = transaction.env["hocba.registry.format"]._accepted_names()
        self.closed_grades = self.year._closed_grades(transaction.unit_id)
        self.accepted_values = []
        self.reports = {}
        self._seen_uuids, self._seen_pupils = {}, set()
        self._load(packets)

    def _load(self, packets):
        """Verify every packet, then read in two queries what is stored under their codes already."""
        for packet in packets:
            self.reports[hashlib.sha256(packet).hexdigest()] = self._verify(packet)
        datas = [report.data for report in self.reports.values() if report and report.data]
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
        self._amended = self.transaction.env["hocba.registry.recall"]._granted(
            self.transaction.unit_id, self.year, [data.pupil_code for data in datas]
        )
        self._elsewhere = self.transaction.env["hocba.registry.custody"]._elsewhere(
            self.transaction.unit_id, self.transaction.year_name, [data.pupil_code for data in datas]
        )

    def _verify(self, packet):
        """The verifier's report; None when it failed itself, which concerns this one record only."""
        try:
            return verify_packet(
                packet, self.trust, profile=reading_profile(packet), at=self.at, approved_seals=self.approved
            )
        except Exception:
            _logger.exception("a packet of transaction %s could not be verified", self.transaction.messageid)
            return None

    def judge(self, packet, start):
        """Values of the verdict's line for the packet at ``start`` of the list; an accepted one will be stored."""
        digest = hashlib.sha256(packet).hexdigest()
        report = self.reports[digest]
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
        code, field, detail = self._finding_on_format(packet) or self._finding(report, digest)
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
            self._accept(packet, start, data, digest)
        return {**line, "verdict": "1", "error_code": "00"}

    def _claimed(self, packet):
        """What a packet says whose signatures do not hold, so that its sender can find it; None when unreadable."""
        try:
            return reading_profile(packet).parse(packet).data
        except PacketError:
            return None

    def _finding_on_format(self, packet):
        """What speaks against the format of a record: it is a known one, but not one that is received here."""
        profile = profile_of(packet)
        if profile is None or profile.name in self.formats:
            return None
        names = ", ".join(sorted(self.formats)) or "không có"
        return "30", "PHIEN_BAN", f"định dạng {profile.name} không được tiếp nhận ở đây; được tiếp nhận: {names}"

    def _finding(self, report, digest):
        """(code, field, detail) of what speaks against a record; (None, None, None) when nothing does."""
        if report is None:
            return "90", "HOC_BA", None
        data = report.data
        if report.result != TOTAL_PASSED or not data:
            codes = [reason.code for line in (report, *report.signatures) for reason in line.reasons]
            code = next((_CODE_OF_REASON[name] for name in codes if name in _CODE_OF_REASON), "31")
            return code, "Signature" if code != "30" else "HOC_BA", _texts(report.reasons)
        if not self.transaction._may_report(data):
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
        if data.pupil_code in self._amended:
            return None, None, None
        if data.pupil_code in self._elsewhere:
            return "38", "MA_HOC_SINH", data.pupil_code
        if str(data.grade) in self.closed_grades:
            return "37", "TEN_NAM_HOC", data.school_year
        if data.pupil_code in self._taken_pupils:
            return "36", "MA_HOC_SINH", data.pupil_code
        return None, None, None

    def _accept(self, packet, start, data, digest):
        self._seen_uuids[data.uuid] = digest
        self._taken_pupils.add(data.pupil_code)
        superseded = self._amended.pop(data.pupil_code, None)
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
                **self.transaction._columns_of(data),
                "profile": reading_profile(packet).name,
                "packet_start": start,
                "packet_size": len(packet),
                "digest": digest,
                "transaction_id": self.transaction.id,
                "received_at": self.transaction.received_at,
                "supersedes_id": superseded and superseded.id,
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
