"""From each release that schools may run (tests/releases) to this version: closed years stay, byte for byte.

A release is kept as two databases, school and department, in which `host/check.py` locked the records of two classes:
`host/db create NAME ...`, `host/check.py --school-db ... --so-db ... --pupils 36`, `host/db save NAME FILE`.
"""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hocba_host import psql, run_odoo, snapshot
from hocba_host.cluster import ClusterError
from hocba_host.database import filestore
from test_install import complaints

RELEASES = sorted(path for path in (Path(__file__).parent / "releases").iterdir() if path.is_dir())
#: Side -> tables whose rows are closed for good, with the condition that closes them.
CLOSED = {
    "school": {
        "hocba_record": "state = 'locked'",
        "hocba_signature": "true",
        "hocba_event": "true",
        "hocba_submission": "state = 'accepted'",
        "hocba_submission_line": "true",
        "hocba_submission_attempt": "true",
    },
    "so": {
        "hocba_registry_record": "state = 'locked'",
        "hocba_registry_transaction": "true",
        "hocba_registry_line": "true",
        "hocba_event": "true",
    },
}
_MODELS = {
    "school": ("hocba.record", "hocba.submission"),
    "so": ("hocba.registry.record", "hocba.registry.transaction"),
}


def _columns(database, table):
    """What the table holds now, without the marks that a column added by the upgrade may move when it is filled."""
    rows = psql(f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' ORDER BY 1", database)
    return [name for (name,) in rows if name not in ("write_date", "write_uid")]


def _digest(database, table, columns, condition):
    names = ", ".join(f'"{name}"' for name in columns)
    return psql(
        f"SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t.id))"
        f" FROM (SELECT {names} FROM {table} WHERE {condition}) t",
        database,
    )[0]


def _files(database, models):
    names = ", ".join(f"'{model}'" for model in models)
    return psql(
        f"SELECT res_model, res_id, res_field, checksum, store_fname FROM ir_attachment"
        f" WHERE res_model IN ({names}) ORDER BY 1, 2, 3",
        database,
    )


class Side:
    """One database of a release: what was closed in it before, and the log of the upgrade."""

    def __init__(self, host, release, side):
        self.side = side
        self.database = host.adopt(f"upgrade_{side}")
        snapshot.load(release / f"{side}.tar.xz", self.database)
        self.columns = {table: _columns(self.database, table) for table in CLOSED[side]}
        self.before = self.digests()
        self.files = _files(self.database, _MODELS[side])
        self.log = run_odoo(self.database, "-u", "hocba_digital", "--stop-after-init", "--no-http")

    def digests(self):
        return {
            table: _digest(self.database, table, self.columns[table], condition)
            for table, condition in CLOSED[self.side].items()
        }


@pytest.fixture(scope="module", params=RELEASES, ids=lambda path: path.name)
def sides(host, request):
    """Side -> database, upgraded; both at once."""
    with ThreadPoolExecutor(2) as pool:
        yield dict(zip(CLOSED, pool.map(lambda side: Side(host, request.param, side), CLOSED), strict=True))
    for side in CLOSED:
        host.drop(host.adopt(f"upgrade_{side}"))


def test_upgrades_without_a_complaint(sides):
    assert {side: complaints(done.log) for side, done in sides.items()} == {"school": [], "so": []}


def test_leaves_every_closed_row_as_it_was(sides):
    for side, done in sides.items():
        assert int(done.before[next(iter(CLOSED[side]))][0]) > 30
        assert done.digests() == done.before


def test_leaves_every_stored_byte_as_it_was(sides):
    for side, done in sides.items():
        assert len(done.files) > 30
        assert _files(done.database, _MODELS[side]) == done.files
        for *_names, checksum, name in done.files:
            content = (filestore(done.database) / name).read_bytes()
            assert hashlib.sha1(content).hexdigest() == checksum


def test_guards_stand_after_it(sides):
    for side, done in sides.items():
        table = next(iter(CLOSED[side]))
        for statement in (f"UPDATE {table} SET uuid = gen_random_uuid()::text", f"DELETE FROM {table}"):
            with pytest.raises(ClusterError, match="hocba: row"):
                psql(f"{statement} WHERE state = 'locked'", done.database)


def test_every_signature_of_a_closed_record_still_holds(sides):
    code = (
        "signatures = env['hocba.signature'].search([('record_id.state', '=', 'locked')])\n"
        "print('passed:%d' % len(signatures.filtered(lambda row: row.verification == 'passed')), len(signatures))\n"
    )
    done = sides["school"]
    log = run_odoo(done.database, "shell", "--no-http", stdin=code)
    assert re.search(r"passed:(\d+) (\d+)", log).groups() == (done.before["hocba_signature"][0],) * 2


def test_gateway_that_was_used_is_a_real_one(sides):
    """Before 19.0.2 the kind of gateway was a label; what was reported through it must not become a trial."""
    database = sides["school"].database
    assert {kind for (kind,) in psql("SELECT environment FROM hocba_endpoint", database)} == {"production"}
    assert psql("SELECT id FROM hocba_submission WHERE trial", database) == []
