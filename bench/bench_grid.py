"""The class grid in a browser, 50 pupils in grade 5: key press to its cell drawn, saving a cell, loading a view.

Beside each figure stands the same measured where there is nothing to do: a key press on an empty page of the client,
a call of an empty method. Prints one JSON row a figure.
"""

import functools
import json
import os
import resource
import statistics
import sys
from pathlib import Path

_REPO = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_REPO / "host" / "lib"), str(_REPO / "host"), str(_REPO / "tests")]

import hocba_host  # noqa: E402
from browser import Screen, chromium  # noqa: E402
from flow.session import PASSWORD, Site  # noqa: E402
from grid_screen import Grid  # noqa: E402
from ready_sites import warm_up  # noqa: E402

_PUPILS = 50
_KEYS = 120
_CALLS = 60
_TEACHER = "gvcn"
# From the key press to the first moment after the frame that shows it.
_WATCH = """() => {
    window.hocbaTimes = [];
    window.addEventListener("keydown", () => {
        const start = performance.now();
        requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => window.hocbaTimes.push(performance.now() - start);
            channel.port2.postMessage(0);
        });
    }, true);
}"""
_TIME_CALLS = """async ({ model, method, args }) => {
    const { orm } = odoo.__WOWL_DEBUG__.root.env.services;
    const found = [];
    for (const change of args) {
        const start = performance.now();
        await orm.silent.call(model, method, change);
        found.push(performance.now() - start);
    }
    return found;
}"""


def p95(times: list[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return statistics.quantiles(times, n=20)[-1]


@functools.cache
def measure() -> dict[str, tuple[list[float], list[float]]]:
    """Figure -> (milliseconds in the grid, milliseconds with nothing to do)."""
    name = f"bench_{os.getpid()}_grid"
    hocba_host.create_database(name, ("hocba_digital",), "vi_VN")
    try:
        with hocba_host.OdooServer(name, workers=0, max_cron_threads=0) as server:
            site = Site(server.url, name)
            class_id = _set_up(site)
            warm_up(server)
            with chromium() as browser:
                screen = Screen(browser, site, _TEACHER, PASSWORD)
                return _measure(Grid(screen), site, class_id)
    finally:
        hocba_host.drop_database(name)


def _set_up(site):
    """A class of 50 with records, so that a save costs what it costs in May."""
    admin = site.admin
    groups = site.group_ids("hocba_digital", "group_homeroom")
    teacher = site.ensure_user(_TEACHER, {"name": "Trần Thị Hương", "lang": "vi_VN", "group_ids": [(6, 0, groups)]})
    office = site.group_ids("hocba_digital", "group_clerk", "group_head")
    head = site.ensure_user("vanthu", {"name": "Phạm Thị Lan", "lang": "vi_VN", "group_ids": [(6, 0, office)]})
    company = admin("res.company", "search", [[]], {"limit": 1})
    texts = dict.fromkeys(("hocba_authority_name", "hocba_commune", "hocba_province", "hocba_issue_place"), "Đà Nẵng")
    texts |= {"hocba_school_code": "48491401", "hocba_authority_code": "48", "hocba_head_id": head}
    admin("res.company", "write", [company, texts])
    year = admin("hocba.school.year", "create", [{"name": "2025-2026"}])
    values = {"name": "5A", "grade": "5", "school_year_id": year, "homeroom_id": teacher}
    class_id = admin("hocba.class", "create", [values])
    clerk = site.session("vanthu")
    pupils = clerk(
        "hocba.pupil", "create", [[{"name": f"Nguyễn Minh {n:02d}", "code": f"{n}"} for n in range(_PUPILS)]]
    )
    lines = [{"pupil_id": pupil, "class_id": class_id, "date_from": "2025-09-05"} for pupil in pupils]
    clerk("hocba.enrolment", "create", [lines])
    clerk("hocba.class", "action_create_records", [[class_id]])
    return class_id


def _measure(grid, site, class_id):
    page = grid.page
    grid.screen.open("/odoo/hocba-phrases")
    page.evaluate(_WATCH)
    empty = _press(page, lambda _n: "t")
    grid.open(class_id).choose("year", "subjects")
    page.evaluate(_WATCH)
    # A level, then down; at the end of the column to the next one.
    grid.go(0, grid.columns()[0])
    keys = _press(page, lambda n: ("t", "ArrowDown", "h", "ArrowDown")[n % 4])
    grid.saved()
    data = site.session(_TEACHER)("hocba.class", "grid_load", [[class_id], "year", "subjects"])
    return {
        "key": (keys, empty),
        "save": (_time(page, "grid_save", _saves(data, class_id)), _nothing(page)),
        "load": (_time(page, "grid_load", [[[class_id], "year", "subjects"]] * (_CALLS // 3)), _nothing(page)),
    }


def _press(page, key_of):
    for number in range(_KEYS):
        page.keyboard.press(key_of(number))
        page.wait_for_timeout(20)
    page.wait_for_function("count => window.hocbaTimes.length >= count", arg=_KEYS)
    return page.evaluate("window.hocbaTimes")[:_KEYS]


def _saves(data, class_id):
    """Arguments of calls that each save one cell."""
    column = next(column for column in data["columns"] if column["field"] == "level" and column["subject_id"])
    key, subject = column["key"], str(column["subject_id"])
    values = [row["cells"][key] for row in data["rows"]]
    calls = []
    for number in range(_CALLS):
        row = number % _PUPILS
        value = "H" if values[row] == "T" else "T"
        change = {"source": "result", "id": data["rows"][row]["lines"][subject], "field": "level"}
        calls.append([[class_id], [{**change, "seen": values[row], "value": value}]])
        values[row] = value
    return calls


def _time(page, method, calls):
    return page.evaluate(_TIME_CALLS, {"model": "hocba.class", "method": method, "args": calls})


def _nothing(page):
    calls = [[]] * _CALLS
    return page.evaluate(_TIME_CALLS, {"model": "res.lang", "method": "get_installed", "args": calls})


def _row(name, figure):
    times, limits = measure()[figure]
    value, limit = p95(times), p95(limits)
    return {
        "name": name,
        "value": round(value, 1),
        "unit": "ms p95",
        "limit": round(limit, 1),
        "ratio": round(limit / value, 3),
        "n": len(times),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1),
    }


def bench_grid() -> dict:
    """Key press to its cell drawn (bar: 50 ms); limit: a key press on a page that does nothing with it."""
    return _row("grid", "key")


def bench_grid_save() -> dict:
    """Round trip of saving one cell (bar: 200 ms); limit: the round trip of an empty method."""
    return _row("grid-save", "save")


def bench_grid_load() -> dict:
    """Round trip of loading 50 pupils x 27 columns (bar: 1,000 ms); limit: the round trip of an empty method."""
    return _row("grid-load", "load")


if __name__ == "__main__":
    for bench in (bench_grid, bench_grid_save, bench_grid_load):
        print(json.dumps(bench()))
