"""What officers do all day with millions of records, and the statements and plans behind it."""

import json
from contextlib import contextmanager

from odoo.sql_db import Cursor
from odoo.tools import SQL

_LIST = {"pupil_name": {}, "class_name": {}, "unit_id": {"fields": {"display_name": {}}}, "state": {}}


def cases(env):
    """Name -> a call as the screens make it. The rows are those of ``generated.fill``."""
    records = env["hocba.registry.record"]
    unit = env["hocba.registry.unit"].search([("code", "=", "G7")])
    year = env["hocba.registry.year"].search([("name", "=", "2045-2046")])
    some = records.search([("unit_id", "=", unit.id)], limit=1)

    def listed(*domain, model="hocba.registry.record", specification=None):
        shown = specification or _LIST
        return lambda: env[model].web_search_read(list(domain), shown, limit=80, count_limit=10001)

    return {
        "by look-up code": listed(("lookup", "ilike", some.uuid)),
        "by pupil code": listed(("lookup", "ilike", some.pupil_code)),
        "by ID number": listed(("lookup", "ilike", some.id_number)),
        "by name without accents": listed(("lookup", "ilike", "trần bảo khánh quỳnh")),
        "by a common name": listed(("lookup", "ilike", "nguyễn")),
        "first page": listed(),
        "school": listed(("unit_id", "=", unit.id)),
        "school and year": listed(("unit_id", "=", unit.id), ("year_id", "=", year.id)),
        "school, year and state": listed(
            ("unit_id", "=", unit.id), ("year_id", "=", year.id), ("state", "=", "locked")
        ),
        "year": listed(("year_id", "=", year.id)),
        "year and commune": listed(("year_id", "=", year.id), ("commune", "=", "Phường 8")),
        "state that is rare": listed(("state", "=", "recalled")),
        "verdicts of a record": lambda: env["hocba.registry.line"].search([("record_id", "=", some.id)]).ids,
        "refused": listed(
            ("verdict", "=", "0"),
            ("settled", "=", False),
            model="hocba.registry.line",
            specification={"pupil_name": {}, "error_code": {}},
        ),
        "numbers of a school": lambda: unit.with_env(env).read(["accepted_count", "locked_count", "refused_count"]),
        "numbers of all years": lambda: env["hocba.registry.year"].search([]).read(["accepted_count", "locked_count"]),
        "statistics": lambda: env["hocba.registry.statistic"].formatted_read_group(
            [("year_id", "=", year.id)], ["commune"], ["record_count:sum"]
        ),
    }


def statements(env, call):
    """The SELECT statements of ``call``, as text."""
    env.flush_all()
    env.invalidate_all()
    with _listening(env) as heard:
        call()
    return heard


@contextmanager
def _listening(env):
    heard = []
    execute = Cursor.execute

    def listening(cursor, query, params=None, *arguments, **options):
        result = execute(cursor, query, params, *arguments, **options)
        text = cursor._obj.query.decode()
        if text.lstrip().upper().startswith(("SELECT", "WITH")):
            heard.append(text)
        return result

    Cursor.execute = listening
    try:
        yield heard
    finally:
        Cursor.execute = execute


def plan(env, statement, analyze=False):
    """(Plan, as PostgreSQL's JSON; nodes in it as a list)."""
    options = "ANALYZE, BUFFERS, FORMAT JSON" if analyze else "FORMAT JSON"
    # The text is complete: a percent sign in it is one.
    env.cr.execute(SQL(f"EXPLAIN ({options}) {statement.replace('%', '%%')}"))  # pylint: disable=sql-injection
    (found,) = env.cr.fetchone()
    found = (found if isinstance(found, list) else json.loads(found))[0]
    return found, list(_nodes(found["Plan"]))


def _nodes(node):
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def whole_tables(nodes, tables=("hocba_registry_record", "hocba_registry_line")):
    """Large tables that a plan reads from one end to the other."""
    return [
        node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan" and node["Relation Name"] in tables
    ]
