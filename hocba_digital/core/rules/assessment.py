"""Year-end assessment by Circular 27/2020/TT-BGDĐT as pure functions."""

from collections.abc import Collection, Mapping

RESULTS = ("not_completed", "completed", "good", "excellent")  # from the lowest to the highest
PASSING = frozenset({"completed", "good", "excellent"})


def overall_result(
    levels: Mapping[str, str | None],
    scores: Mapping[str, int | None],
    qualities: Mapping[str, str | None],
    competences: Mapping[str, str | None],
    *,
    tested: Collection[str],
    required: Collection[str] = (),
) -> str | None:
    """Overall result of the year (Art. 9.2a): excellent, good, completed, not_completed; None while incomplete.

    ``levels`` and ``scores``: subject code -> T|H|C|M and 0..10 of the last year-end test. ``qualities`` and
    ``competences``: code -> T|D|C for every one that is assessed. ``tested``: subjects with a year-end test in this
    grade (Art. 7.1b). ``required``: subjects that must have a level. Exempt (M) subjects and optional subjects
    without a level count neither with their level nor with a score. Raises ValueError on a value outside its scale.
    """
    _check_scales(levels, scores, (qualities, competences))
    counted = {code: level for code, level in levels.items() if level in ("T", "H", "C")}
    if any(levels.get(code) is None for code in required) or not counted:
        return None
    conduct = [*qualities.values(), *competences.values()]
    if not conduct or None in conduct:
        return None
    marks = [scores.get(code) for code in counted if code in tested]
    if None in marks:
        return None
    lowest = min(marks, default=10)
    if set(counted.values()) == {"T"} and set(conduct) == {"T"} and lowest >= 7:
        return "excellent" if lowest >= 9 else "good"
    if "C" not in counted.values() and "C" not in conduct and lowest >= 5:
        return "completed"
    return "not_completed"


def class_completion(overall: str | None) -> bool | None:
    """Whether the pupil is certified to have completed the year's programme (Art. 11.1a); None while unknown.

    After a supplementary assessment (Art. 11.1b) the overall result is assessed again and this follows it.
    """
    return None if overall is None else overall in PASSING


def promotion(overall: str | None, head_decision: bool | None = None) -> bool | None:
    """Whether the pupil moves up (Art. 11). Completed programme: yes (11.1a). Otherwise the head decides (11.1c).

    None means undecided: the result is missing, or not completed and the head has not decided yet.
    """
    return promotion_of(class_completion(overall), head_decision)


def promotion_of(completed: bool | None, head_decision: bool | None = None, *, not_assessed: bool = False):
    """The same from the fact of completion. ``not_assessed``: nothing but the head's decision can say (Art. 8)."""
    if completed is None:
        return head_decision if not_assessed else None
    return True if completed else head_decision


def promotion_state(
    completed: bool | None,
    head_decision: bool | None,
    *,
    not_assessed: bool = False,
    open_items: int = 0,
    done_items: int = 0,
) -> str | None:
    """Where the decision on a pupil stands (Art. 11.1): completed; to_plan (help and a supplementary assessment are
    still to be planned, 11.1b), summer (they are under way), to_decide (the head is to decide, 11.1c), decided; None
    while the year's result is missing. ``open_items``, ``done_items``: supplementary assessments of the pupil.
    """
    if completed:
        return "completed"
    if completed is None and not not_assessed:
        return None
    if open_items:
        return "summer"
    if head_decision is not None:
        return "decided"
    return "to_decide" if done_items or not_assessed else "to_plan"


def decision_problem(grade: int, completed: bool | None, promote: bool, *, open_items: int = 0) -> str | None:
    """Why the head cannot decide so: completed (11.1a leaves no choice), open (a supplementary assessment is not
    finished, 11.1b), grade_5 (only who completed leaves primary school, 11.2); None: it may be decided.
    """
    if completed:
        return "completed"
    if open_items:
        return "open"
    return "grade_5" if grade == 5 and promote else None


def shortcomings(
    levels: Mapping[str, str | None],
    scores: Mapping[str, int | None],
    conduct: Mapping[str, str | None],
    *,
    tested: Collection[str],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What keeps a pupil from completing, as (subject codes, qualities and competences), each in the order given: level
    C, or a last test below 5 (Art. 9.2a). These are what the supplementary assessment of Art. 11.1b looks at.
    """
    weak = [
        code
        for code, level in levels.items()
        if level == "C" or (level in ("T", "H") and code in tested and (scores.get(code) or 0) < 5)
    ]
    return tuple(weak), tuple(code for code, level in conduct.items() if level == "C")


def primary_completion(grade: int, class_completed: bool | None) -> bool | None:
    """Whether primary school is completed (Art. 11.2): only grade 5 can say; None for the other grades."""
    return class_completed if grade == 5 else None


def completion_text(grade: int, class_completed: bool, promoted: bool) -> str:
    """The words of item 6 of the form (guide of annex 1, item 6), in the official Vietnamese."""
    if grade == 5:
        return f"{'Hoàn' if class_completed else 'Chưa hoàn'} thành chương trình tiểu học."
    first = f"{'Hoàn' if class_completed else 'Chưa hoàn'} thành chương trình lớp {grade}"
    second = f"{'Được' if promoted else 'Chưa được'} lên lớp {grade + 1}"
    return f"{first}; {second}."


def _check_scales(levels, scores, conduct) -> None:
    for code, level in levels.items():
        if level not in (None, "T", "H", "C", "M"):
            raise ValueError(f"level {level!r} of {code} is not T, H, C or M")
    for code, score in scores.items():
        whole = isinstance(score, int) and not isinstance(score, bool)
        if score is not None and not (whole and 0 <= score <= 10):
            raise ValueError(f"score {score!r} of {code} is not a whole number 0..10")
    for table in conduct:
        for code, level in table.items():
            if level not in (None, "T", "D", "C"):
                raise ValueError(f"level {level!r} of {code} is not T, D or C")
