"""Opening a file that somebody sent as a workbook: refused early when it is none, too large or hostile."""

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from openpyxl import load_workbook
from openpyxl.utils import coordinate_to_tuple, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from .errors import WorkbookError
from .limits import DEFAULT_LIMITS, Limits

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a formula; never evaluated."""

    text: str


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that shows an Excel error such as #N/A."""

    text: str


@dataclass(slots=True)
class Sheet:
    """One visible sheet: rows with content by number, merged ranges (first column, row, last column, row)."""

    title: str
    rows: dict[int, list[Any]] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Book:
    """A file that was opened: visible sheets, the notes of a template of ours, and the values it was made with."""

    sheets: list[Sheet] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    remembered: Sheet | None = None


@dataclass(slots=True)
class _Outline:
    """What one pass over a sheet's XML tells before its values are read."""

    first: int = 0
    last: int = 0
    count: int = 0
    columns: int = 0
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)


def notes_of(data: bytes, limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """What a template of ours says of itself: kind, school_year, class, period; empty for any other file."""
    try:
        return _open(data, limits, _notes)
    except WorkbookError:
        return {}


def read_book(data: bytes, limits: Limits) -> Book:
    """Visible sheets with their values, and what a template of ours says of itself (kind, class, year, old values).

    Raises WorkbookError for what is no workbook, is encrypted, too large or built to harm.
    """
    return _open(data, limits, _sheets)


def _open(data: bytes, limits: Limits, read: Callable[..., Any]) -> Any:
    _check_file(data, limits)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_archive(archive, limits)
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False, keep_vba=False)
            try:
                return read(book, archive, limits)
            finally:
                book.close()
    except WorkbookError:
        raise
    except (zipfile.BadZipFile, InvalidFileException, etree.XMLSyntaxError, EOFError, zlib.error, struct.error):
        raise WorkbookError("not_workbook") from None
    except (LookupError, ValueError, TypeError, AttributeError, SyntaxError, ArithmeticError, RuntimeError):
        # openpyxl's way of saying that the parts of the file do not fit together
        raise WorkbookError("not_workbook") from None


def _check_file(data: bytes, limits: Limits) -> None:
    if len(data) > limits.file_bytes:
        raise WorkbookError("file_too_large", limit=limits.file_bytes // (1024 * 1024))
    if data.startswith(_OLE):
        raise WorkbookError("encrypted" if _ENCRYPTED in data else "old_format")
    if not data.startswith(b"PK"):
        raise WorkbookError("not_workbook")


def _check_archive(archive: zipfile.ZipFile, limits: Limits) -> None:
    parts = archive.infolist()
    if len(parts) > limits.parts:
        raise WorkbookError("suspicious_file", detail=f"{len(parts)} parts")
    if sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise WorkbookError("file_too_large", limit=limits.file_bytes // (1024 * 1024))
    names = [part.filename for part in parts]
    if len(set(names)) != len(names):
        raise WorkbookError("suspicious_file", detail="duplicate parts")
    if "xl/workbook.xml" not in names and "[Content_Types].xml" not in names:
        raise WorkbookError("not_workbook")
    for part in parts:
        if part.flag_bits & 0x1:
            raise WorkbookError("encrypted")
        if part.filename.endswith((".xml", ".rels")):
            _check_part(archive, part)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No DTD, hence no entities, in any encoding; a part larger than it says is refused by zipfile itself."""
    with archive.open(part) as stream:
        tail = stream.read(4)
        if b"\0" in tail or tail[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise WorkbookError("suspicious_file", detail="encoding")
        while chunk := stream.read(1 << 20):
            if _DOCTYPE.search(tail + chunk):
                raise WorkbookError("suspicious_file", detail="DTD")
            tail = chunk[-16:]


def _notes(book, archive: zipfile.ZipFile, limits: Limits) -> dict[str, str]:
    if len(book.sheetnames) > limits.sheets or NOTES_TITLE not in book.sheetnames:
        return {}
    worksheet = book[NOTES_TITLE]
    outline = _outline(archive, worksheet._worksheet_path)
    if outline.count > limits.columns:
        return {}
    return {str(row[0]): str(row[1]) for row in _values(worksheet, outline) if len(row) > 1 and row[1]}


def _sheets(book, archive: zipfile.ZipFile, limits: Limits) -> Book:
    if len(book.sheetnames) > limits.sheets:
        raise WorkbookError("suspicious_file", detail=f"{len(book.sheetnames)} sheets")
    found = Book()
    for worksheet in book.worksheets:
        path = worksheet._worksheet_path
        if not path.endswith(".xml"):
            raise WorkbookError("suspicious_file", detail=posixpath.basename(path))
        outline = _outline(archive, path)
        if outline.count > limits.rows + 20:  # headings and signatures do not count as rows of pupils
            raise WorkbookError("too_many_rows", count=outline.count, limit=limits.rows)
        if outline.columns > limits.columns:
            raise WorkbookError("too_many_columns", count=outline.columns, limit=limits.columns)
        if worksheet.title == NOTES_TITLE:
            found.notes = {str(row[0]): str(row[1]) for row in _values(worksheet, outline) if len(row) > 1 and row[1]}
        elif worksheet.title == REMEMBERED_TITLE:
            found.remembered = _filled_sheet(worksheet, outline)
        elif worksheet.sheet_state == "visible" and outline.count:
            found.sheets.append(_filled_sheet(worksheet, outline))
    return found


def _filled_sheet(worksheet, outline: _Outline) -> Sheet:
    sheet = Sheet(worksheet.title, merges=outline.merges, hidden=outline.hidden)
    for number, row in enumerate(_values(worksheet, outline), start=outline.first):
        if any(value is not None for value in row):
            sheet.rows[number] = row
    return sheet


NOTES_TITLE = "_hocba"
REMEMBERED_TITLE = "_hocba_values"


def _outline(archive: zipfile.ZipFile, path: str) -> _Outline:
    """Rows with content, merged ranges and hidden rows, in one cheap pass that keeps nothing."""
    found = _Outline()
    with archive.open(path) as stream:
        events = etree.iterparse(
            stream,
            tag=(f"{_MAIN}row", f"{_MAIN}mergeCell"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
        )
        position = 0
        for _event, element in events:
            if element.tag == f"{_MAIN}mergeCell":
                found.merges.append(range_boundaries(element.get("ref")))
            else:
                last, position = position, int(element.get("r") or position + 1)
                if position <= last:
                    raise WorkbookError("suspicious_file", detail="order of rows")
                _note_row(found, element, position)
            parent = element.getparent()
            element.clear()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    return found


def _note_row(found: _Outline, element, position: int) -> None:
    filled = [cell for cell in element if len(cell)]
    if not filled:
        return
    found.first = found.first or position
    found.last = position
    found.count += 1
    place = filled[-1].get("r")
    found.columns = max(found.columns, coordinate_to_tuple(place)[1] if place else len(element))
    if element.get("hidden") in ("1", "true"):
        found.hidden.add(position)


def _values(worksheet, outline: _Outline) -> Iterator[list[Any]]:
    if not outline.count:
        return
    worksheet.reset_dimensions()
    for row in worksheet.iter_rows(min_row=outline.first, max_row=outline.last, min_col=1, max_col=outline.columns):
        yield [_value(cell) for cell in row]


def _value(cell) -> Any:
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return Formula(str(getattr(value, "text", value)))
    if cell.data_type == "e":
        return CellError(str(value))
    if isinstance(value, str) and not value.strip():
        return None
    return value
