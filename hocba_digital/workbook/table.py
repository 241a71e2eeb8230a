"""Finding the heading of a sheet, which may take several rows with merged cells, and what its columns mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils import get_column_letter

from .errors import Problem
from .source import CellError, Formula, Sheet
from .text import clean, fold

_SEARCHED_ROWS = 40
_HEADING_ROWS = 4
_MERGED_CELLS = 200_000  # more than a real sheet has; the rest of a hostile one is not looked at


@dataclass(slots=True)
class Table:
    """A sheet whose heading was understood. ``columns``: key -> column number from 1; ``headers``: number -> text."""

    sheet: Sheet
    top: int
    bottom: int
    columns: dict[str, int]
    headers: dict[int, str]
    problems: list[Problem] = field(default_factory=list)
    merged: dict[tuple[int, int], str] = field(default_factory=dict)

    def problem(self, code: str, row: int | None, key: str | None, severity: str = "error", /, **params) -> Problem:
        """A finding at a row and the column of a key."""
        column = self.columns.get(key) if key else None
        return Problem(
            code,
            severity,
            self.sheet.title,
            row,
            get_column_letter(column) if column else None,
            self.headers.get(column) if column else None,
            params,
        )

    def data_rows(self) -> list[int]:
        """Numbers of the rows with content below the heading."""
        return [number for number in self.sheet.rows if number > self.bottom]

    def cell(self, row: int, key: str) -> Any:
        """Value of the cell in the column of a key; None where the column or the value is missing."""
        column = self.columns.get(key)
        values = self.sheet.rows[row]
        return values[column - 1] if column and column <= len(values) else None

    def note_merges(self) -> None:
        """Remember merged cells below the heading; ranges as wide as a sheet are cut to what has content."""
        last = max(self.sheet.rows, default=0)
        widest = max(self.columns.values(), default=0)
        for left, first, right, low in self.sheet.merges[:_MERGED_CELLS]:
            if low <= self.bottom:
                continue
            name = f"{get_column_letter(left)}{first}:{get_column_letter(right)}{low}"
            for row in range(max(first, self.bottom + 1), min(low, last) + 1):
                for column in range(left, min(right, widest) + 1):
                    self.merged[row, column] = name
            if len(self.merged) > _MERGED_CELLS:
                break


def find_table(sheet: Sheet, keys: Mapping[str, str], resolve: Callable[[list[str]], str | None]) -> Table | None:
    """The table of a sheet, or None when no row looks like a heading with a pupil's code or name.

    ``keys``: folded headings that mark the heading row (code, name, ...). ``resolve``: texts above a column from top
    to bottom -> key, or None when it means nothing here; ``+part`` means "of the column to the left".
    """
    top = _heading_row(sheet, keys)
    if top is None:
        return None
    first, bottom = _heading_block(sheet, top, keys)
    paths = heading_paths(sheet, first, bottom)
    table = Table(sheet, first, bottom, {}, {column: " / ".join(path) for column, path in paths.items()})
    previous: str | None = None
    for column, path in sorted(paths.items()):
        key = resolve(path)
        if key and key.startswith("+"):
            key = f"{previous.split('.')[0]}.{key[1:]}" if previous and "." in previous else None
        previous = key
        if key is None:
            continue
        if key in table.columns:
            table.problems.append(_ambiguous(table, key, column))
        else:
            table.columns[key] = column
    table.note_merges()
    return table


def _heading_row(sheet: Sheet, keys: Mapping[str, str]) -> int | None:
    best, best_count = None, 0
    for number in list(sheet.rows)[:_SEARCHED_ROWS]:
        found = {keys.get(fold(value)) for value in sheet.rows[number] if isinstance(value, str)} - {None}
        if ("code" in found or "name" in found) and len(found) > max(best_count, 1):
            best, best_count = number, len(found)
    return best


def _heading_block(sheet: Sheet, row: int, keys: Mapping[str, str]) -> tuple[int, int]:
    """First and last row of the heading: the key row, what its cells are merged with, and rows of sub-headings."""
    anchor = next(
        index
        for index, value in enumerate(sheet.rows[row], start=1)
        if isinstance(value, str) and keys.get(fold(value)) in ("code", "name")
    )
    bottom = row
    for left, first, right, last in sheet.merges:
        if left <= anchor <= right and first == row:
            bottom = last
    while bottom == row or bottom - row < _HEADING_ROWS - 1:
        values = sheet.rows.get(bottom + 1)
        if not values or not _is_sub_heading(values, anchor):
            break
        bottom += 1
    top = row
    while top - 1 in sheet.rows and row - top < _HEADING_ROWS - 1:
        texts = {value for value in sheet.rows[top - 1] if isinstance(value, str)}
        if len(texts) < 2 or _spans_all(sheet, top - 1):
            break
        top -= 1
    return top, bottom


def _is_sub_heading(values: list[Any], anchor: int) -> bool:
    """A row below the key row that has nothing under the code or name and only texts elsewhere."""
    if anchor <= len(values) and values[anchor - 1] is not None:
        return False
    filled = [value for value in values if value is not None]
    return len(filled) > 1 and all(isinstance(value, str) and len(fold(value)) > 1 for value in filled)


def _spans_all(sheet: Sheet, row: int) -> bool:
    """Whether a row belongs to the title: a cell merged over most of the table, or an address block."""
    width = max(len(values) for values in sheet.rows.values())
    return any(
        first <= row <= last and right - left + 1 >= max(width * 0.6, 4) for left, first, right, last in sheet.merges
    )


def heading_paths(sheet: Sheet, first: int, bottom: int) -> dict[int, list[str]]:
    """Column -> different texts above it, merged cells counted for every column and row they cover."""
    cells: dict[tuple[int, int], str] = {}
    for row in range(first, bottom + 1):
        for column, value in enumerate(sheet.rows.get(row, ()), start=1):
            if isinstance(value, str):
                cells[row, column] = clean(value)
    width = max((len(values) for values in sheet.rows.values()), default=0)
    for left, top, right, low in sheet.merges[:_MERGED_CELLS]:
        if first <= top <= bottom and (top, left) in cells:
            for row in range(top, min(low, bottom) + 1):
                for column in range(left, min(right, width) + 1):
                    cells[row, column] = cells[top, left]
    paths: dict[int, list[str]] = {}
    for (_row, column), text in sorted(cells.items()):
        path = paths.setdefault(column, [])
        if not path or path[-1] != text:
            path.append(text)
    return paths


def _ambiguous(table: Table, key: str, column: int) -> Problem:
    return Problem(
        "ambiguous_header",
        "fatal",
        table.sheet.title,
        table.bottom,
        get_column_letter(column),
        table.headers[column],
        {
            "first": get_column_letter(table.columns[key]),
            "second": get_column_letter(column),
            "header": table.headers[column],
        },
    )


def unusable(table: Table, row: int, key: str) -> Problem | None:
    """Why the cell cannot be read as a value: a formula, an Excel error or part of a merged range."""
    column = table.columns[key]
    if (row, column) in table.merged:
        return table.problem("merged_cell", row, key, range=table.merged[row, column])
    value = table.cell(row, key)
    if isinstance(value, Formula):
        return table.problem("formula", row, key)
    if isinstance(value, CellError):
        return table.problem("cell_error", row, key, value=value.text)
    return None
