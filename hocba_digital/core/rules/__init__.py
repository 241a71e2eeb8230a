"""Circular 27/2020/TT-BGDĐT and the reporting calendar as pure functions."""

from . import (
    assessment,
    awards,
    blockers,
    deadlines,
    difference,
    disability,
    draft,
    id_number,
    pace,
    progression,
    subjects,
    summary,
)
from .blockers import Issue
from .draft import HistoryDraft, RecordDraft, SubjectDraft, draft_of
