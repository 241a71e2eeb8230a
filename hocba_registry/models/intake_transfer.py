"""Transactions 7 and 8: change of school between two schools of this department (an extension of ours)."""

import base64
import hashlib
from datetime import UTC, datetime

from odoo import api, models
from odoo.addons.hocba_digital.core.gateway import (
    MAX_ROWS,
    MAX_TRANSACTION_BYTES,
    STATES,
    STEPS,
    TRANSFERS,
    GatewayError,
    decode_content,
    encode_content,
)

from .intake import SERVICES, RefusedError, plain, string_of
from .transfer import OPEN
from .transfer_steps import DOCUMENTS

SERVICES |= {"transfer": ("_transfer",), "transfer_query": ("_transfer_query",)}
_WIRE_STATES = {state: code for code, state in STATES.items()}


class IntakeTransfer(models.AbstractModel):
    _inherit = "hocba.registry.intake"

    @api.model
    def _token(self, request):
        answer = super()._token(request)
        return {**answer, "extensions": [TRANSFERS]} if self._level() == "so" else answer

    @api.model
    def _transfer(self, request):
        """Answer to transaction 7: one step, judged at once."""
        authentication, unit, number = self._transfer_caller(request, "7")
        step, content = authentication.get("thao_tac"), request.get("content")
        if step not in STEPS or not isinstance(content, str) or not content:
            raise RefusedError("20")
        if not content.isascii():
            raise RefusedError("22")
        if len(content) > MAX_TRANSACTION_BYTES:
            raise RefusedError("21")
        try:
            document = decode_content(content)
        except GatewayError as error:
            raise RefusedError(error.code) from error
        transfer = self.env["hocba.registry.transfer"]._take_step(unit, number, step, document)
        return {
            **plain("00", number),
            "ResponseCode": hashlib.sha256(content.encode()).hexdigest(),
            "ResponseDescription": "Đã ghi nhận bước chuyển trường.",
            "trang_thai": int(_WIRE_STATES[transfer.state]),
        }

    @api.model
    def _transfer_query(self, request):
        """Answer to transaction 8: the unit's hand-overs that are open or changed lately, or one with a document."""
        authentication, unit, number = self._transfer_caller(request, "8")
        if "tai_lieu" not in authentication:
            rows = (
                self.env["hocba.registry.transfer"]
                .sudo()
                .search(self._transfer_domain(unit, authentication), order="changed_at, id", limit=MAX_ROWS)
            )
            return {**plain("00", number), "data": [self._transfer_row(row, unit) for row in rows]}
        step = authentication["tai_lieu"]
        if step not in STEPS:
            raise RefusedError("20")
        found = self.env["hocba.registry.transfer"]._of_number(number)
        if not found or unit not in (found.source_id, found.target_id):
            raise RefusedError("58")
        answer = {**plain("00", number), "data": [self._transfer_row(found, unit)]}
        document = found.with_context(bin_size=False)[DOCUMENTS[step][0]]
        return {**answer, "content": encode_content(base64.b64decode(document))} if document else answer

    def _transfer_caller(self, request, kind):
        """(authenticationRequest, unit, number) of a request of transaction ``kind``. Raises RefusedError."""
        authentication = request.get("authenticationRequest")
        unit = self._authenticated(authentication)
        number = string_of(authentication, "messageid")
        string_of(authentication, "function")
        if self._level() != "so" or authentication.get("type") != kind:
            raise RefusedError("20")
        if type(authentication.get("nam_hoc", 0)) is not int:
            raise RefusedError("20")
        return authentication, unit, number

    def _transfer_domain(self, unit, authentication):
        concerned = ["|", ("source_id", "=", unit.id), ("target_id", "=", unit.id)]
        if "tu_luc" not in authentication:
            return concerned
        try:
            moment = datetime.fromisoformat(authentication["tu_luc"])
            moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else None
        except (TypeError, ValueError, OverflowError):
            moment = None
        if moment is None:
            raise RefusedError("20")
        return ["&", *concerned, "|", ("state", "in", OPEN), ("changed_at", ">=", moment)]

    def _transfer_row(self, transfer, unit):
        return {
            "ma_chuyen_giao": transfer.number,
            "vai_tro": "DI" if transfer.source_id == unit else "DEN",
            "trang_thai": int(_WIRE_STATES[transfer.state]),
            "ma_hoc_sinh": transfer.pupil_code,
            "ho_ten": transfer.pupil_name,
            "ngay_sinh": transfer.birth_date.isoformat(),
            "so_cccd": transfer.id_number or "",
            "ma_truong_di": transfer.source_id.code,
            "ten_truong_di": transfer.source_id.name,
            "ma_truong_den": transfer.target_id.code,
            "ten_truong_den": transfer.target_id.name,
            "chuyen_tu_ngay": transfer.from_day.isoformat(),
            "ly_do": transfer.reason or "",
            "ly_do_dung": transfer.end_reason or "",
            "ben_dung": transfer.ended_by_id.code or "",
            "digest": {step: transfer[digest] for step, (_name, digest) in DOCUMENTS.items() if transfer[digest]},
        }
