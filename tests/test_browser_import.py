"""A clerk takes over the first semester's results from other software, by clicking, and exports them for editing."""

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest
from browser_fixtures import stage as make_stage
from playwright.sync_api import expect

_CLASS = "4A1"


@pytest.fixture(scope="module")
def stage(host):
    """The classes and their pupils; nothing has been entered for the first semester."""
    with make_stage(host, "foreign", 36) as stage:
        stage.closing.import_class(stage.school.classes[1])
        yield stage


@pytest.fixture(autouse=True)
def no_errors(stage):
    """Whatever a test does, no window may show or log an error."""
    yield
    stage.check()


def _export_of_other_software(stage):
    """A list as other software writes it: title, own words for levels, no pupil codes, UTF-16 with tabs."""
    pupils = stage.school.classes[1].pupils
    rows = [("KẾT QUẢ HỌC KÌ I",), ("TT", "Họ tên", "Ngày sinh", "Toán", "KT Toán", "Đạo đức", "Nhân ái")]
    for number, pupil in enumerate(pupils, start=1):
        born = pupil.birth_date.strftime("%d/%m/%Y")
        rows.append((number, pupil.name.upper(), born, "HTT", 5 + number % 6, "Giỏi" if number > 2 else "Khá", "Tốt"))
    out = io.StringIO()
    csv.writer(out, delimiter="\t").writerows(rows)
    return out.getvalue().encode("utf-16"), len(pupils)


def _pick(screen, field, value):
    """Choose an entry of a selection in the dialog."""
    screen.select(field, screen.label("hocba.import.wizard", field, value), within=screen.dialog)


def _read_as(screen, lines, row, text):
    """Choose what a column or value is read as, in the row of a list."""
    cell = lines.locator("tr.o_data_row", has_text=row).first.locator('td[name="option_id"]')
    cell.click()
    box = lines.locator('tr.o_selected_row td[name="option_id"] input')
    screen.search_and_pick(box, text)
    expect(box).to_have_value(re.compile(re.escape(text)))


def _open(screen, content):
    screen.menu("hocba_digital.menu_import_foreign", parent="hocba_digital.menu_import")
    _pick(screen, "kind", "results")
    _pick(screen, "period", "end1")
    screen.choose("class_id", _CLASS)
    chooser = screen.dialog.locator('div[name="file"] input[type=file]')
    chooser.set_input_files([{"name": "smas-hk1.tsv", "mimeType": "text/plain", "buffer": content}])
    expect(screen.dialog.locator('div[name="file"] input[type=text]')).to_have_value("smas-hk1.tsv")
    screen.press("action_columns", within=screen.dialog)
    expect(screen.dialog.locator('div[name="column_ids"] tr.o_data_row')).to_have_count(7)


def test_clerk_maps_columns_once(stage):
    content, size = _export_of_other_software(stage)
    screen = stage.screen(stage.school.clerk.login)
    _open(screen, content)
    columns = screen.dialog.locator('div[name="column_ids"]')
    _read_as(screen, columns, "KT Toán", "Toán – Điểm")
    screen.picture("import-columns")
    screen.fill("mapping_name", "SMAS học kì I", within=screen.dialog)
    screen.press("action_refresh", within=screen.dialog)
    screen.settle()
    screen.dialog.locator('.o_notebook_headers [name="values"]').click()
    values = screen.dialog.locator('div[name="value_ids"]')
    expect(values.locator("tr.o_data_row.text-danger")).to_have_count(2)
    _read_as(screen, values, "Giỏi", "T – Hoàn thành tốt")
    screen.picture("import-values")
    screen.press("action_refresh", within=screen.dialog)
    screen.settle()
    screen.dialog.locator('.o_notebook_headers [name="preview"]').click()
    preview = screen.dialog.locator("table.o_hocba_preview")
    expect(preview.locator("tbody tr")).to_have_count(10)
    expect(preview.locator("td.table-danger")).to_have_count(2)
    screen.picture("import-preview")
    screen.press("action_check", within=screen.dialog)
    expect(screen.dialog.locator('div[name="new_count"]')).to_have_text(str(size - 2))
    expect(screen.dialog.locator('div[name="error_count"]')).to_have_text("2")
    screen.picture("import-foreign-check")
    screen.press("action_import", within=screen.dialog)
    expect(screen.dialog.locator(".alert-success")).to_be_visible()
    screen.press("action_open_report", within=screen.dialog)
    expect(screen.page.locator('.o_form_view div[name="error_count"]')).to_have_text("2")
    screen.picture("import-report")
    scores = stage.closing.clerk(
        "hocba.result",
        "search_count",
        [
            [
                ("class_id.name", "=", _CLASS),
                ("period", "=", "end1"),
                ("subject_id.code", "=", "TOAN"),
                ("score", "!=", False),
            ]
        ],
    )
    assert scores == size - 2


def test_next_file_is_recognised(stage):
    content, size = _export_of_other_software(stage)
    screen = stage.screen(stage.school.clerk.login)
    _open(screen, content)
    expect(screen.dialog.locator('div[name="mapping_id"] input')).to_have_value("SMAS học kì I")
    screen.press("action_check", within=screen.dialog)
    expect(screen.dialog.locator('div[name="unchanged_count"]')).to_have_text(str(size - 2))
    expect(screen.dialog.locator('div[name="changed_count"]')).to_have_text("0")
    screen.close_dialog()


def test_clerk_exports_a_class_for_editing(stage):
    screen = stage.screen(stage.school.clerk.login)
    screen.menu("hocba_digital.menu_class", parent="hocba_digital.menu_pupils")
    screen.card(_CLASS).click()
    screen.settle()
    screen.press_action("hocba_digital.action_export")
    expect(screen.dialog.locator('button[name="action_export"]')).to_be_visible()
    screen.select("period", screen.label("hocba.export.wizard", "period", "end1"), within=screen.dialog)
    screen.picture("export")
    with screen.page.expect_download() as download:
        screen.press("action_export", within=screen.dialog)
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    sheet = book.worksheets[0]
    assert sheet.title == "Kết quả cuối HK1" and sheet.max_row == 1 + stage.school.classes[1].size
    assert sheet.protection.sheet and sheet.freeze_panes == "C2" and sheet.data_validations.count
