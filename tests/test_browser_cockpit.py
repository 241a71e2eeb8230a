"""The first screen of head and clerk: from a number to its records and on to the next step, by clicking."""

import pytest
from browser_fixtures import stage as make_stage
from flow import PIN
from playwright.sync_api import expect

_PUPILS = 36
_TABLET = {"width": 820, "height": 1180}


@pytest.fixture(scope="module")
def stage(host):
    """4A1 has records, one without a score; 2A1 is signed by its homeroom teacher."""
    with make_stage(host, "cockpit", _PUPILS) as stage:
        for school_class in stage.school.classes:
            stage.closing.import_class(school_class)
        stage.closing.create_records(list(stage.site.classes.values()))
        result = stage.site.session("gv.tinhoc")(
            "hocba.result",
            "search",
            [[("class_id.name", "=", "4A1"), ("subject_id.code", "=", "TH"), ("period", "=", "year")]],
            {"limit": 1},
        )
        stage.site.session("gv.tinhoc")("hocba.result", "write", [result, {"level": False, "score": False}])
        stage.closing.sign_as_homeroom(next(line for line in stage.school.classes if line.name == "2A1"))
        stage.signed = stage.closing.head("hocba.record", "search_count", [[("waiting_for", "=", "cbql")]])
        yield stage


@pytest.fixture(autouse=True)
def no_errors(stage):
    """Whatever a test does, no window may show or log an error."""
    yield
    stage.check()


def _number(screen, column, within=".o_stages"):
    return screen.page.locator(f'{within} button[data-column="{column}"]')


def test_head_lands_on_the_cockpit_and_signs_from_it(stage):
    screen = stage.screen(stage.school.head.login)
    expect(_number(screen, "signing.cbql")).to_have_text(str(stage.signed))
    screen.picture("cockpit-head")

    _number(screen, "blocked").click()
    screen.settle()
    expect(screen.page.locator("tr.o_data_row")).to_have_count(1)
    screen.page.go_back()
    screen.settle()

    screen.page.locator('.o_people .o_mine[data-column="signing.cbql"] button').click()
    assert screen.sign(PIN) == stage.signed
    screen.close_signing()
    expect(_number(screen, "signing.cbql")).to_have_count(0)
    expect(_number(screen, "signing.seal")).to_have_text(str(stage.signed))


def test_clerk_seals_sends_and_sets_an_earlier_date(stage):
    screen = stage.screen(stage.school.clerk.login)
    screen.page.locator('.o_steps button[data-step="signing.seal"]').click()
    assert screen.sign(PIN) == stage.signed
    screen.close_signing()
    screen.page.locator('.o_steps button[data-step="signed"]').click()
    screen.dialog.locator('div[name="pin"] input').fill(PIN)
    screen.press("action_send", within=screen.dialog)
    screen.settle()
    screen.menu("hocba_digital.menu_cockpit")
    expect(_number(screen, "sent")).to_have_text(str(stage.signed))

    screen.page.locator(".o_source").first.click()
    screen.settle()
    expect(screen.page.locator(".o_nocontent_help")).to_be_visible()
    screen.page.locator(".o_list_button_add").click()
    screen.select("grade", "Khối 4")
    screen.fill_date("day", "25/05/2026")
    screen.fill("source", "2106/KH-SGDĐT")
    screen.save_form()
    screen.picture("deadline-form")
    screen.menu("hocba_digital.menu_cockpit")
    expect(screen.page.locator('.o_card[data-day="2026-05-25"] .o_source')).to_contain_text("2106/KH-SGDĐT")
    screen.picture("cockpit-clerk")


def test_the_analysis_counts_the_same(stage):
    screen = stage.screen(stage.school.clerk.login)
    screen.menu("hocba_digital.menu_cockpit_analysis", parent="hocba_digital.menu_report")
    screen.unfold_groups()
    expect(screen.page.locator("tr.o_data_row").first).to_be_visible()
    screen.switch_view("pivot")
    expect(screen.page.locator(".o_pivot table")).to_be_visible()
    screen.picture("cockpit-pivot")
    stages = [screen.label("hocba.cockpit", "stage", value) for value in ("blocked", "signing", "sent")]
    rows = screen.pivot()
    assert rows[1] == stages, "in the order of a record's life"
    assert [row[-1] for row in rows if row[0].startswith(("2A1", "4A1"))] == ["18", "18"]
    screen.switch_view("graph")
    graph = screen.graph()
    grades = [screen.label("hocba.cockpit", "grade", value) for value in ("2", "4")]
    assert (graph["kind"], graph["labels"]) == ("bar", grades)
    assert {name: graph["series"][name] for name in stages} == {
        stages[0]: [1, 1],
        stages[1]: [0, 17],
        stages[2]: [stage.signed, 0],
    }
    assert not [mark for mark in graph["marks"] if not mark.isdigit()], "people are counted in whole numbers"
    screen.picture("cockpit-graph")


def test_homeroom_teacher_and_administrator_see_their_part(stage):
    teacher = stage.screen(stage.school.classes[1].homeroom.login)
    teacher.menu("hocba_digital.menu_cockpit_class", parent="hocba_digital.menu_year_end")
    expect(teacher.page.locator(".o_classes tbody tr")).to_have_count(1)
    admin = stage.screen("quantri")
    admin.menu("hocba_digital.menu_cockpit_settings", parent="hocba_digital.menu_settings")
    expect(admin.page.locator(".o_classes tbody tr").first).to_be_visible()
    expect(admin.page.locator(".o_hocba_cockpit button[data-column]")).to_have_count(0)


def test_on_a_tablet_nothing_is_cut_off(stage):
    screen = stage.window(stage.school.head.login, viewport=_TABLET, has_touch=True)
    expect(screen.page.locator(".o_card").first).to_be_visible()
    wide = screen.page.evaluate("() => document.querySelector('.o_hocba_cockpit .o_content').scrollWidth")
    assert wide <= _TABLET["width"]
    screen.picture("cockpit-tablet")
