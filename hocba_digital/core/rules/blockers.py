"""What keeps a record from being signed, and what a person should look at before signing."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..packet import UPPER_GRADE_COMPETENCES, Profile, default_profile
from . import assessment, awards, deadlines, id_number, subjects
from .draft import RecordDraft

# Issue codes that find() can give, with their severity where the code alone decides it.
BLOCKING = (
    *("required", "character", "too_long", "format", "choice", "range", "type", "duplicate", "unknown_code"),
    *("subject_missing", "level_missing", "score_missing", "id_missing"),
    *("not_assessed", "exempt_undecided", "overall_reason", "completion_contradiction", "promotion_contradiction"),
    *("primary_missing", "primary_contradiction", "primary_grade"),
)
WARNING = (
    *("id_format", "id_province", "id_gender", "id_century", "id_birth_year", "age"),
    *("score_unexpected", "score_below_level", "score_above_level", "subject_comment_missing"),
    *(
        "completion_contradiction",
        "award_undecided",
        "competence_grade",
        "completion_text_missing",
        "award_contradiction",
        "weight_implausible",
        "height_implausible",
    ),
)


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding. ``field`` is an attribute of the draft such as ``mother``, ``subjects.TV.score`` or
    ``competences.language``; ``params`` are the values for the translated sentence.
    """

    code: str
    severity: str
    field: str
    params: dict[str, Any] = field(default_factory=dict)


def find(draft: RecordDraft, profile: Profile | None = None) -> list[Issue]:
    """All issues of a draft: first those that block, then the warnings, each in the order of the form.

    Blocking is what the packet cannot carry or the law does not allow; everything that may be true although it
    looks wrong warns. Without ``profile`` the default one is asked what it needs.
    """
    profile = profile or default_profile()
    found = list(_of_format(draft, profile))
    known = {(issue.code, issue.field) for issue in found}
    for check in (_identity, _grade_of_subjects, _conduct, _result, _completion, _remarks, _measures):
        for issue in check(draft):
            if (issue.code, issue.field) not in known:
                known.add((issue.code, issue.field))
                found.append(issue)
    if draft.not_assessed:
        found = _of_not_assessed(found, profile)
    return sorted(found, key=lambda issue: issue.severity != "block")


def blocking(issues: list[Issue]) -> list[Issue]:
    """Those that keep the record from being signed."""
    return [issue for issue in issues if issue.severity == "block"]


def _of_not_assessed(found: list[Issue], profile: Profile) -> list[Issue]:
    """Nobody owes levels and a result to a pupil who is not assessed. A format that demands them all the same cannot
    carry the record: that is said once, and nothing is made up to fill the tags.
    """
    left = [issue for issue in found if issue.field.partition(".")[0] not in _ASSESSED]
    return left if profile.carries_not_assessed else [_block("not_assessed", "not_assessed"), *left]


#: Attributes that an assessment fills.
_ASSESSED = frozenset({"overall", "subjects", "competences", "qualities"})


def _block(code, name, **params) -> Issue:
    return Issue(code, "block", name, params)


def _warn(code, name, **params) -> Issue:
    return Issue(code, "warn", name, params)


def _of_format(draft: RecordDraft, profile: Profile) -> Iterator[Issue]:
    # Lines without a level are not written; missing levels are reported by subject below.
    written = tuple(line for line in draft.subjects if line.level)
    for problem in profile.problems(replace(draft, subjects=written)):
        name = problem.field or ""
        if name.startswith("subjects[") and "." in name:
            index, attribute = name[len("subjects[") :].split("].", 1)
            name = f"subjects.{written[int(index)].code or index}.{attribute}"
        yield _block(problem.code, name, detail=problem.message)


def _identity(draft: RecordDraft) -> Iterator[Issue]:
    if not draft.id_number and not draft.no_id_reason:
        yield _block("id_missing", "id_number")
    if id_number.is_well_formed(draft.id_number):
        for code in id_number.warnings(draft.id_number, birth_date=draft.birth_date, gender=draft.gender):
            yield _warn(code, "id_number", number=draft.id_number)
    # A head's and a teacher's birth dates are not in the record: only the province can be looked at.
    for name in ("head_id_number", "homeroom_id_number"):
        number = getattr(draft, name)
        if id_number.is_well_formed(number) and id_number.warnings(number):
            yield _warn("id_province", name, number=number)
    yield from _age(draft)


def _age(draft: RecordDraft) -> Iterator[Issue]:
    """Grade 1 starts in the year of the sixth birthday, up to three years late (charter of primary schools, TT
    28/2020/TT-BGDĐT Art. 33); a repeated year adds one.
    """
    try:
        start, _end = deadlines.school_years(draft.school_year)
    except ValueError:
        return
    if draft.birth_date is None or draft.grade not in subjects.GRADES:
        return
    age = start - draft.birth_date.year
    usual = 5 + draft.grade
    if not usual <= age <= usual + 4:
        yield _warn("age", "birth_date", age=age, usual=usual, grade=draft.grade)


def _grade_of_subjects(draft: RecordDraft) -> Iterator[Issue]:
    lines = {line.code: line for line in draft.subjects if line.code}
    tested, required = draft.tested_subjects, draft.required_subjects
    official = draft.grade in subjects.GRADES
    if required is None:
        required = subjects.required_subjects(draft.grade) if official else ()
    if tested is None:
        tested = subjects.year_end_tests(draft.grade) if official else ()
    for code in sorted(required, key=_row):
        if code not in lines:
            yield _block("subject_missing", f"subjects.{code}", subject=code)
        elif not lines[code].level:
            yield _block("level_missing", f"subjects.{code}.level", subject=lines[code].name or code)
    for code, line in lines.items():
        yield from _subject(line, f"subjects.{code}.score", code in tested)
        if line.level == "M" and draft.exempt_subjects is not None and code not in draft.exempt_subjects:
            yield _block("exempt_undecided", f"subjects.{code}.level", subject=line.name or code)


def _subject(line, name: str, tested: bool) -> Iterator[Issue]:
    params = {"subject": line.name or line.code, "level": line.level, "score": line.score}
    if line.score is None:
        if tested and line.level in ("T", "H", "C"):
            yield _block("score_missing", name, **params)
        return
    if not tested or line.level == "M" or not line.level:
        yield _warn("score_unexpected", name, **params)
    elif not isinstance(line.score, int):
        return
    # The level comes from the year's work, the score from one test (Art. 7.1a, 7.1d): neither follows from the other.
    # A pair that disagrees is legal but unusual, and Art. 7.1d offers another test.
    elif line.level in ("T", "H") and line.score < 5:
        yield _warn("score_below_level", name, **params)
    elif line.level == "C" and line.score >= 5:
        yield _warn("score_above_level", name, **params)


def _conduct(draft: RecordDraft) -> Iterator[Issue]:
    given = {code for code, level in draft.competences or () if level}
    for code in UPPER_GRADE_COMPETENCES:
        if draft.grade in (3, 4, 5) and code not in given:
            yield _block("required", f"competences.{code}")
        elif draft.grade in (1, 2) and code in given:
            yield _warn("competence_grade", f"competences.{code}", grade=draft.grade)


def _result(draft: RecordDraft) -> Iterator[Issue]:
    computed = draft.overall_computed
    reason = (draft.overall_manual_reason or "").strip()
    if draft.overall and computed and draft.overall != computed and not reason:
        yield _block("overall_reason", "overall", overall=draft.overall, computed=computed)
    if draft.overall and awards.contradicts(draft.award, draft.overall):
        yield _warn("award_contradiction", "award", award=draft.award, overall=draft.overall)
    if draft.decided_titles is not None and awards.titles_in(draft.award) - set(draft.decided_titles):
        yield _warn("award_undecided", "award", award=draft.award)


def _completion(draft: RecordDraft) -> Iterator[Issue]:
    expected = assessment.class_completion(draft.overall)
    completed = draft.class_completed
    if None not in (expected, completed) and expected != completed:
        # The school may have a reason, such as an individual education plan that was fulfilled (Art. 8.1).
        say = _warn if (draft.completion_reason or "").strip() else _block
        yield say("completion_contradiction", "class_completed", overall=draft.overall, completed=completed)
    if completed and draft.promoted is False:
        yield _block("promotion_contradiction", "promoted")
    if draft.grade == 5 and completed is not None:
        if draft.primary_completed is None:
            yield _block("primary_missing", "primary_completed")
        elif draft.primary_completed != completed:
            yield _block("primary_contradiction", "primary_completed", completed=completed)
    elif draft.grade in (1, 2, 3, 4) and draft.primary_completed is not None:
        yield _block("primary_grade", "primary_completed", grade=draft.grade)
    if not (draft.completion_text or "").strip():
        yield _warn("completion_text_missing", "completion_text")


def _remarks(draft: RecordDraft) -> Iterator[Issue]:
    # One remark may stand for several subjects of a teacher (annex 2 of CV 2088), so a gap only warns.
    silent = [line.name or line.code for line in draft.subjects if line.level in ("T", "H", "C") and not line.comment]
    if silent:
        yield _warn("subject_comment_missing", "subjects", subjects=silent)


def _measures(draft: RecordDraft) -> Iterator[Issue]:
    for name, low, high in (("weight", 10, 120), ("height", 80, 200)):
        value = getattr(draft, name)
        if value is not None and not low <= value <= high:
            yield _warn(f"{name}_implausible", name, value=value, low=low, high=high)


def _row(code: str) -> tuple[int, str]:
    return (subjects.ALL.index(code) if code in subjects.ALL else len(subjects.ALL), code)
