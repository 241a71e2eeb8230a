"""Classes with their homeroom teachers, and who teaches what: one workbook in both directions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openpyxl import Workbook

from . import cells, headings, remembered, style
from .errors import Problem, WorkbookError
from .limits import DEFAULT_LIMITS, Limits
from .model import ClassPlan, Known, ReadResult, SubjectPlan
from .read_common import RowReader, check_notes, check_row, finish, note_columns, open_tables
from .remembered import Remembered
from .table import Table
from .text import fold

#: key -> heading; "name" is the class
STAFF = headings.table(
    name="Lớp|Tên lớp|Mã lớp|Lớp học",
    grade="Khối|Khối lớp|Khối học",
    subject="Môn học|Môn|Tên môn học|Môn học và hoạt động giáo dục|Môn/Hoạt động giáo dục",
    homeroom="Giáo viên chủ nhiệm|GVCN|Chủ nhiệm|Họ tên GVCN|Tài khoản GVCN|Giáo viên CN",
    teacher="Giáo viên|GV giảng dạy|GVBM|Giáo viên bộ môn|Họ tên giáo viên|Họ và tên giáo viên|Tài khoản giáo viên",
)
_TEACHER = re.compile(r"\(([^()]+)\)\s*$")
_CLASSES, _ASSIGNMENTS = "Lớp", "Phân công"
_GUIDE = (
    ("Trang “Lớp”", "Mỗi lớp một dòng. Lớp chưa có trong phần mềm sẽ được tạo khi nhập: ghi tên lớp và khối."),
    (
        "Trang “Phân công”",
        "Mỗi lớp và môn học một dòng. Môn không có giáo viên riêng do GVCN phụ trách.",
    ),
    ("Giáo viên", "Chọn trong danh sách; cũng có thể ghi tài khoản hoặc họ tên (nếu không trùng tên)."),
    ("Ô để trống", "Ô để trống giữ nguyên dữ liệu đang có trong phần mềm."),
    ("Nhập lại nhiều lần", "Nhập lại cùng một tệp không thay đổi gì."),
)


@dataclass(frozen=True, slots=True)
class Teacher:
    """A user who may teach: ``login`` and full name."""

    login: str
    name: str

    @property
    def label(self) -> str:
        """As it stands in the cells: the name, and the login that tells namesakes apart."""
        return f"{self.name} ({self.login})"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffClass:
    """A class as the workbook shows it. ``teachers``: subject code -> teacher."""

    name: str
    grade: int
    homeroom: Teacher | None = None
    subjects: tuple[SubjectPlan, ...] = ()
    teachers: Mapping[str, Teacher] = field(default_factory=dict)


@dataclass(slots=True)
class StaffRow:
    """One row: a class (no ``subject``) or a subject of a class. ``teacher``: login, None for an empty cell.

    ``before``: the login the template was made with; only meant where ``remembered``.
    """

    sheet: str
    row: int
    class_name: str
    grade: int | None = None
    subject: str | None = None
    teacher: str | None = None
    before: str | None = None
    remembered: bool = False


def staff_workbook(school_year: str, classes: Iterable[StaffClass], teachers: Iterable[Teacher]) -> bytes:
    """Workbook (.xlsx) of classes and teaching assignments. Deterministic: equal arguments give equal bytes."""
    classes, labels = list(classes), [teacher.label for teacher in teachers]
    book = Workbook()
    book.remove(book.active)
    rows = [(line.name, line.grade, line.homeroom.label if line.homeroom else None) for line in classes]
    head = [("Lớp", 12, "key"), ("Khối", 8, "key"), ("Giáo viên chủ nhiệm", 44, "plain")]
    first = _sheet(book, _CLASSES, head, rows, spare=30)
    style.limit(first, 2, 2, first.max_row, "whole", 1, 5, "Khối từ 1 đến 5.")
    lines = [
        (line.name, plan.name, line.teachers[plan.code].label if plan.code in line.teachers else None)
        for line in classes
        for plan in line.subjects
    ]
    head = [("Lớp", 12, "key"), ("Môn học", 40, "key"), ("Giáo viên", 44, "plain")]
    second = _sheet(book, _ASSIGNMENTS, head, lines, spare=0)
    lists = book.create_sheet("_lists")
    lists.sheet_state = "veryHidden"
    for row, label in enumerate(labels, start=1):
        style.put(lists, row, 1, label)
    if labels:
        for sheet in (first, second):
            hint = "Chọn giáo viên trong danh sách."
            style.choose_from(sheet, 3, 2, max(sheet.max_row, 2), f"_lists!$A$1:$A${len(labels)}", hint)
    title = f"LỚP HỌC VÀ PHÂN CÔNG GIẢNG DẠY - NĂM HỌC {school_year}"
    style.guide(book, title, _GUIDE)
    style.notes(book, kind="staff", school_year=school_year)
    old = [(fold(name), {"homeroom": label}) for name, _grade, label in rows]
    old += [(f"{fold(name)}/{fold(subject)}", {"teacher": label}) for name, subject, label in lines]
    remembered.remember(book, old, ("homeroom", "teacher"))
    return style.save(book, title)


def _sheet(book: Workbook, title: str, head, rows, spare: int):
    sheet = book.create_sheet(title)
    style.head(sheet, 1, head, 30)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            style.put(sheet, number, column, value, style.WHOLE if isinstance(value, int) else style.TEXT)
    last = len(rows) + 1 + spare
    style.dress(sheet, 2, last, len(head), 0, [style.TEXT, style.GENERAL, style.TEXT])
    style.protect(sheet, len(head), 2, last, 0 if spare else 2)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:C{max(last, 2)}"
    style.landscape(sheet, 1)
    return sheet


class _Staff:
    """What rows are compared with."""

    def __init__(self, classes: Iterable[ClassPlan], grades: Mapping[int, tuple[SubjectPlan, ...]], teachers) -> None:
        self.classes = {fold(line.name): line for line in classes}
        self.grades = grades
        self.logins = {teacher.login.lower(): teacher.login for teacher in teachers}
        self.names: dict[str, list[str]] = {}
        for teacher in teachers:
            self.names.setdefault(fold(teacher.name), []).append(teacher.login)
        self.new: dict[str, int] = {}

    def teacher(self, value) -> str | None:
        """Login of a teacher written as "name (login)", login or name. Raises CellValueError."""
        typed = cells.text(value, 200)
        if not typed:
            return None
        match = _TEACHER.search(typed)
        for login in (match[1] if match else None, typed):
            if login and login.strip().lower() in self.logins:
                return self.logins[login.strip().lower()]
        found = self.names.get(fold(typed), [])
        if len(found) == 1:
            return found[0]
        raise cells.CellValueError("teacher_several" if found else "teacher_unknown", value=cells.shown(typed))

    def subject(self, value, grade: int | None) -> str | None:
        """Code of a subject of the grade. Raises CellValueError."""
        typed = cells.text(value, 200)
        if not typed:
            return None
        plans = self.grades.get(grade or 0, ())
        key = fold(typed)
        for plan in plans:
            names = (plan.name, plan.code, plan.short_name or "", *headings.SUBJECT_NAMES.get(plan.code, ()))
            if key in {fold(name) for name in names if name}:
                return plan.code
        raise cells.CellValueError("subject_unknown", value=cells.shown(typed), grade=grade or "?")


def read_staff(
    data: bytes,
    classes: Iterable[ClassPlan],
    grades: Mapping[int, tuple[SubjectPlan, ...]],
    teachers: Iterable[Teacher],
    school_year: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> ReadResult:
    """Read classes and assignments: rows of StaffRow without errors, and every finding. Never raises for a bad file."""
    result = ReadResult(kind="staff")
    try:
        tables, book = open_tables(data, limits, STAFF, _resolve)
        check_notes(book.notes, "staff", Known(school_year=school_year), result)
        result.layout = "own" if book.notes else "other"
        _read(tables, _Staff(classes, grades, list(teachers)), Remembered(book.remembered), result)
    except WorkbookError as error:
        result.problems.append(error.problem)
        result.rows.clear()
    return finish(result)


def read_staff_tables(tables: list[Table], classes, grades, teachers) -> ReadResult:
    """Read tables whose columns somebody has already assigned to the keys of STAFF."""
    result = ReadResult(kind="staff", layout="other")
    try:
        _read(tables, _Staff(classes, grades, list(teachers)), Remembered(None), result)
    except WorkbookError as error:
        result.problems.append(error.problem)
        result.rows.clear()
    return finish(result)


def _resolve(path: list[str]) -> str | None:
    return next((STAFF[fold(text)] for text in reversed(path) if fold(text) in STAFF), None)


def _read(tables: list[Table], staff: _Staff, old: Remembered, result: ReadResult) -> None:
    tables = [table for table in tables if table.columns.keys() & {"homeroom", "teacher", "grade"}]
    if not tables:
        raise WorkbookError("no_staff_table")
    note_columns(result, tables)
    readers = []
    for table in sorted(tables, key=lambda table: "subject" in table.columns):
        result.problems += table.problems
        if "name" not in table.columns:
            params = {"header": "Lớp"}
            result.problems.append(Problem("missing_column", "fatal", table.sheet.title, table.top, params=params))
        if not result.fatal:
            for number in table.data_rows():
                readers += _read_row(RowReader(table, number, result.problems), staff, old)
    if result.fatal:
        return
    _mark_contradictions(readers)
    result.rows = [row for reader, row in readers if not reader.failed]
    result.bad_rows = len({(reader.table.sheet.title, reader.row) for reader, _row in readers if reader.failed})


def _read_row(reader: RowReader, staff: _Staff, old: Remembered) -> list[tuple[RowReader, StaffRow]]:
    """A row may say who is homeroom teacher and who teaches a subject; each is a finding or a StaffRow of its own."""
    check_row(reader)
    name = reader.value("name", cells.text, 100)
    if not name:
        if any(reader.table.cell(reader.row, key) is not None for key in ("homeroom", "teacher", "subject")):
            reader.error("class_name_missing", "name")
            return [(reader, StaffRow(reader.table.sheet.title, reader.row, ""))]
        return []
    key = fold(name)
    if key not in staff.classes and key.removeprefix("lop") in staff.classes:
        key = key.removeprefix("lop")
    known = staff.classes.get(key)
    grade = reader.value("grade", cells.grade)
    if known and grade and grade != known.grade:
        reader.error("grade_differs", "grade", value=grade, known=known.grade, class_name=known.name)
    grade = known.grade if known else grade or staff.new.get(key)
    if grade and not known:
        staff.new[key] = grade
    if not grade and not reader.failed:
        reader.error("class_new_without_grade", "name", value=cells.shown(name))
    name = known.name if known else name
    subject = reader.value("subject", staff.subject, grade) if not reader.failed else None
    found = []
    if "homeroom" in reader.table.columns or not subject:
        row = StaffRow(reader.table.sheet.title, reader.row, name, grade)
        found.append((reader, _with_teacher(reader, row, "homeroom", key, staff, old)))
    if subject:
        row = StaffRow(reader.table.sheet.title, reader.row, name, grade, subject)
        written = cells.text(reader.table.cell(reader.row, "subject"), 200)
        found.append((reader, _with_teacher(reader, row, "teacher", f"{key}/{fold(written)}", staff, old)))
    return found


def _with_teacher(reader: RowReader, row: StaffRow, key: str, name: str, staff: _Staff, old: Remembered) -> StaffRow:
    reader.remember(old, name)
    row.teacher = reader.value(key, staff.teacher)
    if reader.before:
        row.remembered = True
        row.before = reader.before.value(key, staff.teacher)
    return row


def _mark_contradictions(readers: list[tuple[RowReader, StaffRow]]) -> None:
    """Two rows that name different teachers for the same thing: nobody knows which is right."""
    seen: dict[tuple, list[tuple[RowReader, StaffRow]]] = {}
    for reader, row in readers:
        if row.teacher:
            seen.setdefault((fold(row.class_name), row.subject), []).append((reader, row))
    for lines in seen.values():
        if len({row.teacher for _reader, row in lines}) > 1:
            for reader, row in lines:
                other = next(item.row for _reader, item in lines if item.teacher != row.teacher)
                reader.error("teacher_twice", "teacher" if row.subject else "homeroom", other=other)
