"""Runs the add-ons' own test suites while tests run that need no server: the suites take one core for minutes."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import hocba_host

ADDONS = ("hocba_digital", "hocba_registry")
# They start servers of their own, without the host of this run.
_NOT_BESIDE = {"test_closing", "conformance"}


@contextlib.contextmanager
def running(host):
    """The logs of the suites to come, by add-on; each suite mostly waits for PostgreSQL or its one core."""
    names = {addon: host.database(f"suite_{addon}", (addon,)) for addon in ADDONS}
    with ThreadPoolExecutor(len(ADDONS)) as pool:
        yield {addon: pool.submit(_run, name, addon) for addon, name in names.items()}
        # A run that is stopped early does not wait for them: without a database they end at once.
        for name in names.values():
            host.drop(name)


def _run(database, addon):
    ports = [f"--http-port={hocba_host.free_port()}", f"--gevent-port={hocba_host.free_port()}"]
    arguments = ["-u", addon, "--test-tags", f"/{addon}", "--stop-after-init", "--max-cron-threads=0", *ports]
    return hocba_host.run_odoo(database, *arguments, check=False)


def put_beside(items):
    """Order the tests: first those that need no server, with the suites running meanwhile, then the suites' results.

    Everything that has a browser or a server of its own comes after, when the suites no longer take the processor.
    """
    results = [item for item in items if "suites" in item.fixturenames]
    if not results:
        return
    beside = [item for item in items if "host" not in item.fixturenames and not _NOT_BESIDE.intersection(_place(item))]
    first = {*results, *beside}
    if beside:
        beside[0].fixturenames.insert(0, "suites")
    items[:] = [*beside, *results, *(item for item in items if item not in first)]


def _place(item):
    return {part.removesuffix(".py") for part in item.path.parts}
