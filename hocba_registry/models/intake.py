"""What the wire asks for: sessions, intake and answers. The controller only carries bytes here and back."""

import base64
import hashlib
import json

import psycopg2.errors

from odoo import api, fields, models
from odoo.addons.hocba_digital.core.gateway import (
    ERRORS,
    MAX_TRANSACTION_BYTES,
    PROVIDERS,
    SIGNATURE_TYPES,
    VERSIONS,
)
from odoo.addons.hocba_digital.core.packet import VIETNAM_TIME

from .token import LIFETIME

_LONGEST_TEXT = 200

#: Service -> method and what it is told besides the request.
SERVICES = {
    "token": ("_token",),
    "report": ("_deliver", "1"),
    "report_query": ("_query", "1"),
    "certificate": ("_deliver", "3"),
    "certificate_query": ("_query", "3"),
    "recall": ("_deliver", "5"),
    "recall_query": ("_query", "5"),
    "signature_types": ("_catalogue", SIGNATURE_TYPES),
    "providers": ("_catalogue", PROVIDERS),
}


class RefusedError(Exception):
    """An answer other than success; ``code`` is one of ``core.gateway.ERRORS``."""

    def __init__(self, code, retry_after=None):
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class Intake(models.AbstractModel):
    """The token, the six transactions and the catalogues (CV 2088, annex 1, §II.2.2 to §II.2.7; annex 3)."""

    _name = "hocba.registry.intake"
    _description = "Intake over the Wire"

    @api.model
    def _token(self, request):
        """Answer to a request for a token."""
        password, login = string_of(request, "password").lower(), string_of(request, "user_name")
        claimed, address = string_of(request, "ma_don_vi"), self.env.context.get("hocba_address")
        guesses = self.env["hocba.registry.guess"]
        wait = guesses._seconds_to_wait(login, address)
        if wait:
            raise RefusedError("14", wait)
        unit = self.env["hocba.registry.unit"].search([("login", "=", login)], limit=1)
        if not unit._check_password(password):
            guesses._note(login, address)
            raise RefusedError("10")
        if unit.code != claimed:
            raise RefusedError("12")
        return {
            "Error": "00",
            "ErrorDescription": ERRORS["00"][1],
            "token": self.env["hocba.registry.token"]._issue(unit, password),
            "expires_in": int(LIFETIME.total_seconds()),
            "version": VERSIONS[0],
            "level": self._level(),
        }

    @api.model
    def _level(self):
        """``so``: a department's gateway; ``bo``: the ministry's repository, where departments report."""
        return self.env["ir.config_parameter"].sudo().get_param("hocba_registry.level", "so")

    @api.model
    def _deliver(self, request, kind):
        """Answer to transaction 1, 3 or 5: keep the bytes as they came; verdicts follow by query.

        Idempotent: the same ``messageid`` with the same bytes gets the same answer, with other bytes
        it is refused.
        """
        authentication = request.get("authenticationRequest")
        unit = self._authenticated(authentication)
        messageid = string_of(authentication, "messageid")
        content = request.get("content")
        if str(authentication.get("type")) != kind or not isinstance(content, str) or not content:
            raise RefusedError("20")
        if not content.isascii():
            raise RefusedError("22")
        raw = content.encode("ascii")
        if len(raw) > MAX_TRANSACTION_BYTES:
            raise RefusedError("21")
        digest = hashlib.sha256(raw).hexdigest()
        known = self._known(messageid, unit)
        if known:
            if known.digest != digest or known.kind != kind:
                raise RefusedError("25")
            return self._answer(known)
        return self._answer(self._keep(unit, messageid, kind, authentication, raw, digest))

    def _keep(self, unit, messageid, kind, authentication, raw, digest):
        values = {
            "messageid": messageid,
            "unit_id": unit.id,
            "kind": kind,
            "year_name": _year_name(authentication.get("nam_hoc")),
            "content": base64.b64encode(raw),
            "digest": digest,
            "size": len(raw),
            "received_at": fields.Datetime.now(),
        }
        try:
            with self.env.cr.savepoint():
                transaction = self.env["hocba.registry.transaction"].create(values)
                transaction.receipt = transaction._acknowledged()
                transaction.flush_recordset()
        except psycopg2.errors.UniqueViolation:
            # The same message came in by another connection while this one was looked at.
            self.env.invalidate_all()
            return self._kept_meanwhile(unit, messageid, kind, digest)
        transaction._wake_processors()
        return transaction

    def _kept_meanwhile(self, unit, messageid, kind, digest):
        """A row, not stored, that answers as the one does which this connection's snapshot does not show yet."""
        with self.env.registry.cursor() as cr:
            intake = self.with_env(self.env(cr=cr))
            known = intake._known(messageid, unit.with_env(intake.env))
            if not known:
                raise RefusedError("91")  # it was taken back again
            if known.digest != digest or known.kind != kind:
                raise RefusedError("25")
            names = ("messageid", "digest", "state", "error_code", "error_description", "receipt")
            values = {name: known[name] for name in names}
        return self.env["hocba.registry.transaction"].new(values)

    def _known(self, messageid, unit):
        known = self.env["hocba.registry.transaction"].search([("messageid", "=", messageid)], limit=1)
        if known and known.unit_id != unit:
            raise RefusedError("25")
        return known

    def _answer(self, transaction):
        code = transaction.error_code if transaction.state == "refused" else "00"
        description = transaction.error_description if transaction.state == "refused" else ERRORS["00"][1]
        answer = {
            "MessageId": transaction.messageid,
            "Error": code,
            "ErrorDescription": description,
            "ResponseCode": transaction.digest,
            "ResponseDescription": "Đã tiếp nhận gói tin; kết quả từng học bạ xem bằng giao dịch truy vấn.",
        }
        return {**answer, "xac_nhan": transaction.receipt} if transaction.receipt else answer

    @api.model
    def _query(self, request, kind):
        """Answer to transaction 2, 4 or 6: what became of a ``messageid`` of transaction ``kind``."""
        authentication = request.get("authenticationRequest")
        unit = self._authenticated(authentication)
        messageid = string_of(authentication, "messageid")
        transaction = self.env["hocba.registry.transaction"].search(
            [("messageid", "=", messageid), ("unit_id", "=", unit.id), ("kind", "=", kind)], limit=1
        )
        if not transaction:
            return plain("04", messageid)
        if transaction.state == "received":
            return plain("01", messageid)
        if transaction.state == "refused":
            return {**plain(transaction.error_code, messageid), "ErrorDescription": transaction.error_description}
        if kind == "3":
            return self._certificate_state(transaction)
        rows = [self._verdict(line) for line in transaction.line_ids] if kind == "1" else []
        rows += [recall._row() for recall in transaction.recall_ids]
        answer = {**plain("00", messageid), "data": rows}
        return {**answer, "xac_nhan": transaction.verdict_receipt} if transaction.verdict_receipt else answer

    def _certificate_state(self, transaction):
        """Answer to transaction 4 (§II.2.5): 1 approved, 0 refused or withdrawn; 01 while an officer decides."""
        certificate = transaction.certificate_id
        if certificate.state == "submitted":
            return {**plain("01", transaction.messageid), "serial_number": certificate.serial}
        approved = certificate.state == "approved"
        return {
            **plain("00", transaction.messageid),
            "ErrorDescription": "" if approved else certificate.refusal or "",
            "ma_don_vi": transaction.unit_id.code,
            "serial_number": certificate.serial,
            "trang_thai_phe_duyet": int(approved),
            "error": "00",
            "error_field_title": "",
            "error_description": "" if approved else certificate.refusal or "",
        }

    @api.model
    def _catalogue(self, request, rows):
        """Codes that a registration of a certificate may use (§II.2.4), for whoever has an account."""
        authentication = request.get("authenticationRequest")
        self._authenticated(authentication)
        return {**plain("00", "-"), "data": [{"ma": code, "ten": name} for code, name in rows.items()]}

    def _verdict(self, line):
        row = {
            "ma_hoc_sinh": line.pupil_code or "",
            "ten_hoc_sinh": line.pupil_name or "",
            "so_cccd": line.id_number or "",
            "ma_tra_cuu_uuid": line.uuid or "",
            "trang_thai": int(line.verdict),
            "error": line.error_code or "00",
            "error_field_title": line.error_field or "",
            "error_description": line.error_description or "",
            "digest": line.record_id.digest or line.digest or "",
            "trang_thai_chot": int(line.record_id.state == "locked"),
        }
        if line.record_id.effective_on:
            moment = fields.Datetime.context_timestamp(
                self.with_context(tz="Asia/Ho_Chi_Minh"), line.record_id.effective_on
            )
            row["ngay_hieu_luc"] = moment.astimezone(VIETNAM_TIME).isoformat(timespec="seconds")
        return row

    def _authenticated(self, authentication):
        """The school that a request's token, account and unit code stand for."""
        if not isinstance(authentication, dict):
            raise RefusedError("20")
        password = string_of(authentication, "password").lower()
        unit = self.env["hocba.registry.token"]._unit_of(authentication.get("token"), password)
        if not unit or unit.login != authentication.get("user_name"):
            raise RefusedError("11")
        if unit.code != authentication.get("ma_don_vi"):
            raise RefusedError("12")
        return unit

    @api.model
    def _handle(self, service, body, address=None):
        """JSON bytes in, answer as a dictionary out; never raises for what the bytes hold.

        ``service``: one of ``core.gateway.default_paths``; ``address``: where the bytes came from, None for a file.
        """
        request = {}
        try:
            try:
                request = json.loads(body)
            except (ValueError, RecursionError):
                raise RefusedError("20")
            if not isinstance(request, dict):
                raise RefusedError("20")
            method, *arguments = SERVICES[service]
            # A program that calls has no language; what it leaves in a discussion or a task is for the officers.
            intake = self.sudo().with_context(hocba_address=address, lang="vi_VN")
            return getattr(intake, method)(request, *arguments)
        except RefusedError as refusal:
            authentication = request.get("authenticationRequest") if isinstance(request, dict) else None
            try:
                messageid = string_of(authentication, "messageid")
            except RefusedError:
                messageid = "-"
            answer = plain(refusal.code, messageid)
            return {**answer, "retry_after": refusal.retry_after} if refusal.retry_after else answer


def plain(code, messageid):
    return {
        "MessageId": messageid,
        "Error": code,
        "ErrorDescription": ERRORS.get(code, ("", ""))[1],
        "ResponseCode": code,
        "ResponseDescription": ERRORS.get(code, ("", ""))[1],
    }


def string_of(mapping, key):
    value = mapping.get(key) if isinstance(mapping, dict) else None
    if not isinstance(value, str) or not value or len(value) > _LONGEST_TEXT or not value.isprintable():
        raise RefusedError("20")
    return value


def _year_name(value):
    """``nam_hoc`` is the year in which the school year starts, as a number (annex 1, §II.2.2)."""
    try:
        start = int(value)
    except (TypeError, ValueError, OverflowError):
        raise RefusedError("20")
    if not 2000 <= start <= 2200:
        raise RefusedError("20")
    return f"{start}-{start + 1}"
