"""Workbooks in the format of Excel 97-2003 (.xls), read by xlrd where it is installed (Odoo itself uses it)."""

import io
import struct

from .errors import WorkbookError
from .limits import Limits
from .source import CellError, Sheet

_ERRORS = (
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    struct.error,
)


def read_old_excel(data: bytes, limits: Limits) -> list[Sheet]:
    """Visible sheets of an .xls file. Formulas come as the values Excel stored. Raises WorkbookError."""
    try:
        import xlrd
    except ImportError:
        raise WorkbookError("old_format") from None
    try:
        with xlrd.open_workbook(
            file_contents=data, logfile=io.StringIO(), formatting_info=True, on_demand=True
        ) as book:
            if book.nsheets > limits.sheets:
                raise WorkbookError("suspicious_file", detail=f"{book.nsheets} sheets")
            return [_sheet(xlrd, book, number, limits) for number in range(book.nsheets)]
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError) as error:
        raise WorkbookError("encrypted" if "encrypt" in str(error).lower() else "not_workbook") from None
    except _ERRORS:
        # xlrd's way of saying that the parts of the file do not fit together
        raise WorkbookError("not_workbook") from None


def _sheet(xlrd, book, number: int, limits: Limits) -> Sheet:
    source = book.sheet_by_index(number)
    found = Sheet(source.name)
    if source.visibility:
        return found
    if source.ncols > limits.columns:
        raise WorkbookError("too_many_columns", count=source.ncols, limit=limits.columns)
    for row in range(source.nrows):
        values = [_value(xlrd, book, cell) for cell in source.row(row)]
        if any(value is not None for value in values):
            found.rows[row + 1] = values
            if source.rowinfo_map.get(row) and source.rowinfo_map[row].hidden:
                found.hidden.add(row + 1)
        if len(found.rows) > limits.rows + 20:
            raise WorkbookError("too_many_rows", count=source.nrows, limit=limits.rows)
    found.merges = [(left + 1, top + 1, right, bottom) for top, bottom, left, right in source.merged_cells]
    book.unload_sheet(number)
    return found


def _value(xlrd, book, cell):
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, book.datemode)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return CellError(xlrd.error_text_from_code.get(cell.value, "#ERR"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return int(cell.value) if float(cell.value).is_integer() else cell.value
    if cell.ctype == xlrd.XL_CELL_TEXT and cell.value.strip():
        return cell.value
    return None
