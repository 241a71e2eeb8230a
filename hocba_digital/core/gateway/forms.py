"""What transactions 3 and 5 carry in ``content``: lists of recalls and registrations of certificates as XML.

CV 2088, annex 1, §II.2.4 and §II.2.6. Both are written in exclusive canonical form under one Id, so that the
organisation's signature is put into them as into a list of records (``signing.prepare_list``). Where the text is silent
this is ours: the tags from ``LY_DO`` on (why a record is recalled; that a locked one is to be amended) and the whole of
``DANG_KY_CHUNG_THU_SO``.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from xml.sax.saxutils import escape

from ..packet import (
    DEFAULT_LIMITS,
    GENDERS,
    LIST_ID,
    PacketError,
    RecordData,
    canonical,
    find_forbidden,
    safe_parse,
)

_RECALL_ROOT, _RECALL = "DANH_SACH_HOC_BA", "HOC_BA"
_REGISTRATION_ROOT = "DANG_KY_CHUNG_THU_SO"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_LONGEST = 2000
#: Value of YEU_CAU. A gateway that does not know the tag takes the request for a recall, and refuses it as locked.
AMENDMENT = "CHINH_LY"
#: A scan fits into a transaction of 10 MB, written as Base64 twice.
MAX_EVIDENCE_BYTES = 3_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """One record to be recalled (§II.2.6). ``gender`` is Nam or Nữ, ``reason`` why the school recalls it.

    ``request``: ``AMENDMENT`` where the record is locked and a new one is to supersede it (QĐ 1789, Art. 21.6), with
    ``changes`` in words and ``evidence`` (bytes of a scan, ``MAX_EVIDENCE_BYTES`` at most).
    """

    uuid: str
    pupil_name: str
    gender: str
    birth_date: date
    id_number: str | None = None
    school_name: str
    school_code: str
    school_year: str
    reason: str | None = None
    request: str | None = None
    changes: str | None = None
    evidence_name: str | None = None
    evidence: bytes | None = None

    @classmethod
    def of(cls, data: RecordData, reason: str | None) -> "Recall":
        """The recall of a record, from its packet as the receiver holds it; the reason becomes one line."""
        return cls(
            uuid=data.uuid,
            pupil_name=data.pupil_name,
            gender=GENDERS[data.gender],
            birth_date=data.birth_date,
            id_number=data.id_number,
            school_name=data.school_name,
            school_code=data.school_code,
            school_year=data.school_year,
            reason=" ".join((reason or "").split()) or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A certificate to be registered (§II.2.4). ``signature_kind`` and ``provider``: codes of the catalogues
    (REMOTE_SIGNING, USB_TOKEN; VNPT, BKAV, VIETTEL, BAN_CO_YEU); ``certificate``: DER.
    """

    unit_code: str
    serial_number: str
    valid_from: date
    signature_kind: str
    provider: str
    certificate: bytes


_RECALL_TAGS = {
    "uuid": "MA_TRA_CUU_UUID",
    "pupil_name": "HO_VA_TEN",
    "gender": "GIOI_TINH",
    "birth_date": "NGAY_SINH",
    "id_number": "SO_CCCD",
    "school_name": "TEN_TRUONG",
    "school_code": "MA_TRUONG",
    "school_year": "TEN_NAM_HOC",
    "reason": "LY_DO",
    "request": "YEU_CAU",
    "changes": "NOI_DUNG_CHINH_LY",
    "evidence_name": "TEN_MINH_CHUNG",
    "evidence": "MINH_CHUNG",
}
_REGISTRATION_TAGS = {
    "unit_code": "MA_DON_VI",
    "serial_number": "SERIAL_NUMBER",
    "valid_from": "NGAY_HIEU_LUC",
    "signature_kind": "MA_KIEU_CHU_KY",
    "provider": "NHA_PHAT_HANH",
    "certificate": "CHUNG_THU_SO",
}
_OPTIONAL = {"id_number", "reason", "request", "changes", "evidence_name", "evidence"}
_BYTES = {"certificate", "evidence"}


def build_recalls(recalls: Iterable[Recall]) -> bytes:
    """The list of transaction 5 in canonical form, not signed yet. Raises PacketError naming the field."""
    entries = [f"<{_RECALL}>{_write(recall, _RECALL_TAGS)}</{_RECALL}>" for recall in recalls]
    if not entries:
        raise PacketError("required", "nothing to recall")
    return f'<{_RECALL_ROOT} Id="{LIST_ID}">{"".join(entries)}</{_RECALL_ROOT}>'.encode()


def parse_recalls(content: bytes) -> list[Recall]:
    """The entries of transaction 5; a signature as the last child is passed over. Raises PacketError."""
    root = _root(content, _RECALL_ROOT)
    entries = [child for child in root if child.tag != _SIGNATURE]
    if not entries or any(child.tag != _RECALL for child in entries):
        raise PacketError("schema", "not a list of recalls")
    recalls = [Recall(**_read(child, _RECALL_TAGS, index)) for index, child in enumerate(entries)]
    double = next((item.uuid for index, item in enumerate(recalls) if item.uuid in _uuids(recalls[:index])), None)
    if double:
        raise PacketError("duplicate", f"{double} stands there twice", "uuid")
    return recalls


def build_registration(registration: Registration) -> bytes:
    """The ``content`` of transaction 3 in canonical form, not signed yet. Raises PacketError naming the field."""
    body = _write(registration, _REGISTRATION_TAGS)
    return f'<{_REGISTRATION_ROOT} Id="{LIST_ID}">{body}</{_REGISTRATION_ROOT}>'.encode()


def parse_registration(content: bytes) -> Registration:
    """What transaction 3 registers; a signature as the last child is passed over. Raises PacketError."""
    root = _root(content, _REGISTRATION_ROOT)
    return Registration(**_read(root, _REGISTRATION_TAGS, 0))


def _uuids(recalls) -> set[str]:
    return {item.uuid for item in recalls}


def _root(content: bytes, tag: str):
    limits = DEFAULT_LIMITS
    # Its signature is the only thing in it that goes deeper than two levels.
    root = safe_parse(
        content,
        max_bytes=limits.list_bytes,
        max_depth=limits.packet_depth,
        max_elements=limits.list_entries * (len(_RECALL_TAGS) + 1),
    )
    if root.tag != tag or root.get("Id") != LIST_ID or len(root.attrib) != 1 or canonical(root) != content:
        raise PacketError("schema", f"not {tag} in canonical form")
    if any(child.tag == _SIGNATURE for child in root[:-1]):
        raise PacketError("schema", "the signature is not the last child")
    return root


def _write(item, tags: dict[str, str]) -> str:
    parts = []
    for spec in fields(item):
        value = getattr(item, spec.name)
        if value in (None, "") and spec.name in _OPTIONAL:
            continue
        parts.append(f"<{tags[spec.name]}>{escape(_text(value, spec.name))}</{tags[spec.name]}>")
    return "".join(parts)


def _text(value, name: str) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise PacketError("required", "a value is required", name)
    bad = find_forbidden(text)
    if bad is not None:
        raise PacketError("character", f"character U+{ord(bad):04X} is not allowed", name)
    return text


def _read(element, tags: dict[str, str], index: int) -> dict:
    names = {tag: name for name, tag in tags.items()}
    values = dict.fromkeys(_OPTIONAL & tags.keys())
    order = list(tags)
    seen = -1
    for child in element:
        if child.tag == _SIGNATURE:
            continue
        name = names.get(child.tag)
        if name is None or len(child) or child.attrib or order.index(name) <= seen:
            raise PacketError("schema", f"{child.tag} in entry {index + 1}", name)
        seen = order.index(name)
        values[name] = _value(child.text or "", name)
    missing = [name for name in tags if name not in values]
    if missing:
        raise PacketError("required", f"{tags[missing[0]]} is missing in entry {index + 1}", missing[0])
    return values


def _value(text: str, name: str):
    if not text or (len(text) > _LONGEST and name not in _BYTES) or find_forbidden(text):
        raise PacketError("format", f"the text of {name}", name)
    if name in _BYTES:
        return _decoded(text, name)
    if name == "request" and text != AMENDMENT:
        raise PacketError("format", f"{text} is no request", name)
    if name in ("birth_date", "valid_from"):
        try:
            day, month, year = (int(part) for part in text.split("/"))
            return date(year, month, day)
        except ValueError:
            raise PacketError("format", f"{text} is not a date", name) from None
    return text.lower() if name == "uuid" else text


def _decoded(text: str, name: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise PacketError("format", f"the {name} is not Base64", name) from None
    if len(content) > MAX_EVIDENCE_BYTES:
        raise PacketError("size", f"the {name} is too large", name)
    return content
