"""School, department and ministry on three real servers: reports and recalls go up, answers come down."""

import hashlib
import unicodedata

import amending
import pytest
from browser import Screen, chromium
from closing_fixtures import ACCOUNT, running_pair, seal_all
from country import RECORD, Country
from flow import PASSWORD, Ministry
from flow.department import OFFICER
from flow.ministry import REPORTER
from flow.neighbours import SCHOOLS, add_neighbours
from playwright.sync_api import expect
from ready_sites import warm_up

STATISTIC = "hocba.registry.statistic"
_PUPILS = 12


@pytest.fixture(scope="module")
def country(host):
    with running_pair(host, "country", _PUPILS) as (closing, school, so):
        database = host.database("country_bo", ("hocba_registry",))
        with host.server(database, max_cron_threads=1) as server:
            ministry = Ministry(server.url, database)
            ministry.set_up(closing.school, closing.site.pki, ACCOUNT)
            country = Country(closing, ministry, server)
            country.up.set_up(server.url, ACCOUNT)
            seal_all(closing)
            closing.await_verdicts(closing.send())
            for shown in (school, so):
                warm_up(shown)
            add_neighbours(closing.department, closing.school, closing.site.pki)
            yield country


def test_nothing_goes_up_before_the_certificate_is_approved(country):
    years = country.department.admin("hocba.registry.year", "search", [[]])
    country.department.admin("hocba.registry.year", "write", [years, {"report_scope": "accepted"}])
    submissions = country.up.report()
    country.ask_until(country.up.call, submissions, "refused")
    assert not country.records(country.ministry)
    assert {row["upper_state"] for row in country.records(country.department).values()} == {False}


def test_the_certificate_is_registered_and_approved_over_the_wire(country):
    submission = country.up.register()
    country.ask_until(country.up.call, [submission], "received")
    country.ministry.wait_until_judged()
    officer = country.ministry.officer
    (certificate,) = officer("hocba.registry.certificate", "search", [[("state", "=", "submitted")]])
    officer("hocba.registry.certificate", "action_approve", [[certificate]])
    country.ask_until(country.up.call, [submission], "accepted")


def test_the_ministry_is_down_and_comes_back(country):
    country.server.stop()
    submissions = country.up.report()
    waiting = country.records(country.department, ("upper_state", "=", "queued"))
    assert waiting
    country.ask_until(country.up.call, submissions, "queued")
    rows = [{"error": False}]
    while not all(row["error"] for row in rows):
        rows = country.up.call("hocba.submission", "read", [submissions], {"fields": ["error", "state"]})
    assert {row["state"] for row in rows} <= {"queued", "unknown"}
    country.server.start()
    country.ask_until(country.up.call, submissions, "accepted")
    assert set(country.records(country.ministry)) == set(waiting)


def test_the_ministry_holds_the_same_bytes(country):
    here, there = country.records(country.department), country.records(country.ministry)
    assert {uuid: row["digest"] for uuid, row in here.items()} == {uuid: row["digest"] for uuid, row in there.items()}
    assert {row["upper_state"] for row in here.values()} == {"accepted"}
    reporting = {row[0] for row in SCHOOLS if row[4]}
    assert {row["school_name"] for row in there.values()} == reporting | {country.closing.school.name}
    for uuid, row in list(here.items())[:3]:
        packets = [
            site.officer.get(f"/hocba/registry/record/{rows[uuid]['id']}/xml")
            for site, rows in ((country.department, here), (country.ministry, there))
        ]
        assert packets[0] == packets[1]
        assert hashlib.sha256(packets[0]).hexdigest() == row["digest"]


def test_a_recall_passes_up_and_the_refusal_comes_down(country):
    uuid = country.one_of_the_school()
    at_school, here = country.recall_from_school(uuid, "Nghi sai điểm môn Toán")
    submissions, there = country.pass_up(here)
    country.ministry.officer("hocba.registry.recall", "action_refuse", [there, "Không đủ căn cứ"])
    country.ask_until(country.up.call, submissions, "refused")
    assert country.read(here) == ["refused"]
    assert country.records(country.department, ("uuid", "=", uuid))[uuid]["state"] == "accepted"
    country.ask_until(country.closing.clerk, at_school, "refused")
    fields = {"fields": ["state", "recall_refusal"]}
    (record,) = country.closing.clerk("hocba.record", "search_read", [[("uuid", "=", uuid)]], fields)
    assert record["state"] == "submitted"
    assert "Không đủ căn cứ" in record["recall_refusal"]


def test_a_recall_passes_up_and_the_approval_comes_down(country):
    uuid = country.one_of_the_school()
    at_school, here = country.recall_from_school(uuid, "Sai họ tên mẹ")
    submissions, there = country.pass_up(here)
    assert country.records(country.department, ("uuid", "=", uuid))[uuid]["state"] == "accepted"
    country.ministry.officer("hocba.registry.recall", "action_approve", [there])
    country.ask_until(country.up.call, submissions, "accepted")
    for site in (country.ministry, country.department):
        assert country.records(site, ("uuid", "=", uuid))[uuid]["state"] == "recalled"
    country.ask_until(country.closing.clerk, at_school, "accepted")
    fields = {"fields": ["state", "replaced_by_id"]}
    (record,) = country.closing.clerk("hocba.record", "search_read", [[("uuid", "=", uuid)]], fields)
    assert record["state"] == "recalled"
    assert record["replaced_by_id"]


# Screens of officers ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def window(country):
    """Opens the window of a person of the department; no window may show or log an error."""
    screens = []
    with chromium() as browser:

        def opened(login, password=PASSWORD, site=None):
            screens.append(Screen(browser, site or country.department, login, password))
            return screens[-1]

        yield opened
        for screen in screens:
            screen.check()


@pytest.fixture(scope="module")
def officer(window):
    """The window of the department's officer."""
    return window(OFFICER)


def test_progress_by_commune_leads_to_records(country, officer):
    officer.menu("hocba_registry.menu_progress", parent="hocba_registry.menu_oversight")
    officer.unfold_groups()
    officer.picture("so-progress")
    name = country.closing.school.name
    row = officer.row(name)
    accepted = country.department.officer(RECORD, "search_count", [[("unit_id", "ilike", name)]])
    expect(officer.cell(row, "accepted")).to_have_text(str(accepted - 1))  # one was recalled
    silent = next(row for row in SCHOOLS if not row[4])
    expect(officer.cell(officer.row(silent[0]), "missing")).to_have_text(str(silent[3]))
    row.locator('button[name="action_open_records"]').click()
    officer.settle()
    expect(officer.page.locator("tr.o_data_row")).to_have_count(accepted)


def test_progress_by_commune_is_drawn_and_pivoted(country, officer):
    officer.menu("hocba_registry.menu_progress", parent="hocba_registry.menu_oversight")
    officer.switch_view("graph")
    graph = officer.graph()
    assert set(graph["labels"]) >= {row[2] for row in SCHOOLS}
    (values,) = graph["series"].values()
    assert values == sorted(values), "who is behind comes first"
    assert values[0] == 0
    assert max(values) <= 100
    officer.picture("so-progress-graph")
    officer.switch_view("pivot")
    rows = {row[0]: row[1:] for row in officer.pivot()}
    silent = next(row for row in SCHOOLS if not row[4])
    assert rows[silent[2]][-1] == str(silent[3]), "all of them are missing"
    officer.picture("so-progress-pivot")


def test_statistics_are_a_pivot(country, officer):
    officer.menu("hocba_registry.menu_statistic", parent="hocba_registry.menu_oversight")
    expect(officer.page.locator(".o_pivot table")).to_be_visible()
    officer.picture("so-statistics")
    total = country.department.officer(RECORD, "search_count", [[("state", "!=", "recalled")]])
    values = officer.page.locator(".o_pivot tbody tr").first.locator(".o_value")
    expect(values.last).to_have_text(str(total))
    officer.switch_view("graph")
    graph = officer.graph()
    results = [officer.label(STATISTIC, "overall", value) for value in ("excellent", "good", "completed")]
    assert list(graph["series"])[:3] == results, "from the best to the weakest"
    assert sum(sum(values) for name, values in graph["series"].items() if name in results) <= total
    officer.picture("so-statistics-graph")
    officer.switch_view("list")
    expect(officer.page.locator("tr.o_data_row").first).to_be_visible()


def test_a_record_is_found_without_accents_and_read_as_its_form(country, officer):
    rows = country.department.officer(RECORD, "search_read", [[("state", "=", "accepted")]], {"fields": ["pupil_name"]})
    name = next(row["pupil_name"] for row in rows if row["pupil_name"] != _plain(row["pupil_name"]))
    officer.menu("hocba_registry.menu_record")
    search = officer.page.locator(".o_searchview_input")
    search.fill(_plain(name))
    officer.page.locator(".o_searchview_autocomplete").get_by_text(_plain(name)).first.click()
    officer.settle()
    expect(officer.row(name)).to_be_visible()
    officer.cell(officer.row(name), "pupil_name").click()
    officer.settle()
    form = officer.page.frame_locator(".o_form_view iframe")
    expect(form.locator("body")).to_contain_text(name, ignore_case=True)
    officer.picture("so-record")
    seen = country.department.officer("hocba.registry.access", "search_read", [[]], {"fields": ["user_id"], "limit": 1})
    assert seen[0]["user_id"][1] == "Chuyên viên Sở GDĐT"


def test_the_closing_of_a_grade_is_previewed(country, officer):
    officer.menu("hocba_registry.menu_year")
    officer.page.locator('tr.o_data_row td[name="name"]').first.click()
    officer.settle()
    officer.picture("so-year")
    officer.press("action_close")
    box = officer.dialog.locator('div[name="grade"] input, div[name="grade"] select').first
    expect(box).to_be_visible()
    silent = sum(not row[4] for row in SCHOOLS)
    expect(officer.dialog.locator('div[name="silent_count"]')).to_have_text(str(silent))
    officer.picture("so-closing-preview")
    officer.close_dialog()


def test_the_closings_follow_each_other_down(country):
    country.department.close_year(country.closing.school.school_year)
    reported = [("upper_state", "=", "accepted")]
    count = country.department.officer(RECORD, "search_count", [[*reported, ("state", "=", "locked")]])
    assert count == len(country.records(country.ministry, ("state", "=", "accepted")))
    country.ministry.close_year(country.closing.school.school_year)
    submissions = country.up.call("hocba.submission", "search", [[("kind", "=", "1"), ("state", "=", "accepted")]])
    country.up.call("hocba.submission", "action_check_closing", [submissions])
    assert not country.department.officer(RECORD, "search_count", [reported])
    assert country.department.officer(RECORD, "search_count", [[("upper_state", "=", "locked")]]) == count


def test_an_amendment_passes_up_and_the_new_record_is_in_force_at_both(country):
    closing, department, ministry = country.closing, country.department, country.ministry
    closing.ask_for_closing()
    for site in (department, ministry):
        amending.allow(site)
    fields = {"fields": ["uuid", "class_id", "assessment_id"], "limit": 1}
    (old,) = closing.clerk("hocba.record", "search_read", [[("state", "=", "locked")]], fields)
    request = amending.ask(closing, old["id"])
    here = amending.waiting(department)
    country.approve_twice(here)
    assert country.read(here) == ["upward"]
    submissions = country.up.recall(here)
    country.ask_until(country.up.call, submissions, "received")
    ministry.wait_until_judged()
    (there,) = amending.waiting(ministry)
    (asked,) = ministry.officer("hocba.registry.recall", "read", [[there], ["changes", "evidence_digest"]])
    assert asked["changes"] and asked["evidence_digest"]
    ministry.officer("hocba.registry.recall", "action_approve", [[there]])
    country.ask_until(country.up.call, submissions, "accepted")
    assert country.read(here) == ["approved"]
    assert country.records(department, ("uuid", "=", old["uuid"]))[old["uuid"]]["state"] == "locked"

    amending.advance(closing, request)
    (new,) = closing.clerk("hocba.record", "read", [[amending.standing(closing, request)["successor_id"][0]], ["uuid"]])
    amending.send_corrected(closing, old, new["id"])
    country.ask_until(country.up.call, country.up.report(), "accepted")
    for site in (department, ministry):
        rows = site.officer(
            RECORD,
            "search_read",
            [[("uuid", "in", [old["uuid"], new["uuid"]])]],
            {"fields": ["uuid", "superseded_by_id", "state"]},
        )
        chain = {row["uuid"]: row for row in rows}
        assert chain[old["uuid"]]["superseded_by_id"][0] == chain[new["uuid"]]["id"]
        assert {row["state"] for row in rows} == {"locked"}
    assert country.records(department, ("uuid", "=", new["uuid"]))[new["uuid"]]["upper_state"] == "locked"


def test_the_reporter_sees_what_went_up_and_what_came_down(country, window):
    screen = window(REPORTER)
    screen.open("/odoo/action-hocba_registry.action_upward_submission")
    sent = country.up.call("hocba.submission", "search_count", [[]])
    expect(screen.page.locator("tr.o_data_row")).to_have_count(sent)
    screen.picture("so-ministry")
    screen.page.locator('tr.o_data_row td[name="state"]').last.click()
    screen.settle()
    screen.press("action_open_records")
    screen.settle()
    expect(screen.page.locator("tr.o_data_row").first).to_be_visible()
    screen.open("/odoo/action-hocba_registry.action_recall")
    screen.page.locator(".o_facet_remove").first.click()
    screen.settle()
    expect(screen.page.locator("tr.o_data_row")).to_have_count(3)  # refused, approved, and the amendment
    screen.picture("so-recalls")
    screen.page.locator('tr.o_data_row td[name="pupil_name"]').first.click()
    screen.settle()
    expect(screen.page.locator('button[name="action_open_successor"]')).to_be_visible()
    screen.picture("so-amendment")
    screen.open("/odoo/action-hocba_registry.action_year")
    screen.page.locator('tr.o_data_row td[name="name"]').first.click()
    screen.settle()
    expect(screen.page.locator('button[name="action_report_up"]')).to_have_count(0)
    screen.picture("so-year-reported")


def test_the_administrator_gives_a_scope_and_sees_the_seal(country, window):
    admin = country.department.admin
    (officer,) = admin("res.users", "search", [[("login", "=", OFFICER)]])
    groups = country.department.group_ids("hocba_registry", "group_so_admin")
    values = {"name": "Quản trị Cổng", "lang": "vi_VN", "tz": "Asia/Ho_Chi_Minh"}
    rights = groups + country.department.group_ids("base", "group_erp_manager")
    country.department.ensure_user("quantricong", {**values, "group_ids": [(6, 0, rights)]})
    screen = window("quantricong")
    screen.open("/odoo/action-hocba_registry.action_seal")
    screen.page.locator('tr.o_data_row td[name="name"]').first.click()
    screen.settle()
    expect(screen.page.locator(".o_form_view .alert-success")).to_be_visible()
    screen.picture("so-seal")
    screen.open(f"/odoo/action-base.action_res_users/{officer}")
    screen.page.locator('a[name="hocba_registry"]').click()
    screen.page.locator('div[name="hocba_scope"] input[data-value="bodies"]').check()
    expect(screen.page.locator(".o_form_view .alert-warning:visible")).to_be_visible()
    screen.choose("hocba_body_ids", "Sở", within=screen.form)
    screen.picture("so-scope")
    screen.save_form()
    (user,) = admin("res.users", "read", [[officer], ["hocba_scope", "hocba_body_ids"]])
    assert (user["hocba_scope"], len(user["hocba_body_ids"])) == ("bodies", 1)
    admin("res.users", "write", [[officer], {"hocba_scope": "all"}])


def test_the_school_sees_what_the_department_signed_and_what_was_amended(country, window):
    closing = country.closing
    screen = window(closing.school.clerk.login, site=closing.site)
    screen.open("/odoo/action-hocba_digital.action_submission")
    screen.page.locator('tr.o_data_row td[name="state"]').last.click()
    screen.settle()
    expect(screen.page.locator(".o_form_view .alert-success")).to_be_visible()
    screen.page.locator('a[name="acknowledgement"]').click()
    rows = screen.page.locator('div[name="acknowledgement_ids"] tr.o_data_row')
    expect(rows).to_have_count(2)
    screen.picture("submission-acknowledged")
    screen.press("action_check_acknowledgement")
    screen.settle()
    expect(screen.page.locator(".o_form_view .alert-success")).to_be_visible()
    (request,) = closing.clerk("hocba.amendment", "search", [[("state", "=", "done")]])
    screen.open(f"/odoo/action-hocba_digital.action_amendment/{request}")
    screen.picture("amendment")
    screen.press("action_open_successor")
    screen.settle()
    screen.page.locator('a[name="amended"]').click()
    expect(screen.page.locator('div[name="amendment_difference"]')).to_contain_text("nhận xét", ignore_case=True)
    screen.picture("amendment-difference")
    (replaced,) = closing.clerk("hocba.record", "search", [[("replaces_id", "!=", False)]])
    screen.open(f"/odoo/action-hocba_digital.action_record/{replaced}")
    screen.picture("replacement-difference")


def _plain(text):
    """A name as somebody types it who leaves the accents out."""
    bare = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(char for char in bare if not unicodedata.combining(char)).lower()
