"""What an outsider is shown of a packet: results and decisions. Nothing about health or the family, and no remarks, in
which teachers may write of both.

Texts are the form's own Vietnamese words (CV 2088 annex 2), whatever the language of the page around them.
"""

from dataclasses import dataclass

from ..packet import CONDUCT_LEVELS, OVERALL_RESULTS, SUBJECT_LEVELS, RecordData


@dataclass(frozen=True, slots=True)
class PublicLine:
    """A row of results; what the record does not have is empty."""

    label: str
    level: str = ""
    score: str = ""


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """The record behind the second factor; codes of the traits as in ``packet.QUALITIES`` and ``COMPETENCES``."""

    pupil_name: str
    birth_date: str
    id_number: str
    class_name: str
    school_name: str
    school_year: str
    overall: str
    class_completed: bool
    primary_completed: bool | None
    promoted: bool
    award: str
    subjects: tuple[PublicLine, ...]
    traits: tuple[tuple[str, str], ...]


def initials(name: str) -> str:
    """First letters of a name: Nguyễn Thị Ánh -> N. T. Á."""
    return " ".join(f"{word[0].upper()}." for word in name.split())


def public_record(data: RecordData) -> PublicRecord:
    """What may be shown of a packet's data."""
    return PublicRecord(
        pupil_name=data.pupil_name,
        birth_date=f"{data.birth_date:%d/%m/%Y}",
        id_number=f"•••• {data.id_number[-4:]}" if data.id_number else "",
        class_name=data.class_name,
        school_name=data.school_name,
        school_year=data.school_year,
        overall=OVERALL_RESULTS.get(data.overall, data.overall),
        class_completed=data.class_completed,
        primary_completed=data.primary_completed,
        promoted=data.promoted,
        award=" ".join(filter(None, (data.award, data.extra_award))),
        subjects=tuple(
            PublicLine(
                line.name,
                SUBJECT_LEVELS.get(line.level, line.level or ""),
                "" if line.score is None else f"{line.score}",
            )
            for line in data.subjects
        ),
        traits=tuple((code, CONDUCT_LEVELS.get(level, level)) for code, level in (*data.qualities, *data.competences)),
    )
