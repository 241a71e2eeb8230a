"""A province's records found and listed: every look-up of the officers' screens, with its plan, among a million rows.

``bench_registry_scale.py [ROWS [--plans]]``: rows written by PostgreSQL, each look-up made as the screen makes it, by
an officer; one JSON row with the slowest, all of them under ``cases`` (milliseconds by the clock, the best of three;
whether a table was read as a whole; where asked for, the plans). Limit: the same look-ups among a tenth of the rows.
"""

import json
import os
import re
import sys
from pathlib import Path

_REPO = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_REPO / "host" / "lib")]

_INSIDE = """
import json, sys, time
from odoo.addons.hocba_registry.tests import generated, lookups
from odoo.tests import new_test_user
officer = new_test_user(env, login="officer", groups="hocba_registry.group_so_officer")
env.cr.commit()

def measured():
    own = env(user=officer)
    found = {}
    for name, call in lookups.cases(own).items():
        times = []
        for _time in range(3):
            own.invalidate_all()
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        heard = lookups.statements(own, call)
        plans = [lookups.plan(own, text) for text in heard]
        whole = sorted({table for _plan, nodes in plans for table in lookups.whole_tables(nodes)})
        found[name] = {"ms": round(min(times) * 1000, 1), "statements": len(heard), "whole": whole}
        if %(plans)r:
            found[name]["plans"] = [[text[:300], [_line(node) for node in nodes]]
                for text, (_plan, nodes) in zip(heard, plans) if "hocba_registry" in text]
    return found

def _line(node):
    return " ".join(str(node[key]) for key in ("Node Type", "Index Name", "Relation Name", "Plan Rows") if key in node)

sizes = (%(rows)d // 10, %(rows)d)
results, written = {}, 0
for size in sizes:
    start = time.perf_counter()
    generated.fill(env, size, start=written + 1, progress=env.cr.commit)
    written = size
    env.cr.commit()
    env["hocba.registry.tally"]._add_up()
    env.cr.commit()
    results[size] = measured()
    env.cr.execute("SELECT pg_total_relation_size('hocba_registry_record'), pg_indexes_size('hocba_registry_record'),"
        " pg_total_relation_size('hocba_registry_line'), pg_total_relation_size('hocba_registry_tally'),"
        " (SELECT count(*) FROM hocba_registry_record)")
    results[str(size) + " sizes"] = env.cr.fetchone()
print("hocba:" + json.dumps(results), flush=True)
"""


def bench_registry_scale(rows: int = 1_000_000, plans: bool = False) -> dict:
    """The row."""
    import hocba_host

    name = hocba_host.create_database(f"bench_scale_{os.getpid()}", ["hocba_registry"])
    try:
        log = hocba_host.run_odoo(name, "shell", "--no-http", stdin=_INSIDE % {"rows": rows, "plans": plans})
    finally:
        hocba_host.drop_database(name)
    found = re.search(r"^hocba:(\{.*\})$", log, re.MULTILINE)
    if not found:
        raise RuntimeError(f"no result:\n{log[-4000:]}")
    results = json.loads(found[1])
    few, many = results[str(rows // 10)], results[str(rows)]
    slowest = max(many, key=lambda case: many[case]["ms"])
    table, indexes, lines, tally, written = results[f"{rows} sizes"]
    return {
        "name": "registry_scale",
        "value": many[slowest]["ms"],
        "unit": "ms, the slowest",
        "limit": few[slowest]["ms"],
        "ratio": round(few[slowest]["ms"] / many[slowest]["ms"], 3),
        "n": written,
        "slowest": slowest,
        "record_mb": round(table / 1e6),
        "of_which_indexes_mb": round(indexes / 1e6),
        "line_mb": round(lines / 1e6),
        "tally_mb": round(tally / 1e6, 1),
        "cases": {case: {**many[case], "ms_of_a_tenth": few[case]["ms"]} for case in many},
    }


def main() -> None:
    """Print the row."""
    rows = [int(text) for text in sys.argv[1:] if text.isdecimal()]
    print(json.dumps(bench_registry_scale(*rows[:1], plans="--plans" in sys.argv), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
