"""A pupil changes school, at the screens of two real servers: file there, receipt back, nothing typed again."""

import hashlib
import re

import csc_server
import pytest
import requests
from browser import Screen, chromium
from cryptography.hazmat.primitives.serialization import Encoding
from flow.session import PASSWORD, PIN
from grid_screen import Grid
from handing_over import SECOND_CODE as _CODE
from handing_over import SECOND_NAME as _NAME
from handing_over import second_school
from hocba_core import signing, transfer
from playwright.sync_api import expect
from signer_fixtures import remote_service
from within_year import half_year, next_class


class Schools:
    """The school that the pupil leaves (``old``), the one they come to (``new``), and everybody's window."""

    def __init__(self, old, new, browser):
        self.old, self.new = old, new
        self._browser = browser
        self._screens = {}

    def screen(self, site, login):
        if (site.url, login) not in self._screens:
            self._screens[site.url, login] = Screen(self._browser, site, login, PASSWORD)
        return self._screens[site.url, login]

    def check(self):
        for screen in self._screens.values():
            screen.check()


@pytest.fixture(scope="module")
def schools(host, sites):
    old = sites["closing"].site
    with second_school(host, "transfer_new", old) as (new, _server), chromium() as browser:
        yield Schools(old, new, browser)


def _transfers(screen):
    screen.open("/odoo/hocba-transfers")
    return screen


def _address(screen):
    """Where the form that is open stands, once the address says so."""
    expect(screen.page).to_have_url(re.compile(r"/\d+$"))
    return screen.page.url.removeprefix(screen.site.url)


def _press(screen, text):
    screen.page.locator(".o_statusbar_buttons button, .o_control_panel button", has_text=text).first.click()


def _seal(screen, text):
    _press(screen, text)
    screen.dialog.locator('div[name="pin"] input').fill(PIN)
    screen.dialog.locator('footer button[name="action_sealed"]').click()
    expect(screen.page.locator(".modal")).to_have_count(0)


def _download(screen, name, folder):
    with screen.page.expect_download() as download:
        screen.press(name)
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def _upload(screen, path, button):
    screen.dialog.locator('div[name="file"] input[type=file]').set_input_files(path)
    screen.dialog.locator(f'footer button[name="{button}"]').click()


def _locked(old):
    fields = ["uuid", "pupil_id", "packet", "packet_digest"]
    return old.session("vanthu")("hocba.record", "search_read", [[("state", "=", "locked")]], {"fields": fields})[-1]


def _leave(clerk, name, day=None):
    """Enter a change of school of the pupil, today or on another day; returns where its form stands."""
    clerk.page.click(".o_list_button_add")
    clerk.choose("pupil_id", name, within=clerk.form)
    clerk.fill("other_name", _NAME)
    clerk.fill("other_code", _CODE)
    if day:
        clerk.fill_date("left_on", day)
    clerk.save_form()
    expect(clerk.page.locator(".oe_title")).to_contain_text(name)
    return _address(clerk)


def _enter_file(clerk, file):
    """Enter a file that another school has sealed; returns where the form of the change of school stands."""
    _transfers(clerk)
    _press(clerk, "Tệp từ trường khác")
    _upload(clerk, file, "action_enter_file")
    clerk.expect_state("received")
    return _address(clerk)


def _send_receipt(clerk, arriving, clerk_there, leaving, folder):
    """The clerk seals the receipt, the clerk of the other school enters it; both sides are completed."""
    clerk.open(arriving)
    _seal(clerk, "Đóng dấu biên nhận")
    clerk.expect_state("completed")
    receipt = _download(clerk, "action_download_receipt", folder)
    clerk_there.open(leaving)
    _press(clerk_there, "Nhập biên nhận")
    _upload(clerk_there, receipt, "action_enter_receipt")
    clerk_there.expect_state("completed")


def test_a_pupil_changes_school(schools, tmp_path):
    record = _locked(schools.old)
    name = record["pupil_id"][1].split(" (")[0]

    clerk = _transfers(schools.screen(schools.old, "vanthu"))
    clerk.picture("transfer-empty")
    leaving = _leave(clerk, name)

    head = schools.screen(schools.old, schools.old.school.head.login)
    head.open(leaving)
    head.press("action_agree")
    head.expect_state("agreed")
    clerk.open(leaving)
    _seal(clerk, "Đóng dấu tệp chuyển giao")
    clerk.expect_state("released")
    clerk.picture("transfer-released")
    file = _download(clerk, "action_download", tmp_path)
    found = transfer.unpack(file.read_bytes())
    assert found.handover.pupil.name == name
    trust = signing.TrustStore.from_pem(schools.old.pki.root.pem(), schools.old.pki.intermediate.pem())
    report = signing.verify_list(found.manifest, trust)
    assert (report.result != signing.TOTAL_FAILED, report.signer_name) == (True, schools.old.school.name)

    clerk2 = schools.screen(schools.new, "vanthu")
    arriving = _enter_file(clerk2, file)
    head2 = schools.screen(schools.new, schools.new.school.head.login)
    head2.open(arriving)
    expect(head2.page.locator('div[name="line_ids"] .o_data_row')).to_have_count(1)
    head2.picture("transfer-received")
    head2.press("action_check_again")
    expect(head2.page.locator('div[name="checked_at"]')).to_be_visible()
    expect(head2.page.locator('div[name="recheck"]')).to_have_count(0)
    head2.picture("transfer-checked-again")
    _take_over(head2)
    head2.expect_state("agreed")
    _send_receipt(clerk2, arriving, clerk, leaving, tmp_path)
    clerk.picture("transfer-completed")
    schools.check()
    _look_at_both(schools, record)


def _take_over(screen):
    """With a reason where revocation data are missing, as on this machine; else at once."""
    screen.settle()
    if screen.page.locator('button[name="action_take_over"]:visible').count():
        screen.press("action_take_over")
        return
    _press(screen, "Tiếp nhận kèm lý do")
    screen.dialog.locator('div[name="reason"] textarea').fill("Đã gọi trường cũ xác nhận")
    screen.dialog.locator('footer button[name="action_take_over"]').click()


def _look_at_both(schools, record):
    old, new = schools.old.session("vanthu"), schools.new.session("vanthu")
    kept = old("hocba.record", "read", [[record["id"]]], {"fields": ["state", "packet", "packet_digest"]})[0]
    assert kept["state"] == "transferred"
    assert (kept["packet"], kept["packet_digest"]) == (record["packet"], record["packet_digest"])
    lines = new("hocba.transfer.line", "search_read", [[]], {"fields": ["uuid", "packet_digest"]})
    assert [(line["uuid"], line["packet_digest"]) for line in lines] == [(record["uuid"], record["packet_digest"])]
    fields = ["name", "code", "id_number", "birth_date", "gender", "home_town", "address", "mother_name"]
    there = old("hocba.pupil", "read", [[record["pupil_id"][0]]], {"fields": fields})[0]
    here = new("hocba.pupil", "search_read", [[("code", "=", there["code"])]], {"fields": fields})
    assert [{**row, "id": 0} for row in here] == [{**there, "id": 0}]


def test_the_new_school_prints_and_answers_for_the_book_that_came(schools):
    """No record of its own yet: the book is made of the received years, and its copy can be checked by anybody."""
    clerk = schools.new.session("vanthu")
    (line,) = clerk("hocba.transfer.line", "search_read", [[]], {"fields": ["uuid", "school_name"]})
    (came,) = clerk("hocba.transfer", "search_read", [[("direction", "=", "in")]], {"fields": ["pupil_id"]})
    pupil = came["pupil_id"][0]
    screen = schools.screen(schools.new, "vanthu")
    content = screen.page.request.get(f"{schools.new.url}/hocba/pupils/book?ids={pupil}").body()
    assert content.startswith(b"%PDF")
    domain, fields = [[("digest", "=", hashlib.sha256(content).hexdigest())]], {"fields": ["code", "years", "standing"]}
    (copy,) = clerk("hocba.issuance", "search_read", domain, fields)
    assert copy["standing"] == "current"
    for path in (f"ban-sao?ma={copy['code']}", f"tra-cuu/{line['uuid']}?ban={copy['code']}"):
        page = requests.get(f"{schools.new.url}/hocba/{path}&lang=en", timeout=30)
        assert page.status_code == 200
        assert "The school issued this copy, and it is current" in page.text
        assert line["school_name"] in page.text
    wrong = requests.get(f"{schools.new.url}/hocba/tra-cuu/{line['uuid']}?ban=222222222222&lang=en", timeout=30)
    assert (wrong.status_code, "no public record" in wrong.text) == (404, True)
    screen.open(f"/odoo/hocba-pupils/{pupil}")
    screen.picture("transfer-pupil-form")
    screen.press_smart("action_open_transfers")
    expect(screen.page.locator("tr.o_data_row")).to_have_count(1)
    screen.picture("transfer-list")
    screen.page.go_back()
    screen.press_smart("action_open_issuances")
    expect(screen.page.locator("tr.o_data_row")).to_have_count(1)
    screen.open(f"/odoo/hocba-copies/{copy['id']}")
    expect(screen.page.locator('div[name="line_ids"] .o_data_row')).to_contain_text(line["school_name"])
    screen.picture("transfer-book-copy")


def test_a_pupil_changes_school_within_the_year(schools, tmp_path):
    old, new = schools.old, schools.new
    pupil, grade = _young(old)
    teacher, teacher2 = old.school.classes[0].homeroom.login, new.school.classes[0].homeroom.login
    class_there = half_year(old, pupil["id"], grade, teacher)
    class_here = next_class(new, grade, teacher2)

    clerk = _transfers(schools.screen(old, "vanthu"))
    leaving = _leave(clerk, pupil["name"], day="27/11/2026")
    head = schools.screen(old, old.school.head.login)
    head.open(leaving)
    expect(head.page.locator('div[name="leaving_periods"]')).to_contain_text("2026-2027")
    expect(head.page.locator(".o_hocba_results_so_far")).to_contain_text("Em chăm ngoan.")
    head.picture("transfer-within-leaving")
    head.press("action_agree")
    expect(head.dialog.locator('div[name="leaving_periods"]')).to_contain_text("2026-2027")
    head.dialog.locator('div[name="pin"] input').fill(PIN)
    head.picture("transfer-within-sign")
    head.press("action_signed", within=head.dialog)
    expect(head.page.locator(".modal")).to_have_count(0)
    head.expect_state("agreed")
    clerk.open(leaving)
    _seal(clerk, "Đóng dấu tệp chuyển giao")
    clerk.expect_state("released")
    clerk.picture("transfer-within-released")
    file = _download(clerk, "action_download", tmp_path)
    found = transfer.unpack(file.read_bytes())
    assert (found.results.school_year, found.results.head_name) == ("2026-2027", old.school.head.name)

    clerk2 = schools.screen(new, "vanthu")
    arriving = _enter_file(clerk2, file)
    head2 = schools.screen(new, new.school.head.login)
    head2.open(arriving)
    table = head2.page.locator(".o_hocba_results_so_far")
    expect(table).to_contain_text("Em hoàn thành tốt, đọc lưu loát.")
    head2.choose("class_id", f"{grade}K", within=head2.form)
    head2.save_form()
    head2.picture("transfer-within-received")
    table.scroll_into_view_if_needed()
    head2.picture("transfer-within-table")
    _take_over(head2)
    head2.expect_state("agreed")
    expect(head2.page.locator('div[name="results_note"]')).to_contain_text("Đã nhập toàn bộ")
    head2.picture("transfer-within-taken")
    _send_receipt(clerk2, arriving, clerk, leaving, tmp_path)
    records = old.session("vanthu")(
        "hocba.record", "search_read", [[("class_id", "=", class_there)]], {"fields": ["state"]}
    )
    assert [row["state"] for row in records] == ["recalled"]
    _look_at_class(schools, class_here, teacher2)
    schools.check()


def _young(old):
    """A pupil with a locked record who goes on to a next grade, and that grade."""
    rows = old.session("vanthu")(
        "hocba.record",
        "search_read",
        [[("state", "=", "locked"), ("class_id.grade", "in", ["1", "2", "3", "4"])]],
        {"fields": ["pupil_id", "grade"], "limit": 1},
    )
    name = old.session("vanthu")("hocba.pupil", "read", [[rows[0]["pupil_id"][0]]], {"fields": ["name"]})[0]
    return name, str(int(rows[0]["grade"]) + 1)


def _look_at_class(schools, class_id, login):
    """The new teacher finds the results in grid and form, with where they come from."""
    teacher = schools.screen(schools.new, login)
    grid = Grid(teacher).open(class_id).choose("mid1", "subjects")
    expect(grid.rows).to_have_count(1)
    expect(grid.rows.first.locator("th")).to_have_attribute("title", re.compile("Đánh giá tại trường khác"))
    teacher.picture("transfer-within-grid")
    domain = [("class_id", "=", class_id), ("period", "=", "mid1")]
    (row,) = schools.new.session(login)("hocba.assessment", "search_read", [domain], {"fields": ["origin_school"]})
    assert row["origin_school"] == schools.old.school.name
    teacher.open(f"/odoo/m-hocba.assessment/{row['id']}")
    expect(teacher.page.locator('button[name="action_open_origin"]')).to_be_visible()
    teacher.picture("transfer-within-assessment")
    with teacher.page.context.expect_page() as opened:
        teacher.press("action_open_origin")
    expect(opened.value.locator(".o_hocba_results_so_far")).to_contain_text("Em chăm ngoan.")
    opened.value.close()
    stranger = schools.screen(schools.new, "quantri")
    answer = stranger.page.request.get(f"{schools.new.url}/hocba/assessment/origin/{row['id']}")
    assert answer.status == 404


def test_a_packet_is_downloaded_with_its_button_and_registered(schools, tmp_path):
    clerk, screen = schools.old.session("vanthu"), schools.screen(schools.old, "vanthu")
    record = _locked(schools.old)
    screen.open(f"/odoo/hocba-records/{record['id']}")
    screen.page.locator(".o_notebook_headers a", has_text="Chữ ký").first.click()
    expect(screen.page.locator('button[name="action_download_packet"]')).to_be_visible()
    screen.picture("record-packet")
    content = _download(screen, "action_download_packet", tmp_path).read_bytes()
    assert hashlib.sha256(content).hexdigest() == record["packet_digest"]
    domain = [[("digest", "=", record["packet_digest"]), ("kind", "=", "xml")]]
    rows = clerk("hocba.issuance", "search_read", domain, {"fields": ["purpose", "standing"]})
    assert [(row["purpose"], row["standing"]) for row in rows] == [("school", "current")]
    screen.page.reload()
    screen.press_smart("action_open_issuances")
    shown = clerk("hocba.issuance", "search_count", [[("line_ids.record_id", "=", record["id"])]])
    expect(screen.page.locator("tr.o_data_row")).to_have_count(shown)
    around = screen.page.request.get(f"{schools.old.url}/web/content/hocba.record/{record['id']}/packet")
    assert around.status == 404


def _arrived(schools):
    """The next pupil of the old school, taken over by the new one. Ids of the rows there and here."""
    old, new = schools.old, schools.new
    values = {"pupil_id": _locked(old)["pupil_id"][0], "other_code": _CODE, "other_name": _NAME}
    clerk, clerk2 = old.session("vanthu"), new.session("vanthu")
    leaving = clerk("hocba.transfer", "create", [values])
    old.session(old.school.head.login)("hocba.transfer", "action_agree", [[leaving]])
    clerk("hocba.transfer.wizard", "create", [{"transfer_ids": [(6, 0, [leaving])], "pin": PIN}])
    (row,) = clerk("hocba.transfer", "read", [[leaving]], {"fields": ["file", "state"]})
    assert row["state"] == "released"
    wizard = clerk2("hocba.transfer.wizard", "create", [{"file": row["file"]}])
    arriving = clerk2("hocba.transfer.wizard", "action_enter_file", [[wizard]])["res_id"]
    head2 = new.session(new.school.head.login)
    values = {"transfer_ids": [(6, 0, [arriving])], "reason": "Đã gọi trường cũ xác nhận"}
    head2("hocba.transfer.wizard", "action_take_over", [[head2("hocba.transfer.wizard", "create", [values])]])
    return leaving, arriving


def _move_seal_to(service, site):
    """The school's seal is registered with its key at the remote service."""
    account = {"client_id": csc_server.CLIENT_ID, "secret": csc_server.CLIENT_SECRET}
    site.admin("hocba.signing.service", "create", [{"name": "Ký số từ xa", "base_url": service.base_url, **account}])
    clerk, model = site.session("vanthu"), "hocba.certificate.wizard"
    (row,) = clerk("hocba.signing.service", "search", [[]])
    wizard = clerk(model, "create", [{"kind": "organisation", "provider": "remote", "service_id": row}])
    clerk(model, "action_search", [[wizard]])
    clerk(model, "action_import", [[wizard]])


def test_a_receipt_is_sealed_at_a_remote_service(schools, tmp_path):
    """The key of the new school's seal is at a signing service; its owner approves on the phone."""
    leaving, arriving = _arrived(schools)
    seal = {"seal": {"name": _NAME, "id": "MST:0401234599", "approval": "push"}}
    with remote_service(tmp_path / "csc", seal, multisign=500) as service:
        pem = service.root.public_bytes(Encoding.PEM).decode()
        for site in (schools.new, schools.old):
            site.admin("hocba.trust", "create", [{"kind": "root", "pem": pem}])
        _move_seal_to(service, schools.new)
        screen = schools.screen(schools.new, "vanthu")
        screen.open(f"/odoo/hocba-transfers/{arriving}")
        _press(screen, "Đóng dấu biên nhận")
        expect(screen.dialog.locator('div[name="certificate_id"]')).to_contain_text(_NAME)
        expect(screen.dialog.locator('div[name="pin"]')).to_have_count(0)
        screen.picture("transfer-seal-remote")
        screen.press("action_sealed", within=screen.dialog)
        screen.signing.locator(".o_hocba_start").click()
        expect(screen.signing.locator(".o_hocba_phone")).to_be_visible()
        service.decide("approve")
        expect(screen.signing.locator("[role=status]")).to_be_visible(timeout=60_000)
        screen.picture("transfer-seal-remote-done")
        screen.close_signing()
        assert len(service.phone()["signed"]) == 1
    screen.open(f"/odoo/hocba-transfers/{arriving}")
    screen.expect_state("completed")
    clerk, clerk2 = schools.old.session("vanthu"), schools.new.session("vanthu")
    (row,) = clerk2("hocba.transfer", "read", [[arriving]], {"fields": ["receipt"]})
    wizard = clerk("hocba.transfer.wizard", "create", [{"file": row["receipt"]}])
    clerk("hocba.transfer.wizard", "action_enter_receipt", [[wizard]])
    assert clerk("hocba.transfer", "read", [[leaving]], {"fields": ["state"]})[0]["state"] == "completed"
    schools.check()
