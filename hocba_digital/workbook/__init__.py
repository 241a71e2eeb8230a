"""Excel workbooks of a school: templates, reading, errors by sheet, row and column. Free of Odoo.

Loaded as ``odoo.addons.hocba_digital.workbook`` inside Odoo and as ``hocba_workbook`` outside, so every import in
here is relative. openpyxl reads the values; formulas, macros and links are never evaluated or followed.
"""

from openpyxl.utils import get_column_letter as column_letter

from .cells import shown
from .errors import Problem, WorkbookError
from .fields import CHOICES, Field, guesser, pupil_fields, result_fields, staff_fields, understood
from .foreign import (
    DATE_ORDERS,
    Column,
    ColumnMapping,
    columns_of,
    distinct_values,
    find_pupils,
    guess_heading,
    open_file,
    shown_value,
    signature,
    table_of,
)
from .headings import SUBJECT_NAMES
from .limits import DEFAULT_LIMITS, Limits
from .merge import Decision, decide
from .messages import MESSAGES, english, message
from .model import (
    ClassInfo,
    ClassPlan,
    HistoryRow,
    Known,
    KnownPupil,
    PupilRow,
    ReadResult,
    ResultRow,
    SubjectPlan,
    SubjectValues,
)
from .read_pupils import read_pupil_tables, read_pupils
from .read_results import PERIOD_WORDS, read_result_tables, read_results, read_results_of
from .sector import sector_pupils_workbook, sector_results_workbook
from .source import notes_of
from .staff import StaffClass, StaffRow, Teacher, read_staff, read_staff_tables, staff_workbook
from .write_pupils import pupils_workbook
from .write_results import ClassResults, results_workbook, results_workbook_of

__all__ = [
    "CHOICES",
    "DATE_ORDERS",
    "DEFAULT_LIMITS",
    "MESSAGES",
    "PERIOD_WORDS",
    "SUBJECT_NAMES",
    "ClassInfo",
    "ClassPlan",
    "ClassResults",
    "Column",
    "ColumnMapping",
    "Decision",
    "Field",
    "HistoryRow",
    "Known",
    "KnownPupil",
    "Limits",
    "Problem",
    "PupilRow",
    "ReadResult",
    "ResultRow",
    "StaffClass",
    "StaffRow",
    "SubjectPlan",
    "SubjectValues",
    "Teacher",
    "WorkbookError",
    "column_letter",
    "columns_of",
    "decide",
    "distinct_values",
    "english",
    "find_pupils",
    "guess_heading",
    "guesser",
    "message",
    "notes_of",
    "open_file",
    "pupil_fields",
    "pupils_workbook",
    "read_pupil_tables",
    "read_pupils",
    "read_result_tables",
    "read_results",
    "read_results_of",
    "read_staff",
    "read_staff_tables",
    "result_fields",
    "results_workbook",
    "results_workbook_of",
    "sector_pupils_workbook",
    "sector_results_workbook",
    "shown",
    "shown_value",
    "signature",
    "staff_fields",
    "staff_workbook",
    "table_of",
    "understood",
]
