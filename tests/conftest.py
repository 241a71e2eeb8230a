"""Fixtures of the system tests: real servers on databases of their own, test_<process id>_*, removed at the end."""

import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPO = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPO / "host" / "lib"), str(REPO / "host"), str(Path(__file__).parent)]

import hocba_host  # noqa: E402
from hocba_host.cluster import is_running  # noqa: E402

# What is accepted or refused must not hang on chance: CI draws the same examples each time, other runs new ones.
# None is timed: a slow machine is no fault of the code.
_UNTIMED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("ci", derandomize=True, **_UNTIMED)
settings.register_profile("any", **_UNTIMED)
settings.load_profile("ci" if os.environ.get("CI") else "any")

_PREFIX = f"test_{os.getpid()}_"
_ANY = re.compile(r"test_(\d+)_\w+")


class Host:
    """What a test needs of the host: databases that belong to this run, and servers on them."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def database(self, name: str, modules: tuple[str, ...] = (), language: str = "vi_VN") -> str:
        """Make a database for this run with `modules` installed and return its full name."""
        full = _PREFIX + name
        self._names.add(full)
        return hocba_host.create_database(full, modules, language)

    def adopt(self, name: str) -> str:
        """Return the full name of a database of this run that the caller makes; dropped at the end like the others."""
        self._names.add(_PREFIX + name)
        return _PREFIX + name

    def server(self, database: str, workers: int = 0, **options: object) -> hocba_host.OdooServer:
        """Return a server for a database of this run, not started: `with host.server(db) as server:`."""
        return hocba_host.OdooServer(database, workers=workers, **options)

    def drop(self, database: str) -> None:
        """Stop the server of a database of this run and drop it before the run ends."""
        self._names.discard(database)
        hocba_host.stop_server(database)
        hocba_host.drop_database(database)

    def close(self) -> None:
        """Remove everything this run made."""
        for name in list(self._names):
            self.drop(name)


def _remove_leftovers() -> None:
    """Remove the databases of runs that were killed, known by a process id that is gone."""
    for (name,) in hocba_host.psql("SELECT datname FROM pg_database WHERE datname LIKE 'test%'"):
        match = _ANY.fullmatch(name)
        if match and not Path(f"/proc/{match[1]}").exists():
            hocba_host.stop_server(name)
            hocba_host.drop_database(name)


@pytest.fixture(scope="session")
def host():
    """The host of this run; the cluster is stopped at the end if the run started it and nobody else uses it."""
    was_running = is_running()
    hocba_host.ensure_cluster()
    _remove_leftovers()
    host = Host()
    yield host
    host.close()
    if not was_running:
        hocba_host.stop_cluster(only_if_idle=True)


@pytest.fixture(scope="session")
def school_server(host):
    """A school's server with hocba_digital; no cron runs unless a test triggers it."""
    with host.server(host.database("school", ("hocba_digital",)), max_cron_threads=0) as server:
        yield server


@pytest.fixture(scope="session")
def so_server(host):
    """An authority's server with hocba_registry; no cron runs unless a test triggers it."""
    with host.server(host.database("so", ("hocba_registry",)), max_cron_threads=0) as server:
        yield server


@pytest.fixture(scope="session")
def small_pair(host, tmp_path_factory):
    """(Closing, school's server, department's server) of a small school with everything sealed and nothing sent.

    Shared by files: each takes the records that still wait for sending.
    """
    from closing_fixtures import running_pair, seal_all

    with running_pair(host, tmp_path_factory.mktemp("keys"), "small", 20) as (closing, school, so):
        seal_all(closing)
        yield closing, school, so


@pytest.fixture(scope="session")
def sites(host, tmp_path_factory):
    """A school with locked records and its department; the last class is still being worked on."""
    from lookup_fixtures import running_sites

    with running_sites(host, tmp_path_factory.mktemp("keys")) as pair:
        yield pair
