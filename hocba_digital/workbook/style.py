"""Looks of the templates, cells that keep their text, lists to choose from, and files with the same bytes each time."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from .source import NOTES_TITLE

TEXT, DATE, WHOLE, DECIMAL, GENERAL = "@", "dd/mm/yyyy", "0", "0.0", "General"
_THIN = Side(style="thin", color="BFC7D5")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FONT = Font(name="Times New Roman", size=11, bold=True, color="FFFFFF")
_FONT = Font(name="Times New Roman", size=11)
_TITLE_FONT = Font(name="Times New Roman", size=14, bold=True, color="1F3864")
FILLS = {
    "key": PatternFill("solid", fgColor="44546A"),
    "plain": PatternFill("solid", fgColor="2F5597"),
    "other": PatternFill("solid", fgColor="548235"),
    "last": PatternFill("solid", fgColor="7F6000"),
}
_OPEN = Protection(locked=False)
_KEY_CELL = PatternFill("solid", fgColor="F2F2F2")
_WHEN = datetime(2024, 1, 1)
_ZIP_TIME = (2024, 1, 1, 0, 0, 0)


def put(sheet: Worksheet, row: int, column: int, value: Any, form: str = TEXT):
    """Write a value. A text stays a text, whatever it begins with: "=1+1" or "048…" is never calculated."""
    cell = sheet.cell(row, column)
    if value is None or value == "":
        cell.value = None
    else:
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
    cell.number_format = DATE if isinstance(value, date) else form
    cell.font = _FONT
    return cell


def head(sheet: Worksheet, row: int, headers: Sequence[tuple[str, int, str]], height: float = 48) -> None:
    """Write one heading row: (text, width, fill)."""
    for column, (text, width, fill) in enumerate(headers, start=1):
        cell = sheet.cell(row, column, text)
        cell.font, cell.fill, cell.border = _HEAD_FONT, FILLS[fill], _BORDER
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[row].height = height


def dress(sheet: Worksheet, first: int, last: int, columns: int, keys: int, forms: Sequence[str]) -> None:
    """Borders and number formats for the rows to fill in; the first ``keys`` columns are greyed as given."""
    for row in range(first, last + 1):
        for column in range(1, columns + 1):
            cell = sheet.cell(row, column)
            cell.border, cell.font = _BORDER, _FONT
            if not isinstance(cell.value, date):
                cell.number_format = forms[column - 1]
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if column <= keys:
                cell.fill = _KEY_CELL


def protect(sheet: Worksheet, columns: int, first: int, last: int, keys: int = 0) -> None:
    """Headings and the first ``keys`` columns of the rows cannot be typed over; no password, so nobody is locked out.

    Sorting, filtering and changing widths stay possible.
    """
    for column in range(1, columns + 1):
        if column > keys:
            sheet.column_dimensions[get_column_letter(column)].protection = _OPEN
        for row in range(first, last + 1) if column > keys else ():
            sheet.cell(row, column).protection = _OPEN
    sheet.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "sort", "autoFilter", "insertRows", "deleteRows"):
        setattr(sheet.protection, allowed, False)


def explain(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """A note at a heading, shown when the pointer rests on it."""
    note = Comment(text, "hocba_digital", height=90, width=260)
    sheet.cell(row, column).comment = note


def choose(sheet: Worksheet, column: int, first: int, last: int, values: Iterable[str], hint: str) -> None:
    """Offer a list in a column; Excel then refuses anything else."""
    rule = DataValidation("list", formula1='"' + ",".join(values) + '"', allow_blank=True, showErrorMessage=True)
    _add(sheet, rule, column, first, last, hint)


def choose_from(sheet: Worksheet, column: int, first: int, last: int, area: str, hint: str) -> None:
    """Offer the texts of an area of another sheet; Excel only warns about anything else."""
    rule = DataValidation("list", formula1=area, allow_blank=True, showErrorMessage=True, errorStyle="warning")
    _add(sheet, rule, column, first, last, hint)


def limit(sheet: Worksheet, column: int, first: int, last: int, kind: str, low: float, high: float, hint: str) -> None:
    """Only numbers (kind whole or decimal) or dates from low to high."""
    rule = DataValidation(
        kind, operator="between", formula1=str(low), formula2=str(high), allow_blank=True, showErrorMessage=True
    )
    _add(sheet, rule, column, first, last, hint)


def _add(sheet: Worksheet, rule: DataValidation, column: int, first: int, last: int, hint: str) -> None:
    letter = get_column_letter(column)
    rule.error, rule.errorTitle, rule.prompt, rule.showInputMessage = hint, "Giá trị không hợp lệ", hint, True
    rule.add(f"{letter}{first}:{letter}{last}")
    sheet.add_data_validation(rule)


def guide(book: Workbook, title: str, lines: Sequence[tuple[str, str]]) -> None:
    """The sheet of instructions: (what, how)."""
    sheet = book.create_sheet("Hướng dẫn")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 32, 100
    put(sheet, 1, 1, title).font = _TITLE_FONT
    for row, (what, how) in enumerate(lines, start=3):
        put(sheet, row, 1, what).font = Font(name="Times New Roman", size=11, bold=True)
        put(sheet, row, 2, how)
        for column in (1, 2):
            sheet.cell(row, column).alignment = Alignment(vertical="top", wrap_text=True)
    sheet.sheet_view.showGridLines = False


def notes(book: Workbook, **values: str) -> None:
    """The hidden sheet by which a template of ours is recognised."""
    sheet = book.create_sheet(NOTES_TITLE)
    for row, (key, value) in enumerate({**values, "version": "1"}.items(), start=1):
        put(sheet, row, 1, key)
        put(sheet, row, 2, str(value))
    sheet.sheet_state = "veryHidden"


def landscape(sheet: Worksheet, heading_row: int) -> None:
    """Print on A4 across, the heading on every page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{heading_row}:{heading_row}"


def save(book: Workbook, title: str) -> bytes:
    """The workbook's bytes: equal content gives equal bytes, so no clock goes into them."""
    book.properties.creator, book.properties.title = "hocba_digital", title
    book.properties.created = _WHEN
    raw = io.BytesIO()
    book.save(raw)
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2024-01-01T00:00:00Z", content)
            info = zipfile.ZipInfo(part.filename, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)
    return out.getvalue()
