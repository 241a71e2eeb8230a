"""The school as plain data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who works at the school. ``role``: head, clerk, homeroom or subject."""

    login: str
    name: str
    id_number: str
    gender: str
    birth_year: int
    title: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A subject in one grade."""

    code: str
    name: str
    has_test: bool
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A former school year, or a part of this one at another school."""

    school_year: str
    class_name: str
    school_name: str
    arrived_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectResult:
    """Level T|H|C|M, score 0..10 where tested, comment."""

    level: str
    score: int | None
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Year-end results. ``promoted``: yes, or None while the decision is open; ``overall`` as TT 27 Art. 9.2a."""

    subjects: dict[str, SubjectResult]
    qualities: dict[str, str]
    competences: dict[str, str]
    quality_comment: str
    general_comment: str
    specific_comment: str
    homeroom_comment: str
    absences_excused: int
    absences_unexcused: int
    height: float
    weight: float
    overall: str
    class_completed: str | None
    promoted: str | None
    award: str | None
    extra_award: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilData:
    """A pupil with identity, history and results. ``tags`` names what is unusual about this one."""

    code: str
    name: str
    gender: str
    birth_date: date
    id_number: str | None
    no_id_reason: str | None
    birth_place: str
    home_town: str
    address: str
    ethnicity: str
    nationality: str
    father_name: str | None
    mother_name: str
    guardian_name: str | None
    register_number: str
    date_from: date
    history: tuple[Enrolled, ...]
    results: Results
    tags: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class SchoolClass:
    """A class. Its pupils are made when they are asked for, so that a very large school costs no memory."""

    name: str
    grade: int
    homeroom: Person
    assignments: dict[str, Person]
    subjects: tuple[Subject, ...]
    size: int
    make_pupils: Any = field(repr=False)

    def fresh_pupils(self) -> tuple[PupilData, ...]:
        """The pupils, made anew and not kept."""
        return self.make_pupils(self)

    @cached_property
    def pupils(self) -> tuple[PupilData, ...]:
        """The pupils, made once and kept with the class."""
        return self.make_pupils(self)


@dataclass(frozen=True, kw_only=True)
class School:
    """A school in one school year."""

    name: str
    school_code: str
    authority_code: str
    authority_name: str
    commune: str
    province: str
    issue_place: str
    street: str
    phone: str
    school_year: str
    head: Person
    clerk: Person
    teachers: tuple[Person, ...]
    classes: tuple[SchoolClass, ...]
    seed: int

    @property
    def people(self) -> tuple[Person, ...]:
        """Everyone with a login: head, clerk, homeroom and subject teachers."""
        return (self.head, self.clerk, *self.teachers)

    @property
    def pupil_count(self) -> int:
        """How many pupils there are, without making them."""
        return sum(school_class.size for school_class in self.classes)

    def pupils(self) -> Iterator[tuple[SchoolClass, PupilData]]:
        """All pupils with their class, not kept in memory."""
        for school_class in self.classes:
            for pupil in school_class.fresh_pupils():
                yield school_class, pupil

    def find(self, tag: str) -> list[PupilData]:
        """Pupils that carry a tag: long_name, one_word_name, ethnic_minority, foreign, no_id, mid_year, repeater,
        summer, twin, exempt.
        """
        return [pupil for _class, pupil in self.pupils() if tag in pupil.tags]
