"""Encoding of requests and answers (CV 2088, annex 1, §II.2.2 to §II.2.8)."""

import base64
import binascii
import gzip
import json
import re
import struct
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from .errors import GatewayError

#: §II.2.8: 10 MB a transaction.
MAX_TRANSACTION_BYTES = 10_000_000
#: Room for the largest list that compresses into a transaction; more is an attack.
MAX_CONTENT_BYTES = 64 * 1024 * 1024

#: Versions of this wire that are understood; a gateway of ours names its own in the answer with the token.
VERSIONS = ("cv2088-1.0",)
_VIETNAM_TIME = timezone(timedelta(hours=7))
# The root's start tag, or an XML declaration, with an escaped quote.
_ESCAPED = re.compile(rb'\A<[^<>"]*=\\"')

#: ``function`` of each transaction. The texts name the field and not its values, so these are defaults.
FUNCTIONS = {
    "1": "GUI_BAO_CAO",
    "2": "TRUY_VAN_BAO_CAO",
    "3": "DANG_KY_CTS",
    "4": "TRUY_VAN_CTS",
    "5": "GUI_THU_HOI",
    "6": "TRUY_VAN_THU_HOI",
}


def default_paths():
    """Paths of the services; annex 3 of CV 2088 names the services only."""
    return {
        "token": "/api/hocba/token",
        "report": "/api/hocba/report",
        "report_query": "/api/hocba/report/query",
        "certificate": "/api/hocba/certificate",
        "certificate_query": "/api/hocba/certificate/query",
        "recall": "/api/hocba/recall",
        "recall_query": "/api/hocba/recall/query",
        "signature_types": "/api/hocba/catalogue/signature-types",
        "providers": "/api/hocba/catalogue/providers",
    }


def encode_content(xml, *, escape_quote="none"):
    """Text of the parameter ``content``: Base64 of (length of the XML, 4 bytes little-endian; gzip of the XML).

    ``escape_quote``: ``none``, or ``backslash`` for a backslash before every double quote (§II.2.2 asks for "escape
    quote" without saying which). The gzip header carries no time, so the same XML gives the same text.
    """
    if escape_quote not in ("none", "backslash"):
        raise ValueError(f"unknown escape quote {escape_quote!r}")
    if escape_quote == "backslash":
        xml = xml.replace(b'"', b'\\"')
    packed = struct.pack("<I", len(xml)) + gzip.compress(xml, mtime=0)
    return base64.b64encode(packed).decode("ascii")


def decode_content(text, *, max_bytes=MAX_CONTENT_BYTES):
    """The XML of a parameter ``content``. Raises GatewayError(data) with code 21 or 22.

    Never unpacks more than ``max_bytes``, nor more than the declared length. Quotes escaped with a backslash are
    recognised and put right: in no well-formed XML does a backslash stand between ``=`` and a quote of the root's tag.
    """
    try:
        packed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise GatewayError("data", "22", "content is not Base64") from None
    if len(packed) < 5:
        raise GatewayError("data", "22", "content is too short")
    (length,) = struct.unpack("<I", packed[:4])
    if length > max_bytes:
        raise GatewayError("data", "21", "content unpacks to more than is allowed")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        xml = unpacker.decompress(packed[4:], length + 1)
    except zlib.error:
        raise GatewayError("data", "22", "content is not gzip") from None
    if len(xml) != length or not unpacker.eof or unpacker.unused_data:
        raise GatewayError("data", "22", "content does not have its declared length")
    return xml.replace(b'\\"', b'"') if _ESCAPED.match(xml) else xml


@dataclass(frozen=True, slots=True)
class Request:
    """One transaction as it goes over the wire, less the session's token and the account."""

    kind: str
    messageid: str
    unit_code: str
    school_year: str
    content: str | None = None

    def body(self, *, token, user_name, password_sha256):
        """The JSON bytes to post. ``nam_hoc`` is the number of the year in which the school year starts."""
        authentication = {
            "token": token,
            "user_name": user_name,
            "password": password_sha256,
            "ma_don_vi": self.unit_code,
            "nam_hoc": int(self.school_year[:4]) if self.school_year else 0,
            "messageid": self.messageid,
            "type": self.kind,
            "function": FUNCTIONS[self.kind],
        }
        request = {"authenticationRequest": authentication}
        if self.content is not None:
            request["content"] = self.content
        return json.dumps(request, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer to a transaction (§II.2.2)."""

    messageid: str
    code: str
    description: str
    response_code: str = ""
    response_description: str = ""

    @property
    def accepted(self):
        """The receiver has the transaction; the verdict on each record comes by query."""
        return self.code in ("00", "01")

    @classmethod
    def parse(cls, answer):
        """From decoded JSON. Raises ValueError when it is no answer."""
        return cls(
            messageid=_text(answer, "MessageId"),
            code=_text(answer, "Error"),
            description=str(answer.get("ErrorDescription") or ""),
            response_code=str(answer.get("ResponseCode") or ""),
            response_description=str(answer.get("ResponseDescription") or ""),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """The receiver's word on one record (§II.2.3), with our extension: digest and closing."""

    uuid: str
    accepted: bool
    error: str
    error_field: str
    error_description: str
    digest: str | None = None
    effective_on: datetime | None = None

    @classmethod
    def parse(cls, row):
        """From one row of ``data``. Raises ValueError."""
        state = str(row.get("trang_thai"))
        if state not in ("0", "1"):
            raise ValueError(f"trang_thai {state!r}")
        closed = str(row.get("trang_thai_chot") or "0") == "1"
        moment = row.get("ngay_hieu_luc")
        return cls(
            uuid=_text(row, "ma_tra_cuu_uuid").lower(),
            accepted=state == "1",
            error=str(row.get("error") or ""),
            error_field=str(row.get("error_field_title") or ""),
            error_description=str(row.get("error_description") or ""),
            digest=str(row["digest"]).lower() if row.get("digest") else None,
            effective_on=_moment(moment) if closed and moment else None,
        )


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """Answer to transaction 2."""

    code: str
    description: str
    verdicts: tuple[Verdict, ...] = ()

    @property
    def never_seen(self):
        """The receiver does not know the ``messageid``."""
        return self.code == "04"

    @property
    def processing(self):
        """The receiver has the transaction and has not judged it yet."""
        return self.code == "01"

    @property
    def refused(self):
        """The receiver refused the transaction as a whole."""
        return self.code not in ("00", "01", "04")

    @classmethod
    def parse(cls, answer):
        """From decoded JSON. Raises ValueError when it is no answer."""
        rows = answer.get("data") or []
        if not isinstance(rows, list):
            raise ValueError("data is no list")
        return cls(
            code=_text(answer, "Error"),
            description=str(answer.get("ErrorDescription") or ""),
            verdicts=tuple(Verdict.parse(row) for row in rows),
        )


def _text(mapping, key):
    """A required text; receivers that write codes as numbers are understood too."""
    value = mapping.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:02d}"
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is missing")
    return value


def _moment(text):
    """A date and time of the wire; without an offset it is Vietnam's."""
    moment = datetime.fromisoformat(text)
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=_VIETNAM_TIME)
