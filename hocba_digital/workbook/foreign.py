"""Files of other software: opened in any of the usual formats, and turned into tables that the readers here take."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from openpyxl.utils import get_column_letter

from . import cells
from .delimited import read_delimited
from .errors import Problem, WorkbookError
from .limits import DEFAULT_LIMITS, Limits
from .model import KnownPupil
from .old_excel import read_old_excel
from .source import CellError, Formula, Sheet, read_book
from .table import Table, heading_paths
from .text import clean, fold

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SEARCHED_ROWS = 40
_SAMPLES = 4
_DISTINCT = 300
_DATE = re.compile(r"(\d{1,4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{1,4})(?:[ T]+\d{1,2}:\d\d(?::\d\d)?)?")
#: Order of day, month and year in a text.
DATE_ORDERS = {"dmy": (0, 1, 2), "mdy": (1, 0, 2), "ymd": (2, 1, 0)}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the file has it: number from 1, the texts above it from top to bottom, first different values."""

    number: int
    path: tuple[str, ...]
    samples: tuple[str, ...]

    @property
    def letter(self) -> str:
        """As the spreadsheet shows it."""
        return get_column_letter(self.number)

    @property
    def header(self) -> str:
        """The texts above in one line."""
        return " / ".join(self.path)


@dataclass(slots=True)
class ColumnMapping:
    """How to read a file: column number -> key, and (key, value as shown) -> what to read instead (None: nothing)."""

    keys: dict[int, str]
    values: dict[tuple[str, str], str | None] = field(default_factory=dict)
    date_order: str = "dmy"
    pad_id: bool = False


def open_file(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[Sheet]:
    """Sheets with content of an .xlsx, .xls or text file. Raises WorkbookError."""
    if len(data) > limits.file_bytes:
        raise WorkbookError("file_too_large", limit=limits.file_bytes // (1024 * 1024))
    if data.startswith(b"PK"):
        sheets = read_book(data, limits).sheets
    elif data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise WorkbookError("encrypted")
        sheets = read_old_excel(data, limits)
    else:
        sheets = [read_delimited(data, limits)]
    sheets = [sheet for sheet in sheets if sheet.rows]
    if not sheets:
        raise WorkbookError("empty_file")
    return sheets


def guess_heading(sheet: Sheet, guess: Callable[[list[str]], str | None]) -> tuple[int, int]:
    """First and last row of the heading: where most columns are understood; else the first row of several texts."""
    numbers = list(sheet.rows)[:_SEARCHED_ROWS]
    best, best_rank = None, (1, 0)
    for start in numbers:
        for end in range(start, start + 3):
            if end not in sheet.rows or _holds_data(sheet, end):
                break
            paths = heading_paths(sheet, start, end)
            found = {guess(list(path)) for path in paths.values()} - {None}
            # The fewest rows that explain the most: a title above the heading explains nothing.
            rank = (sum(not key.startswith("+") for key in found), start - end)
            if rank > best_rank:
                best, best_rank = (start, end), rank
    if best:
        return best
    for number in numbers:
        texts = [value for value in sheet.rows[number] if isinstance(value, str)]
        if len(texts) > 1 and len(set(texts)) == len(texts):
            return number, number
    return numbers[0], numbers[0]


def _holds_data(sheet: Sheet, row: int) -> bool:
    """Whether a row has numbers or dates, which headings have not."""
    return any(isinstance(value, int | float | date) and not isinstance(value, bool) for value in sheet.rows[row])


def columns_of(sheet: Sheet, first: int, last: int) -> list[Column]:
    """The columns that have a heading or values."""
    paths = heading_paths(sheet, first, last)
    rows = [values for number, values in sheet.rows.items() if number > last]
    width = max((len(values) for values in sheet.rows.values()), default=0)
    found = []
    for number in range(1, width + 1):
        seen: dict[str, None] = {}
        for values in rows:
            value = values[number - 1] if number <= len(values) else None
            if value is not None:
                seen.setdefault(shown_value(value))
            if len(seen) == _SAMPLES:
                break
        if seen or number in paths:
            found.append(Column(number, tuple(paths.get(number, ())), tuple(seen)))
    return found


def shown_value(value: Any) -> str:
    """A value as a person sees it in the spreadsheet, cut when long; a formula as its text."""
    if isinstance(value, Formula):
        return f"={value.text.removeprefix('=')}"[:60]
    return value.text if isinstance(value, CellError) else cells.shown(value)


def signature(columns: Iterable[Column]) -> str:
    """The same for files with the same headings in the same order."""
    return hashlib.sha256("\n".join(fold(column.header) for column in columns).encode()).hexdigest()


def distinct_values(sheet: Sheet, last: int, column: int) -> Counter:
    """How often each value of a column occurs, as shown; at most some hundred different ones."""
    found: Counter = Counter()
    for number, values in sheet.rows.items():
        value = values[column - 1] if number > last and column <= len(values) else None
        if value is not None and (len(found) < _DISTINCT or shown_value(value) in found):
            found[shown_value(value)] += 1
    return found


def table_of(sheet: Sheet, first: int, last: int, mapping: ColumnMapping, scopes: Mapping[str, str | None]) -> Table:
    """The sheet as a table with the columns and values that the person chose. Rows keep their numbers.

    ``scopes``: key -> "date" where the column holds dates. Raises WorkbookError when two columns have one meaning.
    """
    twice = [key for key, count in Counter(mapping.keys.values()).items() if count > 1]
    if twice:
        letters = [get_column_letter(number) for number, key in mapping.keys.items() if key == twice[0]]
        raise WorkbookError("mapped_twice", first=letters[0], second=letters[1])
    paths = heading_paths(sheet, first, last)
    headers = {number: " / ".join(path) for number, path in paths.items()}
    width = max(len(values) for values in sheet.rows.values())
    target = Sheet(sheet.title, {}, sheet.merges, sheet.hidden)
    for number, values in sheet.rows.items():
        row = list(values)
        if number > last:
            for column, key in mapping.keys.items():
                if column <= len(row) and row[column - 1] is not None:
                    row[column - 1] = _translated(row[column - 1], key, mapping, scopes.get(key))
        target.rows[number] = row
    columns = {key: number for number, key in mapping.keys.items()}
    table = Table(target, first, last, columns, headers)
    _join_names(table, width)
    table.note_merges()
    return table


def _translated(value: Any, key: str, mapping: ColumnMapping, scope: str | None) -> Any:
    if isinstance(value, Formula | CellError):
        return value
    chosen = mapping.values.get((key, shown_value(value)), value)
    if chosen is None or chosen != value:
        return chosen
    if scope == "date":
        return as_date(value, mapping.date_order)
    if key == "id_number" and mapping.pad_id:
        digits = cells.shown(value).replace(" ", "")
        return digits.zfill(12) if re.fullmatch("[0-9]{9,11}", digits) else value
    return value


def as_date(value: Any, order: str) -> Any:
    """A date where the value is one in this order; a serial number of Excel too. Otherwise the value as it is."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 20_000 <= value <= 60_000:
        return (datetime(1899, 12, 30) + timedelta(days=int(value))).date()
    match = _DATE.fullmatch(clean(value)) if isinstance(value, str) else None
    if not match:
        return value
    parts = [int(part) for part in match.groups()]
    if len(match[1]) == 4:
        order = "ymd"
    day, month, year = (parts[place] for place in DATE_ORDERS[order])
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return value


def _join_names(table: Table, width: int) -> None:
    """Family name and given name in two columns become the name."""
    family, given = (table.columns.pop(key, None) for key in ("name.family", "name.given"))
    if "name" in table.columns or not (family or given):
        return
    table.columns["name"] = width + 1
    table.headers[width + 1] = " + ".join(table.headers.get(column, "") for column in (family, given) if column)
    for number, values in table.sheet.rows.items():
        if number > table.bottom:
            parts = [values[column - 1] for column in (family, given) if column and column <= len(values)]
            name = clean(" ".join(str(part) for part in parts if isinstance(part, str)))
            values.extend([None] * (width - len(values)))
            values.append(name or None)


def find_pupils(table: Table, pupils: Iterable[KnownPupil], class_name: str | None = None) -> list[Problem]:
    """Fill in missing pupil codes by ID number, or by name and date of birth (within the row's class).

    Rows whose pupil is not found, or not for sure, are taken out; the findings say why.
    """
    pupils = list(pupils)
    by_id = {pupil.id_number: pupil.code for pupil in pupils if pupil.id_number}
    by_name: dict[str, list[KnownPupil]] = {}
    for pupil in pupils:
        by_name.setdefault(fold(pupil.name), []).append(pupil)
    width = max(len(values) for values in table.sheet.rows.values())
    column = table.columns.setdefault("code", width + 1)
    table.headers.setdefault(column, "Mã học sinh")
    problems = []
    for number in table.data_rows():
        values = table.sheet.rows[number]
        if column <= len(values) and values[column - 1] is not None:
            continue
        name = table.cell(number, "name")
        if not isinstance(name, str):
            continue
        identity = by_id.get(re.sub(r"\s", "", cells.shown(table.cell(number, "id_number") or "")))
        found = [identity] if identity else _by_name(table, number, by_name.get(fold(name), []), class_name)
        if len(found) == 1:
            values.extend([None] * (column - len(values)))
            values[column - 1] = found[0]
        else:
            code = "pupil_several" if found else "pupil_unknown"
            problems.append(table.problem(code, number, "name", name=cells.shown(name)))
            del table.sheet.rows[number]
    return problems


def _by_name(table: Table, row: int, namesakes: list[KnownPupil], class_name: str | None) -> list[str]:
    wanted = class_name or table.cell(row, "class_name")
    born = table.cell(row, "birth_date")
    try:
        born = cells.day(born) if born is not None else None
    except cells.CellValueError:
        return []
    return [
        pupil.code
        for pupil in namesakes
        if (not wanted or fold(pupil.class_name or "") == fold(cells.shown(wanted)))
        and (not born or not pupil.birth_date or pupil.birth_date == born)
    ]
