"""The add-ons' own test suites, run by Odoo itself: those that need Odoo's registry, its users and its browser."""

import re

import pytest
from addon_suites import ADDONS

_RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading database")
_RECORD = re.compile(r"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ [A-Z]+ )", re.MULTILINE)
_PROBLEM = re.compile(r"^\S+ \S+ \d+ (ERROR|CRITICAL) ")


def _explain(log: str) -> str:
    """Return the errors of the log with their traces, and how it ends."""
    problems = [record for record in _RECORD.split(log) if _PROBLEM.match(record)]
    return "".join([*problems, "\nThe log ends with:\n", "\n".join(log.splitlines()[-25:])])


@pytest.mark.parametrize("addon", ADDONS)
def test_addon_suite(suites, addon):
    log = suites[addon].result()
    results = _RESULT.findall(log)
    failed, errors, total = (sum(int(result[column]) for result in results) for column in range(3))
    if failed or errors or not total:
        pytest.fail(f"{addon}: {failed} failed, {errors} errors, {total} tests\n{_explain(log)}", pytrace=False)
