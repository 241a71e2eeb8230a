"""What goes into a workbook and what comes out of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectPlan:
    """A subject in one grade: whether it has a test in the period at hand.

    ``other_names``: further headings that mean it.
    """

    code: str
    name: str
    short_name: str | None = None
    has_test: bool = False
    required: bool = True
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPlan:
    """A class with its grade 1..5 and the subjects it may have results in."""

    name: str
    grade: int
    subjects: tuple[SubjectPlan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassInfo:
    """The class a workbook is made for. ``grade`` is 1..5, ``school_year`` such as 2025-2026.

    ``period``: mid1, end1, mid2 or year, for results.
    """

    name: str
    grade: int
    school_year: str
    school_name: str = ""
    homeroom_name: str = ""
    period: str = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPupil:
    """A pupil the database has. ``class_name`` is the class of this school year; ``closed``: the record is signed."""

    code: str
    name: str
    id_number: str | None = None
    birth_date: date | None = None
    class_name: str | None = None
    no_id_reason: str | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the database knows, for the checks of a file.

    ``class_name``: the class that was chosen, None when the rows say it. ``classes``: names of this year's classes;
    empty when classes cannot be checked. ``ethnicities``, ``countries``: accepted spelling -> the name or code to
    give back; empty accepts any text.
    """

    pupils: tuple[KnownPupil, ...] = ()
    class_name: str | None = None
    classes: tuple[str, ...] = ()
    school_year: str | None = None
    ethnicities: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """A former school year, or a part of this one at another school."""

    school_year: str
    class_name: str
    school_name: str
    arrived_on: date
    row: int = 0


@dataclass(slots=True, kw_only=True)
class PupilRow:
    """A pupil as the file has it. ``values`` holds only what the file states: an empty cell is not in it.

    ``before``: the values the template was made with, None when nobody knows.
    Keys: code, name, gender (male|female), birth_date, id_number, no_id_reason (foreign|waiting|other), ethnicity,
    nationality, birth_place, home_town, address, father_name, mother_name, guardian_name, register_number,
    class_name, date_from, status (present|arrived|left|dropped), status_date.
    """

    sheet: str
    row: int
    code: str
    values: dict[str, Any]
    history: list[HistoryRow] = field(default_factory=list)
    before: dict[str, Any] | None = None


@dataclass(slots=True, kw_only=True)
class SubjectValues:
    """Level (T|H|C|M), score 0..10 and comment of a subject; None where the cell is empty."""

    level: str | None = None
    score: int | None = None
    comment: str | None = None


@dataclass(slots=True)
class ResultRow:
    """Results of a pupil in one period as the file has them; an empty cell is not in ``values``.

    ``before``: the same row as it was when the template was made, None when nobody knows.

    Keys: quality_<code>, competence_<code> (T|D|C), quality_comment, general_comment, specific_comment,
    homeroom_comment, absences_excused, absences_unexcused (days), height (cm), weight (kg), class_completed and
    promoted (yes|no; promoted also summer), overall (excellent|good|completed|not_completed), award, extra_award.
    """

    sheet: str
    row: int
    code: str
    values: dict[str, Any] = field(default_factory=dict)
    subjects: dict[str, SubjectValues] = field(default_factory=dict)
    class_name: str | None = None
    before: "ResultRow | None" = None

    @property
    def unedited(self) -> bool:
        """Whether the row still says what it said when the template was made."""
        before = self.before
        return before is not None and (self.values, self.subjects) == (before.values, before.subjects)


@dataclass(slots=True, kw_only=True)
class ReadResult:
    """Good rows, all problems, and how the file was understood.

    ``layout``: own, sector or other. ``columns``: key -> (letter, header text) of the first sheet that was read;
    the key of a subject's column is ``<code>.level``, ``.score`` or ``.comment``.
    ``places``: the same by sheet. ``bad_rows``: rows left out.
    """

    kind: str
    layout: str | None = None
    rows: list = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)
    places: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    class_name: str | None = None
    school_year: str | None = None
    period: str | None = None
    bad_rows: int = 0

    def problem(self, code: str, row: Any, key: str | None, /, **params: Any) -> Problem:
        """A finding to look at, in the column of a key in one of the rows."""
        letter, header = self.places.get(row.sheet, self.columns).get(key, (None, None))
        return Problem(code, "warn", row.sheet, row.row, letter, header, params)

    @property
    def fatal(self) -> bool:
        """Whether nothing could be read."""
        return any(problem.severity == "fatal" for problem in self.problems)
