"""The values a template was made with, kept in a hidden sheet, so that a reader can tell what was edited since."""

from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook

from . import style
from .source import REMEMBERED_TITLE, Sheet
from .table import Table


def remember(book: Workbook, rows: Iterable[tuple[str, Mapping[str, Any]]], keys: Iterable[str]) -> None:
    """Add the hidden sheet: first row the keys of the columns, then one row per (name of the row, values by key)."""
    keys = list(keys)
    sheet = book.create_sheet(REMEMBERED_TITLE)
    for column, key in enumerate(keys, start=2):
        style.put(sheet, 1, column, key)
    for number, (name, values) in enumerate(rows, start=2):
        style.put(sheet, number, 1, name)
        for column, key in enumerate(keys, start=2):
            if values.get(key) is not None:
                style.put(sheet, number, column, values[key], style.GENERAL)
    sheet.sheet_state = "veryHidden"


class Remembered:
    """The hidden sheet as a table; empty for files that are no template of ours."""

    def __init__(self, sheet: Sheet | None) -> None:
        self.table: Table | None = None
        self._views: dict[int, Table] = {}
        self.rows: dict[str, int] = {}
        if sheet is None or 1 not in sheet.rows:
            return
        columns = {key: column for column, key in enumerate(sheet.rows[1], start=1) if isinstance(key, str)}
        self.table = Table(sheet, 1, 1, columns, {})
        self.rows = {
            str(values[0]): number for number, values in sheet.rows.items() if number > 1 and values[0] is not None
        }

    def seen_through(self, table: Table) -> Table:
        """The old values of the columns that the edited table still has: a column that was removed says nothing."""
        view = self._views.get(id(table))
        if view is None:
            columns = {key: column for key, column in self.table.columns.items() if key in table.columns}
            view = self._views[id(table)] = Table(self.table.sheet, 1, 1, columns, {})
        return view

    def row(self, name: str) -> int | None:
        """Number of the row with the old values, None when there are none."""
        return self.rows.get(name)
