"""The neutral data of one school record: what every profile writes and reads, free of tags and formats."""

import re
import unicodedata
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

# Vietnam keeps one offset all year; a fixed one needs no time zone database on the verifying machine.
VIETNAM_TIME = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

GENERAL_COMPETENCES = ("autonomy", "communication", "problem_solving")
SPECIFIC_COMPETENCES = ("language", "computation", "science", "technology", "informatics", "aesthetics", "physical")
COMPETENCES = GENERAL_COMPETENCES + SPECIFIC_COMPETENCES
# Technology and informatics are taught from grade 3 on (programme of TT 32/2018; optional tags in CV 2088).
UPPER_GRADE_COMPETENCES = ("technology", "informatics")
QUALITIES = ("patriotism", "compassion", "diligence", "honesty", "responsibility")

SUBJECT_LEVELS = {"T": "Hoàn thành tốt", "H": "Hoàn thành", "C": "Chưa hoàn thành", "M": "Miễn"}
CONDUCT_LEVELS = {"T": "Tốt", "D": "Đạt", "C": "Cần cố gắng"}
OVERALL_RESULTS = {
    "excellent": "Hoàn thành xuất sắc",
    "good": "Hoàn thành tốt",
    "completed": "Hoàn thành",
    "not_completed": "Chưa hoàn thành",
}
GENDERS = {"male": "Nam", "female": "Nữ"}
#: How a record made from paper says so in words.
DIGITISED_NOTE = "Số hóa từ học bạ giấy"

# Control characters, line and paragraph separators, byte order mark, zero-width and bidirectional controls,
# surrogates and non-characters: none is part of a name or a remark, several make a text look other than it is.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff\ufdd0-\ufdef]"
)
_BREAKS = re.compile(r"[\t\n\x0b\x0c\r\x85\u2028\u2029 ]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One line of "Quá trình học tập": where the pupil was from ``arrived_on`` on."""

    class_name: str
    school_name: str
    arrived_on: date
    school_year: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectLine:
    """One subject at year end: level T, H, C or M (exempt); score 0..10 of the last test, where there is one."""

    code: str
    name: str
    level: str
    score: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordData:
    """One pupil's record of one school year (CV 2088 annex 1.1).

    Weight in kg, height in cm, absences in half-day sessions (buổi). ``created_at`` is time-zone aware.
    ``competences`` and ``qualities`` are pairs (code, T|D|C) in the order of ``COMPETENCES`` and ``QUALITIES``.
    ``digitised``: True for a year taken over from a paper record (QĐ 1789, Art. 22.3a and 39; TRICH_LUC of the national
    schema), else None.
    """

    uuid: str
    school_year: str
    authority_code: str
    authority_name: str
    school_code: str
    school_name: str
    commune: str
    district: str | None = None
    province: str
    register_number: str
    pupil_name: str
    pupil_code: str
    gender: str
    birth_date: date
    id_number: str | None = None
    weight: Decimal
    height: Decimal
    absences_excused: int
    absences_unexcused: int
    birth_place: str
    home_town: str
    address: str
    ethnicity: str
    nationality: str
    father: str | None = None
    mother: str
    guardian: str | None = None
    head_name: str
    head_id_number: str
    head_title: str
    issue_place: str
    created_at: datetime
    issued_on: date
    homeroom_name: str | None = None
    homeroom_id_number: str | None = None
    grade: int
    class_name: str
    history: tuple[HistoryLine, ...]
    overall: str
    promoted: bool
    class_completed: bool
    primary_completed: bool | None = None
    completion_text: str | None = None
    award: str | None = None
    extra_award: str | None = None
    homeroom_comment: str
    subjects: tuple[SubjectLine, ...]
    competences: tuple[tuple[str, str], ...]
    qualities: tuple[tuple[str, str], ...]
    quality_comment: str
    general_competence_comment: str
    specific_competence_comment: str
    digitised: bool | None = None


def find_forbidden(text: str) -> str | None:
    """The first character that no field may hold, or None."""
    # Printable text holds none of them, and that check is many times faster than the search.
    hit = None if text.isprintable() else _FORBIDDEN.search(text)
    return hit.group() if hit else None


def clean_text(text: str | None) -> str | None:
    """Text as a form or a workbook gives it, made fit for a record: NFC, one line, no invisible characters.

    Line breaks, tabs and runs of blanks become one blank; zero-width and control characters disappear. Empty
    becomes None. Meant for the moment of typing or import, never for a packet.
    """
    if not text:
        return None
    one_line = _BREAKS.sub(" ", text)
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", one_line)).strip() or None


def normalise(data: RecordData) -> RecordData:
    """The record as a packet gives it back: NFC, no outer blanks, empty text None, whole seconds at +07:00,
    competences and qualities in the order of the form. Values that no packet can hold stay as they are.
    """
    changes = {spec.name: _normal(getattr(data, spec.name)) for spec in fields(data)}
    changes["history"] = tuple(_normal_line(line) for line in data.history)
    changes["subjects"] = tuple(_normal_line(line) for line in data.subjects)
    changes["competences"] = _in_order(data.competences, COMPETENCES)
    changes["qualities"] = _in_order(data.qualities, QUALITIES)
    return replace(data, **changes)


def _normal(value):
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip() or None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(VIETNAM_TIME).replace(microsecond=0)
    return value


def _normal_line(line):
    return replace(line, **{spec.name: _normal(getattr(line, spec.name)) for spec in fields(line)})


def _in_order(pairs, order) -> tuple[tuple[str, str], ...]:
    rank = {code: index for index, code in enumerate(order)}
    return tuple(sorted((tuple(pair) for pair in pairs), key=lambda pair: rank.get(pair[0], len(order))))
