"""Reading workbooks of pupils and results: layouts, headings, and every kind of error by sheet, row and column."""

import io
import random
import unicodedata
from datetime import date, datetime

import generate
import hocba_workbook as workbook
import pytest
from hocba_workbook.headings import KNOWN_SUBJECTS, SUBJECT_NAMES
from hocba_workbook.text import clean, fold
from openpyxl import Workbook, load_workbook

SCHOOL = generate.school(13)
CLASS = SCHOOL.classes[0]
KNOWN = generate.known_of(SCHOOL, CLASS)
PLANS = generate.plans_of(CLASS)
FILES = generate.write_class(SCHOOL, CLASS)
PUPILS, RESULTS = FILES["hoc-sinh-2A1.xlsx"], FILES["ket-qua-2A1.xlsx"]
SECTOR_PUPILS, SECTOR_RESULTS = FILES["csdl-C1-HocSinh-2A1.xlsx"], FILES["csdl-KetQua-2A1.xlsx"]


def edit(data: bytes, change) -> bytes:
    """The workbook after `change(sheet, columns)`; columns: first line of the heading in row 1 -> column number."""
    book = load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    change(sheet, {str(cell.value).replace("\n", " - "): cell.column for cell in sheet[1]})
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(header: str, value, row: int = 3):
    """A change that writes one value under a heading."""

    def change(sheet, columns):
        cell = sheet.cell(row, columns[header])
        cell.value = value
        if isinstance(value, str) and not value.startswith(("=", "#")):
            cell.data_type = "s"
        if isinstance(value, int | float):
            cell.number_format = "General"

    return change


def pupils(data: bytes, known=KNOWN) -> workbook.ReadResult:
    return workbook.read_pupils(data, known)


def results(data: bytes, known=KNOWN, grade: int = 2) -> workbook.ReadResult:
    return workbook.read_results(data, grade, PLANS, known)


def only(found: workbook.ReadResult, code: str, row: int | None = 3) -> workbook.Problem:
    """The one finding there is, checked to be complete in Vietnamese and English."""
    assert [problem.code for problem in found.problems] == [code], [problem.text("en") for problem in found.problems]
    problem = found.problems[0]
    assert problem.row == row
    for language in ("vi", "en"):
        assert "%(" not in problem.text(language)
    return problem


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("Ngày sinh", "17-thg 5-2018", "date_form"),
        ("Ngày sinh", "17/05/18", "date_form"),
        ("Ngày sinh", "31/02/2018", "impossible_date"),
        ("Ngày sinh", "05/17/2018", "impossible_date"),
        ("Ngày sinh", 43237, "date_number"),
        ("Ngày sinh", datetime(1950, 1, 1), "birth_date_range"),
        ("Số định danh cá nhân", 48218000123, "id_lost_zero"),
        ("Số định danh cá nhân", "48218000123", "id_form"),
        ("Số định danh cá nhân", "04821800012X", "id_form"),
        ("Số định danh cá nhân", 1.5, "id_form"),
        ("Giới tính", "Khác", "choice"),
        ("Giới tính", "na", "choice_suggest"),
        ("Mã học sinh", "48 12?", "code_form"),
        ("Mã học sinh", None, "missing_code"),
        ("Họ và tên", None, "missing_name"),
        ("Họ và tên", True, "text_form"),
        ("Họ và tên", "A" * 151, "too_long"),
        ("Lớp", "2A2", "other_class"),
        ("Ngày vào lớp", "05/09/1925", "date_range"),
        ("Nơi sinh", "=1+1", "formula"),
        ("Nơi sinh", "#N/A", "cell_error"),
        ("Lý do không có số định danh", "quên", "choice"),
    ],
)
def test_wrong_cells_of_pupils(header, value, code):
    change = put(header, value)
    if code == "other_class":
        known = workbook.Known(class_name="2A1", classes=("2A1", "2A2"), school_year="2025-2026")
        found = workbook.read_pupils(edit(PUPILS, change), known)
    elif header == "Mã học sinh" and value is None:
        found = workbook.read_pupils(edit(PUPILS, change))
    else:
        found = pupils(edit(PUPILS, change))
    found.problems = [problem for problem in found.problems if not problem.code.startswith(("history", "id_disagrees"))]
    problem = only(found, code)
    assert problem.header == header and problem.sheet == "Học sinh" and problem.severity == "error"
    assert len(found.rows) == 12 and found.bad_rows == 1


@pytest.mark.parametrize(
    "text", ["17/05/2018", "17-5-2018", "17.05.2018", " 17 / 05 / 2018 ", "2018-05-17", "'17/05/2018"]
)
def test_dates_as_text(text):
    found = pupils(edit(PUPILS, put("Ngày sinh", text)))
    assert next(row for row in found.rows if row.row == 3).values["birth_date"] == date(2018, 5, 17)


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("Toán - Mức đạt được", "TT", "level_suggest"),
        ("Toán - Mức đạt được", "Đ", "level_suggest"),
        ("Toán - Mức đạt được", "Н", "level_suggest"),  # Cyrillic
        ("Toán - Mức đạt được", "?!", "level"),
        ("Toán - Mức đạt được", 9, "level"),
        ("Phẩm chất - Yêu nước", "H", "level_suggest"),
        ("Phẩm chất - Yêu nước", "Z", "level"),
        ("Toán - Điểm KTĐK", 8.5, "decimal_score"),
        ("Toán - Điểm KTĐK", "8,5", "decimal_score"),
        ("Toán - Điểm KTĐK", 11, "score_range"),
        ("Toán - Điểm KTĐK", "-1", "score_range"),
        ("Toán - Điểm KTĐK", "chín", "score_form"),
        ("Toán - Điểm KTĐK", datetime(2026, 5, 9), "score_form"),
        ("Toán - Điểm KTĐK", "=SUM(A1:A2)", "formula"),
        ("Mã học sinh", "4899999999", "unknown_code_suggest"),
        ("Họ và tên", "Người Khác", "name_mismatch"),
        ("Ngày sinh", "01/01/2017", "birth_date_mismatch"),
        ("Số ngày nghỉ có phép", 1.5, "whole_number"),
        ("Số ngày nghỉ có phép", 400, "whole_number"),
        ("Chiều cao (cm)", 1.32, "number_range"),
        ("Cân nặng (kg)", "nặng", "number_form"),
        ("Được lên lớp", "maybe", "choice"),
        ("Nhận xét phẩm chất", "x" * 1001, "too_long"),
    ],
)
def test_wrong_cells_of_results(header, value, code):
    found = results(edit(RESULTS, put(header, value)))
    problem = only(found, code)
    assert problem.header == header.replace(" - ", " ") and problem.sheet == "Kết quả cuối năm"
    assert problem.column and len(found.rows) == (13 if problem.severity == "warn" else 12)


@pytest.mark.parametrize(
    ("header", "value", "key", "expected"),
    [
        ("Toán - Mức đạt được", "hoàn thành tốt", "level", "T"),
        ("Toán - Mức đạt được", " h ", "level", "H"),
        ("Toán - Điểm KTĐK", "9", "score", 9),
        ("Toán - Điểm KTĐK", 9.0, "score", 9),
        ("Toán - Điểm KTĐK", 0, "score", 0),
        ("Phẩm chất - Yêu nước", "đ", "quality_patriotism", "D"),
        ("Phẩm chất - Yêu nước", "Cần cố gắng", "quality_patriotism", "C"),
        ("Chiều cao (cm)", "132,5 cm", "height", 132.5),
        ("Được lên lớp", "Hè", "promoted", "summer"),
        ("Được lên lớp", "Không", "promoted", "no"),
        ("Nhận xét phẩm chất", "=1+1 không phải công thức", "quality_comment", "=1+1 không phải công thức"),
    ],
)
def test_values_as_people_type_them(header, value, key, expected):
    change = put(header, value)

    def text(sheet, columns):
        change(sheet, columns)
        if isinstance(value, str):
            sheet.cell(3, columns[header]).data_type = "s"

    found = results(edit(RESULTS, text))
    row = next(row for row in found.rows if row.row == 3)
    assert found.problems == []
    assert (getattr(row.subjects["TOAN"], key) if key in ("level", "score") else row.values[key]) == expected


def test_score_where_there_is_no_test_and_for_exempt():
    def rename(sheet, columns):
        sheet.cell(1, columns["Đạo đức - Nhận xét"]).value = "Đạo đức - Điểm KTĐK"
        for row in range(2, 15):
            sheet.cell(row, columns["Đạo đức - Nhận xét"]).value = 9 if row == 3 else None

    assert only(results(edit(RESULTS, rename)), "score_without_test").params["subject"] == "Đạo đức"

    def exempt(sheet, columns):
        put("Toán - Mức đạt được", "M")(sheet, columns)
        put("Toán - Điểm KTĐK", 9)(sheet, columns)

    only(results(edit(RESULTS, exempt)), "score_exempt")


def test_merged_hidden_and_duplicate_rows():
    def merge(sheet, columns):
        column = columns["Phẩm chất - Yêu nước"]
        sheet.merge_cells(start_row=3, end_row=5, start_column=column, end_column=column)

    found = results(edit(RESULTS, merge))
    assert [(problem.code, problem.row) for problem in found.problems] == [("merged_cell", row) for row in (3, 4, 5)]
    assert found.problems[0].params["range"].endswith("5") and len(found.rows) == 10

    def hide(sheet, _columns):
        sheet.row_dimensions[3].hidden = True

    only(results(edit(RESULTS, hide)), "hidden_row")

    def double(sheet, _columns):
        for column in range(1, sheet.max_column + 1):
            sheet.cell(15, column).value = sheet.cell(3, column).value

    found = results(edit(RESULTS, double))
    assert {(problem.code, problem.row, problem.params["other"]) for problem in found.problems} == {
        ("duplicate_row", 3, 15),
        ("duplicate_row", 15, 3),
    }


def test_id_numbers_twice_in_the_file_and_in_the_database():
    numbers = {}

    def double(sheet, columns):
        column = columns["Số định danh cá nhân"]
        numbers["value"] = next(sheet.cell(row, column).value for row in range(4, 15) if sheet.cell(row, column).value)
        sheet.cell(3, column).value = numbers["value"]

    found = pupils(edit(PUPILS, double), workbook.Known(class_name="2A1", school_year="2025-2026"))
    assert [problem.code for problem in found.problems if problem.severity == "error"] == ["duplicate_id"] * 2
    other = workbook.KnownPupil(code="4800000001", name="Ai Đó", id_number=KNOWN.pupils[0].id_number)
    known = workbook.Known(pupils=(other,), class_name="2A1", school_year="2025-2026")
    found = pupils(PUPILS, known)
    assert [problem.code for problem in found.problems] == ["id_taken"]
    assert found.problems[0].params["code"] == "4800000001"


def test_pupil_in_another_class_or_signed():
    moved = [workbook.KnownPupil(code=p.code, name=p.name, class_name="2A2", closed=True) for p in KNOWN.pupils[:1]]
    known = workbook.Known(pupils=(*moved, *KNOWN.pupils[1:]), class_name="2A1", school_year="2025-2026")
    assert only(results(RESULTS, known), "not_in_class", 2).params["found"] == "2A2"
    closed = [workbook.KnownPupil(code=p.code, name=p.name, class_name="2A1", closed=True) for p in KNOWN.pupils[:1]]
    known = workbook.Known(pupils=(*closed, *KNOWN.pupils[1:]), class_name="2A1", school_year="2025-2026")
    only(results(RESULTS, known), "record_closed", 2)


def test_lost_zero_of_a_code():
    first = KNOWN.pupils[0]
    known = workbook.Known(pupils=(workbook.KnownPupil(code="0012345678", name=first.name, class_name="2A1"),))

    def change(sheet, columns):
        sheet.delete_rows(3, 20)
        put("Mã học sinh", 12345678, 2)(sheet, columns)
        sheet.cell(2, columns["Họ và tên"]).value = first.name

    assert only(results(edit(RESULTS, change), known), "code_lost_zero", 2).params["expected"] == "0012345678"


def test_columns_in_any_order_and_spelling():
    book = load_workbook(io.BytesIO(RESULTS))
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=1, max_row=14)]
    order = list(range(len(rows[0])))
    random.Random(1).shuffle(order)
    spelling = lambda text: unicodedata.normalize("NFD", text.upper().replace("\n", "   "))  # noqa: E731
    other = Workbook()
    other.active.append(["Trường Tiểu học Hoa Phượng", None, "Mẫu kết quả"])
    other.active.append([])
    for number, row in enumerate(rows):
        other.active.append([spelling(row[index]) if not number else row[index] for index in order])
    out = io.BytesIO()
    other.save(out)
    found, expected = results(out.getvalue()), results(RESULTS)
    assert found.problems == [] and found.layout == "other"
    assert [(row.code, row.values, row.subjects) for row in found.rows] == [
        (row.code, row.values, row.subjects) for row in expected.rows
    ]


def test_sector_layouts():
    found, expected = results(SECTOR_RESULTS), results(RESULTS)
    assert found.problems == [] and found.layout == "sector"
    for row, other in zip(found.rows, expected.rows, strict=True):
        assert {code: (item.level, item.score) for code, item in row.subjects.items()} == {
            code: (item.level, item.score) for code, item in other.subjects.items()
        }
        assert (
            row.values.items()
            >= {key: value for key, value in other.values.items() if key.startswith("quality_p")}.items()
        )
    found = pupils(SECTOR_PUPILS)
    assert (found.layout, len(found.rows)) == ("sector", 13)
    assert found.rows[0].values["birth_date"] == CLASS.pupils[0].birth_date
    assert found.rows[0].values["status"] == "present"


def test_sector_table_of_grade_5_tells_subject_and_competence_apart():
    school = generate.school(105)
    line = school.classes[2]
    data = generate.write_class(school, line)[f"csdl-KetQua-{line.name}.xlsx"]
    found = workbook.read_results(data, 5, generate.plans_of(line), generate.known_of(school, line))
    assert found.problems == []
    for row, pupil in zip(found.rows, line.pupils, strict=True):
        assert row.subjects["KH"].score == pupil.results.subjects["KH"].score
        assert row.values["competence_science"] == pupil.results.competences["science"]
        assert row.subjects["TH"].level == pupil.results.subjects["TH"].level


def test_column_of_a_subject_the_grade_does_not_have():
    def change(sheet, _columns):
        column = next(cell.column for cell in sheet[2] if cell.value == "TH-CN (Tin học)")
        sheet.cell(4, column).value = "T"

    found = results(edit(SECTOR_RESULTS, change))
    assert only(found, "subject_not_in_grade", 4).severity == "warn" and len(found.rows) == 13


def test_headings_that_are_missing_or_mean_the_same():
    found = pupils(edit(PUPILS, put("Nơi sinh", "Quê quán", 1)))
    problem = only(found, "ambiguous_header", 1)
    assert problem.severity == "fatal" and (problem.params["first"], problem.params["second"]) == ("I", "J")
    found = pupils(edit(PUPILS, put("Họ và tên", "Biệt danh", 1)))
    assert [problem.code for problem in found.problems] == ["missing_column"]
    found = results(edit(RESULTS, put("Mã học sinh", "Mã gì đó", 1)))
    assert [problem.code for problem in found.problems] == ["missing_column"]
    assert found.fatal and not found.rows


def test_wrong_kind_class_and_year():
    assert pupils(RESULTS).problems[0].code == "wrong_kind_results"
    assert results(PUPILS).problems[0].code == "wrong_kind_pupils"
    assert pupils(SECTOR_RESULTS).problems[0].code == "wrong_kind_results"
    assert results(SECTOR_PUPILS).problems[0].code == "wrong_kind_pupils"
    assert results(RESULTS, workbook.Known(class_name="5A1")).problems[0].code == "wrong_class"
    assert results(RESULTS, workbook.Known(school_year="2024-2025")).problems[0].code == "wrong_year"


def test_rows_below_the_table_and_empty_rows():
    def change(sheet, columns):
        sheet.cell(17, 2).value = None
        sheet.cell(18, columns["Toán - Nhận xét"]).value = "Ngày … tháng … năm …  Giáo viên chủ nhiệm"
        for row in range(20, 400):
            sheet.cell(row, 1).number_format = "@"

    found = results(edit(RESULTS, change))
    assert found.problems == [] and len(found.rows) == 13
    found = results(edit(RESULTS, put("Toán - Mức đạt được", "T", 17)))
    only(found, "row_without_pupil", 17)


def test_history_of_unknown_pupils_and_years():
    book = load_workbook(io.BytesIO(PUPILS))
    sheet = book["Quá trình học tập"]
    sheet["A2"], sheet["C3"] = "4899999999", "2024"
    out = io.BytesIO()
    book.save(out)
    found = pupils(out.getvalue())
    assert {problem.code for problem in found.problems} == {"history_unknown_pupil", "history_year"}
    assert {problem.sheet for problem in found.problems} == {"Quá trình học tập"}


def test_class_of_each_row_when_none_was_chosen():
    known = workbook.Known(classes=("2A1", "3B"), school_year="2025-2026")
    found = pupils(SECTOR_PUPILS, known)
    assert {row.values["class_name"] for row in found.rows} == {"2A1"}
    known = workbook.Known(classes=("3B",), school_year="2025-2026")
    assert {problem.code for problem in pupils(SECTOR_PUPILS, known).problems} >= {"unknown_class"}


def test_texts_are_normal():
    assert clean(unicodedata.normalize("NFD", " Trần\u00a0 Thị\tH'Hen ")) == "Trần Thị H'Hen"
    assert clean("a_x000D_\nb\x07") == "a b"
    assert fold("Điểm KTĐK") == "diemktdk" and fold("Năng lực đặc thù") == "nanglucdacthu"
    found = pupils(edit(PUPILS, put("Nơi sinh", unicodedata.normalize("NFD", "Bệnh viện Đà Nẵng"))))
    assert next(row for row in found.rows if row.row == 3).values["birth_place"] == "Bệnh viện Đà Nẵng"


def test_headings_are_unambiguous():
    assert len(KNOWN_SUBJECTS) == len({fold(name) for names in SUBJECT_NAMES.values() for name in names})
    for code, names in SUBJECT_NAMES.items():
        assert {KNOWN_SUBJECTS[fold(name)] for name in names} == {code}


def test_every_message_has_the_same_placeholders_in_both_languages():
    import re

    for code, (english, vietnamese) in workbook.MESSAGES.items():
        names = set(re.findall(r"%\((\w+)\)s", english))
        assert names == set(re.findall(r"%\((\w+)\)s", vietnamese)), code
        assert workbook.message(code, dict.fromkeys(names, "?"))


def test_package_is_free_of_odoo_and_of_absolute_imports():
    import ast
    from pathlib import Path

    for path in Path(workbook.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in names:
                assert name.split(".")[0] not in ("odoo", "hocba_core", "hocba_workbook"), f"{path.name}: {name}"
