"""What follows a school year (TT 27/2020 Art. 11)."""

import _path  # noqa: F401
import pytest
from hocba_core.rules import progression


@pytest.mark.parametrize(
    ("grade", "completed", "promoted", "step"),
    [
        (1, True, True, "promoted"),
        (3, False, True, "promoted"),  # the head's decision
        (3, False, False, "repeats"),
        (3, False, None, "undecided"),  # waits for the summer
        (4, None, None, "undecided"),
        (5, True, True, "finishes"),
        (5, False, False, "repeats"),
        (5, False, None, "undecided"),
        (5, False, True, "undecided"),  # nobody moves up from grade 5 without its programme
    ],
)
def test_next_step(grade, completed, promoted, step):
    assert progression.next_step(grade, completed, promoted) == step


def test_another_grade_is_refused():
    with pytest.raises(ValueError, match="6"):
        progression.next_step(6, True, True)


@pytest.mark.parametrize(
    ("name", "grade", "after"),
    [("3A", 3, "4A"), ("Lớp 3/2", 3, "Lớp 4/2"), ("1.13", 1, "2.13"), ("Hoa Mai", 2, "Hoa Mai"), ("13", 3, "13")],
)
def test_class_names(name, grade, after):
    assert progression.next_class_name(name, grade) == after


def test_grades_and_years():
    assert progression.next_grade(3, "promoted") == 4
    assert progression.next_grade(3, "repeats") == 3
    assert progression.next_grade(5, "finishes") is None
    assert progression.next_school_year("2025-2026") == "2026-2027"
