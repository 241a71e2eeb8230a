"""The nine class summaries "Bảng tổng hợp kết quả đánh giá giáo dục của lớp" (TT 27/2020 annex 2): which and what.

Columns after the annex with the split of Tin học và Công nghệ of QĐ 2904/QĐ-BGDĐT (2022).
"""

from dataclasses import dataclass

from ..packet.data import GENERAL_COMPETENCES, QUALITIES, SPECIFIC_COMPETENCES
from . import subjects

PERIODS = ("mid1", "end1", "mid2", "year")
#: First grade of each group of three templates: 1-3 for grades 1 and 2, 4-6 for grade 3, 7-9 for grades 4 and 5.
_GROUPS = ((1, (1, 2)), (4, (3,)), (7, (4, 5)))
_STEPS = {"mid1": 0, "mid2": 0, "end1": 1, "year": 2}


@dataclass(frozen=True, slots=True)
class SubjectColumn:
    """A subject's column: one cell for the level, and one for the score where the template has a test."""

    code: str
    has_score: bool


@dataclass(frozen=True, slots=True)
class SummaryTemplate:
    """What one of the nine templates shows. ``number``: 1..9 (mẫu). ``grades``: the grades it is for.

    ``has_outcome``: the cross columns of item 4 of the guide (overall result, awards, not promoted) are there.
    """

    number: int
    grades: tuple[int, ...]
    period: str
    subjects: tuple[SubjectColumn, ...]
    qualities: tuple[str, ...]
    general: tuple[str, ...]
    specific: tuple[str, ...]
    has_outcome: bool


def template_number(grade: int, period: str) -> int:
    """Number 1..9 of the template for a grade and period (guide of annex 2, items 1, 2 and 4).

    Raises ValueError for a grade other than 1..5 or a period other than mid1, end1, mid2, year.
    """
    if period not in PERIODS:
        raise ValueError(f"{period!r} is not mid1, end1, mid2 or year")
    for first, grades in _GROUPS:
        if grade in grades:
            return first + _STEPS[period]
    raise ValueError(f"grade {grade!r} is not 1..5")


def template(grade: int, period: str) -> SummaryTemplate:
    """The template for a grade and period. Raises ValueError as :func:`template_number`."""
    number = template_number(grade, period)
    grades = next(grades for _first, grades in _GROUPS if grade in grades)
    shown = frozenset().union(*(subjects.required_subjects(item) | subjects.optional_subjects(item) for item in grades))
    tested = frozenset().union(*(subjects.tests(item, period) for item in grades))
    assessed = subjects.competences(grade)
    return SummaryTemplate(
        number=number,
        grades=grades,
        period=period,
        subjects=tuple(SubjectColumn(code, code in tested) for code in subjects.ALL if code in shown),
        qualities=QUALITIES,
        general=GENERAL_COMPETENCES,
        specific=tuple(code for code in SPECIFIC_COMPETENCES if code in assessed),
        has_outcome=period == "year",
    )
