"""Soft copies and the check of files, in front of the screens: signed by head and seal, downloaded, dropped again."""

import base64
from pathlib import Path

import pytest
from browser_fixtures import stage as make_stage
from flow import PIN
from pdf_helpers import pdfsig
from playwright.sync_api import expect

_PUPILS = 30
_DROP = """
(files) => {
    const transfer = new DataTransfer();
    for (const [name, content] of files) {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
    }
    document.querySelector(".o_hocba_drop").dispatchEvent(
        new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer })
    );
}
"""


@pytest.fixture(scope="module")
def stage(host):
    """A class whose records are signed and sealed."""
    with make_stage(host, "files", _PUPILS) as stage:
        school_class = stage.school.classes[0]
        stage.closing.import_class(school_class)
        stage.closing.create_records([stage.site.classes[school_class.name]])
        stage.closing.sign_as_homeroom(school_class)
        stage.closing.sign_as_head()
        stage.closing.seal()
        yield stage


@pytest.fixture(autouse=True)
def no_errors(stage):
    """Whatever a test does, no window may show or log an error."""
    yield
    stage.check()


def _packet(stage):
    """(pupil's name, packet) of one record."""
    row = stage.closing.clerk(
        "hocba.record", "search_read", [[("state", "=", "signed")]], {"fields": ["pupil_name", "packet"], "limit": 1}
    )[0]
    return row["pupil_name"], base64.b64decode(row["packet"])


def _drop(screen, **files):
    """Drop files on the page; the reports, newest first."""
    encoded = [(name.replace("__", "."), base64.b64encode(content).decode()) for name, content in files.items()]
    screen.page.evaluate(_DROP, encoded)
    reports = screen.page.locator(".o_hocba_file")
    expect(screen.page.locator(".o_hocba_file[data-result]")).to_have_count(len(files), timeout=30_000)
    return reports


def _sign_all(screen, path):
    """Select every record of a list, sign its PDF in the dialog."""
    screen.open(path)
    screen.select_all()
    screen.press("action_sign_pdf")
    screen.dialog.locator("input[type=password]").fill(PIN)
    screen.dialog.locator(".o_hocba_start").click()
    expect(screen.dialog.locator(".alert-success")).to_be_visible(timeout=180_000)


def test_head_and_clerk_sign_the_pdfs_of_a_class(stage):
    head = stage.screen(stage.school.head.login)
    _sign_all(head, "/odoo/hocba-pdf-head")
    head.picture("pdf-head-signed")
    head.dialog.locator(".o_hocba_close").click()
    head.settle()
    count = ["hocba.record", "search_count"]
    total = stage.closing.clerk(*count, [[("state", "=", "signed")]])
    assert stage.closing.clerk(*count, [[("pdf_state", "=", "head")]]) == total

    clerk = stage.screen(stage.school.clerk.login)
    _sign_all(clerk, "/odoo/hocba-pdf-seal")
    clerk.dialog.locator(".o_hocba_close").click()
    clerk.settle()
    assert stage.closing.clerk(*count, [[("pdf_state", "=", "sealed")]]) == total


def test_clerk_takes_the_signed_pdf_and_has_it_checked(stage):
    screen = stage.screen(stage.school.clerk.login)
    record = stage.closing.clerk("hocba.record", "search", [[("pdf_state", "=", "sealed")]], {"limit": 1})[0]
    screen.open(f"/odoo/hocba.record/{record}")
    screen.picture("pdf-record")
    with screen.page.expect_download() as download:
        screen.press("action_download_signed_pdf")
    content = Path(download.value.path()).read_bytes()
    assert download.value.suggested_filename.startswith("Học bạ đã ký số")
    assert [(field, valid) for field, valid, _whole in pdfsig(content)] == [("CBQL", True), ("KY_PHAT_HANH", True)]
    screen.menu("hocba_digital.menu_file_check")
    broken = bytearray(content)
    broken[len(content) // 3] ^= 1
    reports = _drop(screen, hoc_ba__pdf=content, bi_sua__pdf=bytes(broken))
    expect(reports.nth(1)).to_have_attribute("data-result", "TOTAL_PASSED")
    expect(reports.nth(0)).to_have_attribute("data-result", "TOTAL_FAILED")
    expect(reports.nth(1).locator(".o_hocba_signature[data-result=TOTAL_PASSED]")).to_have_count(5)
    screen.page.locator(".o_hocba_check").evaluate("element => element.scrollTo(0, 0)")
    screen.picture("file-check-broken-pdf")
    reports.nth(1).scroll_into_view_if_needed()
    screen.picture("file-check-pdf")


def test_dropped_files_are_judged_in_colour_and_words(stage):
    pupil, packet = _packet(stage)
    screen = stage.screen(stage.school.clerk.login)
    screen.menu("hocba_digital.menu_file_check")
    screen.picture("file-check-empty")
    tampered = packet.replace(pupil.encode(), "Nguyễn Văn Khác".encode(), 1)
    reports = _drop(screen, hoc_ba__xml=packet, da_sua__xml=tampered, hong__pdf=b"%PDF-1.7 broken", anh__pdf=b"GIF89a")
    expect(reports).to_have_count(4)
    found = [reports.nth(row).get_attribute("data-result") for row in range(4)]
    assert found == ["TOTAL_FAILED", "TOTAL_FAILED", "TOTAL_FAILED", "TOTAL_PASSED"]
    good, bad = reports.nth(3), reports.nth(2)
    expect(good).to_contain_text(pupil)
    expect(good.locator(".o_hocba_signature[data-result=TOTAL_PASSED]")).to_have_count(3)
    expect(bad.locator(".o_hocba_signature[data-result=TOTAL_FAILED]")).to_have_count(3)
    expect(bad).not_to_contain_text("Nguyễn Văn Khác")
    good.scroll_into_view_if_needed()
    screen.picture("file-check-good")
    bad.scroll_into_view_if_needed()
    screen.picture("file-check-bad")
