"""The workbook of a class's pupils: template, pre-filled with who is there."""

from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook

from . import remembered, style
from .model import ClassInfo, PupilRow
from .read_pupils import REASON_LABELS

#: key, heading, width, number format, colour of the heading
COLUMNS = (
    ("code", "Mã học sinh", 14, style.TEXT, "key"),
    ("name", "Họ và tên", 28, style.TEXT, "key"),
    ("birth_date", "Ngày sinh", 12, style.DATE, "plain"),
    ("gender", "Giới tính", 9, style.TEXT, "plain"),
    ("id_number", "Số định danh cá nhân", 17, style.TEXT, "plain"),
    ("no_id_reason", "Lý do không có số định danh", 18, style.TEXT, "plain"),
    ("ethnicity", "Dân tộc", 12, style.TEXT, "plain"),
    ("nationality", "Quốc tịch", 12, style.TEXT, "plain"),
    ("birth_place", "Nơi sinh", 32, style.TEXT, "plain"),
    ("home_town", "Quê quán", 32, style.TEXT, "plain"),
    ("address", "Nơi ở hiện nay", 40, style.TEXT, "plain"),
    ("father_name", "Họ và tên cha", 24, style.TEXT, "other"),
    ("mother_name", "Họ và tên mẹ", 24, style.TEXT, "other"),
    ("guardian_name", "Người giám hộ (nếu có)", 24, style.TEXT, "other"),
    ("register_number", "Số đăng bộ", 12, style.TEXT, "last"),
    ("class_name", "Lớp", 8, style.TEXT, "last"),
    ("date_from", "Ngày vào lớp", 12, style.DATE, "last"),
)
HISTORY_COLUMNS = (
    ("code", "Mã học sinh", 14, style.TEXT, "key"),
    ("name", "Họ và tên", 28, style.TEXT, "key"),
    ("school_year", "Năm học", 12, style.TEXT, "plain"),
    ("class_name", "Lớp", 9, style.TEXT, "plain"),
    ("school_name", "Tên trường", 40, style.TEXT, "plain"),
    ("arrived_on", "Ngày nhập học/chuyển đến", 16, style.DATE, "plain"),
)
GENDER_WORDS = {"male": "Nam", "female": "Nữ"}
_SPARE_ROWS = 20
_GUIDE = (
    (
        "Mỗi học sinh một dòng",
        "Không gộp ô, không dùng công thức, không ẩn dòng. Có thể đổi thứ tự cột; không đổi tên cột.",
    ),
    ("Mã học sinh", "Mã do CSDL ngành cấp, không thay đổi. Ô ở dạng văn bản để không mất số 0 ở đầu."),
    ("Họ và tên", "Ghi đúng theo giấy khai sinh."),
    ("Ngày sinh, ngày vào lớp", "Ghi ngày/tháng/năm với năm đủ 4 chữ số, ví dụ 17/05/2017."),
    ("Số định danh cá nhân", "12 chữ số, ô ở dạng văn bản. Nếu không có: để trống và chọn lý do ở cột bên cạnh."),
    ("Dân tộc, quốc tịch", "Chọn trong danh sách. Học sinh nước ngoài: dân tộc ghi “Người nước ngoài”."),
    ("Nơi sinh, quê quán, nơi ở", "Ghi theo địa danh hành chính hiện nay (xã/phường, tỉnh/thành phố)."),
    ("Ô để trống", "Ô để trống giữ nguyên dữ liệu đang có trong hệ thống."),
    ("Trang “Quá trình học tập”", "Mỗi năm học trước (và phần năm học này ở trường khác) một dòng cho từng học sinh."),
    ("Nhập lại nhiều lần", "Nhập lại cùng một tệp không tạo thêm và không thay đổi gì."),
)


def pupils_workbook(
    info: ClassInfo,
    pupils: Iterable[PupilRow],
    *,
    ethnicities: Iterable[str] = (),
    nationalities: Iterable[str] = ("Việt Nam",),
    remember: bool = False,
) -> bytes:
    """Workbook (.xlsx) of a class, or of several when ``info.name`` is empty and each row names its class.

    One row a pupil, a second sheet with former school years, instructions. ``remember``: keep the values in a hidden
    sheet, so that the import knows which cells were edited. Deterministic: equal arguments give equal bytes.
    """
    rows = list(pupils)
    book = Workbook()
    sheet = book.active
    sheet.title = "Học sinh"
    style.head(sheet, 1, [(title, width, fill) for _key, title, width, _form, fill in COLUMNS])
    written = {}
    for number, pupil in enumerate(rows, start=2):
        values = {"class_name": info.name, **pupil.values, "code": pupil.code}
        written[pupil.code] = _write(sheet, number, COLUMNS, values)
    last = len(rows) + 1 + _SPARE_ROWS
    style.dress(sheet, 2, last, len(COLUMNS), 0, [form for *_rest, form, _fill in COLUMNS])
    style.protect(sheet, len(COLUMNS), 2, last)
    _rules(book, sheet, last, list(ethnicities), list(nationalities))
    sheet.freeze_panes = "C2"
    style.landscape(sheet, 1)
    _history(book, rows)
    title = f"DANH SÁCH HỌC SINH {f'LỚP {info.name} ' if info.name else ''}- NĂM HỌC {info.school_year}"
    style.guide(book, title, _GUIDE)
    own = {"class": info.name, "grade": str(info.grade)} if info.name else {}
    style.notes(book, kind="pupils", school_year=info.school_year, **own)
    if remember:
        remembered.remember(book, written.items(), [key for key, *_rest in COLUMNS])
    return style.save(book, title)


def _write(sheet, number: int, columns, values: Mapping[str, Any]) -> dict[str, Any]:
    """Write one row; returns what stands in its cells."""
    written = {}
    for column, (key, _title, _width, form, _fill) in enumerate(columns, start=1):
        value = values.get(key)
        if key == "gender":
            value = GENDER_WORDS.get(value, value)
        elif key == "no_id_reason":
            value = REASON_LABELS.get(value, value)
        style.put(sheet, number, column, value, form)
        written[key] = value
    return written


def _rules(book: Workbook, sheet, last: int, ethnicities: list[str], nationalities: list[str]) -> None:
    places = {key: number for number, (key, *_rest) in enumerate(COLUMNS, start=1)}
    style.choose(sheet, places["gender"], 2, last, GENDER_WORDS.values(), "Chọn Nam hoặc Nữ.")
    reasons = REASON_LABELS.values()
    style.choose(sheet, places["no_id_reason"], 2, last, reasons, "Chỉ chọn khi không có số định danh.")
    lists = book.create_sheet("_lists")
    lists.sheet_state = "veryHidden"
    for column, (key, values) in enumerate((("ethnicity", ethnicities), ("nationality", nationalities)), start=1):
        for row, value in enumerate(values, start=1):
            style.put(lists, row, column, value)
        if values:
            letter = "AB"[column - 1]
            area = f"_lists!${letter}$1:${letter}${len(values)}"
            style.choose_from(sheet, places[key], 2, last, area, "Chọn trong danh sách.")
    for key in ("birth_date", "date_from"):
        style.limit(sheet, places[key], 2, last, "date", 36526, 73050, "Ghi ngày/tháng/năm, ví dụ 17/05/2017.")


def _history(book: Workbook, rows: list[PupilRow]) -> None:
    sheet = book.create_sheet("Quá trình học tập")
    style.head(sheet, 1, [(title, width, fill) for _key, title, width, _form, fill in HISTORY_COLUMNS])
    number = 1
    for pupil in rows:
        for line in pupil.history:
            number += 1
            values = {
                "code": pupil.code,
                "name": pupil.values.get("name"),
                "school_year": line.school_year,
                "class_name": line.class_name,
                "school_name": line.school_name,
                "arrived_on": line.arrived_on,
            }
            _write(sheet, number, HISTORY_COLUMNS, values)
    forms = [form for *_rest, form, _fill in HISTORY_COLUMNS]
    style.dress(sheet, 2, number + _SPARE_ROWS, len(HISTORY_COLUMNS), 0, forms)
    style.protect(sheet, len(HISTORY_COLUMNS), 2, number + _SPARE_ROWS)
    sheet.freeze_panes = "C2"
    style.landscape(sheet, 1)
