"""Into a bare database, up and out again, the way a school's own administrator does it."""

import re

import pytest
from hocba_host import psql, run_odoo

MODULES = ("hocba_digital", "hocba_registry")
#: The host's own option is no option of Odoo's; Odoo stores it and says so.
_EXPECTED = "unknown option 'hocba_secret_file'"


def complaints(log):
    lines = [line for line in log.splitlines() if re.search(r" (WARNING|ERROR|CRITICAL) ", line)]
    return [line for line in lines if _EXPECTED not in line]


@pytest.fixture(scope="module")
def bare(host):
    """A database with Odoo's base modules only, without demonstration data."""
    return host.database("bare")


def _state(database):
    names = ", ".join(f"'{name}'" for name in MODULES)
    return dict(psql(f"SELECT name, state FROM ir_module_module WHERE name IN ({names})", database))


def test_brings_vietnamese_along(host):
    database = host.database("english")
    psql("UPDATE res_partner SET lang = 'en_US'", database)
    psql("UPDATE res_lang SET active = false WHERE code = 'vi_VN'", database)
    run_odoo(database, "-i", "hocba_digital", "--stop-after-init", "--no-http")
    assert psql("SELECT active FROM res_lang WHERE code = 'vi_VN'", database) == [["t"]]
    assert psql("SELECT name->>'vi_VN' FROM res_country WHERE code = 'VN'", database) == [["Việt Nam"]]
    host.drop(database)


def test_installs_without_a_complaint(bare):
    log = run_odoo(bare, "-i", "hocba_digital", "--stop-after-init", "--no-http")
    assert not complaints(log)
    assert _state(bare)["hocba_digital"] == "installed"
    assert psql("SELECT count(*) FROM hocba_pupil", bare) == [["0"]]
    assert int(psql("SELECT count(*) FROM hocba_subject", bare)[0][0]) == 14


def test_upgrades_without_a_complaint(bare):
    log = run_odoo(bare, "-i", "hocba_registry", "-u", "hocba_digital", "--stop-after-init", "--no-http")
    assert not complaints(log)
    assert set(_state(bare).values()) == {"installed"}


def test_leaves_nothing_behind(bare):
    code = "env['ir.module.module'].search([('name', '=', 'hocba_digital')]).button_immediate_uninstall()\n"
    log = run_odoo(bare, "shell", "--no-http", stdin=code)
    assert "Traceback" not in log
    assert set(_state(bare).values()) == {"uninstalled"}
    assert psql("SELECT relname FROM pg_class WHERE relname LIKE 'hocba%' AND relkind = 'r'", bare) == []
    assert psql("SELECT tgname FROM pg_trigger WHERE tgname LIKE '%hocba%'", bare) == []
