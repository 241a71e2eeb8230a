"""What the wire asks for: sessions, intake and answers. The controller only carries bytes here and back."""

import base64
import hashlib
import json

import psycopg2.errors

from odoo import api, fields, models
from odoo.addons.hocba_digital.core.gateway import ERRORS, MAX_TRANSACTION_BYTES, VERSIONS
from odoo.addons.hocba_digital.core.packet import VIETNAM_TIME

from .token import LIFETIME

_LONGEST_TEXT = 200


class RefusedError(Exception):
    """An answer other than success; ``code`` is one of ``core.gateway.ERRORS``."""

    def __init__(self, code, detail=None):
        super().__init__(code)
        self.code = code
        self.detail = detail


class Intake(models.AbstractModel):
    """Transactions 1 and 2 and the token (CV 2088, annex 1, §II.2.2, §II.2.3; annex 3, §3.1)."""

    _name = "hocba.registry.intake"
    _description = "Intake over the Wire"

    @api.model
    def _token(self, request):
        """Answer to a request for a token."""
        password = _string(request, "password").lower()
        unit = self.env["hocba.registry.unit"].search([("login", "=", _string(request, "user_name"))], limit=1)
        if not unit._check_password(password) or unit.code != _string(request, "ma_don_vi"):
            raise RefusedError("10")
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
    def _report(self, request):
        """Answer to transaction 1: keep the bytes as they came; verdicts follow by query.

        Idempotent: the same ``messageid`` with the same bytes gets the same answer, with other bytes
        it is refused.
        """
        authentication = request.get("authenticationRequest")
        unit = self._authenticated(authentication)
        messageid = _string(authentication, "messageid")
        content = request.get("content")
        if str(authentication.get("type")) != "1" or not isinstance(content, str) or not content:
            raise RefusedError("20")
        if not content.isascii():
            raise RefusedError("22")
        raw = content.encode("ascii")
        if len(raw) > MAX_TRANSACTION_BYTES:
            raise RefusedError("21")
        digest = hashlib.sha256(raw).hexdigest()
        known = self._known(messageid, unit)
        if known:
            if known.digest != digest:
                raise RefusedError("25")
            return self._answer(known)
        return self._answer(self._keep(unit, messageid, authentication, raw, digest))

    def _keep(self, unit, messageid, authentication, raw, digest):
        values = {
            "messageid": messageid,
            "unit_id": unit.id,
            "kind": "1",
            "year_name": _year_name(authentication.get("nam_hoc")),
            "content": base64.b64encode(raw),
            "digest": digest,
            "size": len(raw),
            "received_at": fields.Datetime.now(),
        }
        try:
            with self.env.cr.savepoint():
                transaction = self.env["hocba.registry.transaction"].create(values)
                transaction.flush_recordset()
        except psycopg2.errors.UniqueViolation:
            raise RefusedError("91")  # the same message is coming in by another connection at this moment
        self.env.ref("hocba_registry.cron_process")._trigger()
        return transaction

    def _known(self, messageid, unit):
        known = self.env["hocba.registry.transaction"].search([("messageid", "=", messageid)], limit=1)
        if known and known.unit_id != unit:
            raise RefusedError("25")
        return known

    def _answer(self, transaction):
        code = transaction.error_code if transaction.state == "refused" else "00"
        description = transaction.error_description if transaction.state == "refused" else ERRORS["00"][1]
        return {
            "MessageId": transaction.messageid,
            "Error": code,
            "ErrorDescription": description,
            "ResponseCode": transaction.digest,
            "ResponseDescription": "Đã tiếp nhận gói tin; kết quả từng học bạ xem bằng giao dịch truy vấn.",
        }

    @api.model
    def _query_report(self, request):
        """Answer to transaction 2: the verdict on every record of a ``messageid``."""
        authentication = request.get("authenticationRequest")
        unit = self._authenticated(authentication)
        messageid = _string(authentication, "messageid")
        transaction = self.env["hocba.registry.transaction"].search(
            [("messageid", "=", messageid), ("unit_id", "=", unit.id)], limit=1
        )
        if not transaction:
            return _plain("04", messageid)
        if transaction.state == "received":
            return _plain("01", messageid)
        if transaction.state == "refused":
            return {**_plain(transaction.error_code, messageid), "ErrorDescription": transaction.error_description}
        return {**_plain("00", messageid), "data": [self._verdict(line) for line in transaction.line_ids]}

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
        password = _string(authentication, "password").lower()
        unit = self.env["hocba.registry.token"]._unit_of(authentication.get("token"), password)
        if not unit or unit.login != authentication.get("user_name"):
            raise RefusedError("11")
        if unit.code != authentication.get("ma_don_vi"):
            raise RefusedError("12")
        return unit

    @api.model
    def _handle(self, service, body):
        """JSON bytes in, answer as a dictionary out; never raises for what the bytes hold."""
        request = {}
        try:
            try:
                request = json.loads(body)
            except (ValueError, RecursionError):
                raise RefusedError("20")
            if not isinstance(request, dict):
                raise RefusedError("20")
            return getattr(self.sudo(), {"token": "_token", "report": "_report", "query": "_query_report"}[service])(
                request
            )
        except RefusedError as refusal:
            authentication = request.get("authenticationRequest") if isinstance(request, dict) else None
            try:
                messageid = _string(authentication, "messageid")
            except RefusedError:
                messageid = "-"
            return _plain(refusal.code, messageid)


def _plain(code, messageid):
    return {
        "MessageId": messageid,
        "Error": code,
        "ErrorDescription": ERRORS.get(code, ("", ""))[1],
        "ResponseCode": code,
        "ResponseDescription": ERRORS.get(code, ("", ""))[1],
    }


def _string(mapping, key):
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
