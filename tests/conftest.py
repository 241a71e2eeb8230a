"""Fixtures of the system tests: real servers on databases of their own, test_<process id>_*, removed at the end."""

import itertools
import os
import re
import sys
from collections.abc import Callable
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

    def __init__(self, folder: Callable[[str], Path]) -> None:
        self.folder = folder  # makes a new folder, named after its purpose
        self._names: set[str] = set()
        self._made: dict[object, object] = {}
        self._numbers = itertools.count(1)

    def database(self, name: str, modules: tuple[str, ...] = (), language: str = "vi_VN") -> str:
        """Make a database for this run with `modules` installed and return its full name."""
        full = _PREFIX + name
        self._names.add(full)
        return hocba_host.create_database(full, modules, language)

    def adopt(self, name: str) -> str:
        """Return the full name of a database of this run that the caller makes; dropped at the end like the others."""
        self._names.add(_PREFIX + name)
        return _PREFIX + name

    def copy(self, source: str, name: str) -> str:
        """Make a database for this run as a copy of another, with the same identity, and return its full name."""
        return hocba_host.copy_database(source, self.adopt(name))

    def once(self, key: object, make: Callable[[], object]) -> object:
        """Return what `make` returned at the first call with this key."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def number(self) -> int:
        """Return a number that this run has not used yet."""
        return next(self._numbers)

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
def host(tmp_path_factory):
    """The host of this run; the cluster is stopped at the end if the run started it and nobody else uses it."""
    was_running = is_running()
    hocba_host.ensure_cluster()
    _remove_leftovers()
    host = Host(tmp_path_factory.mktemp)
    yield host
    host.close()
    if not was_running:
        hocba_host.stop_cluster(only_if_idle=True)


def pytest_collection_modifyitems(items):
    """Let the add-ons' own suites run while tests run that need no server."""
    from addon_suites import put_beside

    put_beside(items)


@pytest.fixture(scope="session")
def suites(host):
    """The logs to come of the add-ons' own suites, by add-on."""
    from addon_suites import running

    with running(host) as logs:
        yield logs


@pytest.fixture(scope="session")
def school(tmp_path_factory):
    """People with keys and their authority, for tests that need no server; made once, as keys are slow."""
    from signing_helpers import School

    return School(tmp_path_factory.mktemp("pki"))


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
def small_pair(host):
    """(Closing, school's server, department's server) of a small school with everything sealed and nothing sent.

    Shared by files: each takes the records that still wait for sending.
    """
    from closing_fixtures import running_pair, seal_all

    with running_pair(host, "small", 20) as (closing, school, so):
        seal_all(closing)
        yield closing, school, so


@pytest.fixture(scope="module")
def pair(host, request):
    """(Closing, school's server, department's server) of a file of its own, with everything sealed and nothing sent."""
    from closing_fixtures import running_pair, seal_all

    name = request.module.__name__.removeprefix("test_")
    with running_pair(host, name, 20) as (closing, school, so):
        seal_all(closing)
        yield closing, school, so


@pytest.fixture(scope="module")
def packets(pair):
    """Sealed packets of the file's school, in the order of their database ids; each test takes its own."""
    from closing_fixtures import sealed_packets

    return sealed_packets(pair[0])


@pytest.fixture(scope="module")
def seal(pair):
    """The signer with the seal of the file's school."""
    from closing_fixtures import school_seal

    return school_seal(pair[0])


@pytest.fixture(scope="session")
def sites(host):
    """A school with locked records and its department; the last class is still being worked on."""
    from lookup_fixtures import running_sites

    with running_sites(host) as pair:
        yield pair
