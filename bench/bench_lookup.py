"""The public look-up page at 50 requests a second, two Odoo workers; beside it the same load on an empty route.

Visitors come from many loopback addresses, as one address may not ask that often.
"""

import http.client
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

_REPO = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_REPO / "host" / "lib"), str(_REPO / "host"), str(_REPO / "tests")]

import hocba_host  # noqa: E402
from closing_fixtures import running_pair, seal_all  # noqa: E402

_PER_SECOND, _SECONDS, _THREADS = 50, 20, 25
_EMPTY = "/web/health"


class _Host:
    """What ``running_pair`` needs of the tests' host."""

    def __init__(self, folder):
        self.folder = lambda purpose: Path(tempfile.mkdtemp(prefix=purpose, dir=folder))
        self.names = []
        self._made = {}

    def _new(self, name):
        self.names.append(f"bench_{os.getpid()}_{name}")
        return self.names[-1]

    def database(self, name, modules):
        return hocba_host.create_database(self._new(name), modules)

    def copy(self, source, name):
        return hocba_host.copy_database(source, self._new(name))

    def once(self, key, make):
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def number(self):
        return len(self.names)

    def server(self, database, **options):
        return hocba_host.OdooServer(database, **options)


def _load(netloc, paths):
    """Milliseconds of each request, _PER_SECOND a second for _SECONDS, measured from when it was due."""
    start, times, statuses = time.perf_counter() + 0.5, [], []

    def visitor(number):
        for turn in range(number, _PER_SECOND * _SECONDS, _THREADS):
            due = start + turn / _PER_SECOND
            time.sleep(max(0, due - time.perf_counter()))
            source = (f"127.0.{turn % 16}.{2 + turn // 16 % 250}", 0)
            connection = http.client.HTTPConnection(netloc, timeout=30, source_address=source)
            connection.request("GET", paths[turn % len(paths)])
            answer = connection.getresponse()
            answer.read()
            connection.close()
            times.append((time.perf_counter() - due) * 1000)
            statuses.append(answer.status)

    workers = [threading.Thread(target=visitor, args=(number,)) for number in range(_THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if set(statuses) != {200}:
        raise SystemExit(f"answers other than 200: {set(statuses)}")
    return times


def bench_lookup():
    """p95 in ms of the first view (validity from the packet, counted and logged)."""
    folder = tempfile.TemporaryDirectory()
    host = _Host(folder.name)
    with folder, running_pair(host, "lookup", 36) as (closing, _school, so):
        seal_all(closing)
        closing.await_verdicts(closing.send())
        database = closing.department.database
        uuids = [row[0] for row in hocba_host.psql("SELECT uuid FROM hocba_registry_record", database)]
        so.stop()
        with hocba_host.OdooServer(database, workers=2, max_cron_threads=0) as server:
            netloc = urlsplit(server.url).netloc
            paths = [f"/hocba/tra-cuu/{uuid}" for uuid in uuids]
            _load(netloc, paths[:10])
            empty, found = _load(netloc, [_EMPTY]), _load(netloc, paths)
    for name in host.names:
        hocba_host.drop_database(name)
    value, limit = (statistics.quantiles(times, n=20)[-1] for times in (found, empty))
    return {
        "name": "lookup",
        "value": round(value, 1),
        "unit": "ms (p95)",
        "limit": round(limit, 1),
        "ratio": round(value / limit, 2),
        "median": round(statistics.median(found), 1),
        "n": len(found),
    }
