"""Text files with a separator (.csv, .tsv, .txt): which encoding, which separator, and their rows."""

import codecs
import csv
import io
import re

from .errors import WorkbookError
from .limits import Limits
from .source import Sheet

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS = (",", ";", "\t", "|")
_KEPT_TEXT = re.compile(r'="([^"]*)"')
_SAMPLE = 64 * 1024


def decode(data: bytes) -> str:
    """Text of a file: by its byte order mark, else UTF-16 by its zero bytes, UTF-8, or Windows-1258 (Vietnamese).

    Raises WorkbookError for bytes that are no text.
    """
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), None) or _utf16(data)
    for name in (encoding,) if encoding else ("utf-8", "cp1258"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and not _is_binary(text):
            return text
    raise WorkbookError("encoding_unknown")


def _utf16(data: bytes) -> str | None:
    sample = data[:_SAMPLE]
    if len(sample) < 4 or len(data) % 2:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > len(sample) / 8 > even * 4:
        return "utf-16-le"
    if even > len(sample) / 8 > odd * 4:
        return "utf-16-be"
    return None


def _is_binary(text: str) -> bool:
    sample = text[:4000]
    return sum(char < " " and char not in "\r\n\t\f" for char in sample) > len(sample) / 100


def read_delimited(data: bytes, limits: Limits) -> Sheet:
    """The rows of a text file as a sheet. ``="012"``, by which programs keep a zero, is taken as its text."""
    text = decode(data)
    if text.lstrip()[:200].lower().startswith(("<!doctype", "<html", "<?xml", "<table")):
        raise WorkbookError("html_file")
    separator = _separator(text)
    sheet = Sheet("")
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), start=1):
            values = [_value(value) for value in row]
            while values and values[-1] is None:
                values.pop()
            if not values:
                continue
            if len(values) > limits.columns:
                raise WorkbookError("too_many_columns", count=len(values), limit=limits.columns)
            sheet.rows[number] = values
            if len(sheet.rows) > limits.rows + 20:
                raise WorkbookError("too_many_rows", count=len(sheet.rows), limit=limits.rows)
    except csv.Error:
        raise WorkbookError("suspicious_file", detail="csv") from None
    if max((len(values) for values in sheet.rows.values()), default=0) < 2:
        raise WorkbookError("not_delimited")
    return sheet


def _separator(text: str) -> str:
    """The one that cuts most of the first lines into the same number of columns."""
    lines = text[:_SAMPLE].splitlines()[:30]

    def cuts(separator: str) -> tuple[int, int]:
        try:
            counts = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        except csv.Error:
            return 0, 0
        usual = max(set(counts), key=lambda count: (counts.count(count), count), default=1)
        return (counts.count(usual) if usual > 1 else 0), usual

    return max(_SEPARATORS, key=cuts)


def _value(value: str) -> str | None:
    match = _KEPT_TEXT.fullmatch(value.strip())
    value = match[1] if match else value
    return value if value.strip() else None
