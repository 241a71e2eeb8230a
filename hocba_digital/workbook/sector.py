"""The layouts of the sector database (CSDL ngành): written for exchange and read as they are by the readers here."""

from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from . import headings, style
from .model import ClassInfo, PupilRow, ResultRow, SubjectPlan
from .write_pupils import GENDER_WORDS
from .write_results import cell_values

#: Subjects of the table of grades 1 and 2 in its order: code, heading, with a score column.
_GRADES_1_2 = (
    *(("TOAN", "Toán", True), ("TV", "Tiếng việt", True), ("DD", "Đạo đức", False), ("TNXH", "TN&XH", False)),
    *(("NN1", "Ngoại ngữ", False), ("TDT", "Tiếng dân tộc", False), ("TH", "TH-CN (Tin học)", False)),
    *(("AN", "ÂN", False), ("MT", "MT", False), ("HDTN", "HĐTN", False), ("GDTC", "GDTC", False)),
)
_SECTOR_NAMES = {
    "TOAN": "Toán",
    "TV": "Tiếng việt",
    "DD": "Đạo đức",
    "TNXH": "TN&XH",
    "NN1": "Ngoại ngữ",
    "TDT": "Tiếng dân tộc",
    "TH": "TH-CN (Tin học)",
    "CN": "TH-CN (Công nghệ)",
    "AN": "ÂN",
    "MT": "MT",
    "HDTN": "HĐTN",
    "GDTC": "GDTC",
    "LSDL": "LS&ĐL",
    "KH": "Khoa học",
}
_PUPIL_COLUMNS = (
    *(("class_name", "Mã lớp"), ("code", "Mã học sinh"), ("name", "Họ tên"), ("birth_date", "Ngày sinh")),
    *(("gender", "Giới tính"), ("status", "Trạng thái HS"), ("status_date", "Ngày nhập trạng thái")),
    *(("ethnicity", "Dân tộc"), ("disability", "Loại khuyết tật"), ("id_number", "Số định danh cá nhân")),
    *(
        ("nationality", "Quốc tịch"),
        ("birth_place", "Nơi sinh"),
        ("home_town", "Quê quán"),
        ("address", "Chỗ ở hiện nay"),
    ),
    *(("father_name", "Họ tên cha"), ("mother_name", "Họ tên mẹ"), ("guardian_name", "Họ tên người giám hộ")),
)
_STATUS_WORDS = {"present": "Đang học", "arrived": "Chuyển đến", "left": "Chuyển đi", "dropped": "Thôi học"}
_LEADING = ("STT", "Mã lớp", "Mã học sinh", "Họ tên", "Ngày sinh")


def sector_results_workbook(
    info: ClassInfo,
    subjects: Iterable[SubjectPlan],
    rows: Iterable[ResultRow],
    identities: Mapping[str, tuple[str, Any]],
) -> bytes:
    """Results as the sector database exports them: three heading rows with merged cells, no comments.

    The columns of grades 1 and 2 in their order; for grades 3 to 5 the same with the columns of these grades.
    """
    plans = list(subjects)
    columns = _columns(info.grade, plans)
    book = Workbook()
    sheet = book.active
    sheet.title = "KetQuaHocTap"
    _heading(sheet, columns)
    for number, row in enumerate(rows, start=4):
        identity = identities.get(row.code, ("", None))
        values = cell_values(row, identity)
        values |= {"number": number - 3, "class_name": info.name}
        # The template knows the mark only; what is not marked did not complete or move up.
        values |= {key: "x" if row.values.get(key) == "yes" else None for key in ("class_completed", "promoted")}
        values["birth_date"] = identity[1].strftime("%d/%m/%Y") if identity[1] else None
        for column, (key, *_names) in enumerate(columns, start=1):
            style.put(sheet, number, column, values.get(key), style.TEXT)
    return style.save(book, f"Kết quả học tập lớp {info.name}")


def _columns(grade: int, plans: list[SubjectPlan]) -> list[tuple[str, str, str, str]]:
    """Key and the texts of the three heading rows; an empty text continues the one above."""
    keys = ("number", "class_name", "code", "name", "birth_date")
    columns = [(key, title, "", "") for key, title in zip(keys, _LEADING, strict=True)]
    shown = _GRADES_1_2 if grade <= 2 else [(plan.code, _SECTOR_NAMES[plan.code], plan.has_test) for plan in plans]
    for code, title, has_score in shown:
        columns.append((f"{code}.level", "Môn học và hoạt động giáo dục", title, "Mức đạt được" if has_score else ""))
        if has_score:
            columns.append((f"{code}.score", "Môn học và hoạt động giáo dục", title, "Điểm KTĐK"))
    traits = headings.competences(grade)
    columns += [
        (f"competence_{code}", "Năng lực", "Năng lực chung", name)
        for code, name in headings.GENERAL_COMPETENCES.items()
    ]
    columns += [
        (f"competence_{code}", "Năng lực", "Năng lực đặc thù", name)
        for code, name in headings.SPECIFIC_COMPETENCES.items()
        if code in traits
    ]
    columns += [(f"quality_{code}", "Phẩm chất chủ yếu", name, "") for code, name in headings.QUALITIES.items()]
    return [
        *columns,
        ("class_completed", "Hoàn thành chương trình lớp học", "", ""),
        ("promoted", "Lên lớp", "", ""),
        ("overall", "Xếp loại", "", ""),
    ]


def _heading(sheet, columns: list[tuple[str, str, str, str]]) -> None:
    for column, (_key, *texts) in enumerate(columns, start=1):
        for row, text in enumerate(texts, start=1):
            if text:
                cell = sheet.cell(row, column, text)
                cell.font = Font(name="Times New Roman", bold=True)
                cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    for left, right, top, bottom in _merges(columns):
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    sheet.freeze_panes = "A4"


def _merges(columns: list[tuple[str, str, str, str]]) -> list[tuple[int, int, int, int]]:
    found = []
    for level in (0, 1):
        column = 0
        while column < len(columns):
            head = columns[column][1 : level + 2]
            last = column
            while head[-1] and last + 1 < len(columns) and columns[last + 1][1 : level + 2] == head:
                last += 1
            if last > column:
                found.append((column + 1, last + 1, level + 1, level + 1))
            elif head[-1] and not any(columns[column][level + 2 :]):
                found.append((column + 1, column + 1, level + 1, 3))
            column = last + 1
    return found


def sector_pupils_workbook(info: ClassInfo, pupils: Iterable[PupilRow]) -> bytes:
    """The pupil list ``C1-HocSinh``: dates as text dd/mm/yyyy, every value a text."""
    book = Workbook()
    sheet = book.active
    sheet.title = "C1-HocSinh"
    for column, (_key, title) in enumerate(_PUPIL_COLUMNS, start=1):
        style.put(sheet, 1, column, title).font = Font(name="Times New Roman", bold=True)
    for number, pupil in enumerate(pupils, start=2):
        values = {"class_name": info.name, "status": "present", **pupil.values, "code": pupil.code}
        values["gender"] = GENDER_WORDS.get(values.get("gender"))
        values["status"] = _STATUS_WORDS[values["status"]]
        values.setdefault("status_date", values.get("date_from"))
        for column, (key, _title) in enumerate(_PUPIL_COLUMNS, start=1):
            value = values.get(key)
            style.put(sheet, number, column, value.strftime("%d/%m/%Y") if hasattr(value, "strftime") else value)
    return style.save(book, f"Danh sách học sinh lớp {info.name}")
