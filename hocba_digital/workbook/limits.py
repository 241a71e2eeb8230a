"""How large a workbook may be before it is refused unread."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of a workbook: bytes as stored and as unpacked, parts of the zip, rows with content, columns, sheets.

    ``unpacked_bytes`` is what stops a zip bomb; 10,000 rows of 60 columns unpack to about 40 MB.
    """

    file_bytes: int = 20 * 1024 * 1024
    unpacked_bytes: int = 160 * 1024 * 1024
    parts: int = 1_000
    rows: int = 10_000
    columns: int = 400
    sheets: int = 200


DEFAULT_LIMITS = Limits()
