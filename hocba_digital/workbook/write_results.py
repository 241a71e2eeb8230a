"""The workbook of results in one period: a sheet per class, filled in with the pupils and what is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook

from . import headings, remembered, style
from .model import ClassInfo, ResultRow, SubjectPlan, SubjectValues

_LEVELS = ("T", "H", "C", "M")
_TRAITS = {"T": "T", "D": "Đ", "C": "C"}
_PROMOTED = {"yes": "x", "no": "không", "summer": "hè"}
_GUIDE = (
    (
        "Mỗi học sinh một dòng",
        "Không gộp ô, không dùng công thức, không ẩn dòng. Có thể đổi thứ tự cột; không đổi tên cột.",
    ),
    (
        "Mức đạt được của môn học",
        "T: Hoàn thành tốt; H: Hoàn thành; C: Chưa hoàn thành; M: Miễn học (Thông tư 27/2020, Điều 7).",
    ),
    ("Điểm", "Số nguyên từ 0 đến 10, không ghi điểm thập phân; chỉ có ở môn có bài kiểm tra trong kì này."),
    ("Phẩm chất, năng lực", "T: Tốt; Đ: Đạt; C: Cần cố gắng."),
    ("Nhận xét", "Điểm nổi bật, tiến bộ và nội dung chưa hoàn thành cần giúp đỡ; tối đa 1000 ký tự mỗi ô."),
    ("Chiều cao, cân nặng", "Đơn vị cm và kg, có thể có một chữ số thập phân."),
    ("Ô để trống", "Ô để trống giữ nguyên dữ liệu đang có trong hệ thống."),
    ("Nhập lại nhiều lần", "Nhập lại cùng một tệp không thay đổi gì. Học bạ đã ký không nhận kết quả mới."),
)


_NOTES = {
    "code": "Mã do CSDL ngành cấp. Không sửa: phần mềm nhận ra học sinh theo mã này.",
    "level": "T: Hoàn thành tốt\nH: Hoàn thành\nC: Chưa hoàn thành\nM: Miễn học",
    "score": "Số nguyên từ 0 đến 10. Bài kiểm tra lại: ghi điểm bài cuối cùng.",
    "comment": "Điểm nổi bật và nội dung cần giúp đỡ, tối đa 1000 ký tự.",
    "quality_comment": "Một nhận xét chung cho năm phẩm chất.",
    "general_comment": "Một nhận xét chung cho ba năng lực chung.",
    "specific_comment": "Một nhận xét chung cho các năng lực đặc thù.",
    "promoted": "x: được lên lớp; không: chưa được lên lớp; hè: chờ đánh giá bổ sung.",
}
_GUIDE_YEAR = (
    "Hoàn thành, lên lớp",
    "Ghi x nếu được; ghi “không” nếu không; cột Lên lớp ghi “hè” nếu chờ đánh giá lại. Để trống: chưa quyết định.",
)
_GUIDE_REMEMBERED = (
    "Dữ liệu mới hơn trong phần mềm",
    "Ô không sửa trong tệp thì không bao giờ ghi đè lên dữ liệu. Nếu một ô vừa được sửa trong tệp vừa được sửa trong "
    "phần mềm sau khi tải tệp về, phần mềm sẽ hỏi trước khi nhập.",
)
_GUIDE_PROTECTED = (
    "Ô bị khóa",
    "Dòng tiêu đề và các cột màu xám được khóa để không sửa nhầm. Mở khóa: thẻ Review (Xem lại) > Unprotect Sheet, "
    "không cần mật khẩu.",
)
TITLES = {
    "mid1": "Kết quả giữa HK1",
    "end1": "Kết quả cuối HK1",
    "mid2": "Kết quả giữa HK2",
    "year": "Kết quả cuối năm",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassResults:
    """One class of a workbook: its pupils' rows and ``identities``: pupil code -> (name, date of birth).

    ``homeroom``: with the columns that only the homeroom teacher fills in.
    """

    info: ClassInfo
    subjects: tuple[SubjectPlan, ...]
    rows: tuple[ResultRow, ...]
    identities: Mapping[str, tuple[str, Any]]
    homeroom: bool = True


def result_columns(
    grade: int, subjects: Iterable[SubjectPlan], period: str = "year", homeroom: bool = True
) -> list[tuple[str, str, int, str, str]]:
    """Columns of the template: key, heading, width, number format, colour. Only the year's end has an outcome."""
    columns = [
        ("code", "Mã học sinh", 14, style.TEXT, "key"),
        ("name", "Họ và tên", 28, style.TEXT, "key"),
        ("birth_date", "Ngày sinh", 12, style.DATE, "key"),
    ]
    for plan in subjects:
        columns.append((f"{plan.code}.level", f"{plan.name}\nMức đạt được", 11, style.TEXT, "plain"))
        if plan.has_test:
            columns.append((f"{plan.code}.score", f"{plan.name}\nĐiểm KTĐK", 9, style.WHOLE, "plain"))
        columns.append((f"{plan.code}.comment", f"{plan.name}\nNhận xét", 34, style.TEXT, "plain"))
    if not homeroom:
        return columns
    columns += [
        (f"quality_{code}", f"Phẩm chất\n{name}", 10, style.TEXT, "other") for code, name in headings.QUALITIES.items()
    ]
    columns.append(("quality_comment", "Nhận xét phẩm chất", 34, style.TEXT, "other"))
    traits = headings.competences(grade)
    for group, names, comment in (
        ("Năng lực chung", headings.GENERAL_COMPETENCES, "general_comment"),
        ("Năng lực đặc thù", headings.SPECIFIC_COMPETENCES, "specific_comment"),
    ):
        columns += [
            (f"competence_{code}", f"{group}\n{names[code]}", 11, style.TEXT, "other")
            for code in names
            if code in traits
        ]
        columns.append((comment, f"Nhận xét {group[0].lower()}{group[1:]}", 34, style.TEXT, "other"))
    columns += [
        ("homeroom_comment", "Nhận xét của giáo viên chủ nhiệm", 34, style.TEXT, "other"),
        ("absences_excused", "Số ngày nghỉ có phép", 10, style.WHOLE, "last"),
        ("absences_unexcused", "Số ngày nghỉ không phép", 10, style.WHOLE, "last"),
        ("height", "Chiều cao (cm)", 10, style.DECIMAL, "last"),
        ("weight", "Cân nặng (kg)", 10, style.DECIMAL, "last"),
    ]
    if period != "year":
        return columns
    return [
        *columns,
        ("class_completed", "Hoàn thành chương trình lớp học", 12, style.TEXT, "last"),
        ("promoted", "Được lên lớp", 10, style.TEXT, "last"),
        ("award", "Khen thưởng", 32, style.TEXT, "last"),
        ("extra_award", "Khen thưởng đột xuất", 32, style.TEXT, "last"),
    ]


def results_workbook(
    info: ClassInfo,
    subjects: Iterable[SubjectPlan],
    rows: Iterable[ResultRow],
    identities: Mapping[str, tuple[str, Any]],
) -> bytes:
    """Workbook (.xlsx) of one class's results. ``identities``: pupil code -> (name, date of birth).

    Deterministic: equal arguments give equal bytes.
    """
    line = ClassResults(info=info, subjects=tuple(subjects), rows=tuple(rows), identities=identities)
    return results_workbook_of((line,), remember=False)


def results_workbook_of(classes: Iterable[ClassResults], *, remember: bool = True) -> bytes:
    """Workbook of several classes of one school year and period, a sheet each.

    ``remember``: keep the values in a hidden sheet, so that the import knows which cells were edited.
    """
    classes = list(classes)
    period = classes[0].info.period
    book = Workbook()
    book.remove(book.active)
    values: dict[str, Mapping[str, Any]] = {}
    for line in classes:
        sheet = book.create_sheet(_sheet_title(line.info, len(classes)))
        values |= _fill(sheet, line)
    names = ", ".join(line.info.name for line in classes[:6]) + ("…" if len(classes) > 6 else "")
    title = f"{TITLES[period].upper()} - LỚP {names} - NĂM HỌC {classes[0].info.school_year}"
    year = (_GUIDE_YEAR,) if period == "year" else ()
    extra = (_GUIDE_REMEMBERED,) if remember else ()
    style.guide(book, title, (*_GUIDE[:-2], *year, *_GUIDE[-2:], *extra, _GUIDE_PROTECTED))
    own = {"class": classes[0].info.name, "grade": str(classes[0].info.grade)} if len(classes) == 1 else {}
    style.notes(book, kind="results", school_year=classes[0].info.school_year, period=period, **own)
    if remember:
        keys = dict.fromkeys(key for row in values.values() for key in row)
        remembered.remember(book, values.items(), keys)
    return style.save(book, title)


def _sheet_title(info: ClassInfo, count: int) -> str:
    if count == 1:
        return TITLES[info.period]
    return "".join("-" if char in "[]:*?/\\" else char for char in f"Lớp {info.name}")[:31]


def _fill(sheet, line: ClassResults) -> dict[str, Mapping[str, Any]]:
    """Write one class; returns what stands in its cells, by pupil code."""
    columns = result_columns(line.info.grade, line.subjects, line.info.period, line.homeroom)
    style.head(sheet, 1, [(title, width, fill) for _key, title, width, _form, fill in columns], 64)
    written = {}
    for number, row in enumerate(line.rows, start=2):
        values = cell_values(row, line.identities.get(row.code, ("", None)))
        written[row.code] = {key: values.get(key) for key, *_rest in columns}
        for column, (key, _title, _width, form, _fill) in enumerate(columns, start=1):
            style.put(sheet, number, column, values.get(key), form)
    last = max(len(line.rows) + 1, 2)
    style.dress(sheet, 2, last, len(columns), 3, [form for *_rest, form, _fill in columns])
    style.protect(sheet, len(columns), 2, last, 3)
    _rules(sheet, columns, last)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:C{last}"
    style.landscape(sheet, 1)
    return written


def cell_values(row: ResultRow, identity: tuple[str, Any]) -> dict[str, Any]:
    """What stands in the cells of a row, by key of the column."""
    values: dict[str, Any] = {"code": row.code, "name": identity[0], "birth_date": identity[1]}
    for key, value in row.values.items():
        if key in {"class_completed", "promoted"}:
            values[key] = _PROMOTED.get(value)
        elif key == "overall":
            values[key] = headings.OVERALL_WORDS.get(value)
        elif key.startswith(("quality_", "competence_")) and key != "quality_comment":
            values[key] = _TRAITS.get(value)
        else:
            values[key] = value
    for code, subject in row.subjects.items():
        values |= _subject_cells(code, subject)
    return values


def _subject_cells(code: str, subject: SubjectValues) -> dict[str, Any]:
    return {f"{code}.level": subject.level, f"{code}.score": subject.score, f"{code}.comment": subject.comment}


def _rules(sheet, columns, last: int) -> None:
    for column, (key, *_rest) in enumerate(columns, start=1):
        if key in _NOTES or key.split(".")[-1] in _NOTES:
            style.explain(sheet, 1, column, _NOTES.get(key) or _NOTES[key.split(".")[-1]])
        if key.endswith(".level"):
            style.choose(
                sheet, column, 2, last, _LEVELS, "T: Hoàn thành tốt, H: Hoàn thành, C: Chưa hoàn thành, M: Miễn."
            )
        elif key.endswith(".score"):
            style.limit(sheet, column, 2, last, "whole", 0, 10, "Số nguyên từ 0 đến 10.")
        elif key.startswith(("quality_", "competence_")) and key != "quality_comment":
            style.choose(sheet, column, 2, last, _TRAITS.values(), "T: Tốt, Đ: Đạt, C: Cần cố gắng.")
        elif key.startswith("absences"):
            style.limit(sheet, column, 2, last, "whole", 0, 366, "Số ngày nghỉ.")
        elif key == "height":
            style.limit(sheet, column, 2, last, "decimal", 50, 220, "Chiều cao tính bằng cm.")
        elif key == "weight":
            style.limit(sheet, column, 2, last, "decimal", 8, 150, "Cân nặng tính bằng kg.")
        elif key == "class_completed":
            style.choose(sheet, column, 2, last, ("x", "không"), "x: hoàn thành.")
        elif key == "promoted":
            style.choose(sheet, column, 2, last, ("x", "không", "hè"), "x: được lên lớp; hè: chờ đánh giá lại.")
