"""A record that is not finished: what the blockers look at and what becomes ``RecordData`` when none is left."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from ..packet.data import HistoryLine, RecordData, SubjectLine


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectDraft:
    """A subject line with gaps."""

    code: str | None = None
    name: str | None = None
    level: str | None = None
    score: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDraft:
    """A history line with gaps."""

    class_name: str | None = None
    school_name: str | None = None
    arrived_on: date | None = None
    school_year: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDraft:
    """The attributes of ``RecordData``, each possibly missing, and what the rules need besides.

    ``tested_subjects`` and ``required_subjects`` are subject codes; None: the official table for the grade.
    ``no_id_reason``: the legal reason why a pupil has no ID number. ``overall_computed``: result of
    ``assessment.overall_result``; ``overall_manual_reason``: why ``overall`` differs from it. ``not_assessed``: the
    school decided that the pupil, who has a disability, is not assessed. ``exempt_subjects``: codes that a decision
    exempts the pupil from; None: nobody asks for the decision. ``completion_reason``: why ``class_completed`` does not
    follow from ``overall``. ``decided_titles``: kinds of titles that the head decided on; None: nobody asks.
    """

    uuid: str | None = None
    school_year: str | None = None
    authority_code: str | None = None
    authority_name: str | None = None
    school_code: str | None = None
    school_name: str | None = None
    commune: str | None = None
    district: str | None = None
    province: str | None = None
    register_number: str | None = None
    pupil_name: str | None = None
    pupil_code: str | None = None
    gender: str | None = None
    birth_date: date | None = None
    id_number: str | None = None
    weight: Decimal | None = None
    height: Decimal | None = None
    absences_excused: int | None = None
    absences_unexcused: int | None = None
    birth_place: str | None = None
    home_town: str | None = None
    address: str | None = None
    ethnicity: str | None = None
    nationality: str | None = None
    father: str | None = None
    mother: str | None = None
    guardian: str | None = None
    head_name: str | None = None
    head_id_number: str | None = None
    head_title: str | None = None
    issue_place: str | None = None
    created_at: datetime | None = None
    issued_on: date | None = None
    homeroom_name: str | None = None
    homeroom_id_number: str | None = None
    grade: int | None = None
    class_name: str | None = None
    history: tuple[HistoryLine | HistoryDraft, ...] = ()
    overall: str | None = None
    promoted: bool | None = None
    class_completed: bool | None = None
    primary_completed: bool | None = None
    completion_text: str | None = None
    award: str | None = None
    extra_award: str | None = None
    homeroom_comment: str | None = None
    subjects: tuple[SubjectLine | SubjectDraft, ...] = ()
    competences: tuple[tuple[str, str | None], ...] = ()
    qualities: tuple[tuple[str, str | None], ...] = ()
    quality_comment: str | None = None
    general_competence_comment: str | None = None
    specific_competence_comment: str | None = None
    digitised: bool | None = None
    tested_subjects: Collection[str] | None = None
    required_subjects: Collection[str] | None = None
    no_id_reason: str | None = None
    overall_computed: str | None = None
    overall_manual_reason: str | None = None
    not_assessed: bool = False
    exempt_subjects: Collection[str] | None = None
    completion_reason: str | None = None
    decided_titles: Collection[str] | None = None

    def to_data(self) -> RecordData:
        """The record as neutral data, subjects without a level and levels not given left out. Nothing is checked:
        ``blockers.find`` does that, and ``build_data`` refuses what it cannot write.
        """
        values = {spec.name: getattr(self, spec.name) for spec in fields(RecordData)}
        values["subjects"] = tuple(_filled(line, SubjectLine) for line in self.subjects if line.level)
        values["history"] = tuple(_filled(line, HistoryLine) for line in self.history)
        values["competences"] = tuple((code, level) for code, level in self.competences if level)
        values["qualities"] = tuple((code, level) for code, level in self.qualities if level)
        return RecordData(**values)


def draft_of(data: RecordData, **more) -> RecordDraft:
    """A draft with the values of a finished record; ``more`` replaces or adds attributes."""
    return RecordDraft(**{**{spec.name: getattr(data, spec.name) for spec in fields(RecordData)}, **more})


def _filled(line, kind):
    return kind(**{spec.name: getattr(line, spec.name) for spec in fields(kind)})
