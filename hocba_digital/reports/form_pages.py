"""How the tables of a record's form are laid out: which rows stand on which page, and whether words must be broken.

Sizes are those of form.css: 13 points for text, 12 in tables; a page is 174 mm wide.
"""

from collections.abc import Callable, Sequence

from .form import Form
from .pagination import PAGE, count_lines, line_height, split

_WIDTH, _TEXT, _CELL = 174.0, 13.0, 12.0
_TEXT_LINE, _CELL_LINE = line_height(_TEXT, 1.32), line_height(_CELL, 1.22)
_LINE_PADDING, _CELL_PADDING = 1.4, 1.7
#: Text width of the columns in mm: what table and padding leave of them.
_SUBJECT, _REMARK = 39.0, 84.5
_SCHOOL, _CLASS, _REGISTER = 64.0, 14.5, 25.5
_TRAIT_REMARK, _MOST_LINES = 80.0, 36
_HEAD = 3 * _CELL_LINE + _CELL_PADDING
_HEADING = 3.6 + _TEXT_LINE + 1.4
#: A longer word than this in running text has no place to break.
_LONGEST_WORD = 24

Chunks = Callable[[str], Sequence[Sequence]]


def chunks(form: Form, repeats_heads: bool) -> Chunks:
    """A function that gives the rows of table "subjects" or "history" page by page.

    An engine that repeats the heads of tables gets all rows at once and finds the pages itself.
    """
    rows = {"subjects": form.subjects, "history": form.data.history}
    if repeats_heads:
        return lambda table: [rows[table]]
    measure = {"subjects": _subject_pages, "history": _history_pages}
    return lambda table: measure[table](form)


def pieces(remark: str | None, count: int, repeats_heads: bool) -> list[tuple[str, float]]:
    """A remark in pieces that fit on a page beside the ``count`` rows of their table; nearly always one.

    With each piece the height in mm that its rows share evenly, as an engine may give all of it to the last one.
    """
    texts = [remark or ""] if repeats_heads else _cut(remark)
    rows = [count] + [1] * (len(texts) - 1)
    return [
        (text, max(_CELL_LINE, (_CELL_LINE * count_lines(text, _TRAIT_REMARK, _CELL) + _CELL_PADDING) / number))
        for text, number in zip(texts, rows, strict=True)
    ]


def _cut(remark: str | None) -> list[str]:
    if count_lines(remark, _TRAIT_REMARK, _CELL) <= _MOST_LINES:
        return [remark or ""]
    found, words = [], (remark or "").split()
    while words:
        count = len(words)
        while count > 1 and count_lines(" ".join(words[:count]), _TRAIT_REMARK, _CELL) > _MOST_LINES:
            count -= max(1, count // 40)
        found.append(" ".join(words[:count]))
        words = words[count:]
    return found


def needs_breaking(form: Form) -> bool:
    """Whether some word is wider than where it stands. Asked for, as breaking within words makes wkhtmltopdf slow."""
    data = form.data
    texts = [value for value in (getattr(data, name) for name in data.__slots__) if isinstance(value, str)]
    texts += [row.comment for row in form.subjects]
    texts += [row.label for row in form.subjects]
    texts += [f"{box.name} {box.issuer}" for box in form.signatures.values()]
    if any(len(word) > _LONGEST_WORD for text in texts for word in text.split() if text != data.uuid):
        return True
    narrow = [(line.class_name, _CLASS) for line in data.history] + [(data.register_number, _REGISTER)]
    narrow += [(line.school_name, _SCHOOL) for line in data.history] + [(row.label, _SUBJECT) for row in form.subjects]
    return any(count_lines(word, width, _CELL) > 1 for text, width in narrow for word in (text or "").split())


def _subject_pages(form: Form) -> list[Sequence]:
    heights = [
        _CELL_PADDING
        + _CELL_LINE * max(count_lines(row.label, _SUBJECT, _CELL), count_lines(row.comment, _REMARK, _CELL))
        for row in form.subjects
    ]
    name = count_lines(f"Họ và tên học sinh: {form.data.pupil_name or ''}", _WIDTH, _TEXT)
    above = (name + 3) * (_TEXT_LINE + _LINE_PADDING) + _HEADING
    return split(form.subjects, heights, PAGE - above - _HEAD, PAGE - _HEAD)


def _history_pages(form: Form) -> list[Sequence]:
    lines = form.data.history
    heights = [_CELL_PADDING + _CELL_LINE * count_lines(line.school_name, _SCHOOL, _CELL) for line in lines]
    texts = [f"{label}: {text or ''}" for label, text in (*form.identity_lines, *form.issue_lines)]
    # The title; look-up code and the note below it.
    above = 12.0 + 2 * (_TEXT_LINE + _LINE_PADDING)
    above += sum(count_lines(text, _WIDTH * 0.97, _TEXT) * _TEXT_LINE + _LINE_PADDING for text in texts)
    return split(lines, heights, PAGE - above - _HEADING - 4.0 - _HEAD, PAGE - _HEAD)
