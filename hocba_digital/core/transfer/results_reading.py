"""Reading the results of a year under way from a stranger: nothing is passed over, nothing is guessed."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from ..packet import (
    COMPETENCES,
    CONDUCT_LEVELS,
    QUALITIES,
    SUBJECT_LEVELS,
    UPPER_GRADE_COMPETENCES,
    HistoryLine,
    PacketError,
    find_forbidden,
    open_sheet,
)
from .errors import TransferError
from .manifest import aware, read_school, text_of
from .results import (
    COMMENT_TAGS,
    EDUCATION_WORDS,
    GENDER_WORDS,
    MEASURE_TAGS,
    NEEDED_OF_PUPIL,
    NOT_ASSESSED,
    PERIODS,
    PUPIL_TAGS,
    ROOT,
    TRAIT_TAGS,
    DisabilityDecision,
    ExemptionDecision,
    PeriodResults,
    Results,
    SubjectResult,
    build_results,
)

MAX_RESULTS_BYTES = 512 * 1024
_MAX_ELEMENTS = 2_000
_MAX_TEXT = 4_000
_YEAR = re.compile(r"(20\d\d)-(20\d\d)")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,29}")
_CITIZEN = re.compile(r"[0-9]{12}")
_PERIOD_OF = {word: period for period, word in PERIODS.items()}
_EDUCATION_OF = {word: kind for kind, word in EDUCATION_WORDS.items()}
_GENDER_OF = {word: gender for gender, word in GENDER_WORDS.items()}
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_SIGNATURE_START = b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"'
_RANGES = {"height": (50, 220), "weight": (8, 150), "absences_excused": (0, 366), "absences_unexcused": (0, 366)}


def parse_results(content: bytes) -> Results:
    """What a document of results says; its signature is NOT verified here. Raises TransferError ``results``.

    Whatever it says has to be among the things that such a document can say, once and in its place: built again from
    what was read, it has the same bytes up to the signature.
    """
    try:
        if len(content) > MAX_RESULTS_BYTES:
            raise ValueError("too large")
        root = open_sheet(content, ROOT, max_elements=_MAX_ELEMENTS)
        if any(child.tag == _SIGNATURE for child in root[:-1]) or any(child.tail for child in root):
            raise ValueError("the signature is not the last child")
        results = _read(root)
        _check(results)
        plain = build_results(results)
    except (PacketError, AttributeError, KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise TransferError("results", str(error)) from None
    body = plain.removesuffix(f"</{ROOT}>".encode())
    if content != plain and not content.startswith(body + _SIGNATURE_START):
        raise TransferError("results", "it holds something else than results, or holds it twice")
    return results


def _read(root) -> Results:
    head, pupil = root.find("NGUOI_KY"), root.find("HOC_SINH")
    of_pupil = {name: pupil.findtext(tag) for name, tag in PUPIL_TAGS.items()}
    for name in NEEDED_OF_PUPIL:
        text_of(pupil, PUPIL_TAGS[name])
    return Results(
        made_at=aware(text_of(root, "LAP_LUC")),
        school=read_school(root.find("TRUONG")),
        school_year=text_of(root, "NAM_HOC"),
        grade=_number(text_of(root, "KHOI")),
        class_name=text_of(root, "LOP"),
        homeroom_name=root.findtext("GIAO_VIEN_CHU_NHIEM"),
        head_name=text_of(head, "HO_TEN"),
        head_title=head.findtext("CHUC_DANH"),
        head_id_number=text_of(head, "SO_CCCD"),
        **{
            **of_pupil,
            "gender": _GENDER_OF[of_pupil["gender"]],
            "birth_date": date.fromisoformat(of_pupil["birth_date"]),
        },
        history=tuple(
            HistoryLine(
                school_year=line.findtext("NAM_HOC"),
                class_name=text_of(line, "LOP"),
                school_name=text_of(line, "TRUONG"),
                arrived_on=date.fromisoformat(text_of(line, "TU_NGAY")),
            )
            for line in root.findall("QUA_TRINH")
        ),
        disability=_disability(root.find("KHUYET_TAT")),
        exemptions=tuple(_exemption(found) for found in root.findall("MIEN_HOC")),
        periods=tuple(_period(found) for found in root.findall("DANH_GIA")),
    )


def _disability(found) -> DisabilityDecision | None:
    if found is None:
        return None
    return DisabilityDecision(
        kind=_EDUCATION_OF[text_of(found, "HINH_THUC")],
        decision=text_of(found, "QUYET_DINH"),
        not_assessed=found.findtext("KHONG_DANH_GIA") == NOT_ASSESSED,
        decided_at=found.findtext("QUYET_DINH_TAI") or "",
    )


def _exemption(found) -> ExemptionDecision:
    return ExemptionDecision(
        code=text_of(found, "MA_MON_HOC"),
        name=text_of(found, "TEN_MON_HOC"),
        decided_by=text_of(found, "NGUOI_QUYET_DINH"),
        decided_on=date.fromisoformat(text_of(found, "NGAY_QUYET_DINH")),
        decision=found.findtext("QUYET_DINH"),
        decided_at=found.findtext("QUYET_DINH_TAI") or "",
    )


def _period(found) -> PeriodResults:
    values = {name: found.findtext(tag) for name, tag in (COMMENT_TAGS | MEASURE_TAGS).items()}
    for name in MEASURE_TAGS:
        if values[name] is not None:
            values[name] = _number(values[name]) if name.startswith("absences_") else Decimal(values[name])
    return PeriodResults(
        period=_PERIOD_OF[text_of(found, "KY")],
        assessed_at=found.findtext("DANH_GIA_TAI") or "",
        subjects=tuple(_subject(line) for line in found.findall("MON_HOC")),
        qualities=_traits(found, QUALITIES),
        competences=_traits(found, COMPETENCES),
        **values,
    )


def _subject(line) -> SubjectResult:
    score = line.findtext("DIEM")
    return SubjectResult(
        code=text_of(line, "MA_MON_HOC"),
        name=text_of(line, "TEN_MON_HOC"),
        level=line.findtext("MUC"),
        score=None if score is None else _number(score),
        comment=line.findtext("NHAN_XET"),
    )


def _traits(found, codes) -> tuple[tuple[str, str], ...]:
    return tuple((code, level) for code in codes if (level := found.findtext(TRAIT_TAGS[code])) is not None)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text[:20]!r} is no number")
    return int(text)


def _check(results: Results) -> None:
    year = _YEAR.fullmatch(results.school_year)
    if not year or int(year[2]) != int(year[1]) + 1 or not 1 <= results.grade <= 5:
        raise ValueError("no school year or grade of a primary school")
    if not _CITIZEN.fullmatch(results.head_id_number):
        raise ValueError("the head's citizen number has 12 digits")
    periods = [period.period for period in results.periods]
    not_assessed = results.disability and results.disability.not_assessed
    if not (periods or not_assessed) or len(set(periods)) < len(periods):
        raise ValueError("each time of assessing stands once, and there is one")
    exempt = [decision.code for decision in results.exemptions]
    if len(set(exempt)) < len(exempt) or not all(map(_CODE.fullmatch, exempt)):
        raise ValueError("a subject stands once among the exemptions, under its code")
    for text in _texts(results):
        if not text.strip() or text != text.strip() or len(text) > _MAX_TEXT or find_forbidden(text):
            raise ValueError(f"a text that cannot stand here: {text[:40]!r}")
    for period in results.periods:
        _check_period(period, results.grade)


def _check_period(period: PeriodResults, grade: int) -> None:
    codes = [line.code for line in period.subjects]
    if len(set(codes)) < len(codes) or not all(map(_CODE.fullmatch, codes)):
        raise ValueError("a subject stands once, under its code")
    for line in period.subjects:
        if line.level is None and line.score is None and not line.comment:
            raise ValueError(f"nothing is said of {line.code}")
        if line.level is not None and line.level not in SUBJECT_LEVELS:
            raise ValueError(f"{line.code}: no level {line.level[:10]!r}")
        if line.score is not None and not 0 <= line.score <= 10:
            raise ValueError(f"{line.code}: no score {line.score}")
    for code, level in (*period.qualities, *period.competences):
        if level not in CONDUCT_LEVELS or (code in UPPER_GRADE_COMPETENCES and grade < 3):
            raise ValueError(f"no level of {code}")
    if (period.absences_excused is None) != (period.absences_unexcused is None):
        raise ValueError("absences with and without leave stand together")
    for name, (low, high) in _RANGES.items():
        value = getattr(period, name)
        if value is not None and not low <= value <= high:
            raise ValueError(f"{name} is not between {low} and {high}")
    said = (period.subjects, period.qualities, period.competences, *(getattr(period, name) for name in COMMENT_TAGS))
    if not any(said) and all(getattr(period, name) is None for name in MEASURE_TAGS):
        raise ValueError("a time of assessing without any result")


def _texts(results: Results):
    own = ("class_name", "homeroom_name", "head_name", "head_title")
    given = [getattr(results, name) for name in (*own, *PUPIL_TAGS) if name not in ("gender", "birth_date")]
    given += [results.school.code, results.school.name]
    for line in results.history:
        given += [line.school_year, line.class_name, line.school_name]
    if results.disability:
        given += [results.disability.decision, results.disability.decided_at or None]
    for decision in results.exemptions:
        given += [decision.name, decision.decided_by, decision.decision, decision.decided_at or None]
    for period in results.periods:
        given += [period.assessed_at or None, *(getattr(period, name) for name in COMMENT_TAGS)]
        given += [text for line in period.subjects for text in (line.name, line.comment)]
    return [text for text in given if text is not None]
