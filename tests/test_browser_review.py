"""The review of a class and a school, the change log and corrections after signing, by clicking."""

import pytest
from browser_fixtures import informatics
from browser_fixtures import stage as make_stage
from playwright.sync_api import expect

_PUPILS = 36


@pytest.fixture(scope="module")
def stage(host):
    """Two classes with records; in 4A1 one score of informatics and one mother's name are missing."""
    with make_stage(host, "review", _PUPILS) as stage:
        for school_class in stage.school.classes:
            stage.closing.import_class(school_class)
        stage.closing.create_records(list(stage.site.classes.values()))
        result = informatics(stage)
        stage.site.session("gv.tinhoc")("hocba.result", "write", [[result["id"]], {"level": False, "score": False}])
        stage.closing.clerk("hocba.pupil", "write", [[result["pupil_id"][0]], {"mother_name": False}])
        stage.pupil = result["pupil_id"][1]
        yield stage


@pytest.fixture(autouse=True)
def no_errors(stage):
    """Whatever a test does, no window may show or log an error."""
    yield
    stage.check()


def test_homeroom_teacher_goes_from_a_finding_to_its_cell(stage):
    screen = stage.screen(stage.school.classes[1].homeroom.login)
    screen.press("action_review")
    screen.settle()
    screen.unfold_groups()
    missing = screen.page.locator(".o_hocba_findings tr.o_data_row.text-danger")
    expect(missing.first).to_be_visible()
    screen.picture("review-class")
    cell = missing.filter(has_text=stage.pupil).filter(has_text="Tin học").first
    cell.locator('td[name="text"]').click()
    screen.settle()
    expect(screen.page.locator(".o_hocba_grid_foot")).to_contain_text(stage.pupil)


def test_subject_teacher_sees_the_own_subjects_only(stage):
    screen = stage.screen("gv.tinhoc")
    screen.menu("hocba_digital.menu_finding", parent="hocba_digital.menu_review")
    screen.unfold_groups()
    rows = screen.page.locator(".o_hocba_findings tr.o_data_row.text-danger")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(stage.pupil)


def test_clerk_sees_which_class_is_blocked_and_puts_the_pupil_right(stage):
    screen = stage.screen(stage.school.clerk.login)
    screen.menu("hocba_digital.menu_class_review", parent="hocba_digital.menu_review")
    row = screen.row("4A1")
    expect(screen.cell(row, "readiness")).to_have_text(screen.label("hocba.class", "readiness", "blocked"))
    screen.picture("review-school")
    screen.cell(row, "name").click()
    screen.settle()
    screen.unfold_groups()
    row = screen.page.locator("tr.o_data_row", has_text=stage.pupil).filter(
        has_text=screen.label("hocba.finding", "responsible", "clerk")
    )
    row.first.locator('td[name="text"]').click()
    screen.settle()
    screen.fill("mother_name", "Trần Thị Mận")
    screen.save_form()
    screen.press("action_open_changes")
    screen.settle()
    change = screen.row("Trần Thị Mận")
    expect(screen.cell(change, "new_shown")).to_have_text("Trần Thị Mận")
    screen.picture("change-log")


def test_civil_status_is_corrected_by_a_decision_and_the_record_says_so(stage):
    result = informatics(stage)
    stage.site.session("gv.tinhoc")("hocba.result", "write", [[result["id"]], {"level": "T", "score": "9"}])
    stage.closing.sign_as_homeroom(stage.school.classes[1])
    stage.closing.sign_as_head()
    stage.closing.seal()
    record = stage.closing.clerk("hocba.record", "search", [[("pupil_name", "=", stage.pupil)]])[0]
    screen = stage.screen(stage.school.clerk.login)
    screen.open(f"/odoo/hocba-pupils/{result['pupil_id'][0]}")
    assert screen.page.locator('div[name="mother_name"] input').count() == 0, "identity is fixed by the signature"
    screen.picture("pupil-form")
    screen.press_action("hocba_digital.action_correction_wizard")
    for field, value in (
        ("decision_number", "15/QĐ-UBND"),
        ("issuing_body", "UBND phường Hải Châu"),
        ("name", "Nguyễn Thị Tên Đúng"),
    ):
        screen.fill(field, value, within=screen.dialog)
    screen.fill_date("decision_date", "05/01/2026", within=screen.dialog)
    screen.dialog.locator('div[name="scan"] input[type=file]').set_input_files(
        [{"name": "quyet-dinh.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 scan"}]
    )
    expect(screen.dialog.locator('div[name="scan"] input[type=text]')).to_have_value("quyet-dinh.pdf")
    screen.picture("correction-wizard")
    screen.press("action_confirm", within=screen.dialog)
    expect(screen.page.locator(".modal")).to_have_count(0)
    screen.settle()
    screen.open(f"/odoo/hocba-records/{record}")
    expect(screen.page.locator('div[name="correction_text"]')).to_contain_text("15/QĐ-UBND")
    difference = screen.page.locator(".o_hocba_source .o_hocba_difference tbody tr")
    expect(difference).to_have_count(1)
    expect(difference).to_contain_text("Nguyễn Thị Tên Đúng")
    expect(screen.page.locator(".o_hocba_source")).to_be_visible()
    screen.picture("record-differs")


def test_head_sees_what_changed_since_the_last_signing(stage):
    screen = stage.screen(stage.school.head.login)
    record = stage.closing.head("hocba.record", "search", [[("source_differs", "=", True)]])[0]
    screen.menu("hocba_digital.menu_record_differs", parent="hocba_digital.menu_review")
    expect(screen.page.locator("tr.o_data_row")).to_have_count(1)
    stage.closing.head("hocba.record", "action_reopen", [[record], "họ tên đã cải chính"])
    screen.open(f"/odoo/hocba-records/{record}")
    changes = screen.page.locator(".o_hocba_versions .o_hocba_difference")
    expect(changes).to_contain_text("Nguyễn Thị Tên Đúng")
    screen.picture("record-changes-since")
