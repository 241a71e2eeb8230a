"""Excel workbooks of a school: templates, reading, errors by sheet, row and column. Free of Odoo.

Loaded as ``odoo.addons.hocba_digital.workbook`` inside Odoo and as ``hocba_workbook`` outside, so every import in
here is relative. openpyxl reads the values; formulas, macros and links are never evaluated or followed.
"""

from .errors import Problem, WorkbookError
from .limits import DEFAULT_LIMITS, Limits
from .messages import MESSAGES, english, message
from .model import (
    ClassInfo,
    HistoryRow,
    Known,
    KnownPupil,
    PupilRow,
    ReadResult,
    ResultRow,
    SubjectPlan,
    SubjectValues,
)
from .read_pupils import read_pupils
from .read_results import read_results
from .sector import sector_pupils_workbook, sector_results_workbook
from .write_pupils import pupils_workbook
from .write_results import results_workbook

__all__ = [
    "DEFAULT_LIMITS",
    "MESSAGES",
    "ClassInfo",
    "HistoryRow",
    "Known",
    "KnownPupil",
    "Limits",
    "Problem",
    "PupilRow",
    "ReadResult",
    "ResultRow",
    "SubjectPlan",
    "SubjectValues",
    "WorkbookError",
    "english",
    "message",
    "pupils_workbook",
    "read_pupils",
    "read_results",
    "results_workbook",
    "sector_pupils_workbook",
    "sector_results_workbook",
]
