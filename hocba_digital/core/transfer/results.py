"""The results so far of a school year under way, which a pupil who leaves within the year takes along.

Ours; no text describes the document. QĐ 1789/QĐ-SGDĐT, Art. 22.2 and 22.3b: the old school confirms them, the new one
goes on from them and issues the record of the year. The head signs the document; the school's seal covers it by its
digest in the manifest of the hand-over, as a manifest of ETSI EN 319 162-1 (ASiC-E) covers the files of a container.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ..packet import COMPETENCES, QUALITIES, HistoryLine, build_sheet, element, given, leaf
from .manifest import School, school_element

ROOT = "KET_QUA_DANG_HOC"
#: The times of assessing that come before the end of the year (TT 27/2020, Art. 7.2b), as the document names them.
PERIODS = {"mid1": "GIUA_KY_1", "end1": "CUOI_KY_1", "mid2": "GIUA_KY_2"}
#: Attribute -> tag, with the names of CV 2088 where it has one.
PUPIL_TAGS = {
    "pupil_code": "MA_HOC_SINH",
    "pupil_name": "HO_TEN",
    "gender": "GIOI_TINH",
    "birth_date": "NGAY_SINH",
    "id_number": "SO_CCCD",
    "birth_place": "NOI_SINH",
    "home_town": "QUE_QUAN",
    "address": "CHO_O_HIEN_NAY",
    "ethnicity": "DAN_TOC",
    "nationality": "QUOC_TICH",
    "father": "HO_TEN_CHA",
    "mother": "HO_TEN_ME",
    "guardian": "HO_TEN_NGUOI_GIAM_HO",
}
NEEDED_OF_PUPIL = ("pupil_code", "pupil_name", "gender", "birth_date")
TRAIT_TAGS = {
    **{code: f"PHAM_CHAT_{name}" for code, name in zip(
        QUALITIES, ("YEU_NUOC", "NHAN_AI", "CHAM_CHI", "TRUNG_THUC", "TRACH_NHIEM"), strict=True
    )},
    **{code: f"NANG_LUC_{name}" for code, name in zip(
        COMPETENCES,
        (
            "TU_CHU_TU_HOC",
            "GIAO_TIEP_HOC_TAC",
            "GIAI_QUYET_VAN_DE_SANG_TAO",
            "NGON_NGU",
            "TINH_TOAN",
            "KHOA_HOC",
            "CONG_NGHE",
            "TIN_HOC",
            "THAM_MI",
            "THE_CHAT",
        ),
        strict=True,
    )},
}  # fmt: skip
COMMENT_TAGS = {
    "quality_comment": "NHAN_XET_PHAM_CHAT",
    "general_competence_comment": "NHAN_XET_NANG_LUC_CHUNG",
    "specific_competence_comment": "NHAN_XET_NANG_LUC_DAC_THU",
    "homeroom_comment": "NHAN_XET_GVCN",
}
MEASURE_TAGS = {
    "absences_excused": "SO_BUOI_NGHI_CO_PHEP",
    "absences_unexcused": "SO_BUOI_NGHI_KHONG_PHEP",
    "height": "CHIEU_CAO",
    "weight": "CAN_NANG",
}
GENDER_WORDS = {"male": "NAM", "female": "NU"}
#: How a pupil with a disability is taught (TT 27/2020, Art. 8), as the document names it.
EDUCATION_WORDS = {
    "inclusive": "HOA_NHAP",
    "individual": "KE_HOACH_CA_NHAN",
    "special": "CHUYEN_BIET",
    "class": "LOP_KHUYET_TAT",
}
#: ``KHONG_DANH_GIA`` says this or is not there.
NOT_ASSESSED = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectResult:
    """``code``: of the subject as a record carries it; level T, H, C or M, score 0 to 10; at least one entry."""

    code: str
    name: str
    level: str | None = None
    score: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodResults:
    """What was stated at one time of assessing; None where nothing was.

    ``assessed_at``: name of the school, empty for the one that hands over. ``qualities``, ``competences``: pairs
    (code, T|D|C) in the order of the form. Absences in half-day sessions, height in cm, weight in kg.
    """

    period: str
    assessed_at: str = ""
    subjects: tuple[SubjectResult, ...] = ()
    qualities: tuple[tuple[str, str], ...] = ()
    competences: tuple[tuple[str, str], ...] = ()
    quality_comment: str | None = None
    general_competence_comment: str | None = None
    specific_competence_comment: str | None = None
    homeroom_comment: str | None = None
    absences_excused: int | None = None
    absences_unexcused: int | None = None
    height: Decimal | None = None
    weight: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptionDecision:
    """A subject that the pupil is excused from for the year (level M). The reason, which may speak of health, stays.

    ``decided_at``: name of the school, empty for the one that hands over; ``decision``: number of the document.
    """

    code: str
    name: str
    decided_by: str
    decided_on: date
    decision: str | None = None
    decided_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabilityDecision:
    """How a pupil with a disability is taught this year (``EDUCATION_WORDS``), and whether without being assessed.

    ``decision``: number of the decision or plan; ``decided_at`` as above.
    """

    kind: str
    decision: str
    not_assessed: bool = False
    decided_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The document. Of the pupil it says what a record says, by the same names as ``packet.RecordData``.

    ``made_at``: aware. ``head_id_number``: citizen number of the head who signs. ``history``: the career up to now,
    with the year under way. ``disability``, ``exemptions``: decisions of this year that the assessment follows from.
    ``periods``: none only where the pupil is not assessed by decision.
    """

    made_at: datetime
    school: School
    school_year: str
    grade: int
    class_name: str
    homeroom_name: str | None = None
    head_name: str
    head_title: str | None = None
    head_id_number: str
    pupil_code: str
    pupil_name: str
    gender: str
    birth_date: date
    id_number: str | None = None
    birth_place: str | None = None
    home_town: str | None = None
    address: str | None = None
    ethnicity: str | None = None
    nationality: str | None = None
    father: str | None = None
    mother: str | None = None
    guardian: str | None = None
    history: tuple[HistoryLine, ...]
    disability: DisabilityDecision | None = None
    exemptions: tuple[ExemptionDecision, ...] = ()
    periods: tuple[PeriodResults, ...]


def build_results(results: Results) -> bytes:
    """The document in canonical form, not signed yet. Nothing is checked here: ``parse_results`` does."""
    return build_sheet(
        ROOT,
        leaf("LAP_LUC", results.made_at.isoformat(timespec="seconds")),
        school_element("TRUONG", results.school),
        leaf("NAM_HOC", results.school_year),
        leaf("KHOI", str(results.grade)),
        leaf("LOP", results.class_name),
        *given("GIAO_VIEN_CHU_NHIEM", results.homeroom_name),
        element(
            "NGUOI_KY",
            leaf("HO_TEN", results.head_name),
            *given("CHUC_DANH", results.head_title),
            leaf("SO_CCCD", results.head_id_number),
        ),
        element("HOC_SINH", *(text for name in PUPIL_TAGS for text in _of_pupil(results, name))),
        *(_history(line) for line in results.history),
        *([_disability(results.disability)] if results.disability else []),
        *(_exemption(decision) for decision in results.exemptions),
        *(_period(period) for period in results.periods),
    )


def _of_pupil(results: Results, name: str) -> list[str]:
    value = getattr(results, name)
    if name == "gender":
        value = GENDER_WORDS[value]
    return given(PUPIL_TAGS[name], value)


def _history(line: HistoryLine) -> str:
    return element(
        "QUA_TRINH",
        *given("NAM_HOC", line.school_year),
        leaf("LOP", line.class_name),
        leaf("TRUONG", line.school_name),
        leaf("TU_NGAY", line.arrived_on.isoformat()),
    )


def _disability(decision: DisabilityDecision) -> str:
    return element(
        "KHUYET_TAT",
        leaf("HINH_THUC", EDUCATION_WORDS[decision.kind]),
        *given("KHONG_DANH_GIA", NOT_ASSESSED if decision.not_assessed else None),
        leaf("QUYET_DINH", decision.decision),
        *given("QUYET_DINH_TAI", decision.decided_at),
    )


def _exemption(decision: ExemptionDecision) -> str:
    return element(
        "MIEN_HOC",
        leaf("MA_MON_HOC", decision.code),
        leaf("TEN_MON_HOC", decision.name),
        leaf("NGUOI_QUYET_DINH", decision.decided_by),
        leaf("NGAY_QUYET_DINH", decision.decided_on.isoformat()),
        *given("QUYET_DINH", decision.decision),
        *given("QUYET_DINH_TAI", decision.decided_at),
    )


def _period(period: PeriodResults) -> str:
    return element(
        "DANH_GIA",
        leaf("KY", PERIODS[period.period]),
        *given("DANH_GIA_TAI", period.assessed_at),
        *(_subject(line) for line in period.subjects),
        *(leaf(TRAIT_TAGS[code], level) for code, level in (*period.qualities, *period.competences)),
        *(text for name, tag in COMMENT_TAGS.items() for text in given(tag, getattr(period, name))),
        *(text for name, tag in MEASURE_TAGS.items() for text in given(tag, getattr(period, name))),
    )


def _subject(line: SubjectResult) -> str:
    return element(
        "MON_HOC",
        leaf("MA_MON_HOC", line.code),
        leaf("TEN_MON_HOC", line.name),
        *given("MUC", line.level),
        *given("DIEM", line.score),
        *given("NHAN_XET", line.comment),
    )
