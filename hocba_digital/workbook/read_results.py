"""Reading results: our template for one class or several, the sector database's table, tables of other software."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from . import cells, headings
from .errors import Problem, WorkbookError
from .limits import DEFAULT_LIMITS, Limits
from .model import ClassPlan, Known, KnownPupil, ReadResult, ResultRow, SubjectPlan, SubjectValues
from .read_common import (
    RowReader,
    check_code,
    check_notes,
    check_row,
    finish,
    mark_duplicates,
    note_columns,
    open_tables,
    pupil_rows,
)
from .remembered import Remembered
from .result_headings import Headings
from .table import Table
from .text import fold

COMMENT_LIMIT = 1000
YEAR_END = ("class_completed", "promoted", "overall", "award", "extra_award")
_COMMENTS = ("quality_comment", "general_comment", "specific_comment", "homeroom_comment")
_PARTS = ("level", "score", "comment")


@dataclass(slots=True)
class _Context:
    """What the rows of a file are compared with."""

    classes: tuple[ClassPlan, ...]
    known: Known
    period: str = "year"
    remembered: Remembered = field(default_factory=lambda: Remembered(None))
    by_code: dict[str, KnownPupil] = field(default_factory=dict)
    by_class: dict[str, ClassPlan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_code = {pupil.code: pupil for pupil in self.known.pupils}
        self.by_class = {fold(plan.name): plan for plan in self.classes}

    def plan(self, code: str | None) -> ClassPlan | None:
        """Of the pupil's class; a class without a name holds for every row."""
        if len(self.classes) == 1 and not self.classes[0].name:
            return self.classes[0]
        pupil = self.by_code.get(code)
        return self.by_class.get(fold(pupil.class_name or "")) if pupil else None

    def headings(self) -> Headings:
        """Meaning of the headings in all the classes together."""
        subjects = {plan.code: plan for line in self.classes for plan in line.subjects}
        return Headings(max((line.grade for line in self.classes), default=5), tuple(subjects.values()))


def read_results(
    data: bytes,
    grade: int,
    subjects: Iterable[SubjectPlan],
    known: Known | None = None,
    limits: Limits = DEFAULT_LIMITS,
    period: str | None = None,
) -> ReadResult:
    """Read the results of one class: rows of ResultRow without errors, and every finding.

    ``grade`` 1..5 and its ``subjects`` decide which columns may hold something. Columns are found by heading in any
    order, in one to four heading rows. Never raises for a bad file: the finding is fatal.
    """
    plan = ClassPlan(name="", grade=grade, subjects=tuple(subjects))
    return read_results_of(data, (plan,), known, limits, period)


def read_results_of(
    data: bytes,
    classes: Iterable[ClassPlan],
    known: Known | None = None,
    limits: Limits = DEFAULT_LIMITS,
    period: str | None = None,
) -> ReadResult:
    """Read the results of several classes, on one sheet or many: a row belongs to the class its pupil is in.

    ``period`` (mid1, end1, mid2, year) is that of the results; a template of ours that says another is refused.
    """
    result = ReadResult(kind="results")
    context = _Context(tuple(classes), known or Known())
    try:
        tables, book = open_tables(data, limits, headings.RESULT_FIELDS, context.headings().resolve)
        check_notes(book.notes, "results", context.known, result)
        result.period = book.notes.get("period") or period or "year"
        if period and result.period != period:
            raise WorkbookError("wrong_period", found=PERIOD_WORDS.get(result.period, "?"), wanted=PERIOD_WORDS[period])
        context.remembered = Remembered(book.remembered)
        if not tables:
            raise WorkbookError("no_table")
        tables = [table for table in tables if _result_keys(table)]
        if not tables:
            raise WorkbookError("wrong_kind_pupils")
        result.layout = "own" if book.notes else ("sector" if tables[0].bottom > tables[0].top else "other")
        _read(tables, context, result)
    except WorkbookError as error:
        result.problems.append(error.problem)
        result.rows.clear()
    return finish(result)


def read_result_tables(tables: list[Table], classes: Iterable[ClassPlan], known: Known, period: str) -> ReadResult:
    """Read tables whose columns somebody has already assigned to the keys of results."""
    result = ReadResult(kind="results", layout="other", period=period)
    try:
        _read(tables, _Context(tuple(classes), known), result)
    except WorkbookError as error:
        result.problems.append(error.problem)
        result.rows.clear()
    return finish(result)


PERIOD_WORDS = {
    "mid1": "giữa học kì I",
    "end1": "cuối học kì I",
    "mid2": "giữa học kì II",
    "year": "cuối năm học",
}


def looks_like_results(data: bytes, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Whether a workbook holds results of pupils: a heading with at least three subjects or traits."""
    tables, _book = open_tables(data, limits, headings.RESULT_FIELDS, Headings(4, ()).resolve)
    return any(
        sum("." in key or key.startswith(("quality_", "competence_")) for key in table.columns) > 2 for table in tables
    )


def _read(tables: list[Table], context: _Context, result: ReadResult) -> None:
    context.period = result.period
    note_columns(result, tables)
    readers: list[tuple[RowReader, ResultRow]] = []
    for table in tables:
        readers += _read_table(table, context, result.problems)
    if result.fatal:
        result.rows.clear()
        return
    if not readers:
        raise WorkbookError("no_rows")
    mark_duplicates([(reader, row.code) for reader, row in readers if row.code], "duplicate_row", "code")
    result.rows = [row for reader, row in readers if not reader.failed]
    result.bad_rows = sum(reader.failed for reader, _row in readers)


def _result_keys(table: Table) -> list[str]:
    return [key for key in table.columns if "." in key or key not in headings.COMMON.values()]


def _read_table(table: Table, context: _Context, problems: list[Problem]) -> list[tuple[RowReader, ResultRow]]:
    problems += table.problems
    if "code" not in table.columns:
        params = {"header": "Mã học sinh"}
        problems.append(Problem("missing_column", "fatal", table.sheet.title, table.top, params=params))
    if any(problem.severity == "fatal" for problem in problems):
        return []
    values = [key for key in _result_keys(table) if not key.endswith("comment")]
    found = []
    for number in pupil_rows(table, values):
        reader = RowReader(table, number, problems)
        found.append((reader, _read_row(reader, context)))
    return found


def _read_row(reader: RowReader, context: _Context) -> ResultRow:
    check_row(reader)
    code = reader.value("code", cells.pupil_code)
    reader.remember(context.remembered, code)
    class_name = reader.value("class_name", cells.text, 100)
    row = ResultRow(reader.table.sheet.title, reader.row, code or "", class_name=class_name)
    plan = context.plan(code)
    if plan:
        row.values = _values(reader, plan.grade, context.period)
        row.subjects = _subjects(reader, plan)
        if reader.before:
            row.before = ResultRow(
                row.sheet,
                row.row,
                row.code,
                values=_values(reader.before, plan.grade, context.period),
                subjects=_subjects(reader.before, plan),
            )
    _check_pupil(reader, row, context)
    if plan is None and not reader.failed:
        pupil = context.by_code[row.code]
        if pupil.class_name:
            reader.error("no_permission", "code", class_name=pupil.class_name)
        else:
            reader.error("no_class", "code", name=pupil.name)
    return row


def _check_pupil(reader: RowReader, row: ResultRow, context: _Context) -> None:
    name = reader.value("name", cells.text, 150)
    known = context.known
    if not row.code:
        if not reader.failed:
            reader.error("missing_code" if name else "row_without_pupil", "code")
        return
    check_code(reader, row.code, context.by_code)
    pupil = context.by_code.get(row.code)
    if pupil is None:
        if (known.pupils or context.plan(row.code) is None) and not reader.failed:
            _unknown(reader, row.code, name, known)
        return
    if name and fold(name) != fold(pupil.name):
        reader.error("name_mismatch", "name", code=row.code, known=pupil.name, value=cells.shown(name))
    born = reader.value("birth_date", cells.day)
    if born and pupil.birth_date and born != pupil.birth_date:
        reader.warn("birth_date_mismatch", "birth_date", known=pupil.birth_date.strftime("%d/%m/%Y"))
    wanted = _wanted_class(row, context)
    if wanted and fold(pupil.class_name or "") != fold(wanted):
        found = pupil.class_name or "–"
        reader.error("not_in_class", "code", name=pupil.name, wanted=wanted, found=found)
    elif pupil.closed and context.period == "year" and not row.unedited:
        reader.error("record_closed", "code", name=pupil.name)


def _wanted_class(row: ResultRow, context: _Context) -> str | None:
    """The class that was chosen, or the one the row names in the spelling of the school."""
    stated = context.by_class.get(fold(row.class_name or "")) if row.class_name else None
    return context.known.class_name or (stated.name if stated else None)


def _unknown(reader: RowReader, code: str, name: str | None, known: Known) -> None:
    same_name = [pupil.code for pupil in known.pupils if name and fold(pupil.name) == fold(name)]
    if len(same_name) == 1:
        reader.error("unknown_code_suggest", "code", value=code, suggestion=same_name[0])
    else:
        reader.error("unknown_code", "code", value=code)


def _values(reader: RowReader, grade: int, period: str) -> dict:
    traits = headings.competences(grade)
    values = {
        f"quality_{code}": reader.value(f"quality_{code}", cells.level, trait=True) for code in headings.QUALITIES
    }
    for code in headings.COMPETENCES:
        key = f"competence_{code}"
        if code in traits:
            values[key] = reader.value(key, cells.level, trait=True)
        elif reader.table.cell(reader.row, key) is not None:
            reader.warn("trait_not_in_grade", key, grade=grade)
    values |= {key: reader.value(key, cells.paragraph, COMMENT_LIMIT) for key in _COMMENTS}
    values |= {key: reader.value(key, cells.whole) for key in ("absences_excused", "absences_unexcused")}
    values["height"] = reader.value("height", cells.measure, 50, 220)
    values["weight"] = reader.value("weight", cells.measure, 8, 150)
    if period == "year":
        values["class_completed"] = reader.value("class_completed", cells.mark)
        values["promoted"] = reader.value("promoted", cells.mark, summer=True)
        values["overall"] = reader.value("overall", cells.overall)
        values |= {key: reader.value(key, cells.text, COMMENT_LIMIT) for key in ("award", "extra_award")}
    else:
        for key in YEAR_END:
            if reader.table.cell(reader.row, key) is not None:
                reader.warn("not_in_period", key)
    return {key: value for key, value in values.items() if value is not None}


def _subjects(reader: RowReader, class_plan: ClassPlan) -> dict[str, SubjectValues]:
    found = {}
    grade = class_plan.grade
    plans = {plan.code: plan for plan in class_plan.subjects}
    codes = dict.fromkeys(key.split(".")[0] for key in reader.table.columns if "." in key)
    for code in codes:
        plan = plans.get(code)
        if plan is None:
            _check_empty(reader, code, grade)
            continue
        values = SubjectValues(
            level=reader.value(f"{code}.level", cells.level),
            score=reader.value(f"{code}.score", cells.score),
            comment=reader.value(f"{code}.comment", cells.paragraph, COMMENT_LIMIT),
        )
        if values.score is not None and not plan.has_test:
            reader.error("score_without_test", f"{code}.score", subject=plan.name, grade=grade)
        elif values.score is not None and values.level == "M":
            reader.error("score_exempt", f"{code}.score", subject=plan.name)
        if values != SubjectValues():
            found[code] = values
    return found


def _check_empty(reader: RowReader, code: str, grade: int) -> None:
    """The sector database's tables have columns for subjects that the grade does not have."""
    for part in _PARTS:
        if reader.table.cell(reader.row, f"{code}.{part}") is not None:
            subject = headings.SUBJECT_LABELS.get(code, code)
            reader.warn("subject_not_in_grade", f"{code}.{part}", subject=subject, grade=grade)
