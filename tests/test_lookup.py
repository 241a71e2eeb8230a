"""The public look-up on real servers: what is shown, what is never shown, and that nobody learns more by trying."""

import base64
import os
import re
import statistics
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import PICTURES, chromium
from hocba_host import psql
from playwright.sync_api import expect

PUPILS = 36
MISS = "Không tìm thấy học bạ"


@pytest.fixture(autouse=True)
def fresh(sites):
    for side in ("school", "so"):
        sites[side].forget()


def _factor(data):
    return f"{data.birth_date:%d/%m/%Y}", (data.id_number or data.pupil_code)[-4:]


@pytest.mark.parametrize("side", ["school", "so"])
def test_first_view_tells_validity_school_year_and_initials_only(sites, side):
    data = sites["data"][0]
    status, page, headers = sites[side].get(f"/hocba/tra-cuu/{data.uuid}")
    assert status == 200
    assert "Học bạ hợp lệ" in page
    assert data.school_name in page
    assert data.school_year in page
    assert "".join(f"{word[0]}. " for word in data.pupil_name.split()).strip() in page
    for hidden in (
        data.pupil_name,
        data.id_number,
        data.pupil_code,
        data.class_name,
        data.birth_date.strftime("%d/%m/%Y"),
    ):
        assert hidden is None or hidden not in page
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "<script" not in page
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page), "nothing of third parties"


@pytest.mark.parametrize("side", ["school", "so"])
def test_record_is_shown_for_the_right_factor(sites, side):
    data = sites["data"][0]
    status, page, _headers = sites[side].post(data.uuid, *_factor(data))
    assert status == 200
    assert data.pupil_name in page
    assert all(line.name in page for line in data.subjects)
    for hidden in (data.id_number, data.homeroom_comment, data.address, data.mother, f"{data.weight} ", data.father):
        assert hidden is None or hidden not in page
    assert sites[side].log()[-1][:3] == ["record", "factor", data.uuid]


def test_english_page(sites):
    status, page, _headers = sites["so"].get(f"/hocba/tra-cuu/{sites['data'][0].uuid}?lang=en")
    assert status == 200
    assert '<html lang="en">' in page
    assert "The record is valid" in page


@pytest.mark.parametrize("side", ["school", "so"])
def test_unknown_hidden_and_wrong_get_the_same_answer(sites, side):
    site, data = sites[side], sites["data"][0]
    born, digits = _factor(data)
    wrong_digits = f"{(int(digits) + 1) % 10000:04}"
    tries = [(data.uuid, born, wrong_digits), (str(uuid.uuid4()), born, digits), (sites["hidden"], born, digits)]
    answers = set()
    for code, day, number in tries:
        site.forget()
        status, page, headers = site.post(code, day, number)
        assert MISS in page
        headers.pop("Date")
        answers.add((status, page.replace(code, "CODE"), str(sorted(headers.items())).replace(str(len(page)), "N")))
    assert len(answers) == 1
    firsts = [site.get(f"/hocba/tra-cuu/{code}") for code in (str(uuid.uuid4()), sites["hidden"])]
    assert [status for status, *_rest in firsts] == [404, 404]


@pytest.mark.parametrize("side", ["school", "so"])
def test_time_tells_nothing(sites, side):
    """Medians of the three kinds of misses, taken in turns; their spread stays within the noise of one kind."""
    site, data = sites[side], sites["data"][0]
    born, digits = _factor(data)
    tries = {
        "wrong": (data.uuid, born, f"{(int(digits) + 1) % 10000:04}"),
        "unknown": (str(uuid.uuid4()), born, digits),
        "hidden": (sites["hidden"], born, digits),
    }
    times = {name: [] for name in tries}
    for _round in range(15):
        for name, what in tries.items():
            site.forget()
            start = time.perf_counter()
            site.post(*what)
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(found) for name, found in times.items()}
    quartiles = [statistics.quantiles(found, n=4) for found in times.values()]
    noise = max(high - low for low, _middle, high in quartiles)
    assert max(medians.values()) - min(medians.values()) <= noise + 0.005, medians


def test_wrong_tries_make_one_wait_whatever_the_headers_say(sites):
    site = sites["so"]
    answers = []
    for number in range(6):
        data = sites["data"][number]
        answers.append(site.post(data.uuid, "01/01/2001", "0000", **{"X-Forwarded-For": f"198.51.100.{number}"}))
    assert [status for status, *_rest in answers] == [404, 404, 404, 429, 429, 429]
    _status, page, headers = answers[-1]
    assert 1 <= int(headers["Retry-After"]) <= 10
    assert "Vui lòng chờ" in page
    right = sites["data"][0]
    assert site.post(right.uuid, *_factor(right))[0] == 429, "the right data do not help who guesses"


def test_guesses_at_once_are_counted_one_by_one(sites):
    site, data = sites["so"], sites["data"][0]
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda _n: site.post(data.uuid, "01/01/2001", "0000")[0], range(12)))
    assert found.count(404) == 3
    assert found.count(429) == 9
    assert psql("SELECT total FROM hocba_lookup_counter WHERE scope = 'record_ever'", site.database) == [["3"]]


def test_a_right_try_is_taken_back(sites):
    site, data = sites["so"], sites["data"][0]
    for _ in range(5):
        assert site.post(data.uuid, *_factor(data))[0] == 200
    assert psql("SELECT max(total) FROM hocba_lookup_counter WHERE scope <> 'views'", site.database) == [["0"]]


def test_many_wrong_tries_raise_an_alarm_once(sites):
    site, data = sites["so"], sites["data"][1]
    psql(
        "INSERT INTO hocba_lookup_log (at, uuid, registry_record_id, outcome, means, address)"
        f" SELECT now() at time zone 'utc', uuid, id, 'miss', 'factor', '203.0.113.x' FROM hocba_registry_record,"
        f" generate_series(1, 12) WHERE uuid = '{data.uuid}'",
        site.database,
    )
    admin = sites["closing"].department.admin
    cron = admin("ir.model.data", "check_object_reference", ["hocba_digital", "cron_watch_lookups"])[1]
    for _ in range(2):
        admin("ir.cron", "method_direct_trigger", [[cron]])
    alarms = sites["closing"].department.officer(
        "hocba.lookup.alarm", "search_read", [[]], {"fields": ["uuid", "activity_ids"]}
    )
    (alarm,) = [alarm for alarm in alarms if alarm["uuid"] == data.uuid]
    assert alarm["activity_ids"]


def test_log_and_counters_are_nobodys_to_change(sites):
    closing = sites["closing"]
    for session in (closing.clerk, closing.head, closing.department.officer):
        for model in ("hocba.lookup.log", "hocba.lookup.counter"):
            with pytest.raises(Exception, match=r"(?i)access|quyền"):
                session(
                    model, "create", [{"uuid": "x", "outcome": "miss", "scope": "a", "key": "b", "window_start": 0}]
                )
    with pytest.raises(Exception, match=r"(?i)access|quyền|private"):
        closing.department.officer("hocba.lookup", "_forget_misses", [sites["data"][0].uuid])


def _issue_copy(closing, uuid):
    """(Number, check code) of a copy of this record that the clerk issues."""
    (record,) = closing.clerk("hocba.record", "search", [[("uuid", "=", uuid)]])
    wizard = closing.clerk("hocba.record", "action_issue_copy", [[record]])["res_id"]
    closing.clerk("hocba.issue.wizard", "write", [[wizard], {"recipient": "Nguyễn Văn Cha"}])
    closing.clerk("hocba.issue.wizard", "action_issue", [[wizard]])
    (row,) = closing.clerk(
        "hocba.issuance",
        "search_read",
        [[("line_ids.record_id", "=", record)]],
        {"fields": ["number", "code"], "limit": 1},
    )
    return row["number"], row["code"]


def test_anybody_checks_that_a_copy_was_issued(sites):
    site, data = sites["school"], sites["data"][2]
    number, code = _issue_copy(sites["closing"], data.uuid)
    grouped = f"{code[:4]}-{code[4:8]}-{code[8:]}".lower()
    for path in (f"/hocba/ban-sao?ma={grouped}", f"/hocba/tra-cuu/{data.uuid}?ban={code}"):
        status, page, _headers = site.get(path)
        assert status == 200
        assert "bản sao còn giá trị" in page
        assert number in page
        assert not [secret for secret in (data.pupil_name, "Nguyễn Văn Cha") if secret in page]
    assert ["summary", "copy", data.uuid, "127.0.0.x"] in site.log()
    status, page, headers = site.get("/hocba/ban-sao?ma=2222-2222-2222")
    assert status == 404
    assert headers["Cache-Control"] == "no-store"
    assert "Nhà trường không cấp bản sao nào có mã này" in page
    assert "không có mã kiểm tra" in site.get(f"/hocba/tra-cuu/{data.uuid}?ban=222222222222")[1]
    for _ in range(60):
        status = site.get("/hocba/ban-sao?ma=222222222223")[0]
    assert status == 429


def test_file_is_checked_and_forgotten(sites):
    site, data = sites["school"], sites["data"][0]
    row = sites["closing"].clerk("hocba.record", "search_read", [[("uuid", "=", data.uuid)]], {"fields": ["packet"]})[0]
    content = base64.b64decode(row["packet"])
    before = psql("SELECT count(*) FROM ir_attachment", site.database)
    for changed, said in (
        (content, "TOTAL_PASSED"),
        (content.replace(b"<NHAN_XET_GVCN>", b"<NHAN_XET_GVCN>x"), "TOTAL_FAILED"),
    ):
        boundary = uuid.uuid4().hex
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="tep"; filename="hb.xml"\r\n\r\n'.encode()
            + changed
            + f"\r\n--{boundary}--\r\n".encode()
        )
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        status, page, _headers = site._ask("POST", "/hocba/kiem-tra", body, kind)
        assert status == 200
        assert said in page
    assert psql("SELECT count(*) FROM ir_attachment", site.database) == before


class Visitor:
    """A person without an account, at a phone or a desk."""

    def __init__(self, browser, width, height):
        self.width = width
        self.page = browser.new_context(
            viewport={"width": width, "height": height}, locale="vi-VN", bypass_csp=True
        ).new_page()

    def serious_findings(self):
        """What axe-core calls serious or critical on the page as it stands."""
        found = Axe().run(self.page).response["violations"]
        return [(item["id"], item["nodes"][0]["html"]) for item in found if item["impact"] in ("serious", "critical")]

    def overflows(self):
        """Whether one has to scroll sideways."""
        return self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.mark.parametrize(("name", "width", "height"), [("phone", 360, 780), ("desktop", 1280, 800)])
def test_visitor_looks_up_and_checks_a_file(sites, browser, tmp_path, name, width, height):
    site, data = sites["so"], sites["data"][0]
    born, digits = _factor(data)
    visitor = Visitor(browser, width, height)
    page = visitor.page

    def look(step):
        assert visitor.serious_findings() == []
        assert not visitor.overflows()
        if os.environ.get("HOCBA_PICTURES") == "1":
            page.screenshot(path=PICTURES / f"lookup-{step}-{name}.png", full_page=True)

    page.goto(f"http://{site.host}/hocba/tra-cuu")
    look("code")
    page.locator("#ma").fill(str(uuid.uuid4()))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("#ma").fill(data.uuid.upper())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Học bạ hợp lệ")
    look("summary")
    page.locator("#ngay_sinh").fill(born)
    page.locator("#so_cuoi").fill(f"{(int(digits) + 1) % 10000:04}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(MISS)
    look("miss")
    page.locator("#ngay_sinh").fill(born)
    page.locator("#so_cuoi").fill(digits)
    page.keyboard.press("Enter")
    expect(page.locator("dd", has_text=data.pupil_name).first).to_be_visible()
    look("record")
    row = sites["closing"].clerk("hocba.record", "search_read", [[("uuid", "=", data.uuid)]], {"fields": ["packet"]})[0]
    (tmp_path / "hocba.xml").write_bytes(base64.b64decode(row["packet"]))
    page.goto(f"http://{site.host}/hocba/kiem-tra")
    page.locator("#tep").set_input_files(tmp_path / "hocba.xml")
    page.locator("main button").click()
    expect(page.locator("#result")).to_be_visible()
    look("file")
    page.context.close()
