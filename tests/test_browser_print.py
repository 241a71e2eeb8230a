"""Printing by clicking: a class with its progress, the file found again, the class summary, a pupil's whole book."""

import subprocess

import pytest
from browser_fixtures import stage as make_stage
from playwright.sync_api import expect

_PUPILS = 24


@pytest.fixture(scope="module")
def stage(host):
    """Classes with all results and with records."""
    with make_stage(host, "prints", _PUPILS) as stage:
        for school_class in stage.school.classes:
            stage.closing.import_class(school_class)
        stage.closing.create_records(list(stage.site.classes.values()))
        yield stage


@pytest.fixture(autouse=True)
def no_errors(stage):
    """Whatever a test does, no window may show or log an error."""
    yield
    stage.check()


def _text(path):
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", str(path), "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


def _uuids(stage, **conditions):
    domain = [(field, "=", value) for field, value in conditions.items()]
    return [row["uuid"] for row in stage.closing.clerk("hocba.record", "search_read", [domain], {"fields": ["uuid"]})]


def test_clerk_prints_the_school_and_finds_the_file_again(stage):
    screen = stage.screen("vanthu")
    screen.menu("hocba_digital.menu_print_wizard", "hocba_digital.menu_print")
    dialog = screen.dialog
    expect(dialog.locator(".o_field_widget[name=count]")).to_have_text(str(len(_uuids(stage))))
    screen.picture("print-wizard")
    dialog.locator("button[name=action_print]").click()
    progress = screen.page.locator(".o_hocba_printing")
    expect(progress.locator(".o_hocba_download")).to_be_visible(timeout=120_000)
    expect(progress.locator(".o_hocba_done")).to_have_text(str(len(_uuids(stage))))
    screen.picture("print-progress")
    progress.locator(".o_hocba_close").click()
    screen.menu("hocba_digital.menu_print_job", "hocba_digital.menu_print")
    screen.picture("print-jobs")
    with screen.page.expect_download() as download:
        screen.page.locator(".o_data_row button[name=action_download]").first.click()
    text = _text(download.value.path())
    assert all(uuid in text for uuid in _uuids(stage))


def test_stopped_print_is_resumed(stage):
    screen = stage.screen("hieutruong")
    job = stage.site.session("hieutruong")
    wizard = job("hocba.print.wizard", "create", [{"output": "zip"}])
    action = job("hocba.print.wizard", "action_print", [wizard])
    job_id = action["params"]["job_id"]
    job("hocba.print.job", "process", [[job_id], 1])
    job("hocba.print.job", "stop", [[job_id]])
    screen.menu("hocba_digital.menu_print_job", "hocba_digital.menu_print")
    screen.page.locator(".o_data_row button[name=action_open_progress]").first.click()
    progress = screen.page.locator(".o_hocba_printing")
    expect(progress.locator(".o_hocba_done")).to_have_text("1")
    progress.locator(".o_hocba_resume").click()
    expect(progress.locator(".o_hocba_download")).to_be_visible(timeout=120_000)
    progress.locator(".o_hocba_close").click()


def test_homeroom_prints_the_class_summary_and_a_book(stage):
    school_class = stage.school.classes[0]
    screen = stage.screen(school_class.homeroom.login)
    screen.open(f"/odoo/hocba-classes/{stage.site.classes[school_class.name]}")
    screen.picture("class-print-buttons")
    screen.press_action("hocba_digital.action_summary_wizard")
    expect(screen.dialog.locator(".o_field_widget[name=line_text]")).to_contain_text(school_class.name)
    screen.picture("class-summary-wizard")
    session = stage.site.session(school_class.homeroom.login)
    content = session.get(f"/hocba/classes/summary/year?ids={stage.site.classes[school_class.name]}")
    assert content.startswith(b"%PDF")
    screen.dialog.locator("button[special=cancel]").click()
    pupil = session("hocba.pupil", "search", [[("class_id", "=", stage.site.classes[school_class.name])]])[0]
    assert session.get(f"/hocba/pupils/book?ids={pupil}").startswith(b"%PDF")
