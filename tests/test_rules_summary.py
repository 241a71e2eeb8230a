"""Which of the nine class summaries is for which grade and period, and what it shows (TT 27 annex 2, QĐ 2904)."""

import _path  # noqa: F401 - puts host/lib on the path
import pytest
from hocba_core.rules import subjects, summary

NUMBERS = {
    1: {"mid1": 1, "mid2": 1, "end1": 2, "year": 3},
    2: {"mid1": 1, "mid2": 1, "end1": 2, "year": 3},
    3: {"mid1": 4, "mid2": 4, "end1": 5, "year": 6},
    4: {"mid1": 7, "mid2": 7, "end1": 8, "year": 9},
    5: {"mid1": 7, "mid2": 7, "end1": 8, "year": 9},
}
#: Template -> codes in the order of the columns; those with a score in capitals with a star.
COLUMNS = {
    1: "TV TOAN NN1 DD TNXH GDTC AN MT HDTN TDT",
    2: "TV* TOAN* NN1 DD TNXH GDTC AN MT HDTN TDT",
    3: "TV* TOAN* NN1 DD TNXH GDTC AN MT HDTN TDT",
    4: "TV TOAN NN1 TH CN DD TNXH GDTC AN MT HDTN TDT",
    5: "TV* TOAN* NN1* TH* CN* DD TNXH GDTC AN MT HDTN TDT",
    6: "TV* TOAN* NN1* TH* CN* DD TNXH GDTC AN MT HDTN TDT",
    7: "TV* TOAN* NN1 LSDL KH TH CN DD GDTC AN MT HDTN TDT",
    8: "TV* TOAN* NN1* LSDL* KH* TH* CN* DD GDTC AN MT HDTN TDT",
    9: "TV* TOAN* NN1* LSDL* KH* TH* CN* DD GDTC AN MT HDTN TDT",
}
CASES = [(grade, period) for grade in NUMBERS for period in summary.PERIODS]


@pytest.mark.parametrize(("grade", "period"), CASES)
def test_template_of_grade_and_period(grade, period):
    found = summary.template(grade, period)
    assert found.number == summary.template_number(grade, period) == NUMBERS[grade][period]
    assert grade in found.grades
    assert " ".join(item.code + "*" * item.has_score for item in found.subjects) == COLUMNS[found.number]
    assert found.has_outcome == (found.number in (3, 6, 9))
    assert len(found.qualities) == 5 and len(found.general) == 3
    assert len(found.specific) == (5 if grade < 3 else 7)


@pytest.mark.parametrize(("grade", "period"), CASES)
def test_every_subject_and_test_of_the_grade_has_its_column(grade, period):
    columns = {item.code: item.has_score for item in summary.template(grade, period).subjects}
    assert subjects.required_subjects(grade) | subjects.optional_subjects(grade) <= columns.keys()
    assert all(columns[code] for code in subjects.tests(grade, period))


def test_other_grades_and_periods_are_refused():
    for grade, period in ((0, "year"), (6, "year"), (3, "may"), (3, "")):
        with pytest.raises(ValueError, match="is not"):
            summary.template(grade, period)
