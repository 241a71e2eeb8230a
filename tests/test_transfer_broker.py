"""A pupil changes school through the registry: two schools and the department on three real servers."""

import base64
import contextlib
import re
import threading
import time

import psycopg2
import pytest
from browser import Screen, chromium
from closing_fixtures import running_pair, seal_all
from flow.department import OFFICER
from flow.school import trust_authorities
from flow.session import PASSWORD, PIN
from handing_over import SECOND_CODE as _CODE
from handing_over import SECOND_NAME as _NAME
from handing_over import enter_unit, new_speaker, second_school
from hocba_host import RpcError, psql
from hocba_host.cluster import DB_PORT, socket_folder
from playwright.sync_api import expect
from ready_sites import warm_up
from within_year import half_year, next_class

_THIRD = "Trường Tiểu học Hoàng Diệu", "48491404"
_PUPIL = ["name", "code", "birth_date", "id_number"]


class Side:
    """One school of the change: what its people do, over the methods that the screens use."""

    def __init__(self, site, server):
        self.site, self.server = site, server

    @property
    def clerk(self):
        return self.site.session("vanthu")

    @property
    def head(self):
        return self.site.session(self.site.school.head.login)

    def fetch(self):
        """“Fetch now”; what it said."""
        return self.clerk("hocba.transfer", "action_fetch_now", [[]])["params"]

    def fetched(self):
        said = self.fetch()
        assert said["type"] == "success", said

    def transfer(self, number):
        fields = ["state", "pupil_name", "reason", "way", "asked_reason", "receipt_digest", "pupil_id"]
        found = self.clerk("hocba.transfer", "search_read", [[("number", "=", number)]], {"fields": fields})
        return found[0] if found else None

    def wizard(self, session, number, **values):
        context = {"active_ids": [self.transfer(number)["id"]]}
        return session("hocba.transfer.wizard", "create", [values], {"context": context})

    def seal(self, number):
        self.wizard(self.clerk, number, pin=PIN)

    def by_head(self, number, action, reason):
        wizard = self.wizard(self.head, number, reason=reason)
        self.head("hocba.transfer.wizard", action, [[wizard]])


class Chain:
    """Both schools and the registry; each pupil of the old school is used once."""

    def __init__(self, closing, old, new, so_server, third):
        self.closing, self.department = closing, closing.department
        self.old, self.new, self.third, self.so_server = old, new, third, so_server
        records = old.clerk("hocba.record", "search_read", [[("state", "=", "locked")]], {"fields": ["pupil_id"]})
        self._pupils = iter([record["pupil_id"][0] for record in records])

    def pupil(self):
        return self.old.clerk("hocba.pupil", "read", [[next(self._pupils)]], {"fields": _PUPIL})[0]

    def pupil_of_a_lower_grade(self):
        """(Pupil, grade) of one who goes on to a next grade."""
        while True:
            pupil = self.pupil()
            domain = [("pupil_id", "=", pupil["id"]), ("state", "=", "locked")]
            grade = int(self.old.clerk("hocba.record", "search_read", [domain], {"fields": ["grade"]})[0]["grade"])
            if grade < 5:
                return pupil, grade

    def ask(self, pupil, **changes):
        """The new school's clerk asks for the pupil; the number. It is stored, not sent yet."""
        asked = {"pupil_name": pupil["name"], "pupil_code": pupil["code"], "birth_date": pupil["birth_date"]}
        asked |= {"id_number": pupil["id_number"], "from_day": "2026-09-05", "reason": "Gia đình chuyển nơi ở"}
        model = "hocba.transfer.request.wizard"
        wizard = self.new.clerk(model, "create", [{**asked, "pin": PIN, **changes}])
        (request,) = self.new.clerk(model, "read", [[wizard]], {"fields": ["request_ids"]})[0]["request_ids"]
        return self.new.clerk("hocba.transfer.request", "read", [[request]], {"fields": ["number"]})[0]["number"]

    def request(self, number):
        fields = ["state", "answer", "transfer_id"]
        domain = [("number", "=", number)]
        return self.new.clerk("hocba.transfer.request", "search_read", [domain], {"fields": fields})[0]

    def requested(self):
        """(Pupil, number) of a request that is a draft at the old school."""
        pupil = self.pupil()
        number = self.ask(pupil)
        self.new.fetched()
        self.old.fetched()
        return pupil, number

    def sealed(self):
        """(Pupil, number) of a file that is sealed at the old school and not sent yet."""
        pupil, number = self.requested()
        self.old.head("hocba.transfer", "action_agree", [[self.old.transfer(number)["id"]]])
        self.old.seal(number)
        return pupil, number

    def arrived(self):
        """(Pupil, number) of a file that is at the new school."""
        pupil, number = self.sealed()
        self.old.fetched()
        self.new.fetched()
        return pupil, number

    def accepted(self):
        """(Pupil, number) of a receipt that is sealed at the new school and not sent yet."""
        pupil, number = self.arrived()
        self.new.by_head(number, "action_take_over", "Đã gọi trường cũ")
        self.new.seal(number)
        return pupil, number

    def custody(self, pupil):
        """(School that has the pupil, changes of custody) at the registry."""
        rows = psql(
            "SELECT u.code, (SELECT count(*) FROM hocba_registry_custody_move m WHERE m.custody_id = c.id)"
            " FROM hocba_registry_custody c JOIN hocba_registry_unit u ON u.id = c.unit_id"
            f" WHERE c.pupil_code = '{pupil['code']}'",
            self.department.database,
        )
        return rows[0][0], int(rows[0][1])

    def ends_well(self, pupil, number):
        """Both schools and the registry agree that the new school has the pupil, once."""
        self.new.fetched()
        self.old.fetched()
        self.new.fetched()
        assert self.custody(pupil) == (_CODE, 1)
        assert self.old.transfer(number)["state"] == "completed"
        assert self.new.transfer(number)["state"] == "completed"
        domain = [("pupil_id", "=", pupil["id"])]
        states = self.old.clerk("hocba.record", "search_read", [domain], {"fields": ["state"]})
        assert {row["state"] for row in states} == {"transferred"}
        here = self.new.clerk("hocba.pupil", "search_count", [[("code", "=", pupil["code"])]])
        assert here == 1

    def number_of(self, pupil):
        """Number of the one hand-over of the pupil at the registry."""
        domain = [("pupil_code", "=", pupil["code"])]
        officer = self.department.officer
        (row,) = officer("hocba.registry.transfer", "search_read", [domain], {"fields": ["number"]})
        return row["number"]

    @property
    def old_code(self):
        return self.closing.school.school_code


@pytest.fixture(scope="module")
def chain(host):
    with running_pair(host, "broker", 24) as (closing, school_server, so_server):
        seal_all(closing)
        closing.await_verdicts(closing.send())
        closing.lock()
        with second_school(host, "broker_new", closing.site, so_server.url) as (new, server):
            department = closing.department
            trust_authorities(department.admin, new.pki)
            enter_unit(department, _NAME, _CODE, new.pki.holders["seal"])
            third = new_speaker(department, *_THIRD, new.pki.intermediate)
            sides = Side(closing.site, school_server), Side(new, server)
            for side in sides:
                side.fetched()
            yield Chain(closing, *sides, so_server, third)


def test_before_the_year_begins(chain):
    pupil, number = chain.requested()
    assert chain.request(number)["state"] == "asked"
    draft = chain.old.transfer(number)
    assert (draft["state"], draft["way"], draft["asked_reason"]) == ("draft", "registry", "Gia đình chuyển nơi ở")
    assert draft["pupil_id"][0] == pupil["id"]
    with pytest.raises(Exception, match="Cổng"):
        chain.old.clerk("hocba.transfer", "write", [[draft["id"]], {"other_code": "48491499"}])
    chain.old.head("hocba.transfer", "action_agree", [[draft["id"]]])
    chain.old.seal(number)
    chain.old.fetched()
    chain.new.fetched()
    assert chain.request(number)["state"] == "delivered"
    assert chain.new.transfer(number)["state"] == "received"
    assert chain.custody(pupil) == (chain.old_code, 0)
    chain.new.by_head(number, "action_take_over", "Đã gọi trường cũ")
    chain.new.seal(number)
    assert chain.new.transfer(number)["state"] == "agreed", "the registry has the word"
    chain.ends_well(pupil, number)
    chain.ends_well(pupil, number)


def test_wrong_data_and_a_second_claim(chain):
    pupil = chain.pupil()
    wrong = chain.ask(pupil, birth_date="2001-01-01")
    chain.new.fetched()
    assert chain.request(wrong)["state"] == "refused"
    assert "Không có học sinh" in chain.request(wrong)["answer"]
    third, sheet = chain.third.request(_packet(chain, pupil))
    assert chain.third.step(third, "YEU_CAU", sheet) == "00"
    second = chain.ask(pupil)
    chain.new.fetched()
    assert chain.request(second)["state"] == "refused"
    assert "Trường khác đang yêu cầu" in chain.request(second)["answer"]
    officer = chain.department.officer
    found = officer("hocba.registry.transfer", "search_read", [[("number", "=", third)]], {"fields": ["disputed"]})
    assert found[0]["disputed"]


def test_within_the_year(chain):
    """Results so far, signed by the head there, pass through the registry and are entered here."""
    old, new = chain.old, chain.new
    pupil, grade = chain.pupil_of_a_lower_grade()
    teacher, teacher_here = (side.site.school.classes[0].homeroom.login for side in (old, new))
    class_there = half_year(old.site, pupil["id"], str(grade + 1), teacher)
    class_here = next_class(new.site, str(grade + 1), teacher_here)
    number = chain.ask(pupil, from_day="2026-11-27")
    new.fetched()
    old.fetched()
    old.head("hocba.transfer", "action_agree", [[old.transfer(number)["id"]]])
    assert old.transfer(number)["state"] == "draft", "agreeing is signing: the head is asked for the key"
    old.wizard(old.head, number, pin=PIN)
    old.seal(number)
    old.fetched()
    new.fetched()
    new.clerk("hocba.transfer", "write", [[new.transfer(number)["id"]], {"class_id": class_here}])
    new.by_head(number, "action_take_over", "Đã gọi trường cũ")
    new.seal(number)
    new.fetched()
    old.fetched()
    new.fetched()
    assert (old.transfer(number)["state"], new.transfer(number)["state"]) == ("completed", "completed")
    assert chain.custody(pupil) == (_CODE, 1)
    domain = [("pupil_id", "=", pupil["id"])]
    there = old.clerk("hocba.record", "search_read", [domain], {"fields": ["state", "class_id"]})
    assert sorted((row["state"], row["class_id"][0] == class_there) for row in there) == [
        ("recalled", True),
        ("transferred", False),
    ]
    domain = [("class_id", "=", class_here), ("period", "=", "mid1")]
    fields = ["origin_school", "homeroom_comment", "quality_honesty"]
    (row,) = new.site.session(teacher_here)("hocba.assessment", "search_read", [domain], {"fields": fields})
    assert [row[name] for name in fields] == [old.site.school.name, "Em chăm ngoan.", "T"]
    levels = new.site.session(teacher_here)("hocba.result", "search_read", [domain], {"fields": ["level"]})
    assert {line["level"] for line in levels} == {"T"}


def _packet(chain, pupil):
    domain = [("pupil_id", "=", pupil["id"])]
    row = chain.old.clerk("hocba.record", "search_read", [domain], {"fields": ["packet"]})[0]
    return base64.b64decode(row["packet"])


def test_the_old_school_refuses_the_request(chain):
    pupil, number = chain.requested()
    chain.old.by_head(number, "action_withdraw", "Gia đình chưa nộp đơn")
    chain.old.fetched()
    chain.new.fetched()
    ended = chain.request(number)
    assert ended["state"] == "ended"
    assert "Gia đình chưa nộp đơn" in ended["answer"]
    assert chain.custody(pupil) == (chain.old_code, 0)
    again = chain.ask(pupil)
    chain.new.fetched()
    chain.old.fetched()
    assert chain.old.transfer(again)["state"] == "draft"


def test_the_new_school_refuses_the_file(chain):
    pupil, number = chain.arrived()
    chain.new.by_head(number, "action_refuse", "Nhầm học sinh")
    chain.new.seal(number)
    chain.new.fetched()
    chain.old.fetched()
    refused = chain.old.transfer(number)
    assert (refused["state"], refused["reason"]) == ("refused", "Nhầm học sinh")
    assert chain.custody(pupil) == (chain.old_code, 0)


def test_the_new_school_withdraws_its_request(chain):
    pupil, number = chain.requested()
    model = "hocba.transfer.request.wizard"
    request = chain.request(number)["id"]
    context = {"active_ids": [request], "active_model": "hocba.transfer.request"}
    wizard = chain.new.clerk(model, "create", [{"reason": "Em không đến nữa"}], {"context": context})
    chain.new.clerk(model, "action_end", [[wizard]])
    chain.new.fetched()
    assert chain.request(number)["state"] == "ended"
    chain.old.fetched()
    ended = chain.old.transfer(number)
    assert ended["state"] == "withdrawn"
    assert "Em không đến nữa" in ended["reason"]
    assert chain.custody(pupil) == (chain.old_code, 0)


def test_the_old_school_withdraws_before_the_receipt_is_there(chain):
    pupil, number = chain.accepted()
    chain.old.by_head(number, "action_withdraw", "Em ở lại")
    chain.old.fetched()
    chain.new.fetched()
    given_back = chain.new.transfer(number)
    assert given_back["state"] == "withdrawn"
    assert chain.custody(pupil) == (chain.old_code, 0)
    assert chain.new.clerk("hocba.pupil", "search_count", [[("code", "=", pupil["code"])]]) == 0
    chain.old.fetched()
    again = chain.ask(pupil)
    chain.new.fetched()
    chain.old.fetched()
    chain.old.head("hocba.transfer", "action_agree", [[chain.old.transfer(again)["id"]]])
    chain.old.seal(again)
    chain.old.fetched()
    chain.new.fetched()
    chain.new.by_head(again, "action_take_over", "Lần này em đến")
    chain.new.seal(again)
    chain.ends_well(pupil, again)


def test_an_acceptance_that_the_registry_has_wins(chain):
    pupil, number = chain.accepted()
    chain.new.fetched()
    assert chain.custody(pupil) == (_CODE, 1)
    chain.old.by_head(number, "action_withdraw", "Em ở lại")
    chain.ends_well(pupil, number)


def test_registry_not_reachable_and_the_schedule_never_raises(chain):
    pupil, number = chain.sealed()
    chain.so_server.kill()
    assert chain.old.fetch()["type"] == "warning"
    (cron,) = chain.closing.site.admin("ir.cron", "search", [[("model_id.model", "=", "hocba.transfer.step")]])
    chain.closing.site.admin("ir.cron", "method_direct_trigger", [[cron]])
    chain.so_server.start()
    chain.old.fetched()
    chain.new.fetched()
    chain.new.by_head(number, "action_take_over", "Đã gọi")
    chain.new.seal(number)
    chain.ends_well(pupil, number)


@contextlib.contextmanager
def _held(database, table, condition):
    """Rows of a table held by somebody else meanwhile, as a busy worker would; a step that needs them stands still."""
    connection = psycopg2.connect(host=str(socket_folder()), port=DB_PORT, user="postgres", dbname=database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {table} WHERE {condition} FOR UPDATE")
            assert cursor.rowcount == 1
        yield
    finally:
        connection.close()


def _wait_for(query, database):
    end = time.monotonic() + 60
    while not psql(query, database)[0][0]:
        assert time.monotonic() < end, query
        time.sleep(0.01)


_STEPS = {"upload": ("GIAO_TEP", "released"), "acceptance": ("BIEN_NHAN", "accepted")}


@pytest.mark.parametrize("step", list(_STEPS))
def test_registry_dies_before_it_has_stored_the_step(chain, step):
    pupil, number = chain.sealed() if step == "upload" else chain.accepted()
    side = chain.old if step == "upload" else chain.new
    database = chain.department.database
    with _held(database, "hocba_registry_custody", f"pupil_code = '{pupil['code']}'"):
        caller = _begin(side.fetch)
        waiting = f"SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = '{database}' AND wait_event_type = 'Lock'"
        _wait_for(waiting, database)
        chain.so_server.kill()
    caller.join()
    chain.so_server.start()
    state = psql(f"SELECT state FROM hocba_registry_transfer WHERE number = '{number}'", database)
    assert state[0][0] == ("requested" if step == "upload" else "released"), "nothing of it is there"
    assert chain.custody(pupil) == (chain.old_code, 0)
    _go_on(chain, step, pupil, number)


@pytest.mark.parametrize("step", list(_STEPS))
def test_school_dies_before_it_has_stored_the_answer(chain, step):
    pupil, number = chain.sealed() if step == "upload" else chain.accepted()
    side = chain.old if step == "upload" else chain.new
    name, state = _STEPS[step]
    database = side.site.database
    with _held(database, "hocba_transfer_step", f"number = '{number}' AND step = '{name}'"):
        caller = _begin(side.fetch)
        there = f"SELECT count(*) = 1 FROM hocba_registry_transfer WHERE number = '{number}' AND state = '{state}'"
        _wait_for(there, chain.department.database)
        side.server.kill()
    caller.join()
    side.server.start()
    kept = psql(
        f"SELECT state FROM hocba_transfer_step WHERE number = '{number}' AND step = '{name}'", side.site.database
    )
    assert kept[0][0] == "waiting", "its outcome is not known here"
    _go_on(chain, step, pupil, number)


def _begin(call):
    caller = threading.Thread(target=_quietly, args=(call,))
    caller.start()
    return caller


def _quietly(call):
    with contextlib.suppress(OSError, RpcError):
        call()


def _go_on(chain, step, pupil, number):
    """After the crash: fetched again, it ends as if nothing had happened."""
    (chain.old if step == "upload" else chain.new).fetched()
    if step == "upload":
        chain.new.fetched()
        chain.new.by_head(number, "action_take_over", "Đã gọi")
        chain.new.seal(number)
    chain.ends_well(pupil, number)


def _address(screen):
    expect(screen.page).to_have_url(re.compile(r"/\d+$"))
    return screen.page.url.removeprefix(screen.site.url)


def test_at_the_screens(chain):
    """Asking, agreeing, sealing and fetching by the buttons; what an officer sees of it."""
    for server in (chain.old.server, chain.new.server, chain.so_server):
        warm_up(server)
    pupil = chain.pupil()
    with chromium() as browser:
        clerk = Screen(browser, chain.new.site, "vanthu", PASSWORD)
        clerk.open("/odoo/hocba-transfer-requests")
        clerk.press_action("hocba_digital.action_transfer_request_new")
        given = {"pupil_name": pupil["name"], "pupil_code": pupil["code"], "id_number": pupil["id_number"]}
        for name, text in given.items():
            clerk.dialog.locator(f'div[name="{name}"] input').fill(text)
        born = "/".join(reversed(pupil["birth_date"].split("-")))
        field = clerk.dialog.locator('div[name="birth_date"] button, div[name="birth_date"] input').first
        field.click()
        clerk.dialog.locator('div[name="birth_date"] input').first.fill(born)
        clerk.dialog.locator('div[name="birth_date"] input').first.press("Tab")
        clerk.dialog.locator('div[name="reason"] textarea').fill("Gia đình chuyển nơi ở")
        clerk.dialog.locator('div[name="pin"] input').fill(PIN)
        clerk.picture("transfer-request-wizard")
        clerk.dialog.locator('footer button[name="action_asked"]').click()
        clerk.expect_state("sending")
        request = _address(clerk)
        chain.new.fetched()
        clerk.open(request)
        clerk.expect_state("asked")
        clerk.picture("transfer-request")
        chain.old.fetched()

        head = Screen(browser, chain.old.site, chain.old.site.school.head.login, PASSWORD)
        head.open("/odoo/hocba-transfers")
        head.page.locator(".o_data_row", has_text=pupil["name"]).first.click()
        head.expect_state("draft")
        leaving = _address(head)
        head.picture("transfer-leaving-asked")
        head.press("action_agree")
        head.expect_state("agreed")
        clerk_old = Screen(browser, chain.old.site, "vanthu", PASSWORD)
        clerk_old.open(leaving)
        clerk_old.press_action("hocba_digital.action_transfer_seal")
        clerk_old.dialog.locator('div[name="pin"] input').fill(PIN)
        clerk_old.dialog.locator('footer button[name="action_sealed"]').click()
        clerk_old.expect_state("released")
        chain.old.fetched()
        clerk_old.open(leaving)
        expect(clerk_old.page.locator('div[name="step_ids"] .o_data_row')).to_contain_text("Cổng đã nhận")
        clerk_old.picture("transfer-leaving-sent")

        clerk.open("/odoo/hocba-transfer-requests")
        clerk.press("action_fetch_now")
        expect(clerk.page.locator(".o_notification")).to_contain_text("Đã cập nhật với Cổng tiếp nhận")
        clerk.picture("transfer-requests")
        clerk.open("/odoo/hocba-transfers")
        row = clerk.page.locator(".o_data_row", has_text=pupil["name"]).first
        expect(row).to_be_visible()
        row.click()
        clerk.expect_state("received")
        clerk.picture("transfer-arrived-gateway")

        officer = Screen(browser, chain.department, OFFICER, PASSWORD)
        officer.open("/odoo/hocba-registry-transfers")
        line = officer.page.locator(".o_data_row", has_text=pupil["name"]).first
        expect(line).to_be_visible()
        officer.picture("registry-transfers")
        line.click()
        officer.expect_state("released")
        officer.picture("registry-transfer")
        number = chain.number_of(pupil)
        chain.new.by_head(number, "action_take_over", "Đã gọi trường cũ")
        chain.new.seal(number)
        chain.ends_well(pupil, number)
        officer.open(_address(officer))
        officer.expect_state("accepted")
        officer.press("action_open_custody")
        expect(officer.page.locator('div[name="move_ids"] .o_data_row')).to_have_count(1)
        expect(officer.page.locator('div[name="unit_id"]').first).to_contain_text(_NAME)
        officer.picture("registry-custody")
        for screen in (clerk, head, clerk_old, officer):
            screen.check()


def test_an_officer_settles_a_dispute_and_records_custody(chain):
    """Two schools ask for one pupil; in the end the third one has taken the pupil over by file."""
    warm_up(chain.so_server)
    pupil = chain.pupil()
    number, sheet = chain.third.request(_packet(chain, pupil))
    assert chain.third.step(number, "YEU_CAU", sheet) == "00"
    chain.ask(pupil)
    chain.new.fetched()
    session = chain.department.officer
    (row,) = session("hocba.registry.transfer", "search", [[("number", "=", number)]])
    with chromium() as browser:
        officer = Screen(browser, chain.department, OFFICER, PASSWORD)
        officer.open(f"/odoo/hocba-registry-transfers/{row}")
        expect(officer.page.locator('div[name="dispute"]')).to_contain_text(_NAME)
        officer.picture("registry-dispute")
        officer.press("action_settle")
        expect(officer.page.locator('button[name="action_settle"]')).to_have_count(0)
        expect(officer.page.locator('div[name="dispute"]')).to_have_count(0)
        assert chain.third.step(number, "DUNG", chain.third.stop(number, sheet)) == "00"
        officer.press_smart("action_open_custody")
        officer.press_action("hocba_registry.action_custody_wizard")
        officer.choose("unit_id", _THIRD[0])
        officer.fill("reason", "Tiếp nhận bằng tệp ngày 05/9/2026", within=officer.dialog)
        scan = {"name": "bien-nhan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 receipt"}
        officer.dialog.locator('div[name="document"] input[type=file]').set_input_files(scan)
        expect(officer.dialog.locator('div[name="document"] input[type=text]')).to_have_value("bien-nhan.pdf")
        officer.picture("registry-custody-wizard")
        officer.press("action_confirm", within=officer.dialog)
        expect(officer.page.locator(".modal")).to_have_count(0)
        moves = officer.page.locator('div[name="move_ids"] .o_data_row')
        expect(moves).to_have_count(1)
        expect(moves).to_contain_text("Tiếp nhận bằng tệp")
        assert chain.custody(pupil) == (_THIRD[1], 1)
        officer.picture("registry-custody-recorded")
        officer.press_smart("action_open_records")
        expect(officer.page.locator("tr.o_data_row")).to_have_count(1)
        officer.check()
