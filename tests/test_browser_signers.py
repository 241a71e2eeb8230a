"""Keys elsewhere in the real dialogs: a one-time password, an approval on the phone, a token behind the agent.

The tests follow one another: homeroom teacher (one-time password), deputy on a mandate, head (phone), clerk (token at
the own computer).
"""

from datetime import timedelta

import csc_server
import pki
import pytest
from browser_fixtures import stage as make_stage
from flow import PIN
from hocba_core.rules import deadlines
from playwright.sync_api import expect
from signer_fixtures import AgentDesk, make_token, remote_service, softhsm_folder

_PUPILS = 16


@pytest.fixture(scope="module")
def stage(host):
    """Records of every class wait for their homeroom teacher; the administrator has entered no service yet."""
    with make_stage(host, "khoa", _PUPILS) as stage:
        for school_class in stage.school.classes:
            stage.closing.import_class(school_class)
        stage.closing.create_records(list(stage.site.classes.values()))
        for school_class in stage.school.classes[1:]:
            stage.closing.sign_as_homeroom(school_class)
        yield stage


@pytest.fixture(scope="module")
def service(stage, tmp_path_factory):
    """A remote signing service that holds keys of a teacher and the head."""
    teacher, head = stage.school.classes[0].homeroom, stage.school.head
    people = {
        "teacher": {"name": teacher.name, "id": f"CCCD:{teacher.id_number}", "approval": "otp"},
        "head": {"name": head.name, "id": f"CCCD:{head.id_number}", "approval": "push"},
    }
    with remote_service(tmp_path_factory.mktemp("csc"), people, multisign=500) as service:
        yield service


@pytest.fixture(scope="module")
def desk(stage, tmp_path_factory):
    """The clerk's computer: the seal's token and the agent."""
    folder = tmp_path_factory.mktemp("desk")
    environment = softhsm_folder(folder)
    make_token(environment, "con-dau", {"Con dau nha truong": stage.site.pki.holders["seal"]})
    desk = AgentDesk(folder, stage.site.url, environment)
    yield desk
    desk.stop()


@pytest.fixture(autouse=True)
def no_errors(stage):
    """Whatever a test does, no window may show or log an error."""
    yield
    stage.check()


def _count(stage, waiting_for):
    return stage.closing.clerk("hocba.record", "search_count", [[("waiting_for", "=", waiting_for)]])


def _choose(screen, field, value):
    """Tick a radio button of the dialog by its value."""
    screen.dialog.locator(f'div[name="{field}"] input[data-value="{value}"]').click()


def _open_registration(screen, provider):
    screen.menu("hocba_digital.menu_certificate_mine", parent="hocba_digital.menu_signing")
    screen.press_action("hocba_digital.action_certificate_wizard")
    _choose(screen, "provider", provider)


def _register_at_service(screen, service_name):
    _open_registration(screen, "remote")
    expect(screen.dialog.locator('div[name="service_id"] input')).to_have_value(service_name)
    screen.press("action_search", within=screen.dialog)
    expect(screen.dialog.locator('div[name="candidate_id"] input[type=radio]')).to_have_count(1)
    expect(screen.dialog.locator('div[name="candidate_id"] input[type=radio]')).to_be_checked()


def test_administrator_connects_a_service(stage, service):
    screen = stage.screen("quantri")
    screen.menu("hocba_digital.menu_signing_service", parent="hocba_digital.menu_settings")
    screen.page.locator(".o_list_button_add").click()
    entries = {"name": "Ký số từ xa", "base_url": service.base_url, "client_id": csc_server.CLIENT_ID}
    for name, value in (entries | {"secret": csc_server.CLIENT_SECRET}).items():
        screen.fill(name, value)
    screen.press("action_test")
    expect(screen.page.locator(".o_form_view .alert-info")).to_be_visible()
    screen.settle()
    found = stage.site.admin("hocba.signing.service", "search_read", [[]], {"fields": ["test_ok", "test_message"]})
    assert [row["test_ok"] for row in found] == [True], found
    expect(screen.page.locator('div[name="secret"] input')).to_have_value("")
    screen.close_notifications()
    screen.picture("signing-service")


def _deputy(stage, folder):
    """A deputy head with a key file."""
    number = "048081000077"
    stage.site.ensure_user(
        "hieupho",
        {
            "name": "Hoàng Văn Phó",
            "hocba_id_number": number,
            "hocba_title": "Phó Hiệu trưởng",
            "lang": "vi_VN",
            "tz": "Asia/Ho_Chi_Minh",
            "group_ids": [(6, 0, stage.site.group_ids("hocba_digital", "group_head"))],
        },
    )
    issued = pki.issue(stage.site.pki.intermediate, pki.person_name("Hoàng Văn Phó", number))
    path = folder / "hieupho.p12"
    path.write_bytes(issued.pkcs12(PIN))
    stage.site.upload_key("hieupho", path, "person")


def test_head_appoints_a_deputy(stage, tmp_path):
    _deputy(stage, tmp_path)
    screen = stage.screen(stage.school.head.login)
    screen.menu("hocba_digital.menu_signer", parent="hocba_digital.menu_signing")
    screen.unfold_groups()
    expect(screen.row(stage.school.head.name)).to_be_visible()
    screen.picture("signers")

    screen.menu("hocba_digital.menu_mandate", parent="hocba_digital.menu_signing")
    screen.page.locator(".o_list_button_add").click()
    screen.choose("class_ids", stage.school.classes[0].name, within=screen.form)
    screen.choose("user_id", "Hoàng Văn Phó", within=screen.form)
    today = deadlines.today()
    for field, day in (("date_to", today + timedelta(days=20)), ("paper_date", today)):
        screen.fill_date(field, f"{day:%d/%m/%Y}")
    screen.fill("number", "07/GUQ-TH")
    scan = tmp_path / "uy-quyen.pdf"
    scan.write_bytes(b"%PDF-1.4 giay uy quyen")
    screen.page.locator('div[name="scan"] input[type=file]').set_input_files(scan)
    screen.press("action_approve")
    screen.expect_state("approved")
    expect(screen.page.locator('div[name="principal_id"]')).to_contain_text(stage.school.head.name)
    screen.picture("mandate")
    # One record is for the deputy; the head keeps the others.
    named = stage.closing.head("hocba.record", "search", [[("head_mandate_id", "!=", False)]])
    assert len(named) == _count(stage, "gvcn") + _count(stage, "data")
    ready = stage.closing.head("hocba.record", "search", [[("waiting_for", "=", "gvcn")]], {"limit": 1})
    stage.closing.head("hocba.record", "action_leave_place", [[record for record in named if record not in ready]])


def test_teacher_signs_with_a_one_time_password(stage, service):
    screen = stage.screen(stage.school.classes[0].homeroom.login)
    _register_at_service(screen, "Ký số từ xa")
    screen.press("action_import", within=screen.dialog)
    expect(screen.page.locator('.o_form_view div[name="provider"]')).to_be_visible()

    ready = _count(stage, "gvcn")
    screen.menu("hocba_digital.menu_record")
    screen.select_all()
    screen.press("action_sign")
    dialog = screen.signing
    dialog.locator("#hocba_pin").fill(csc_server.PIN)
    dialog.locator(".o_hocba_send_otp").click()
    expect(dialog.locator("#hocba_otp")).to_be_visible()
    dialog.locator("#hocba_pin").fill(csc_server.PIN)
    expect(dialog.locator(".form-text")).to_have_count(2)
    dialog.locator("#hocba_otp").fill(service.phone()["otps"]["teacher"])
    screen.picture("sign-otp")
    dialog.locator(".o_hocba_start").click()
    expect(dialog.locator("[role=status]")).to_be_visible(timeout=60_000)
    assert int(dialog.locator(".o_hocba_done").inner_text()) == ready
    screen.close_signing()
    assert _count(stage, "gvcn") == 0


def test_deputy_signs_in_the_heads_place(stage):
    domain = [("waiting_for", "=", "cbql"), ("head_mandate_id", "!=", False)]
    (record,) = stage.closing.clerk("hocba.record", "search", [domain])
    screen = stage.screen("hieupho")
    screen.open(f"/odoo/hocba.record/{record}")
    screen.press("action_sign")
    assert screen.sign(PIN) == 1
    screen.close_signing()
    expect(screen.page.locator(".o_hocba_signatures")).to_contain_text("07/GUQ-TH")
    screen.picture("record-deputy")
    assert _count(stage, "seal") == 1


def test_head_approves_on_the_phone(stage, service):
    screen = stage.screen(stage.school.head.login)
    _register_at_service(screen, "Ký số từ xa")
    screen.press("action_import", within=screen.dialog)
    expect(screen.page.locator('.o_form_view div[name="provider"]')).to_be_visible()
    waiting, deputised = _count(stage, "cbql"), _count(stage, "seal")
    screen.menu("hocba_digital.menu_waiting_classes", parent="hocba_digital.menu_waiting")
    screen.press("action_sign_all_waiting")
    dialog = screen.signing
    expect(dialog.locator(".o_hocba_certificate option")).to_have_count(2)
    dialog.locator(".o_hocba_start").click()
    expect(dialog.locator(".o_hocba_phone")).to_be_visible()
    screen.picture("sign-phone")
    dialog.locator(".o_hocba_close").click()
    expect(dialog).to_have_count(0)
    assert _count(stage, "cbql") == waiting, "closing the window neither signs nor forgets"

    screen.open("/odoo/hocba-signings")
    screen.press("action_resume")
    expect(dialog.locator(".o_hocba_phone")).to_be_visible()
    service.decide("approve")
    expect(dialog.locator("[role=status]")).to_be_visible(timeout=60_000)
    assert int(dialog.locator(".o_hocba_done").inner_text()) == waiting
    screen.close_signing()
    assert _count(stage, "seal") == waiting + deputised


def test_clerk_seals_with_the_token_at_the_own_computer(stage, desk):
    screen = stage.screen(stage.school.clerk.login)
    screen.page.evaluate(f"localStorage.setItem('hocba_agent_address', '{desk.address}')")
    _open_registration(screen, "agent")
    _choose(screen, "kind", "organisation")
    screen.press("action_import", within=screen.dialog)
    registration = screen.page.locator(".o_hocba_registration")
    expect(registration.locator(".o_hocba_code")).to_be_visible()
    registration.locator(".o_hocba_code").fill(desk.code())
    screen.picture("agent-code")
    registration.locator(".o_hocba_pair").click()
    expect(registration.locator("input[type=radio]")).to_have_count(1)
    registration.locator(".o_hocba_register").click()
    expect(screen.page.locator('.o_form_view div[name="provider"]')).to_be_visible()

    waiting = _count(stage, "seal")
    assert waiting >= _PUPILS - 3
    screen.menu("hocba_digital.menu_seal")
    screen.select_all()
    screen.press("action_sign")
    dialog = screen.signing
    expect(dialog.locator("input[type=password]")).to_have_count(0)
    asked = len(desk.asked)
    dialog.locator(".o_hocba_start").click()
    expect(dialog.locator("[role=status]")).to_be_visible(timeout=60_000)
    assert int(dialog.locator(".o_hocba_done").inner_text()) == waiting
    screen.picture("sign-agent-done")
    assert len(desk.asked) == asked + 1, "one consent for everything"
    assert f"{waiting} signatures" in desk.asked[-1] and stage.school.name in desk.asked[-1]
    screen.close_signing()
    assert _count(stage, "sending") == waiting

    screen.menu("hocba_digital.menu_to_send", parent="hocba_digital.menu_report")
    screen.select_all()
    screen.press_action("hocba_digital.action_send_wizard")
    expect(screen.dialog.locator('div[name="sendable_count"]')).to_have_text(str(waiting))
    expect(screen.dialog.locator('div[name="pin"]')).to_have_count(0)
    screen.press("action_send", within=screen.dialog)
    dialog.locator(".o_hocba_start").click()
    expect(dialog.locator("[role=status]")).to_be_visible(timeout=60_000)
    screen.picture("sign-report")
    screen.close_signing()
    assert len(desk.asked) == asked + 2, "the report is one more consent"
    found = stage.closing.clerk("hocba.submission", "search_read", [[]], {"fields": ["state", "record_count"]})
    assert [(row["state"], row["record_count"]) for row in found] == [("queued", waiting)]
