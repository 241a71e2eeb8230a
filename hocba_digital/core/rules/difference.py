"""What two versions of a record say differently, entry by entry."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from ..packet import RecordData, normalise
from .draft import RecordDraft

#: What stays true of the person and of the year, and is therefore compared with the school's data after signing.
#: Address, guardian, school, head and homeroom teacher were what they were on the day of signing: not compared.
LASTING = (
    *("pupil_name", "pupil_code", "id_number", "gender", "birth_date", "birth_place", "home_town"),
    *("ethnicity", "nationality", "father", "mother", "register_number"),
    *("school_year", "grade", "class_name", "history"),
    *("weight", "height", "absences_excused", "absences_unexcused"),
    *("subjects", "qualities", "quality_comment", "competences"),
    *("general_competence_comment", "specific_competence_comment", "homeroom_comment"),
    *("overall", "class_completed", "promoted", "primary_completed", "award", "extra_award"),
)
_SUBJECT_PARTS = ("level", "score", "comment")


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry. ``field`` as in ``blockers.Issue``: ``mother``, ``subjects.TV.score``, ``competences.language``."""

    field: str
    before: Any
    after: Any


def differences(before: RecordData, after: RecordData, names: Iterable[str] | None = None) -> list[Difference]:
    """Entries in which ``after`` differs, in the order of the form; ``names`` limits them to some attributes.

    Subjects are matched by code, else by name; a subject that is in one version only differs in its level. Uuid and
    time of creation are never compared.
    """
    before, after = normalise(before), normalise(after)
    wanted = set(names) if names is not None else {spec.name for spec in fields(RecordData)} - {"uuid", "created_at"}
    found = []
    for spec in fields(RecordData):
        if spec.name not in wanted:
            continue
        old, new = getattr(before, spec.name), getattr(after, spec.name)
        if spec.name == "subjects":
            found += _of_subjects(old, new)
        elif spec.name in ("qualities", "competences"):
            found += _of_levels(spec.name, dict(old), dict(new))
        elif old != new:
            found.append(Difference(spec.name, old, new))
    return found


def from_source(signed: RecordData, live: RecordDraft, prepare=None) -> list[Difference]:
    """What the school's data say differently now from what was signed: the lasting entries only.

    A school keeps the name it had when a year was signed: in the history, lines of the same year, class and day are
    compared without the school's name when ``live`` marks them as its own (``school_name`` equal to its present one).
    ``prepare`` (RecordData -> RecordData) brings the live data into the shape of a strict packet, for a packet that
    carries the subjects' remarks in the homeroom teacher's.
    """
    current = live.to_data()
    if prepare is not None and not any(line.comment for line in signed.subjects):
        current = prepare(current)
    kept = {(line.school_year, line.class_name, line.arrived_on): line.school_name for line in signed.history}
    history = tuple(
        replace(line, school_name=kept.get((line.school_year, line.class_name, line.arrived_on), line.school_name))
        if line.school_name == current.school_name
        else line
        for line in current.history
    )
    return differences(signed, replace(current, history=history), LASTING)


def _of_subjects(old, new):
    by_code, by_name = {line.code: line for line in new}, {line.name: line for line in new}
    matched = []
    for line in old:
        other = by_code.get(line.code) or by_name.get(line.name)
        matched.append(other)
        for part in _SUBJECT_PARTS if other else ("level",):
            value, now = getattr(line, part), getattr(other, part) if other else None
            if value != now:
                yield Difference(f"subjects.{line.code}.{part}", value, now)
    for line in new:
        if line not in matched:
            yield Difference(f"subjects.{line.code}.level", None, line.level)


def _of_levels(name, old, new):
    for code in dict.fromkeys((*old, *new)):
        if old.get(code) != new.get(code):
            yield Difference(f"{name}.{code}", old.get(code), new.get(code))
