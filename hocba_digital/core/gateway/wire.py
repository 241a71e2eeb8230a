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
#: Lists of records, which repeat certificates and phrases, compress 10 to 25 times; gzip can do 1,000 times.
MAX_CONTENT_RATIO = 200

#: Versions of this wire that are understood; a gateway of ours names its own in the answer with the token.
VERSIONS = ("cv2088-1.0",)
_VIETNAM_TIME = timezone(timedelta(hours=7))
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
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
    "7": "CHUYEN_TRUONG",
    "8": "TRUY_VAN_CHUYEN_TRUONG",
}


#: Codes of ``ma_kieu_chu_ky`` and ``nha_phat_hanh`` (§II.2.4); a receiver's catalogue may hold more.
SIGNATURE_TYPES = {"USB_TOKEN": "Chữ ký số USB Token", "REMOTE_SIGNING": "Chữ ký số Remote Signing"}
PROVIDERS = {
    "BAN_CO_YEU": "Ban Cơ yếu Chính phủ",
    "VNPT": "VNPT SmartCA",
    "VIETTEL": "Viettel-CA",
    "BKAV": "Bkav CA",
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
        "transfer": "/api/hocba/transfer",
        "transfer_query": "/api/hocba/transfer/query",
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

    Never unpacks more than ``max_bytes``, nor more than the declared length, nor what grows more than
    ``MAX_CONTENT_RATIO`` times. Quotes escaped with a backslash are recognised and put right: in no well-formed XML
    does a backslash stand between ``=`` and a quote of the root's tag.
    """
    try:
        packed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise GatewayError("data", "22", "content is not Base64") from None
    if len(packed) < 5:
        raise GatewayError("data", "22", "content is too short")
    (length,) = struct.unpack("<I", packed[:4])
    if length > min(max_bytes, MAX_CONTENT_RATIO * len(packed)):
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
    #: Parameters of transactions 3, 7 and 8 beside the usual ones (§II.2.4; ours): name on the wire -> text.
    extra: tuple[tuple[str, str], ...] = ()

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
            **dict(self.extra),
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
    #: Our extension: the receiver's signed word (``acknowledgement``), not verified yet; None where it gives none.
    acknowledgement: bytes | None = None

    @property
    def accepted(self):
        """The receiver has the transaction; the verdict on each record comes by query."""
        return self.code in ("00", "01")

    @property
    def held_digest(self):
        """SHA-256 of the content that the receiver says it holds (our extension); None when it says nothing of it."""
        return self.response_code.lower() if _SHA256.fullmatch(self.response_code) else None

    @classmethod
    def parse(cls, answer):
        """From decoded JSON. Raises ValueError when it is no answer."""
        return cls(
            messageid=text_field(answer, "MessageId"),
            code=text_field(answer, "Error"),
            description=str(answer.get("ErrorDescription") or ""),
            response_code=str(answer.get("ResponseCode") or ""),
            response_description=str(answer.get("ResponseDescription") or ""),
            acknowledgement=_acknowledgement(answer),
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
            uuid=text_field(row, "ma_tra_cuu_uuid").lower(),
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
    #: Our extension, as in ``Answer``.
    acknowledgement: bytes | None = None

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
        return _listed(cls, answer, Verdict)


#: ``trang_thai`` of transaction 6 (§II.2.7).
RECALL_STATES = {"1": "waiting", "2": "approved", "3": "refused"}


@dataclass(frozen=True, slots=True)
class RecallVerdict:
    """The receiver's word on one recall: ``state`` is waiting, approved or refused, ``description`` why."""

    uuid: str
    state: str
    error: str
    description: str

    @classmethod
    def parse(cls, row):
        """From one row of ``data``. Raises ValueError."""
        state = str(row.get("trang_thai"))
        if state not in RECALL_STATES:
            raise ValueError(f"trang_thai {state!r}")
        return cls(
            uuid=text_field(row, "ma_tra_cuu_uuid").lower(),
            state=RECALL_STATES[state],
            error=str(row.get("error") or ""),
            description=str(row.get("error_description") or ""),
        )


@dataclass(frozen=True, slots=True)
class RecallAnswer(QueryAnswer):
    """Answer to transaction 6."""

    @classmethod
    def parse(cls, answer):
        """From decoded JSON. Raises ValueError when it is no answer."""
        return _listed(cls, answer, RecallVerdict)


@dataclass(frozen=True, slots=True)
class CertificateAnswer(QueryAnswer):
    """Answer to transaction 4. ``state``: waiting, approved or refused; None: neither."""

    serial_number: str = ""
    state: str | None = None

    @classmethod
    def parse(cls, answer):
        """From decoded JSON. Raises ValueError when it is no answer."""
        code = text_field(answer, "Error" if "Error" in answer else "error")
        stated = answer.get("trang_thai_phe_duyet")
        states = {"1": "approved", "0": "refused"}
        if code == "00" and str(stated) not in states:
            raise ValueError(f"trang_thai_phe_duyet {stated!r}")
        return cls(
            code=code,
            description=str(answer.get("ErrorDescription") or answer.get("error_description") or ""),
            serial_number=str(answer.get("serial_number") or "").lower(),
            state={"00": states.get(str(stated)), "01": "waiting"}.get(code),
        )


def _listed(kind, answer, row_kind):
    rows = answer.get("data") or []
    if not isinstance(rows, list):
        raise ValueError("data is no list")
    return kind(
        code=text_field(answer, "Error"),
        description=str(answer.get("ErrorDescription") or ""),
        verdicts=tuple(row_kind.parse(row) for row in rows),
        acknowledgement=_acknowledgement(answer),
    )


def _acknowledgement(answer):
    """What is no Base64 is no acknowledgement, and changes nothing of the answer."""
    try:
        return base64.b64decode(answer.get("xac_nhan") or "", validate=True) or None
    except (binascii.Error, ValueError, TypeError):
        return None


def text_field(mapping, key):
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
