"""Where a table goes on to the next page, decided from the widths of its words: wkhtmltopdf neither repeats the head of
a table nor keeps a row whole unless the rows of each page are a table of their own.
"""

from collections.abc import Sequence
from functools import lru_cache

from . import pdf

#: Height in mm that a page of a record has for its text, less what the estimate below may be wrong by.
PAGE = 297 - pdf.MARGINS[0] - pdf.MARGINS[2] - 9.0
_MM_A_POINT = 25.4 / 72


#: wkhtmltopdf places letters on a coarse grid: most lines were measured to be 1 % wider than the typeface
#: says. Where a page is estimated too full all the same, its table is kept whole and goes over to the next page.
_SPREAD = 1.015


@lru_cache(maxsize=20_000)
def _word_width(word: str, size: float) -> float:
    return pdf.text_width(word, size) * _SPREAD


def count_lines(text: str | None, width: float, size: float) -> int:
    """Lines that a text of ``size`` points takes in ``width`` mm, words kept whole unless wider than the column."""
    lines, used, blank = 1, 0.0, _word_width(" ", size)
    for word in (text or "").split():
        wide = _word_width(word, size)
        if used and used + blank + wide > width:
            lines, used = lines + 1, 0.0
        lines += int(wide // width)
        used += (blank if used else 0.0) + wide % width
    return lines


def line_height(size: float, factor: float) -> float:
    """Height in mm of a line of ``size`` points with the style's factor."""
    return size * factor * _MM_A_POINT


def fit(heights: Sequence[float], room: float) -> int:
    """How many of the rows go into ``room`` mm: at least one, lest a row that fits nowhere be lost."""
    total = 0.0
    for count, height in enumerate(heights):
        total += height
        if total > room:
            return max(1, count)
    return len(heights)


def split(rows: Sequence, heights: Sequence[float], first_room: float, next_room: float) -> list[Sequence]:
    """The rows page by page. Always at least one page, be it without rows."""
    pages, start, room = [], 0, first_room
    while start < len(rows):
        count = fit(heights[start:], room)
        pages.append(rows[start : start + count])
        start, room = start + count, next_room
    return pages or [rows]
