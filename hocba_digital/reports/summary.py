"""What stands where on a class summary (TT 27/2020 annex 2): rows of results -> pages of cells ready to print.

The columns come from ``core.rules.summary``. Heads are repeated on every page because the pages are made here: each
row's height is known, so no engine has to find out where a page ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from ..core import packet
from ..core.rules.summary import SubjectColumn, SummaryTemplate
from . import pdf
from .form import COMPETENCE_LABELS, QUALITY_LABELS, SUBJECT_ROWS, day
from .pagination import count_lines, fit

PERIOD_TITLES = {
    "mid1": "Giữa học kỳ I",
    "end1": "Cuối học kỳ I",
    "mid2": "Giữa học kỳ II",
    "year": "Cuối năm học",
}
TRAITS = {"T": "T", "D": "Đ", "C": "C"}
OVERALL = ("excellent", "good", "completed", "not_completed")
#: Heights in mm: the lines of the table's head (the last is for level and score, where there are scores), a row, the
#: room for the table on the first page and on the others, and what the closing lines with the signatures take.
HEAD_WITH_SCORES = (7.5, 6.5, 21.5, 17.0)
HEAD_WITHOUT = (7.5, 6.5, 36.5)
ROW = 5.7
FIRST_ROOM, NEXT_ROOM, CLOSING = 154.5, 178.5, 47.0
_WIDTH = 276.5
_NUMBER, _BIRTH, _GIRL = 6.5, 15.5, 5.0
_NARROWEST_NAME, _NARROWEST_NOTE, _WIDEST_MARK = 37.0, 15.0, 7.4
_PADDING = 1.6
_LARGE, _SMALL, _LINE = 8.5, 7.0, 2.75


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One pupil. ``levels``: subject code -> T|H|C|M; ``scores``: subject code -> 0..10; ``traits``: code -> T|D|C.

    ``not_promoted`` and ``note`` as on the form; ``from_packet``: the row says what was signed.
    """

    name: str
    birth_date: date | None = None
    is_girl: bool = False
    levels: dict[str, str] = field(default_factory=dict)
    scores: dict[str, int] = field(default_factory=dict)
    qualities: dict[str, str] = field(default_factory=dict)
    competences: dict[str, str] = field(default_factory=dict)
    overall: str | None = None
    awarded: bool = False
    extra_awarded: bool = False
    not_promoted: bool = False
    note: str = ""
    from_packet: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """The title's data; empty values become dotted places to be filled in by hand."""

    school: str
    authority: str
    commune: str
    district: str
    province: str
    place: str
    class_name: str
    school_year: str
    homeroom_name: str
    head_name: str


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A cell of the table's head, in mm; ``turned``: its text runs upwards."""

    label: str
    width: float
    height: float
    columns: int = 1
    lines: int = 1
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: number, name and note apart, everything between them as short texts."""

    number: int
    name: str
    is_long: bool
    marks: tuple[str, ...]
    note: str
    height: float


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet; the closing lines stand on the last."""

    number: int
    count: int
    lines: tuple[Line, ...]

    @property
    def is_last(self) -> bool:
        """Whether the closing lines stand here."""
        return self.number == self.count

    @property
    def label(self) -> str:
        """Page number within the summary."""
        return f"Trang {self.number}/{self.count}"


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole summary of a class. ``widths``: of all columns in mm, in their order."""

    template: SummaryTemplate
    heading: Heading
    head: tuple[tuple[HeadCell, ...], ...]
    head_heights: tuple[float, ...]
    widths: tuple[float, ...]
    pages: tuple[Page, ...]
    pupils: int
    girls: int
    signed: int

    @property
    def period(self) -> str:
        """The time of the assessment in words; templates 1, 4 and 7 have to say which middle of a semester it is."""
        return PERIOD_TITLES[self.template.period]

    @property
    def grades(self) -> str:
        """For which grades the template is: lớp 4, lớp 5."""
        return ", ".join(f"lớp {grade}" for grade in self.template.grades)

    def marks(self, page: Page) -> tuple[str, ...]:
        """Texts that a printed page must carry."""
        return (page.label, *(line.name for line in page.lines), *(("Hiệu trưởng",) if page.is_last else ()))


def build(template: SummaryTemplate, heading: Heading, rows: Sequence[SummaryRow], names: dict[str, str]) -> Summary:
    """The summary of a class. ``names``: subject code -> name, for subjects that the ministry's table does not know;
    such a subject gets a column after the official ones when anyone has a level in it.
    """
    labels = dict(SUBJECT_ROWS)
    known = {column.code for column in template.subjects}
    more = dict.fromkeys(code for row in rows for code in row.levels if code not in known)
    columns = (*template.subjects, *(SubjectColumn(code, any(code in row.scores for row in rows)) for code in more))
    labels |= {code: names.get(code, code) for code in more if code not in labels}
    widths = _widths(template, columns)
    heights = HEAD_WITH_SCORES if any(column.has_score for column in columns) else HEAD_WITHOUT
    lines = [_line(number, row, template, columns, widths) for number, row in enumerate(rows, start=1)]
    return Summary(
        template=template,
        heading=heading,
        head=_head(template, columns, labels, widths, heights),
        head_heights=heights,
        widths=widths,
        pages=_pages(lines, sum(heights)),
        pupils=len(rows),
        girls=sum(row.is_girl for row in rows),
        signed=sum(row.from_packet for row in rows),
    )


def _widths(template: SummaryTemplate, columns: Sequence[SubjectColumn]) -> tuple[float, ...]:
    marks = sum(2 if column.has_score else 1 for column in columns)
    marks += len(template.qualities) + len(template.general) + len(template.specific)
    marks += 7 if template.has_outcome else 0
    room = _WIDTH - _NUMBER - _BIRTH - _GIRL
    mark = min(_WIDEST_MARK, (room - _NARROWEST_NAME - _NARROWEST_NOTE) / marks)
    left = room - marks * mark - _NARROWEST_NAME - _NARROWEST_NOTE
    name, note = _NARROWEST_NAME + left * 0.6, _NARROWEST_NOTE + left * 0.4
    return (_NUMBER, name, _BIRTH, _GIRL, *[mark] * marks, note)


def _head(template, columns, labels, widths, heights) -> tuple[tuple[HeadCell, ...], ...]:
    """Its lines: groups; subjects and kinds of competences; single competences; level and score."""
    mark, count = widths[4], len(heights)
    whole, below, lower = sum(heights), sum(heights[1:]), sum(heights[2:])
    first = [
        HeadCell("STT", _NUMBER, whole, lines=count),
        HeadCell("Họ và tên học sinh", widths[1], whole, lines=count),
        HeadCell("Ngày, tháng, năm sinh", _BIRTH, whole, lines=count),
        HeadCell("Nữ", _GIRL, whole, lines=count),
    ]
    second, third, fourth = [], [], []

    def group(label, columns):
        first.append(HeadCell(label, mark * columns, heights[0], columns=columns))

    def turned(line, label, lines, height):
        line.append(HeadCell(label, mark, height, lines=lines, turned=True))

    group("Môn học và hoạt động giáo dục", sum(2 if column.has_score else 1 for column in columns))
    for column in columns:
        if column.has_score:
            second.append(
                HeadCell(labels[column.code], mark * 2, heights[1] + heights[2], columns=2, lines=2, turned=True)
            )
            turned(fourth, "Mức đạt được", 1, heights[3])
            turned(fourth, "Điểm KTĐK", 1, heights[3])
        else:
            turned(second, labels[column.code], count - 1, below)
    group("Phẩm chất chủ yếu", len(template.qualities))
    for code in template.qualities:
        turned(second, QUALITY_LABELS[code], count - 1, below)
    group("Năng lực cốt lõi", len(template.general) + len(template.specific))
    for label, codes in (("Năng lực chung", template.general), ("Năng lực đặc thù", template.specific)):
        second.append(HeadCell(label, mark * len(codes), heights[1], columns=len(codes)))
        for code in codes:
            turned(third, COMPETENCE_LABELS[code], count - 2, lower)
    if template.has_outcome:
        group("Đánh giá kết quả giáo dục", 4)
        for code in OVERALL:
            turned(second, packet.OVERALL_RESULTS[code], count - 1, below)
        group("Khen thưởng", 2)
        turned(second, "Cuối năm", count - 1, below)
        turned(second, "Đột xuất", count - 1, below)
        first.append(HeadCell("Chưa được lên lớp", mark, whole, lines=count, turned=True))
    first.append(HeadCell("Ghi chú", widths[-1], whole, lines=count))
    return tuple(map(tuple, (first, second, third, fourth)))[:count]


def _line(number, row: SummaryRow, template, columns, widths) -> Line:
    marks = [day(row.birth_date), _cross(row.is_girl)]
    for column in columns:
        marks.append(row.levels.get(column.code, ""))
        if column.has_score:
            marks.append(str(row.scores.get(column.code, "")))
    marks += [TRAITS.get(row.qualities.get(code), "") for code in template.qualities]
    marks += [TRAITS.get(row.competences.get(code), "") for code in (*template.general, *template.specific)]
    if template.has_outcome:
        marks += [_cross(row.overall == code) for code in OVERALL]
        marks += [_cross(row.awarded), _cross(row.extra_awarded), _cross(row.not_promoted)]
    is_long = pdf.text_width(row.name, _LARGE) > widths[1] - _PADDING
    name_lines = count_lines(row.name, widths[1] - _PADDING, _SMALL) if is_long else 1
    tallest = max(name_lines, count_lines(row.note, widths[-1] - _PADDING, _SMALL))
    return Line(number, row.name, is_long, tuple(marks), row.note, max(ROW, tallest * _LINE + 0.9))


def _cross(value) -> str:
    return "X" if value else ""


def _pages(lines: Sequence[Line], head: float) -> tuple[Page, ...]:
    """Rows on sheets under a head of that height; the closing lines share the last sheet with at least one row."""
    pages, left = [], list(lines)
    while True:
        room = (NEXT_ROOM if pages else FIRST_ROOM) - head
        if sum(line.height for line in left) <= room - CLOSING:
            pages.append(left)
            break
        heights = [line.height for line in left]
        count = fit(heights, room)
        if count == len(left):
            # Everything fits, but not with the signatures below: the last rows go over with them.
            count = fit(heights, room - CLOSING)
        pages.append(left[:count])
        left = left[count:]
    return tuple(Page(number, len(pages), tuple(part)) for number, part in enumerate(pages, start=1))
