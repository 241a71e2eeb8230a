"""Files of other software: formats and encodings, headings, mapped columns and values, hostile files."""

import io
import zipfile
from datetime import date, datetime

import hocba_workbook as workbook
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

HEADS = ["Mã học sinh", "Họ và tên", "Ngày sinh", "Giới tính"]
ROWS = [["4890000001", "Đặng Thị Ý Nhi", "17/05/2018", "Nữ"], ["0090000002", "Lê Văn Ưng", "03/02/2018", "Nam"]]


def text(separator: str = ",", newline: str = "\r\n") -> str:
    return newline.join(separator.join(row) for row in [HEADS, *ROWS]) + newline


def vietnamese_1258(value: str) -> bytes:
    """Windows-1258 as Windows writes it: letters of the alphabet ready-made, tone marks behind them."""
    import unicodedata

    out = []
    for char in value:
        try:
            char.encode("cp1258")
            out.append(char)
        except UnicodeEncodeError:
            base, *marks = unicodedata.normalize("NFD", char)
            tone = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
            out.append(unicodedata.normalize("NFC", base + "".join(mark for mark in marks if mark not in tone)))
            out += tone
    return "".join(out).encode("cp1258")


def cells_of(data: bytes) -> list[list]:
    return list(workbook.open_file(data)[0].rows.values())


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258"])
def test_text_files_in_every_encoding(encoding, separator):
    data = vietnamese_1258(text(separator)) if encoding == "cp1258" else text(separator).encode(encoding)
    found = cells_of(data)
    assert [[workbook.shown(value) for value in row] for row in found] == [HEADS, *ROWS]


def test_quoted_separators_and_kept_zeros():
    data = 'Mã,Địa chỉ\r\n="0012","12, Lê Lợi\nĐà Nẵng"\r\n'.encode()
    assert cells_of(data) == [["Mã", "Địa chỉ"], ["0012", "12, Lê Lợi\nĐà Nẵng"]]


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2, max_size=4), max_size=8))
def test_no_text_raises_anything_but_a_finding(rows):
    data = "\n".join(";".join(row) for row in rows).encode("utf-8")
    try:
        workbook.open_file(data)
    except workbook.WorkbookError as error:
        assert error.problem.text()


@given(st.binary(max_size=400), st.sampled_from([b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"\xff\xfe"]))
def test_no_bytes_raise_anything_but_a_finding(data, start):
    try:
        workbook.open_file(start + data)
    except workbook.WorkbookError as error:
        assert error.problem.text()


def code_of(data: bytes, limits: workbook.Limits = workbook.DEFAULT_LIMITS) -> str:
    with pytest.raises(workbook.WorkbookError) as caught:
        workbook.open_file(data, limits)
    return caught.value.problem.code


def test_what_is_refused():
    assert code_of(b"") == "not_delimited"
    assert code_of(b"<html><table><tr><td>1</td></tr></table></html>") == "html_file"
    assert code_of(bytes(range(256)) * 20) == "encoding_unknown"
    assert code_of("Một cột\n1\n2\n".encode()) == "not_delimited"
    assert code_of(b"a,b\n" * 10_100) == "too_many_rows"
    assert code_of(b",".join([b"x"] * 500)) == "too_many_columns"
    assert code_of(b"x" * 100, workbook.Limits(file_bytes=50)) == "file_too_large"
    assert code_of(b'a,b\n"' + b"x" * 200_000) == "suspicious_file"
    assert code_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")) == "encrypted"
    book = Workbook()
    out = io.BytesIO()
    book.save(out)
    assert code_of(out.getvalue()) == "empty_file"


def test_a_million_empty_rows_are_no_rows():
    assert len(cells_of(text().encode() + b",,,\r\n" * 1_000_000)) == 3
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in [HEADS, *ROWS]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    source = zipfile.ZipFile(io.BytesIO(out.getvalue()))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                empty = b"".join(b'<row r="%d"/>' % number for number in range(4, 1_000_000))
                content = content.replace(b"</sheetData>", empty + b"</sheetData>")
            target.writestr(name, content)
    assert len(cells_of(packed.getvalue())) == 3


def old_excel() -> bytes:
    """An .xls of two rows, as Excel 97 wrote it: BIFF8 records in an OLE container."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("HS")
    for row, values in enumerate([HEADS, *ROWS]):
        for column, value in enumerate(values):
            sheet.write(row, column, value)
    day = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for column, cell in enumerate([9.0, 8.5, date(2018, 2, 3), xlwt.Formula("1/0"), True]):
        sheet.write(3, column, cell, *([day] if isinstance(cell, date) else []))
    sheet.write_merge(5, 6, 0, 1, "gộp")
    book.add_sheet("Ẩn").visibility = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_old_excel_files():
    (sheet,) = workbook.open_file(old_excel())
    assert [row[:4] for row in list(sheet.rows.values())[:3]] == [HEADS, *ROWS]
    assert sheet.rows[4][:3] == [9, 8.5, datetime(2018, 2, 3)] and sheet.rows[4][4] is True
    assert sheet.merges == [(1, 6, 2, 7)]
    assert code_of(old_excel(), workbook.Limits(columns=2)) == "too_many_columns"


@given(st.data())
def test_broken_old_excel_files(data):
    whole = old_excel()
    place = data.draw(st.integers(0, len(whole) - 9))
    content = bytearray(whole)
    content[place : place + 8] = data.draw(st.binary(min_size=8, max_size=8))
    try:
        workbook.open_file(bytes(content[: data.draw(st.sampled_from([len(whole), len(whole) // 2]))]))
    except workbook.WorkbookError as error:
        assert error.problem.text()


def sheet_of(rows, merges=()):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for area in merges:
        book.active.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return workbook.open_file(out.getvalue())[0]


def test_heading_below_titles_and_over_two_rows():
    rows = [["SỞ GDĐT"], ["Danh sách"], [], ["STT", *HEADS], [1, *ROWS[0]]]
    guess = workbook.guesser("pupils")
    assert workbook.guess_heading(sheet_of(rows), guess) == (4, 4)
    plans = (
        workbook.SubjectPlan(code="TOAN", name="Toán", has_test=True),
        workbook.SubjectPlan(code="DD", name="Đạo đức"),
    )
    classes = [workbook.ClassPlan(name="5A", grade=5, subjects=plans)]
    rows = [["Mã học sinh", "Họ tên", "Toán", None, "Đạo đức"], [None, None, "Mức", "Điểm"], ["1", "A B", "T", 9, "H"]]
    sheet = sheet_of(rows, ("C1:D1", "A1:A2", "B1:B2", "E1:E2"))
    guess = workbook.guesser("results", classes)
    assert workbook.guess_heading(sheet, guess) == (1, 2)
    columns = workbook.columns_of(sheet, 1, 2)
    assert [guess(list(column.path)) for column in columns] == ["code", "name", "TOAN.level", "TOAN.score", "DD.level"]
    assert columns[3].samples == ("9",)
    assert workbook.signature(columns) != workbook.signature(columns[:4])


@pytest.mark.parametrize(
    ("value", "order", "expected"),
    [
        ("3/2/18", "dmy", date(2018, 2, 3)),
        ("3/2/18", "mdy", date(2018, 3, 2)),
        ("2018.2.3", "dmy", date(2018, 2, 3)),
        ("03-02-2018 00:00:00", "dmy", date(2018, 2, 3)),
        (43134, "dmy", date(2018, 2, 3)),
        (datetime(2018, 2, 3), "mdy", datetime(2018, 2, 3)),
        ("31/02/2018", "dmy", "31/02/2018"),
        ("hôm qua", "dmy", "hôm qua"),
        (7, "dmy", 7),
    ],
)
def test_dates_in_the_order_that_was_chosen(value, order, expected):
    sheet = sheet_of([["NS"], [value], ["x"]])
    mapping = workbook.ColumnMapping({1: "birth_date"}, date_order=order)
    table = workbook.table_of(sheet, 1, 1, mapping, {"birth_date": "date"})
    assert table.cell(2, "birth_date") == expected


def test_values_names_and_zeros():
    sheet = sheet_of(
        [["Họ", "Tên", "Phái", "CCCD", "Nơi", "Mã"], ["Lê", "Ý", 1, 48218000123, "=A1", 7], ["Võ", None, 9, "x"]]
    )
    keys = {1: "name.family", 2: "name.given", 3: "gender", 4: "id_number", 5: "birth_place", 6: "code"}
    mapping = workbook.ColumnMapping(keys, {("gender", "1"): "female", ("gender", "9"): None}, pad_id=True)
    table = workbook.table_of(sheet, 1, 1, mapping, {})
    assert [table.cell(2, key) for key in ("name", "gender", "id_number")] == ["Lê Ý", "female", "048218000123"]
    assert [table.cell(3, key) for key in ("name", "gender", "id_number")] == ["Võ", None, "x"]
    found = workbook.read_pupil_tables([table], workbook.Known())
    assert {(problem.row, problem.column, problem.code) for problem in found.problems} >= {(2, "E", "formula")}
    with pytest.raises(workbook.WorkbookError):
        workbook.table_of(sheet, 1, 1, workbook.ColumnMapping({1: "name", 2: "name"}), {})


def test_pupils_without_a_code():
    pupils = [
        workbook.KnownPupil(code="1", name="Lê Ý", birth_date=date(2018, 1, 1), class_name="5A"),
        workbook.KnownPupil(code="2", name="Lê Ý", birth_date=date(2018, 1, 2), class_name="5A", id_number="0" * 12),
        workbook.KnownPupil(code="3", name="Lê Ý", birth_date=date(2018, 1, 1), class_name="5B"),
    ]
    rows = [["Tên", "NS", "Lớp", "CCCD"], ["LÊ Ý", "1/1/2018", "5A"], ["lê ý", "2/1/2018", None], ["Lê Ý", None, None]]
    rows += [["Ai", None, None], ["Lê Ý", None, None, "0" * 12]]
    keys = {1: "name", 2: "birth_date", 3: "class_name", 4: "id_number"}
    table = workbook.table_of(sheet_of(rows), 1, 1, workbook.ColumnMapping(keys), {"birth_date": "date"})
    problems = workbook.find_pupils(table, pupils)
    assert [(problem.row, problem.code) for problem in problems] == [(4, "pupil_several"), (5, "pupil_unknown")]
    assert [table.cell(row, "code") for row in table.data_rows()] == ["1", "2", "2"]
