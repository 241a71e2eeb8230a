"""What a hand-over file says of itself, signed by the seal of the school that the pupil leaves.

Ours; no text describes the file. Sources of what it has to carry: QĐ 1789/QĐ-SGDĐT, Art. 22 (all earlier years pass to
the new school, identified by the personal ID number); plan 213, annex §2.2.
"""

from dataclasses import dataclass
from datetime import date, datetime

from ..packet import PacketError, build_sheet, element, given, leaf, open_sheet
from .errors import TransferError

_ROOT = "CHUYEN_GIAO"
_MAX_ELEMENTS = 1_000


@dataclass(frozen=True, slots=True)
class School:
    """``code``: of the sector database."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class HandedPupil:
    """As in the newest document: the results of the year under way, or else the newest packet.

    ``id_number`` is empty for a pupil who has none.
    """

    code: str
    name: str
    birth_date: date
    id_number: str = ""


@dataclass(frozen=True, slots=True)
class HandedRecord:
    """One year's packet; digests are SHA-256, hexadecimal, ``evidence`` empty where there is none."""

    uuid: str
    school_year: str
    digest: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class HandedResults:
    """The results so far of the year under way; the digest is SHA-256, hexadecimal, of the document as signed."""

    school_year: str
    digest: str


@dataclass(frozen=True, slots=True)
class Handover:
    """``number``: UUID of this hand-over; ``left_on``: the day from which the new school has the pupil.

    ``results``: None where the pupil leaves between two years, or before anything was assessed.
    """

    number: str
    made_at: datetime
    left_on: date
    source: School
    target: School
    pupil: HandedPupil
    records: tuple[HandedRecord, ...]
    results: HandedResults | None = None


def build_handover(handover: Handover) -> bytes:
    """The manifest in canonical form, not signed yet."""
    pupil = handover.pupil
    return build_sheet(
        _ROOT,
        leaf("MA_CHUYEN_GIAO", handover.number),
        leaf("LAP_LUC", handover.made_at.isoformat(timespec="seconds")),
        leaf("CHUYEN_TU_NGAY", handover.left_on.isoformat()),
        school_element("TRUONG_DI", handover.source),
        school_element("TRUONG_DEN", handover.target),
        element(
            "HOC_SINH",
            leaf("MA_HOC_SINH", pupil.code),
            leaf("HO_TEN", pupil.name),
            leaf("NGAY_SINH", pupil.birth_date.isoformat()),
            *given("SO_CCCD", pupil.id_number),
        ),
        *(_record(record) for record in handover.records),
        *([_results(handover.results)] if handover.results else []),
    )


def parse_handover(content: bytes) -> Handover:
    """What a manifest says; its signature is NOT verified here. Raises TransferError ``manifest``."""
    try:
        root = open_sheet(content, _ROOT, max_elements=_MAX_ELEMENTS)
        pupil = root.find("HOC_SINH")
        return Handover(
            number=text_of(root, "MA_CHUYEN_GIAO"),
            made_at=aware(text_of(root, "LAP_LUC")),
            left_on=date.fromisoformat(text_of(root, "CHUYEN_TU_NGAY")),
            source=read_school(root.find("TRUONG_DI")),
            target=read_school(root.find("TRUONG_DEN")),
            pupil=HandedPupil(
                code=text_of(pupil, "MA_HOC_SINH"),
                name=text_of(pupil, "HO_TEN"),
                birth_date=date.fromisoformat(text_of(pupil, "NGAY_SINH")),
                id_number=pupil.findtext("SO_CCCD") or "",
            ),
            records=tuple(
                HandedRecord(
                    text_of(record, "MA_TRA_CUU_UUID"),
                    text_of(record, "NAM_HOC"),
                    text_of(record, "DIGEST"),
                    record.findtext("CHUNG_CU") or "",
                )
                for record in root.findall("HOC_BA")
            ),
            results=_read_results(root.findall("DANG_HOC")),
        )
    except (PacketError, AttributeError, TypeError, ValueError) as error:
        raise TransferError("manifest", str(error)) from None


def school_element(tag: str, school: School) -> str:
    return element(tag, leaf("MA_TRUONG", school.code), leaf("TEN_TRUONG", school.name))


def _record(record: HandedRecord) -> str:
    return element(
        "HOC_BA",
        leaf("MA_TRA_CUU_UUID", record.uuid),
        leaf("NAM_HOC", record.school_year),
        leaf("DIGEST", record.digest),
        *given("CHUNG_CU", record.evidence),
    )


def _results(results: HandedResults) -> str:
    return element("DANG_HOC", leaf("NAM_HOC", results.school_year), leaf("DIGEST", results.digest))


def _read_results(found) -> HandedResults | None:
    if len(found) > 1:
        raise ValueError("one year is under way, not several")
    return HandedResults(text_of(found[0], "NAM_HOC"), text_of(found[0], "DIGEST")) if found else None


def read_school(found) -> School:
    return School(text_of(found, "MA_TRUONG"), text_of(found, "TEN_TRUONG"))


def text_of(found, tag: str) -> str:
    text = found.findtext(tag)
    if not text:
        raise ValueError(f"{tag} is missing")
    return text


def aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment
