"""Seal, send, intake, closing, locked: the clerk's and the department officer's screens on two servers.

The tests follow one another as the closing does; import and the signatures of teachers and head are made before, over
the same public methods that the screens of ``test_browser_school`` use.
"""

import base64

import pytest
from browser_fixtures import stage as make_stage
from flow import PIN
from pki import make_pki
from playwright.sync_api import expect

_PUPILS = 24
#: Records that are reported by files before the others go over the network.
_BY_FILE = 2


@pytest.fixture(scope="module")
def stage(host):
    """A class whose records wait for the seal."""
    with make_stage(host, "chot", _PUPILS) as stage:
        for school_class in stage.school.classes:
            stage.closing.import_class(school_class)
        stage.closing.create_records(list(stage.site.classes.values()))
        for school_class in stage.school.classes:
            stage.closing.sign_as_homeroom(school_class)
        stage.closing.sign_as_head()
        yield stage


@pytest.fixture(autouse=True)
def no_errors(stage):
    """Whatever a test does, no window may show or log an error."""
    yield
    stage.check()


def _hand_in_certificate(stage, folder):
    """A second certificate of the school, from an authority unknown so far; returns that authority's keys."""
    school = stage.school
    pki = make_pki(folder, [], [("seal", school.name, f"{school.school_code:0>10}")], password=PIN)
    admin = stage.department.admin
    unit = admin("hocba.registry.unit", "search", [[("code", "=", school.school_code)]])[0]
    pem = base64.b64encode(pki.holders["seal"].pem()).decode()
    admin("hocba.registry.certificate", "create", [{"unit_id": unit, "file": pem}])
    return pki


def _trust(stage, pki):
    """The department's administrator enters root and intermediate of ``pki`` as trusted."""
    department = stage.department
    groups = department.group_ids("hocba_registry", "group_so_admin")
    values = {"name": "Quản trị Cổng", "lang": "vi_VN", "tz": "Asia/Ho_Chi_Minh", "group_ids": [(6, 0, groups)]}
    department.ensure_user("quantricong", values)
    screen = stage.officer("quantricong")
    screen.menu("hocba_registry.menu_trust", parent="hocba_registry.menu_settings")
    for kind, holder in (("root", pki.root), ("intermediate", pki.intermediate)):
        screen.page.locator(".o_list_button_add, .o_form_button_create").locator("visible=true").first.click()
        screen.settle()
        screen.select("kind", screen.label("hocba.trust", "kind", kind), within=screen.form)
        screen.fill("pem", holder.pem().decode().strip(), within=screen.form)
        screen.save_form()
        expect(screen.page.locator('.o_form_view div[name="fingerprint"]')).not_to_be_empty()
    screen.picture("so-trust")
    screen.menu("hocba_registry.menu_trust", parent="hocba_registry.menu_settings")
    expect(screen.page.locator(".o_list_view tr.o_data_row")).to_have_count(4)
    screen.picture("so-trusted")


def _count(stage, **conditions):
    return stage.closing.clerk("hocba.record", "search_count", [[(name, "=", is_) for name, is_ in conditions.items()]])


def test_clerk_seals_after_a_wrong_pin(stage):
    waiting = _count(stage, waiting_for="seal")
    assert waiting >= _PUPILS - 3
    screen = stage.screen(stage.school.clerk.login)
    screen.menu("hocba_digital.menu_seal")
    screen.select_all()
    screen.press("action_sign")
    screen.signing.locator("input[type=password]").fill("000000")
    screen.signing.locator(".o_hocba_start").click()
    expect(screen.signing.locator("[role=alert]")).to_be_visible()
    assert _count(stage, waiting_for="seal") == waiting, "a wrong PIN signs nothing"
    screen.signing.locator("input[type=password]").fill("")
    assert screen.sign(PIN) == waiting
    screen.close_signing()
    assert _count(stage, state="signed") == waiting
    assert _count(stage, waiting_for="seal") == 0


def _queue(stage, count):
    """A transaction of so many sealed records, frozen and not sent."""
    ids = stage.closing.clerk("hocba.record", "search", [[("waiting_for", "=", "sending")]], {"limit": count})
    wizard = stage.closing.clerk("hocba.send.wizard", "create", [{"record_ids": [(6, 0, ids)], "pin": PIN}])
    found = stage.closing.clerk("hocba.send.wizard", "read", [[wizard]], {"fields": ["submission_ids"]})
    return found[0]["submission_ids"][0]


def _read(stage, submission):
    fields = ["state", "messageid", "payload_digest", "accepted_count"]
    return stage.closing.clerk("hocba.submission", "read", [[submission]], {"fields": fields})[0]


def _enter_answer(screen, file):
    """Enter a file of the department from the list of transactions; returns the result of each line."""
    screen.menu("hocba_digital.menu_submission", parent="hocba_digital.menu_report")
    screen.press_action("hocba_digital.action_answer_wizard")
    screen.dialog.locator('div[name="file"] input[type=file]').set_input_files(file)
    screen.press("action_enter", within=screen.dialog)
    rows = screen.dialog.locator('div[name="line_ids"] tr.o_data_row')
    expect(rows.first).to_be_visible()
    return rows.locator('td[name="result"]').all_inner_texts()


def test_administrator_is_told_precisely_what_is_wrong(stage):
    screen = stage.screen("quantri")
    screen.menu("hocba_digital.menu_endpoint", parent="hocba_digital.menu_settings")
    screen.page.locator('tr.o_data_row td[name="name"]').first.click()
    address = screen.page.locator('div[name="base_url"] input')
    right = address.input_value()
    address.fill("http://127.0.0.1:9")
    screen.press("action_test")
    expect(screen.page.locator(".o_form_view .alert-danger")).to_contain_text("không nhận kết nối")
    screen.close_notifications()
    screen.picture("endpoint-test-fails")
    screen.page.locator('a[name="tls"]').click()
    screen.picture("endpoint-tls")
    address.fill(right)
    screen.press("action_test")
    expect(screen.page.locator(".o_form_view .alert-success")).to_be_visible()
    screen.page.locator('a[name="test"]').click()
    expect(screen.page.locator('div[name="test_steps"]')).to_contain_text("✓")
    screen.close_notifications()
    screen.picture("endpoint-test-passes")


def test_records_go_and_answers_come_as_files(stage, tmp_path):
    """Between the two servers nothing goes over the network: two people carry files."""
    submission = _queue(stage, _BY_FILE)
    screen = stage.screen(stage.school.clerk.login)
    screen.menu("hocba_digital.menu_submission", parent="hocba_digital.menu_report")
    screen.page.locator("tr.o_data_row").first.locator('td[name="record_count"]').click()
    screen.page.wait_for_selector('.o_form_view [name="line_ids"]')
    screen.press("action_export_files")
    with screen.page.expect_download() as download:
        screen.dialog.locator("footer .btn-primary").click()
    download.value.save_as(tmp_path / "giao-dich.zip")
    screen.settle()
    found = _read(stage, submission)
    assert (found["state"], download.value.suggested_filename) == ("unknown", f"{found['messageid']}.zip")
    screen.page.reload()
    screen.settle()
    screen.picture("file-exported")

    officer = stage.officer()
    officer.menu("hocba_registry.menu_transaction")
    officer.press_action("hocba_registry.action_file_wizard")
    officer.dialog.locator('div[name="file"] input[type=file]').set_input_files(tmp_path / "giao-dich.zip")
    officer.press("action_take", within=officer.dialog)
    expect(officer.dialog.locator('div[name="line_ids"] tr.o_data_row')).to_have_count(1)
    officer.picture("so-file-taken")
    with officer.page.expect_download() as download:
        officer.dialog.locator('div[name="answers"] .o_download_file_button, div[name="answers"] a').first.click()
    download.value.save_as(tmp_path / "tra-loi.zip")
    officer.close_dialog()
    kept = stage.department.officer("hocba.registry.transaction", "search_read", [[]], {"fields": ["digest", "state"]})
    assert [(line["digest"], line["state"]) for line in kept] == [(found["payload_digest"], "processed")]

    applied = screen.label("hocba.answer.wizard.line", "result", "applied")
    same = screen.label("hocba.answer.wizard.line", "result", "same")
    assert _enter_answer(screen, tmp_path / "tra-loi.zip") == [applied]
    screen.picture("file-answer-entered")
    screen.close_dialog()
    assert _enter_answer(screen, tmp_path / "tra-loi.zip") == [same], "twice the same answer changes nothing"
    screen.close_dialog()
    found = _read(stage, submission)
    assert (found["state"], found["accepted_count"]) == ("accepted", _BY_FILE)
    assert _count(stage, state="submitted") == _BY_FILE


def test_clerk_sends_and_sees_it_accepted(stage):
    sealed = _count(stage, waiting_for="sending")
    screen = stage.screen(stage.school.clerk.login)
    screen.menu("hocba_digital.menu_to_send", parent="hocba_digital.menu_report")
    screen.select_all()
    screen.press_action("hocba_digital.action_send_wizard")
    expect(screen.dialog.locator('div[name="sendable_count"]')).to_have_text(str(sealed))
    screen.dialog.locator('div[name="pin"] input').fill(PIN)
    screen.press("action_send", within=screen.dialog)
    screen.settle()
    screen.page.locator("tr.o_data_row").first.locator('td[name="record_count"]').click()
    screen.page.wait_for_selector('.o_form_view [name="line_ids"]')
    screen.press("action_send_now")
    screen.settle()
    stage.department.wait_until_judged()
    screen.press("action_query")
    screen.expect_state("accepted")
    sent = [("exported_at", "=", False)]
    found = stage.closing.clerk("hocba.submission", "search_read", [sent], {"fields": ["state", "accepted_count"]})
    assert [(line["state"], line["accepted_count"]) for line in found] == [("accepted", sealed)]
    assert _count(stage, state="submitted") == sealed + _BY_FILE
    screen.picture("report-submissions")


def test_officer_sees_the_intake_and_approves_a_certificate(stage, tmp_path):
    pki = _hand_in_certificate(stage, tmp_path)
    screen = stage.officer()
    screen.menu("hocba_registry.menu_intake")
    cards = screen.page.locator(".o_kanban_record:not(.o_kanban_ghost)")
    expect(cards).to_have_count(1)
    assert str(_count(stage, state="submitted")) in cards.inner_text()
    screen.picture("so-intake")

    screen.menu("hocba_registry.menu_certificate")
    rows = screen.page.locator("tr.o_data_row")
    expect(rows).to_have_count(1)
    rows.first.locator('td[name="name"]').click()
    screen.page.wait_for_selector('.o_form_view div[name="serial"]')
    serial = screen.page.locator('div[name="serial"]').inner_text()
    screen.press("action_approve")
    assert stage.school.name in screen.refusal(), "nobody knows this certificate's authority"
    _trust(stage, pki)
    screen.press("action_approve")
    screen.expect_state("approved")
    found = stage.department.officer(
        "hocba.registry.certificate", "search_read", [[("serial", "=", serial)]], {"fields": ["state", "decided_by_id"]}
    )
    assert found[0]["state"] == "approved"
    assert found[0]["decided_by_id"][0] == stage.department.officer.uid


def test_officer_reads_a_transaction_and_a_record(stage):
    sent = _count(stage, state="submitted")
    screen = stage.officer()
    screen.menu("hocba_registry.menu_transaction")
    screen.page.locator('tr.o_data_row td[name="messageid"]').first.click()
    lines = screen.page.locator('.o_form_view [name="line_ids"] tr.o_data_row')
    expect(lines.first).to_be_visible()
    assert screen.page.locator('div[name="accepted_count"]').inner_text() == str(sent - _BY_FILE)
    screen.settle()
    screen.picture("so-transaction")

    screen.menu("hocba_registry.menu_record")
    screen.page.locator('tr.o_data_row td[name="pupil_name"]').first.click()
    screen.page.wait_for_selector('.o_form_view div[name="digest"]')
    uuid = screen.page.locator('div[name="uuid"]').inner_text()
    digest = screen.page.locator('div[name="digest"]').inner_text()
    own = stage.closing.clerk("hocba.record", "search_read", [[("uuid", "=", uuid)]], {"fields": ["packet_digest"]})
    assert own[0]["packet_digest"] == digest, "the department stores the bytes that the school sent"


def test_officer_closes_the_year_with_a_typed_confirmation(stage):
    sent = _count(stage, state="submitted")
    screen = stage.officer()
    screen.menu("hocba_registry.menu_year")
    screen.page.locator('tr.o_data_row td[name="name"]').first.click()
    screen.press("action_close")
    expect(screen.dialog.locator('div[name="record_count"]')).to_have_text(str(sent))
    screen.dialog.locator('div[name="confirmation"] input').fill("2024-2025")
    screen.picture("so-closing")
    screen.press("action_close", within=screen.dialog)
    assert stage.school.school_year in screen.refusal()
    officer = stage.department.officer
    assert officer("hocba.registry.record", "search_count", [[("state", "=", "locked")]]) == 0

    screen.dialog.locator('div[name="confirmation"] input').fill(stage.school.school_year)
    screen.press("action_close", within=screen.dialog)
    expect(screen.page.locator(".modal")).to_have_count(0)
    screen.settle()
    assert officer("hocba.registry.record", "search_count", [[("state", "=", "locked")]]) == sent
    assert officer("hocba.registry.year", "search_read", [[]], {"fields": ["state"]})[0]["state"] == "closed"


def test_clerk_sees_the_records_locked(stage):
    sent = _count(stage, state="submitted")
    screen = stage.screen(stage.school.clerk.login)
    screen.menu("hocba_digital.menu_submission", parent="hocba_digital.menu_report")
    screen.page.locator('tr.o_data_row td[name="record_count"]').first.click()
    screen.press("action_check_closing")
    screen.settle()
    assert _count(stage, state="locked") == sent - _BY_FILE
    clerk = stage.closing.clerk
    carried = clerk("hocba.submission", "search", [[("exported_at", "!=", False)]])
    clerk("hocba.submission", "action_check_closing", [carried])
    assert _count(stage, state="locked") == sent

    screen.press("action_open_records")
    screen.settle()
    screen.page.locator('tr.o_data_row td[name="pupil_name"]').first.click()
    screen.expect_state("locked")
    expect(screen.page.locator('.o_hocba_record_form div[name="effective_on"]')).to_contain_text("2026")
    uuid = screen.page.locator('.o_hocba_record_form div[name="uuid"] span').first.inner_text()
    found = stage.closing.clerk("hocba.record", "search_read", [[("uuid", "=", uuid)]], {"fields": ["effective_on"]})
    assert found[0]["effective_on"]
    assert screen.page.locator('button[name="action_sign"]:visible').count() == 0
    screen.settle()
    screen.picture("record-locked")
