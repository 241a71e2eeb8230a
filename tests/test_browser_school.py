"""The school's people at their screens: every test is one person's main job, done by clicking, checked in the database.

The tests follow one another as the closing does; the second class (4A1) is prepared over the same public methods.
"""

import io

import openpyxl
import pytest
from browser_fixtures import informatics
from browser_fixtures import stage as make_stage
from flow import PIN
from generate import write_class
from grid_screen import Grid
from playwright.sync_api import expect

_PUPILS = 36
_COMMENT = "Em tiến bộ rõ rệt, biết giúp đỡ bạn."


@pytest.fixture(scope="module")
def stage(host):
    """Two classes: 2A1 with no pupil yet, 4A1 with everything but one score of informatics."""
    with make_stage(host, "screens", _PUPILS) as stage:
        second = stage.school.classes[1]
        stage.closing.import_class(second)
        stage.closing.create_records([stage.site.classes[second.name]])
        result = informatics(stage)["id"]
        stage.site.session("gv.tinhoc")("hocba.result", "write", [[result], {"level": False, "score": False}])
        yield stage


@pytest.fixture(autouse=True)
def no_errors(stage):
    """Whatever a test does, no window may show or log an error."""
    yield
    stage.check()


def _records(stage, name, **conditions):
    domain = [("class_id.name", "=", name), *((field, "=", value) for field, value in conditions.items())]
    return stage.closing.clerk("hocba.record", "search_count", [domain])


def _pupils(stage, name):
    return stage.closing.clerk("hocba.pupil", "search_count", [[("class_id.name", "=", name)]])


def _workbook_with_an_error(content):
    """The workbook with a date of birth that is none, in its first pupil's row."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    heading = next(cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("Ngày sinh"))
    row = next(line for line in range(heading.row + 1, sheet.max_row + 1) if sheet.cell(line, heading.column).value)
    sheet.cell(row, heading.column).value = "không rõ"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _import_pupils(screen, class_name, file_name, content):
    """Menu, class, file, dry run."""
    screen.menu("hocba_digital.menu_import_pupils", parent="hocba_digital.menu_import")
    screen.choose("class_id", class_name)
    chooser = screen.dialog.locator('div[name="file"] input[type=file]')
    chooser.set_input_files([{"name": file_name, "mimeType": "application/octet-stream", "buffer": content}])
    expect(screen.dialog.locator('div[name="file"] input[type=text]')).to_have_value(file_name)
    screen.press("action_check", within=screen.dialog)
    expect(screen.dialog.locator('button[name="action_import"]')).to_be_visible()


def test_clerk_imports_pupils_of_a_class(stage):
    first = stage.school.classes[0]
    good = write_class(stage.school, first)[f"hoc-sinh-{first.name}.xlsx"]
    screen = stage.screen(stage.school.clerk.login)
    expect(screen.page.locator(".o_hocba_cockpit .o_card").first).to_be_visible()
    screen.menu("hocba_digital.menu_pupil", parent="hocba_digital.menu_pupils")

    _import_pupils(screen, first.name, "hoc-sinh.xlsx", _workbook_with_an_error(good))
    expect(screen.dialog.locator('div[name="error_count"]')).to_have_text("1")
    finding = screen.dialog.locator('.o_field_widget[name="line_ids"] tr.o_data_row.text-danger').first
    assert "không rõ" in screen.cell(finding, "reason").inner_text()
    assert screen.cell(finding, "row_text").inner_text().isdigit()
    assert _pupils(stage, first.name) == 0, "a dry run changes nothing"
    screen.picture("import-dry-run")

    screen.press("action_import", within=screen.dialog)
    expect(screen.dialog.locator(".alert-success")).to_be_visible()
    expect(screen.dialog.locator('.o_field_widget[name="line_ids"] tr.o_data_row.text-danger')).to_have_count(1)
    screen.close_dialog()
    assert _pupils(stage, first.name) == first.size - 1

    _import_pupils(screen, first.name, "hoc-sinh-sua.xlsx", good)
    expect(screen.dialog.locator('div[name="new_count"]')).to_have_text("1")
    expect(screen.dialog.locator('div[name="error_count"]')).to_have_text("0")
    screen.press("action_import", within=screen.dialog)
    expect(screen.dialog.locator(".alert-success")).to_be_visible()
    screen.close_dialog()
    assert _pupils(stage, first.name) == first.size


def test_clerk_creates_the_records_of_a_class(stage):
    first = stage.school.classes[0]
    screen = stage.screen(stage.school.clerk.login)
    screen.menu("hocba_digital.menu_class", parent="hocba_digital.menu_pupils")
    card = screen.card(first.name)
    card.locator('a[name="action_create_records"]').click()
    screen.settle()
    assert _records(stage, first.name) == first.size
    assert _records(stage, first.name, waiting_for="data") == first.size, "results are not there yet"


def test_subject_teacher_enters_a_score(stage):
    screen = stage.screen("gv.tinhoc")
    cards = screen.page.locator(".o_kanban_record:not(.o_kanban_ghost)")
    expect(cards).to_have_count(1)
    assert "4A1" in cards.inner_text()
    expect(cards.locator(".text-danger b")).to_have_text("1")
    screen.picture("my-subjects")
    assert not {"hocba_digital.menu_record", "hocba_digital.menu_pupils"} & set(screen.menu_ids())

    cards.locator('a[name="action_open_grid"]').click()
    screen.settle()
    grid = Grid(screen)
    grid.choose(period="year", view="subjects")
    subjects = {key.split(".")[0] for key in grid.columns() if key.startswith("s")}
    assert len(subjects) == 2, "informatics and technology, nobody else's subject"
    missing = informatics(stage)
    row = grid.row(missing["assessment_id"][0])
    grid.go(row, grid.key("TH", "level"))
    grid.press("t", "Tab", "9")
    grid.saved()
    assert (informatics(stage)["level"], informatics(stage)["score"]) == ("T", "9")


def test_homeroom_teacher_fills_a_cell_and_signs(stage):
    first = stage.school.classes[0]
    stage.closing.import_class(first)
    login = first.homeroom.login
    session = stage.site.session(login)
    gap = session(
        "hocba.assessment",
        "search_read",
        [[("class_id.name", "=", first.name), ("missing_count", "=", 0), ("overall", "!=", "not_completed")]],
        {"fields": ["pupil_name"], "limit": 1},
    )[0]
    session("hocba.assessment", "write", [[gap["id"]], {"homeroom_comment": False}])

    screen = stage.screen(login)
    expect(screen.page.locator("tr.o_data_row")).to_have_count(first.size)
    row = screen.row(gap["pupil_name"])
    assert screen.cell(row, "missing_count").inner_text().strip() == "1"
    screen.picture("my-class")
    screen.press("action_open_grid")
    screen.settle()
    grid = Grid(screen)
    grid.choose(period="year", view="comments")
    grid.go(grid.row(gap["id"]), "homeroom_comment")
    screen.page.keyboard.insert_text(_COMMENT)
    grid.press("Enter")
    grid.saved()
    screen.menu("hocba_digital.menu_my_class")
    expect(screen.cell(screen.row(gap["pupil_name"]), "missing_count")).not_to_contain_text("1")
    written = session("hocba.assessment", "read", [[gap["id"]]], {"fields": ["homeroom_comment"]})[0]
    assert written["homeroom_comment"] == _COMMENT

    ready = _records(stage, first.name, waiting_for="gvcn")
    assert ready >= first.size - 2
    screen.press("action_sign_records")
    _stop_half_way(screen, portion=7)
    expect(screen.signing.locator(".o_hocba_done")).to_have_text("7")
    screen.picture("signing-progress")
    assert _records(stage, first.name, waiting_for="cbql") == 7, "what was signed before the stop stays signed"
    screen.close_signing()
    signed = screen.page.get_by_role("cell", name=screen.label("hocba.record", "waiting_for", "cbql"), exact=True)
    expect(signed).to_have_count(7)

    screen.menu("hocba_digital.menu_signing_job", parent="hocba_digital.menu_signing")
    screen.press("action_resume")
    assert screen.sign(PIN) == ready
    screen.close_signing()
    assert _records(stage, first.name, waiting_for="cbql") == ready


def _stop_half_way(screen, portion):
    """Start signing in small portions and press Stop while the first one is on its way to the server."""
    held = []

    def hold(route):
        body = route.request.post_data_json
        body["params"]["args"][2] = portion
        held.append((route, body))

    screen.page.route("**/hocba.signing.job/process", hold, times=1)
    screen.signing.locator("input[type=password]").fill(PIN)
    screen.signing.locator(".o_hocba_start").click()
    stop = screen.signing.locator(".o_hocba_stop")
    stop.click()
    expect(stop).to_be_disabled()
    route, body = held.pop()
    route.continue_(post_data=body)
    expect(screen.signing.locator(".o_hocba_start")).to_be_visible()


def test_head_reads_signs_and_returns(stage):
    second = stage.school.classes[1]
    stage.closing.sign_as_homeroom(second)
    waiting = stage.closing.head("hocba.record", "search_count", [[("waiting_for", "=", "cbql")]])
    screen = stage.screen(stage.school.head.login)
    screen.menu("hocba_digital.menu_waiting_classes", parent="hocba_digital.menu_waiting")
    expect(screen.page.locator(".o_kanban_record:not(.o_kanban_ghost)")).to_have_count(2)
    screen.picture("waiting-head")

    screen.card(second.name).locator('a[name="action_open_records"]').click()
    screen.settle()
    screen.page.locator('tr.o_data_row td[name="pupil_name"]').first.click()
    page = screen.page.frame_locator(".o_hocba_page iframe")
    name = screen.page.locator('.oe_title div[name="pupil_name"]').inner_text()
    expect(page.locator("body")).to_contain_text(name)
    screen.settle()
    screen.picture("record-form")

    screen.menu("hocba_digital.menu_waiting_classes", parent="hocba_digital.menu_waiting")
    screen.press("action_sign_all_waiting")
    assert screen.sign(PIN) == waiting
    screen.close_signing()
    for name in ("2A1", "4A1"):
        assert _records(stage, name, waiting_for="cbql") == 0
    assert stage.closing.clerk("hocba.record", "search_count", [[("waiting_for", "=", "seal")]]) == waiting

    screen.menu("hocba_digital.menu_record")
    sealing = screen.row(screen.label("hocba.record", "waiting_for", "seal"))
    screen.cell(sealing, "pupil_name").click()
    screen.page.wait_for_selector(".o_hocba_record_form")
    returned = screen.page.locator('.oe_title div[name="pupil_name"]').inner_text()
    screen.press_action("hocba_digital.action_reason_return")
    screen.dialog.locator('div[name="reason"] textarea').fill("Điểm Toán chưa khớp với bài kiểm tra")
    screen.press("action_confirm", within=screen.dialog)
    screen.settle()
    found = stage.closing.head(
        "hocba.record", "search_read", [[("pupil_name", "=", returned)]], {"fields": ["waiting_for", "signature_ids"]}
    )
    assert [line["waiting_for"] for line in found] == ["gvcn"]
    voided = stage.closing.head(
        "hocba.signature", "read", [found[0]["signature_ids"]], {"fields": ["valid", "void_reason"]}
    )
    assert not any(line["valid"] for line in voided)


def test_administrator_tests_the_gateway_and_sees_no_result(stage):
    screen = stage.screen("quantri")
    assert set(screen.menu_ids()) >= {"hocba_digital.menu_endpoint", "hocba_digital.menu_trust"}
    results = {"pupils", "record", "my_class", "my_subjects", "report", "waiting", "audit", "assessment", "import"}
    assert not {f"hocba_digital.menu_{name}" for name in results} & set(screen.menu_ids())
    screen.menu("hocba_digital.menu_class_settings", parent="hocba_digital.menu_settings")
    screen.page.locator('tr.o_data_row td[name="name"]').first.click()
    screen.page.wait_for_selector('.o_form_view div[name="homeroom_id"]')
    assert screen.page.locator('[name="enrolment_ids"], [name="action_open_records"]').count() == 0

    screen.menu("hocba_digital.menu_endpoint", parent="hocba_digital.menu_settings")
    screen.page.locator('tr.o_data_row td[name="name"]').first.click()
    screen.press("action_test")
    expect(screen.page.locator(".o_form_view .alert-success")).to_be_visible()
    endpoint = stage.site.admin("hocba.endpoint", "search_read", [[]], {"fields": ["test_ok", "test_message"]})[0]
    assert endpoint["test_ok"], endpoint
    screen.close_notifications()
    screen.picture("endpoint-settings")


def test_clerk_reads_a_class(stage):
    first = stage.school.classes[0]
    screen = stage.screen(stage.school.clerk.login)
    screen.menu("hocba_digital.menu_class", parent="hocba_digital.menu_pupils")
    screen.card(first.name).locator(".fw-bold").first.click()
    expect(screen.page.locator('.o_form_view [name="enrolment_ids"] tr.o_data_row')).to_have_count(first.size)
    screen.picture("class-form")


def test_clerk_starts_the_next_year_and_the_teacher_hands_over(stage):
    screen = stage.screen(stage.school.clerk.login)
    screen.menu("hocba_digital.menu_year_wizard", parent="hocba_digital.menu_pupils")
    expect(screen.dialog.locator('[name="class_line_ids"] tr.o_data_row')).to_have_count(2)
    screen.dialog.locator("a[name=pupils]").click()
    expect(screen.dialog.locator('td[name="step"]').first).to_be_visible()
    undecided = screen.label("hocba.year.wizard.pupil", "step", "undecided")
    waiting = screen.dialog.locator('td[name="step"]', has_text=undecided).count()
    screen.picture("next-year")
    screen.press("action_confirm", within=screen.dialog)
    expect(screen.page.locator(".modal")).to_have_count(0)
    screen.settle()
    search = ["hocba.enrolment", "search_count"]
    moved = stage.closing.clerk(*search, [[("school_year_name", "=", "2026-2027"), ("is_current", "=", True)]])
    stayed = stage.closing.clerk(*search, [[("school_year_name", "=", "2025-2026"), ("date_to", "=", False)]])
    assert moved + stayed == _PUPILS
    assert stayed == waiting

    open_ones = [("school_year_name", "=", "2025-2026"), ("date_to", "=", False)]
    left = stage.closing.clerk("hocba.enrolment", "search", [open_ones])
    stage.closing.clerk("hocba.enrolment", "write", [left, {"after_year": "left"}])
    target = stage.site.admin("hocba.class", "search", [[("name", "=", "3A1")]])
    head = stage.site.admin("res.users", "search", [[("login", "=", stage.school.head.login)]])
    stage.closing.clerk("hocba.class", "write", [target, {"homeroom_id": head[0]}])

    teacher = stage.screen(stage.school.classes[0].homeroom.login)
    teacher.menu("hocba_digital.menu_my_subjects")
    teacher.open(f"/odoo/hocba.class/{stage.site.classes['2A1']}")
    teacher.press("action_open_handovers")
    teacher.page.wait_for_selector('.o_form_view [name="line_ids"] tr.o_data_row, tr.o_data_row td[name="giver_id"]')
    if teacher.page.locator('tr.o_data_row td[name="giver_id"]').count():
        teacher.page.locator("tr.o_data_row", has_text="3A1").locator('td[name="class_id"]').click()
        teacher.page.wait_for_selector('.o_form_view [name="line_ids"] tr.o_data_row')
    teacher.settle()
    teacher.picture("handover")
    teacher.press("action_give")
    teacher.expect_state("given")
    assert stage.closing.head("hocba.handover", "search_count", [[("state", "=", "given")]]) == 1
