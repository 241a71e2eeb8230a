"""The add-ons' own test suites, run by Odoo itself: those that need Odoo's registry, its users and its browser."""

import re
from concurrent.futures import ThreadPoolExecutor

import hocba_host
import pytest

_ADDONS = ("hocba_digital", "hocba_registry")
_RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading database")
_RECORD = re.compile(r"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ [A-Z]+ )", re.MULTILINE)
_PROBLEM = re.compile(r"^\S+ \S+ \d+ (ERROR|CRITICAL) ")


def _explain(log: str) -> str:
    """Return the errors of the log with their traces, and how it ends."""
    problems = [record for record in _RECORD.split(log) if _PROBLEM.match(record)]
    return "".join([*problems, "\nThe log ends with:\n", "\n".join(log.splitlines()[-25:])])


@pytest.fixture(scope="module")
def suites(host):
    """The logs of both suites, by add-on; they run side by side, each mostly waits for PostgreSQL or its one core."""
    with ThreadPoolExecutor(len(_ADDONS)) as pool:
        running = {addon: pool.submit(_run, host.database(f"suite_{addon}", (addon,)), addon) for addon in _ADDONS}
        yield running
    for addon in _ADDONS:
        host.drop(host.adopt(f"suite_{addon}"))


def _run(database, addon):
    ports = [f"--http-port={hocba_host.free_port()}", f"--gevent-port={hocba_host.free_port()}"]
    arguments = ["-u", addon, "--test-tags", f"/{addon}", "--stop-after-init", "--max-cron-threads=0", *ports]
    return hocba_host.run_odoo(database, *arguments, check=False)


@pytest.mark.parametrize("addon", _ADDONS)
def test_addon_suite(suites, addon):
    log = suites[addon].result()
    results = _RESULT.findall(log)
    failed, errors, total = (sum(int(result[column]) for result in results) for column in range(3))
    if failed or errors or not total:
        pytest.fail(f"{addon}: {failed} failed, {errors} errors, {total} tests\n{_explain(log)}", pytrace=False)
