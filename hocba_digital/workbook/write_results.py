"""The workbook of a class's year-end results: template, pre-filled with the class list and what is known."""

from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook

from . import headings, style
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
    ("Điểm", "Số nguyên từ 0 đến 10, không ghi điểm thập phân; chỉ có ở môn có bài kiểm tra cuối năm."),
    ("Phẩm chất, năng lực", "T: Tốt; Đ: Đạt; C: Cần cố gắng."),
    ("Nhận xét", "Điểm nổi bật, tiến bộ và nội dung chưa hoàn thành cần giúp đỡ; tối đa 1000 ký tự mỗi ô."),
    ("Chiều cao, cân nặng", "Đơn vị cm và kg, có thể có một chữ số thập phân."),
    (
        "Hoàn thành, lên lớp",
        "Ghi x nếu được; ghi “không” nếu không; cột Lên lớp ghi “hè” nếu chờ đánh giá lại. Để trống: chưa quyết định.",
    ),
    ("Ô để trống", "Ô để trống giữ nguyên dữ liệu đang có trong hệ thống."),
    ("Nhập lại nhiều lần", "Nhập lại cùng một tệp không thay đổi gì. Học bạ đã ký không nhận kết quả mới."),
)


def result_columns(grade: int, subjects: Iterable[SubjectPlan]) -> list[tuple[str, str, int, str, str]]:
    """Columns of the template: key, heading, width, number format, colour."""
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
    return [
        *columns,
        ("homeroom_comment", "Nhận xét của giáo viên chủ nhiệm", 34, style.TEXT, "other"),
        ("absences_excused", "Số ngày nghỉ có phép", 10, style.WHOLE, "last"),
        ("absences_unexcused", "Số ngày nghỉ không phép", 10, style.WHOLE, "last"),
        ("height", "Chiều cao (cm)", 10, style.DECIMAL, "last"),
        ("weight", "Cân nặng (kg)", 10, style.DECIMAL, "last"),
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
    """Workbook (.xlsx) of a class's year-end results. ``identities``: pupil code -> (name, date of birth).

    Deterministic: equal arguments give equal bytes.
    """
    rows = list(rows)
    columns = result_columns(info.grade, subjects)
    book = Workbook()
    sheet = book.active
    sheet.title = "Kết quả cuối năm"
    style.head(sheet, 1, [(title, width, fill) for _key, title, width, _form, fill in columns], 64)
    for number, row in enumerate(rows, start=2):
        values = cell_values(row, identities.get(row.code, ("", None)))
        for column, (key, _title, _width, form, _fill) in enumerate(columns, start=1):
            style.put(sheet, number, column, values.get(key), form)
    last = max(len(rows) + 1, 2)
    style.dress(sheet, 2, last, len(columns), 3, [form for *_rest, form, _fill in columns])
    _rules(sheet, columns, last)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:C{last}"
    style.landscape(sheet, 1)
    title = f"KẾT QUẢ CUỐI NĂM LỚP {info.name} - NĂM HỌC {info.school_year}"
    style.guide(book, title, _GUIDE)
    style.notes(book, kind="results", grade=str(info.grade), school_year=info.school_year, **{"class": info.name})
    return style.save(book, title)


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
