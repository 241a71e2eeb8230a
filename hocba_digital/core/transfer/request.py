"""What schools say to each other through the department's registry besides file and receipt: request and end of one.

Ours, like the hand-over file. The request is signed like a list by the seal of the school that asks. The end is not:
it moves nothing, and the account that sends it says whose it is.
"""

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import date, datetime

from ..packet import PacketError, RecordData, build_sheet, element, given, leaf, open_sheet
from .errors import TransferError
from .manifest import HandedPupil, School, aware, read_school, school_element, text_of

_REQUEST, _STOP = "YEU_CAU_CHUYEN_TRUONG", "DUNG_CHUYEN_TRUONG"
_MAX_ELEMENTS = 200
_MAX_REASON = 2_000


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """The school that a pupil comes to asks for the pupil's years. ``number``: UUID of the hand-over.

    ``pupil``: as the family's papers say; who has the pupil is for the registry to know. ``from_day``: the day from
    which the new school has the pupil.
    """

    number: str
    pupil: HandedPupil
    target: School
    from_day: date
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TransferStop:
    """Either school ends a hand-over that is not accepted yet; ``digest``: SHA-256 of the request that it ends."""

    number: str
    digest: str
    school: School
    reason: str
    at: datetime


def is_same_pupil(pupil: HandedPupil, data: RecordData) -> bool:
    """Whether ``pupil``, as somebody names them, is the one of this record: code, name, birth date, and its ID number.

    A pupil whose record has no ID number may have got one since.
    """
    return (
        pupil.code == data.pupil_code
        and _plain(pupil.name) == _plain(data.pupil_name)
        and pupil.birth_date == data.birth_date
        and (not data.id_number or pupil.id_number == data.id_number)
    )


def build_request(request: TransferRequest) -> bytes:
    """The request in canonical form, not signed yet."""
    pupil = request.pupil
    return build_sheet(
        _REQUEST,
        leaf("MA_CHUYEN_GIAO", request.number),
        element(
            "HOC_SINH",
            leaf("MA_HOC_SINH", pupil.code),
            leaf("HO_TEN", pupil.name),
            leaf("NGAY_SINH", pupil.birth_date.isoformat()),
            *given("SO_CCCD", pupil.id_number),
        ),
        school_element("TRUONG_DEN", request.target),
        leaf("CHUYEN_TU_NGAY", request.from_day.isoformat()),
        leaf("LY_DO", " ".join(request.reason.split())),
        leaf("LUC", request.at.isoformat(timespec="seconds")),
    )


def parse_request(content: bytes) -> TransferRequest:
    """What a request says; its signature is NOT verified here. Raises TransferError ``request``."""
    try:
        root = open_sheet(content, _REQUEST, max_elements=_MAX_ELEMENTS)
        pupil = root.find("HOC_SINH")
        return TransferRequest(
            number=_number(root),
            pupil=HandedPupil(
                code=text_of(pupil, "MA_HOC_SINH"),
                name=text_of(pupil, "HO_TEN"),
                birth_date=date.fromisoformat(text_of(pupil, "NGAY_SINH")),
                id_number=pupil.findtext("SO_CCCD") or "",
            ),
            target=read_school(root.find("TRUONG_DEN")),
            from_day=date.fromisoformat(text_of(root, "CHUYEN_TU_NGAY")),
            reason=_reason(root),
            at=aware(text_of(root, "LUC")),
        )
    except (PacketError, AttributeError, TypeError, ValueError) as error:
        raise TransferError("request", str(error)) from None


def build_stop(stop: TransferStop) -> bytes:
    """The end of a hand-over in canonical form."""
    return build_sheet(
        _STOP,
        leaf("MA_CHUYEN_GIAO", stop.number),
        leaf("DIGEST", stop.digest),
        school_element("TRUONG", stop.school),
        leaf("LY_DO", " ".join(stop.reason.split())),
        leaf("LUC", stop.at.isoformat(timespec="seconds")),
    )


def parse_stop(content: bytes) -> TransferStop:
    """What ends a hand-over. Raises TransferError ``request``."""
    try:
        root = open_sheet(content, _STOP, max_elements=_MAX_ELEMENTS)
        return TransferStop(
            number=_number(root),
            digest=text_of(root, "DIGEST"),
            school=read_school(root.find("TRUONG")),
            reason=_reason(root),
            at=aware(text_of(root, "LUC")),
        )
    except (PacketError, AttributeError, TypeError, ValueError) as error:
        raise TransferError("request", str(error)) from None


def _number(root) -> str:
    text = text_of(root, "MA_CHUYEN_GIAO")
    if str(uuid.UUID(text)) != text:
        raise ValueError("the number is no UUID in its usual form")
    return text


def _reason(root) -> str:
    text = text_of(root, "LY_DO")
    if len(text) > _MAX_REASON:
        raise ValueError("the reason is too long")
    return text


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
