"""Where a pupil goes after the school year (TT 27/2020 Art. 11), and what the classes of the next year are called."""

import re

from .deadlines import school_years

PROMOTED, REPEATS, FINISHES, UNDECIDED = "promoted", "repeats", "finishes", "undecided"


def next_step(grade: int, class_completed: bool | None, promoted: bool | None) -> str:
    """What follows for a pupil of ``grade`` 1..5: promoted, repeats, finishes (primary school) or undecided.

    ``promoted`` may be True for a pupil who did not complete (the head's decision, Art. 11.1c); None: not decided, as
    before the additional assessment in summer (Art. 11.1b). Grade 5 finishes with the programme (Art. 11.2) or repeats.
    Raises ValueError for another grade.
    """
    if grade not in (1, 2, 3, 4, 5):
        raise ValueError(f"grade {grade!r} is not 1..5")
    decided = class_completed if grade == 5 else promoted
    if decided is None:
        return UNDECIDED
    if decided:
        return FINISHES if grade == 5 else PROMOTED
    # Grade 5 has no "not promoted" of its own: who did not complete waits for the decision that summer brings.
    return REPEATS if promoted is False else UNDECIDED


def next_grade(grade: int, step: str) -> int | None:
    """Grade of the next school year, None when the pupil leaves primary school or is undecided."""
    return {PROMOTED: grade + 1, REPEATS: grade}.get(step)


def next_class_name(name: str, grade: int) -> str:
    """Usual name of a class one year later: "3A" becomes "4A", "Lớp 3/2" "Lớp 4/2"; a name without its grade's
    number stays.
    """
    return re.sub(rf"(?<![0-9]){grade}(?![0-9])", str(grade + 1), name, count=1)


def next_school_year(name: str) -> str:
    """The school year after "2025-2026". Raises ValueError."""
    _first, second = school_years(name)
    return f"{second}-{second + 1}"
