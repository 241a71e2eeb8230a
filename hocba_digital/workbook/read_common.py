"""What reading pupils and reading results share: opening, choosing tables, cells with their findings, duplicates."""

from collections.abc import Callable
from typing import Any

from openpyxl.utils import get_column_letter

from . import cells
from .errors import Problem, WorkbookError
from .limits import Limits
from .model import Known, KnownPupil, ReadResult
from .remembered import Remembered
from .source import Book, Formula, read_book
from .table import Table, find_table, unusable
from .text import fold


def open_tables(
    data: bytes, limits: Limits, keys: dict[str, str], resolve: Callable[[list[str]], str | None]
) -> tuple[list[Table], Book]:
    """Tables of all visible sheets and the file itself. Raises WorkbookError."""
    book = read_book(data, limits)
    tables = [table for sheet in book.sheets if (table := find_table(sheet, keys, resolve))]
    for table in tables:
        count = len(table.data_rows())
        if count > limits.rows:
            raise WorkbookError("too_many_rows", count=count, limit=limits.rows)
    return tables, book


KINDS = ("pupils", "results", "staff")


def check_notes(notes: dict[str, str], kind: str, known: Known, result: ReadResult) -> None:
    """A template of ours says what it is for; a mix-up stops here, before anything is compared."""
    found = notes.get("kind")
    if found and found != kind:
        raise WorkbookError(f"wrong_kind_{found}" if found in KINDS else "no_table")
    result.class_name, result.school_year = notes.get("class"), notes.get("school_year")
    if known.school_year and result.school_year and known.school_year != result.school_year:
        raise WorkbookError("wrong_year", found=result.school_year, wanted=known.school_year)
    if known.class_name and result.class_name and fold(known.class_name) != fold(result.class_name):
        raise WorkbookError("wrong_class", found=result.class_name, wanted=known.class_name)


class RowReader:
    """Reads the cells of one row and collects what is wrong with them.

    With ``remembered`` and ``name`` the row knows the values it was exported with: a cell nobody edited is never
    wrong, and ``before`` reads the old values.
    """

    def __init__(self, table: Table, row: int, problems: list[Problem]) -> None:
        self.table, self.row, self.problems = table, row, problems
        self.failed = False
        self.before: RowReader | None = None

    def remember(self, remembered: Remembered, name: str | None) -> None:
        """Attach the old values of the row called ``name``."""
        number = remembered.row(name) if name else None
        if number is not None:
            self.before = RowReader(remembered.seen_through(self.table), number, [])

    def untouched(self, key: str) -> bool:
        """Whether the cell still holds what it was exported with."""
        before = self.before
        return bool(
            before
            and key in before.table.columns
            and self.table.cell(self.row, key) == before.table.cell(before.row, key)
        )

    def value(self, key: str, parse: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Value of the cell, None when it is empty, unreadable or its column is missing."""
        if key not in self.table.columns:
            return None
        problem = unusable(self.table, self.row, key)
        if problem:
            self.add(problem)
            return None
        value = self.table.cell(self.row, key)
        if value is None:
            return None
        try:
            return parse(value, *args, **options)
        except cells.CellValueError as error:
            if not self.untouched(key):
                self.error(error.code, key, **error.params)
            return None

    def error(self, code: str, key: str | None, /, **params: Any) -> None:
        """The row is left out because of this cell."""
        self.add(self.table.problem(code, self.row, key, **params))

    def warn(self, code: str, key: str | None, /, **params: Any) -> None:
        """Something to look at; the row goes in."""
        self.add(self.table.problem(code, self.row, key, "warn", **params))

    def add(self, problem: Problem) -> None:
        self.problems.append(problem)
        self.failed = self.failed or problem.severity == "error"


def pupil_rows(table: Table, data_keys: list[str]) -> list[int]:
    """Rows to read: those with a code or a name, and those that hold data without either.

    Rows with neither, such as the place for signatures below the table, hold nothing in a column with data that is
    short enough to be a value.
    """
    rows = []
    for number in table.data_rows():
        if any(table.cell(number, key) is not None for key in ("code", "name")) or any(
            _is_value(table.cell(number, key)) for key in data_keys
        ):
            rows.append(number)
    return rows


def _is_value(value: Any) -> bool:
    if isinstance(value, str):
        return len(value.strip()) <= 2
    return value is not None and not isinstance(value, Formula)


def check_row(reader: RowReader) -> None:
    """A row nobody sees in Excel is not read."""
    if reader.row in reader.table.sheet.hidden:
        reader.error("hidden_row", None)


def check_code(reader: RowReader, code: str | None, by_code: dict[str, KnownPupil]) -> None:
    """Say so when the code is one of ours without its leading zeros."""
    raw = reader.table.cell(reader.row, "code")
    if code and code not in by_code and isinstance(raw, int | float):
        for width in range(len(code) + 1, 13):
            if code.zfill(width) in by_code:
                reader.error("code_lost_zero", "code", value=code, expected=code.zfill(width))
                return


def mark_duplicates(found: list[tuple[RowReader, str]], code: str, key: str) -> None:
    """Every row whose value stands in another row of the file as well is left out: nobody knows which is right."""
    rows: dict[str, list[RowReader]] = {}
    for reader, value in found:
        rows.setdefault(value, []).append(reader)
    for value, readers in rows.items():
        for reader in readers if len(readers) > 1 else ():
            other = next(other for other in readers if other is not reader)
            reader.error(code, key, value=value, other=other.row)


def note_columns(result: ReadResult, tables: list[Table]) -> None:
    """Where the columns stand, for findings that are made later."""
    result.columns = column_places(tables[0])
    result.places = {table.sheet.title: column_places(table) for table in tables}


def column_places(table: Table) -> dict[str, tuple[str, str]]:
    """Key -> (letter, heading)."""
    return {key: (get_column_letter(column), table.headers[column]) for key, column in table.columns.items()}


def finish(result: ReadResult) -> ReadResult:
    """Put the findings in the order of the file."""
    order = {"fatal": 0, "error": 1, "warn": 1}
    result.problems.sort(
        key=lambda item: (
            order[item.severity],
            item.sheet or "",
            item.row or 0,
            len(item.column or ""),
            item.column or "",
        )
    )
    return result
