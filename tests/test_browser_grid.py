"""Teachers at the class grid: keys, paste, undo, two at once, no connection, fingers, phrases, and a whole year."""

import json
import re
import statistics
from concurrent.futures import ThreadPoolExecutor

import pytest
from browser_fixtures import stage as make_stage
from grid_screen import Grid
from playwright.sync_api import expect

_PUPILS = 36
_TABLET = {"viewport": {"width": 768, "height": 1024}, "has_touch": True}
_PERIODS = ("mid1", "end1", "mid2", "year")
_LEVEL_WORDS = {"T": "Hoàn thành tốt", "H": "HT", "C": "c"}
_TRAIT_WORDS = {"T": "Tốt", "D": "đạt", "C": "Cần cố gắng"}


@pytest.fixture(scope="module")
def stage(host):
    """Two classes with pupils and without any result: 2A1 to try things in, 4A1 for its year."""
    with make_stage(host, "grid", _PUPILS) as stage:
        for school_class in stage.school.classes:
            stage.closing.import_pupils(school_class)
        yield stage


@pytest.fixture(autouse=True)
def no_errors(stage):
    """Whatever a test does, no window may show or log an error."""
    yield
    stage.check()


# Rules that make the browser work out the whole page anew whenever a class changes anywhere in it.
_COSTLY_RULES = """() => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).filter(
    (rule) => /:has\\([^{]*\\[class/.test(rule.selectorText)).length"""


def _class(stage, number=0):
    school_class = stage.school.classes[number]
    return school_class, stage.site.classes[school_class.name]


def _homeroom_grid(stage, number=0, **options):
    school_class, class_id = _class(stage, number)
    login = school_class.homeroom.login
    screen = stage.window(login, **options) if options else stage.screen(login)
    return Grid(screen).open(class_id)


def _results(stage, grid, row, field="level"):
    """Subject code -> value, in the database."""
    found = stage.site.admin("hocba.subject", "search_read", [[]], {"fields": ["code"]})
    codes = {line["id"]: line["code"] for line in found}
    domain = [("assessment_id", "=", grid.ids()[row])]
    login = grid.screen.login
    lines = stage.site.session(login)("hocba.result", "search_read", [domain], {"fields": ["subject_id", field]})
    return {codes[line["subject_id"][0]]: line[field] for line in lines}


def _assessment(stage, grid, row, *names):
    session = stage.site.session(grid.screen.login)
    return session("hocba.assessment", "read", [[grid.ids()[row]]], {"fields": list(names)})[0]


def test_keyboard(stage):
    grid = _homeroom_grid(stage).choose("year", "subjects")
    level, score = grid.key("TOAN", "level"), grid.key("TOAN", "score")
    assert len(grid.names()) == stage.school.classes[0].size
    grid.go(0, level)
    grid.press("t", "Tab", "1", "0", "Enter", "h", "Tab", "8", "Enter", "c", "ArrowRight", "4")
    grid.expect_texts(level, ["T", "H", "C"])
    grid.expect_texts(score, ["10", "8", "4"])
    assert grid.active() == (2, score)
    expect(grid.cell(2, level)).to_have_class(re.compile("o_weak"))
    grid.press("Shift+Tab", "Delete")
    grid.expect_text(2, level, "")
    grid.press("Control+z", "Control+z")
    grid.expect_text(2, level, "C")
    grid.expect_text(2, score, "")
    grid.press("Control+y")
    grid.expect_text(2, score, "4")
    grid.saved()
    assert [_results(stage, grid, row)["TOAN"] for row in range(3)] == ["T", "H", "C"]
    assert _results(stage, grid, 0, "score")["TOAN"] == "10"

    grid.go(0, level)
    grid.press("Shift+ArrowDown", "Shift+ArrowDown", "Control+d")
    grid.expect_texts(level, ["T", "T", "T"])
    grid.press("Control+z", "Escape", "End", "Home", "Control+End", "Control+Home")
    grid.expect_text(1, level, "H")
    assert grid.active()[0] == 0
    before = int(grid.page.locator(".o_missing b").inner_text())
    grid.go(0, level)
    grid.page.click(".o_hocba_grid .o_fill")
    size = stage.school.classes[0].size
    expect(grid.page.locator(".o_missing b")).to_have_text(str(before - (size - 3)))
    grid.expect_text(1, level, "H")  # only empty cells are filled
    grid.saved()
    grid.screen.picture("grid")

    grid.choose(view="traits")
    grid.go(0, "quality_honesty")
    grid.press("d", "Enter")
    grid.page.keyboard.insert_text("Đ")  # as an input method does
    grid.press("Enter", "t", "ArrowRight", "F2")
    grid.type("Cần cố gắng")
    grid.press("Enter")
    grid.expect_texts("quality_honesty", ["Đ", "Đ", "T"])
    grid.expect_text(2, "quality_responsibility", "C")
    grid.press("ArrowUp", "F2")
    grid.type("abc")
    grid.press("Escape")
    grid.expect_text(2, "quality_responsibility", "C")
    grid.saved()
    assert _assessment(stage, grid, 0, "quality_honesty")["quality_honesty"] == "D"


def test_a_key_restyles_its_cells_and_not_the_page(stage):
    grid = _homeroom_grid(stage).choose("year", "subjects")
    page, chrome = grid.page, grid.page.context.browser
    grid.go(0, grid.key("TV", "level"))
    chrome.start_tracing(page=page, categories=["devtools.timeline"])
    for _ in range(12):
        grid.press("ArrowDown")
    events = json.loads(chrome.stop_tracing())["traceEvents"]
    restyled = [event["args"]["elementCount"] for event in events if event["name"] == "UpdateLayoutTree"]
    assert len(restyled) >= 12
    # Not the largest: a message that comes or goes meanwhile concerns the whole page.
    assert statistics.median(restyled) < 50 < page.locator("*").count()

    # Other screens have every rule.
    assert page.evaluate(_COSTLY_RULES) == 0
    page.evaluate("odoo.__WOWL_DEBUG__.root.env.services.action.doAction('hocba_digital.action_phrase')")
    page.wait_for_selector(".o_hocba_grid", state="detached")
    assert page.evaluate(_COSTLY_RULES) > 0


def test_last_choice_is_remembered(stage):
    grid = _homeroom_grid(stage).choose("end1", "measures")
    grid.screen.menu("hocba_digital.menu_my_class")
    grid.screen.press("action_open_grid")
    grid.screen.settle()
    expect(grid.page.locator(".o_hocba_grid .o_period")).to_have_value("end1")
    expect(grid.page.locator('[data-view="measures"]')).to_have_attribute("aria-pressed", "true")
    expect(grid.page.locator("td[data-key=overall]")).to_have_count(0)


def test_wrong_values_stay_on_screen_and_out_of_the_record(stage):
    grid = _homeroom_grid(stage).choose("year", "measures")
    pupil = grid.names()[0]
    grid.go(0, "height")
    grid.type("1,25")
    grid.press("Tab")
    grid.type("24,5")
    grid.press("Enter", "ArrowUp")
    expect(grid.cell(0, "height")).to_have_attribute("aria-invalid", "true")
    grid.expect_text(0, "height", "1,25")
    expect(grid.foot()).to_contain_text(pupil)
    expect(grid.foot()).to_contain_text("50")
    expect(grid.page.locator(".o_wrongs b")).to_have_text("1")
    grid.saved()
    assert _assessment(stage, grid, 0, "height", "weight")["weight"] == 24.5
    assert not _assessment(stage, grid, 0, "height")["height"]
    grid.page.click('.o_hocba_grid [data-view="traits"]')
    expect(grid.screen.dialog).to_be_visible()
    grid.screen.dialog.locator("footer button").first.click()
    expect(grid.screen.page.locator(".modal")).to_have_count(0)
    grid.page.click(".o_wrongs")
    assert grid.active() == (0, "height")
    grid.type("125")
    grid.press("Enter")
    grid.saved()
    assert _assessment(stage, grid, 0, "height")["height"] == 125


def test_paste_from_excel_and_take_it_back(stage):
    grid = _homeroom_grid(stage).choose("end1", "subjects")
    level, score = grid.key("TV", "level"), grid.key("TV", "score")
    grid.paste(0, level, [["Hoàn thành tốt", "9,0"], ["t", "10"], ["HT", "7.0"], ["giỏi", "9,5"], ["C", ""]])
    grid.expect_texts(level, ["T", "T", "H", "giỏi", "C"])
    grid.expect_texts(score, ["9", "10", "7", "9,5", ""])
    expect(grid.page.locator(".o_wrongs b")).to_have_text("2")
    grid.saved()
    assert _results(stage, grid, 3)["TV"] is False
    assert _results(stage, grid, 2, "score")["TV"] == "7"
    grid.go(0, level)
    grid.press("Control+z")
    grid.expect_texts(level, [""] * 5)
    grid.saved()
    assert _results(stage, grid, 0)["TV"] is False
    grid.press("Control+y")
    grid.expect_text(2, score, "7")
    grid.press("Control+z")

    grid.choose(view="comments")
    comment = grid.key("TV", "comment")
    grid.paste(0, comment, [['Đọc tốt.\nViết đẹp, gọi là "chữ vàng".'], ['"Ngoan" là điều em làm được.']])
    grid.saved()
    assert _results(stage, grid, 0, "comment")["TV"] == 'Đọc tốt.\nViết đẹp, gọi là "chữ vàng".'
    assert _results(stage, grid, 1, "comment")["TV"] == '"Ngoan" là điều em làm được.'
    grid.go(0, comment)
    grid.press("Shift+ArrowDown", "Control+c")
    grid.go(2, comment)
    grid.press("Control+v")
    grid.saved()
    assert _results(stage, grid, 2, "comment")["TV"] == 'Đọc tốt.\nViết đẹp, gọi là "chữ vàng".'


def test_two_teachers_at_one_cell(stage):
    school_class, class_id = _class(stage)
    english = school_class.assignments["GDTC"]
    mine = _homeroom_grid(stage).choose("year", "subjects")
    key = mine.key("GDTC", "level")
    theirs = Grid(stage.screen(english.login)).open(class_id).choose("year", "subjects")
    assert {name.split(".")[1] for name in theirs.columns() if name.startswith("s")} == {"level", "comment"}

    theirs.go(0, key)
    theirs.press("h", "Enter")
    theirs.saved()
    expect(mine.cell(0, key)).to_have_text("H")
    expect(mine.cell(0, key)).to_have_attribute("title", re.compile(english.name))
    expect(mine.foot()).to_contain_text(english.name)
    mine.screen.picture("grid-live")

    # Nothing comes in from outside: this window writes over what it has not seen.
    mine.page.route("**/grid_changes", lambda route: route.abort())
    theirs.go(1, key)
    theirs.press("c")
    theirs.saved()
    mine.go(1, key)
    mine.press("t")
    expect(mine.cell(1, key)).to_have_class(re.compile("o_conflict"))
    expect(mine.foot()).to_contain_text(english.name)
    mine.screen.picture("grid-conflict")
    assert _results(stage, mine, 1)["GDTC"] == "C"
    mine.page.click(".o_keep_mine")
    mine.saved()
    assert _results(stage, mine, 1)["GDTC"] == "T"

    theirs.page.route("**/grid_changes", lambda route: route.abort())
    theirs.go(2, key)
    theirs.press("c")
    theirs.saved()
    mine.go(2, key)
    mine.press("h")
    mine.page.click(".o_take_theirs")
    expect(mine.cell(2, key)).to_have_text("C")
    mine.saved()
    assert _results(stage, mine, 2)["GDTC"] == "C"
    for grid in (mine, theirs):
        grid.page.unroute("**/grid_changes")
        grid.screen.errors[:] = [line for line in grid.screen.errors if "ERR_FAILED" not in line]


def test_two_teachers_in_the_same_moment(stage):
    """Both write every cell of a column at once, the one T, the other H: each cell has one winner, who is told so."""
    school_class, class_id = _class(stage)
    sessions = [stage.site.session(person.login) for person in (school_class.homeroom, school_class.assignments["MT"])]
    rows = sessions[0]("hocba.class", "grid_load", [[class_id], "mid2", "subjects"])["rows"]
    subject = stage.site.admin("hocba.subject", "search", [[("code", "=", "MT")]])[0]
    lines = [row["lines"][str(subject)] for row in rows]

    def write(session, value):
        common = {"source": "result", "field": "level", "seen": None, "value": value}
        return session("hocba.class", "grid_save", [[class_id], [{**common, "id": line} for line in lines]])["answers"]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(write, sessions, "TH")
    stored = sessions[0]("hocba.result", "read", [lines], {"fields": ["level"]})
    levels = {line["id"]: line["level"] for line in stored}
    for line, one, other in zip(lines, first, second, strict=True):
        assert {one["state"], other["state"]} == {"saved", "conflict"}
        loser, winner = (one, "H") if one["state"] == "conflict" else (other, "T")
        assert levels[line] == winner == loser["value"]


def test_without_a_connection(stage):
    grid = _homeroom_grid(stage).choose("mid2", "subjects")
    key = grid.key("DD", "level")
    with grid.screen.offline():
        grid.go(0, key)
        grid.press("t", "Enter", "h", "Enter")
        expect(grid.state()).to_have_attribute("data-state", "offline")
        grid.press("c")
        grid.screen.picture("grid-offline")
        grid.page.click('.o_hocba_grid [data-view="traits"]')
        expect(grid.screen.dialog).to_be_visible()
        grid.screen.dialog.locator("footer button").first.click()
    grid.saved()
    assert [_results(stage, grid, row)["DD"] for row in range(3)] == ["T", "H", "C"]


def test_tablet(stage):
    grid = _homeroom_grid(stage, **_TABLET).choose("mid1", "traits")
    assert grid.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    grid.cell(0, "quality_diligence").tap()
    picker = grid.page.locator(".o_hocba_picker")
    expect(picker).to_be_visible()
    grid.screen.picture("grid-tablet")
    for code in ("T", "D", "C"):
        button = picker.locator(f'[data-code="{code}"]')
        assert button.bounding_box()["height"] >= 44
        button.tap()
    grid.expect_texts("quality_diligence", ["T", "Đ", "C"])
    picker.locator(".o_close").tap()
    grid.saved()
    grid.choose(view="comments")
    grid.cell(0, "homeroom_comment").scroll_into_view_if_needed()
    grid.cell(0, "homeroom_comment").tap()
    grid.page.locator(".o_hocba_editor textarea").fill("Em ngoan.")
    grid.page.locator(".o_hocba_editor .o_done").tap()
    grid.saved()
    assert _assessment(stage, grid, 0, "homeroom_comment")["homeroom_comment"] == "Em ngoan."
    grid.page.set_viewport_size({"width": 1024, "height": 768})
    grid.choose(view="subjects")
    assert grid.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    grid.screen.close()


def test_phrases(stage):
    grid = _homeroom_grid(stage).choose("year", "comments")
    comment = grid.key("TOAN", "comment")
    given = grid.names()[0].split()[-1]
    grid.go(0, comment)
    phrases = grid.search_phrases("tiep thu bai")
    expect(phrases).to_have_count(1)
    expect(phrases.first).to_contain_text(given)
    grid.screen.picture("grid-phrases")
    grid.press("Enter")
    grid.type(f" {given} rất cố gắng.")
    grid.page.click(".o_hocba_editor .o_save_phrase")
    expect(grid.foot()).to_contain_text("Đã lưu thành mẫu")
    grid.press("Enter")
    grid.saved()
    written = _results(stage, grid, 0, "comment")["TOAN"]
    assert f"Em {given} tiếp thu" in written
    assert written.endswith(f"{given} rất cố gắng.")

    grid.go(1, comment)
    grid.press("Shift+ArrowDown")
    phrases = grid.search_phrases("rat co gang")
    expect(phrases).to_have_count(1)
    grid.press("Enter")
    grid.saved()
    for row in (1, 2):
        assert f"{grid.names()[row].split()[-1]} rất cố gắng." in _results(stage, grid, row, "comment")["TOAN"]


def test_readers_and_unusual_classes(stage):
    school_class, class_id = _class(stage)
    head = Grid(stage.screen(stage.school.head.login)).open(class_id).choose("year", "subjects")
    expect(head.cell(0, head.key("TV", "level"))).to_have_attribute("aria-readonly", "true")
    head.go(0, head.key("TV", "level"))
    head.press("c")
    expect(head.foot()).to_contain_text("chỉ xem")

    admin, login = stage.site.admin, school_class.homeroom.login
    values = {"grade": "2", "school_year_id": stage.site.year_id, "homeroom_id": stage.site.users[login]}
    empty = admin("hocba.class", "create", [{"name": "2Z", **values}])
    grid = Grid(stage.screen(login)).open(empty)
    expect(grid.page.locator(".o_hocba_grid_empty")).to_be_visible()

    clerk = stage.closing.clerk
    names = ("Công Tằng Tôn Nữ Nguyễn Hoàng Thiên Kim Ngọc Phương Anh Thư", "Lê Đã Đi")
    values = [{"name": name, "code": f"4899999{number}"} for number, name in enumerate(names)]
    pupil, gone = clerk("hocba.pupil", "create", [values])
    lines = [{"pupil_id": who, "class_id": empty, "date_from": "2025-09-05"} for who in (pupil, gone)]
    enrolments = clerk("hocba.enrolment", "create", [lines])
    grid.open(empty).choose("year", "subjects")
    expect(grid.rows).to_have_count(2)
    clerk("hocba.enrolment", "write", [enrolments[1:], {"date_to": "2026-01-10", "end_reason": "left"}])
    grid.open(empty)
    expect(grid.rows).to_have_count(1)
    box = grid.rows.first.locator("th").bounding_box()
    assert box["height"] < 60
    grid.page.click(".o_former_toggle input")
    expect(grid.rows).to_have_count(2)
    grid.go(1, grid.key("TV", "level"))
    grid.press("t")
    expect(grid.foot()).to_contain_text("10/01/2026")
    grid.expect_text(1, grid.key("TV", "level"), "")
    grid.screen.picture("grid-former")


def test_a_whole_year_of_one_class(stage):
    school_class, class_id = _class(stage, 1)
    grid = _homeroom_grid(stage, 1)
    for period in _PERIODS:
        _enter_period(stage, grid.choose(period, "subjects"), school_class, period)
    session = stage.site.session(school_class.homeroom.login)
    done = session(
        "hocba.assessment",
        "search_read",
        [[("class_id", "=", class_id)]],
        {"fields": ["period", "missing_count", "overall", "class_completed", "pupil_id", "homeroom_comment"]},
    )
    assert len(done) == len(_PERIODS) * school_class.size
    assert {line["missing_count"] for line in done} == {0}
    year = {line["pupil_id"][1]: line["overall"] for line in done if line["period"] == "year"}
    assert year == {pupil.name: pupil.results.overall for pupil in school_class.pupils}

    stage.closing.create_records([class_id])
    records = stage.closing.clerk(
        "hocba.record", "search_read", [[("class_id", "=", class_id)]], {"fields": ["blocker_text", "waiting_for"]}
    )
    assert len(records) == school_class.size
    assert {line["waiting_for"] for line in records} == {"gvcn"}, [line["blocker_text"] for line in records]


def _enter_period(stage, grid, school_class, period):
    """What a homeroom teacher does in one period: first row by hand, the rest from the own Excel file."""
    pupils = _pupils_by_row(stage, grid, school_class)
    codes = {line["id"]: line["code"] for line in stage.site.admin("hocba.subject", "search_read", [[]])}
    keys = [key for key in grid.columns() if key != "overall"]
    table = [[_subject_text(pupil, codes, key) for key in keys] for pupil in pupils]
    grid.go(0, keys[0])
    for text in table[0]:
        grid.press(*text, "Tab")
    words = [[_LEVEL_WORDS.get(text, f"{text},0" if text.isdigit() else text) for text in line] for line in table]
    grid.paste(1, keys[0], words[1:])
    grid.saved()
    expect(grid.page.locator(".o_complete")).to_be_visible()
    if period == "year":
        grid.screen.picture("grid-year")

    grid.choose(view="traits")
    traits = [key for key in grid.columns() if key != "overall"]
    grid.paste(0, traits[0], [[_TRAIT_WORDS[_trait(pupil, key)] for key in traits] for pupil in pupils])
    expect(grid.page.locator(".o_complete")).to_be_visible()
    grid.saved()

    grid.choose(view="comments")
    comments = grid.columns()
    if period == "mid1":
        grid.paste(0, comments[0], [[_comment(pupil, codes, key) for key in comments] for pupil in pupils])
    else:
        grid.go(0, comments[0])
        grid.press("Control+a")
        grid.page.click(".o_hocba_grid .o_previous")
        expect(grid.cell(0, comments[0])).not_to_have_text("")
    if period == "year":
        grid.paste(0, "homeroom_comment", [[pupil.results.homeroom_comment] for pupil in pupils])
    grid.saved()

    grid.choose(view="measures")
    names = ("height", "weight", "absences_excused", "absences_unexcused")
    values = [[f"{getattr(pupil.results, name)}".replace(".", ",") for name in names] for pupil in pupils]
    grid.go(0, "height")
    for text in values[0]:
        grid.type(text)
        grid.press("Tab")
    grid.paste(1, "height", values[1:])
    grid.saved()
    expect(grid.page.locator(".o_wrongs")).to_have_count(0)


def _pupils_by_row(stage, grid, school_class):
    """Generated pupils in the order of the rows."""
    ids = grid.ids()
    found = stage.closing.clerk("hocba.assessment", "read", [ids], {"fields": ["pupil_id"]})
    owners = {line["id"]: line["pupil_id"][0] for line in found}
    codes = stage.closing.clerk("hocba.pupil", "read", [list(owners.values())], {"fields": ["code"]})
    by_code = {pupil.code: pupil for pupil in school_class.pupils}
    by_id = {line["id"]: by_code[line["code"]] for line in codes}
    return [by_id[owners[row]] for row in ids]


def _subject_text(pupil, codes, key):
    subject, field = key.removeprefix("s").split(".")
    result = pupil.results.subjects[codes[int(subject)]]
    return str(result.level if field == "level" else result.score)


def _trait(pupil, key):
    kind, code = key.split("_", 1)
    return (pupil.results.qualities if kind == "quality" else pupil.results.competences)[code]


def _comment(pupil, codes, key):
    if "." in key:
        return pupil.results.subjects[codes[int(key.removeprefix("s").split(".")[0])]].comment
    return getattr(pupil.results, key)
