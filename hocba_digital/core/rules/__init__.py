"""Circular 27/2020/TT-BGDĐT and the reporting calendar as pure functions."""

from . import assessment, awards, blockers, deadlines, draft, id_number, subjects
from .blockers import Issue
from .draft import HistoryDraft, RecordDraft, SubjectDraft, draft_of
