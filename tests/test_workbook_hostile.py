"""Files that are no workbook, too large, or built to harm: refused with a clear reason, never an exception."""

import io
import zipfile

import generate
import hocba_workbook as workbook
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

SCHOOL = generate.school(13)
FILES = generate.write_class(SCHOOL, SCHOOL.classes[0])
GOOD = FILES["hoc-sinh-2A1.xlsx"]


def code_of(data: bytes, limits: workbook.Limits = workbook.DEFAULT_LIMITS) -> str:
    """The fatal finding of a file, the same for both readers."""
    found = workbook.read_pupils(data, limits=limits)
    other = workbook.read_results(data, 2, generate.plans_of(SCHOOL.classes[0]), limits=limits)
    assert found.fatal and not found.rows and other.fatal and not other.rows
    assert found.problems[0].code == other.problems[0].code
    assert found.problems[0].text()
    return found.problems[0].code


def repack(data: bytes, change: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change.get(name, source.read(name)))
        for name in change.keys() - set(source.namelist()):
            target.writestr(name, change[name])
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_workbook"),
        (b"Ma hoc sinh,Ho ten\n1,2\n", "not_workbook"),
        (b"<html><table><tr><td>Ma hoc sinh</td></tr></table></html>", "not_workbook"),
        (b"%PDF-1.7", "not_workbook"),
        (b"PK\x03\x04 broken", "not_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (GOOD[: len(GOOD) // 2], "not_workbook"),
    ],
)
def test_what_is_no_workbook(data, code):
    assert code_of(data) == code


def test_other_zip_files():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office/>")
    assert code_of(out.getvalue()) == "not_workbook"


def test_document_types_entities_and_encodings():
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        content = archive.read(sheet)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + content
    assert code_of(repack(GOOD, {sheet: bomb})) == "suspicious_file"
    assert code_of(repack(GOOD, {sheet: content.decode().encode("utf-16")})) == "suspicious_file"
    assert code_of(repack(GOOD, {"docProps/app.xml": b" " * 2_000_000 + b"<!doctype x>"})) == "suspicious_file"


def test_zip_bombs():
    assert code_of(repack(GOOD, {"xl/media/image1.png": b"\0" * 170_000_000})) == "file_too_large"
    many = {f"xl/media/image{number}.png": b"" for number in range(1100)}
    assert code_of(repack(GOOD, many)) == "suspicious_file"
    limits = workbook.Limits(file_bytes=1024)
    assert code_of(GOOD, limits) == "file_too_large"


def test_rows_far_away_and_out_of_order():
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        content = archive.read(sheet)
    far = content.replace(b"</sheetData>", b'<row r="1048576"><c r="A1048576"/></row></sheetData>')
    assert len(workbook.read_pupils(repack(GOOD, {sheet: far})).rows) == 13
    wide = content.replace(b"</sheetData>", b'<row r="99999"><c r="XFD99999"><v>1</v></c></row></sheetData>')
    assert code_of(repack(GOOD, {sheet: wide})) == "too_many_columns"
    disorder = content.replace(b"</sheetData>", b'<row r="2"><c r="A2"><v>1</v></c></row></sheetData>')
    assert code_of(repack(GOOD, {sheet: disorder})) == "suspicious_file"


def large(rows: int) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("C1-HocSinh")
    sheet.append(["Mã lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính", "Trạng thái HS", "Dân tộc"])
    for number in range(rows):
        sheet.append(["2A1", f"48{number:08d}", f"Nguyễn Văn {number}", "17/05/2018", "Nam", "Đang học", "Kinh"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_ten_thousand_rows_are_read_and_one_more_is_not():
    known = workbook.Known(class_name="2A1", classes=("2A1",), school_year="2025-2026")
    found = workbook.read_pupils(large(10_000), known)
    assert len(found.rows) == 10_000 and not found.problems
    found = workbook.read_pupils(large(10_001), known)
    assert [problem.code for problem in found.problems] == ["too_many_rows"]
    found = workbook.read_pupils(large(50), known, workbook.Limits(rows=49))
    assert found.problems[0].params == {"count": 50, "limit": 49}


def test_empty_workbook():
    out = io.BytesIO()
    Workbook().save(out)
    assert code_of(out.getvalue()) == "no_table"
    assert workbook.read_pupils(large(0)).problems[0].code == "no_rows"


@settings(max_examples=150)
@given(st.data())
def test_damaged_files_never_raise(data):
    content = bytearray(GOOD)
    for _change in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    found = workbook.read_pupils(bytes(content))
    assert found.rows or found.problems


_CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**13),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.dates(),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30),
    st.sampled_from(
        ["T", "H", "C", "Đ", "=1+1", "17/05/2018", "x", "10", "9,5", "Nam", "Kinh", "Khoa học", "Mã học sinh"]
    ),
)


@settings(max_examples=150)
@given(st.lists(st.lists(_CELL, min_size=5, max_size=5), max_size=6))
def test_any_cells_under_a_heading_never_raise(rows):
    plans = generate.plans_of(SCHOOL.classes[0])
    book = Workbook()
    book.active.append(["Mã học sinh", "Họ và tên", "Ngày sinh", "Giới tính", "Số định danh cá nhân"])
    results = book.create_sheet("Kết quả")
    results.append(["Mã học sinh", "Họ và tên", "Toán - Mức", "Toán - Điểm", "Lên lớp"])
    for row in rows:
        book.active.append(row)
        results.append(row)
    out = io.BytesIO()
    book.save(out)
    for found in (workbook.read_pupils(out.getvalue()), workbook.read_results(out.getvalue(), 2, plans)):
        assert all(problem.text() and problem.text("en") for problem in found.problems)
