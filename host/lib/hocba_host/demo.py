"""What `bin/demo` does: a school and its authority as two databases and two servers that stay until --stop."""

import argparse
import hashlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .cluster import ensure_cluster, is_running, stop_cluster
from .config import MODULES
from .database import create_database, database_exists, drop_database, install
from .paths import LOG, PYTHON, REPO, STATE, locked, source_digest
from .server import OdooServer, free_port, port_is_free, running_pid, stop_server


@dataclass(frozen=True)
class Site:
    """One side of the demo."""

    key: str
    title: str
    database: str
    module: str
    host: str  # a browser keeps cookies by host and not by port: two names, two sessions side by side
    port_variable: str
    port: int


SITES = (
    Site("school", "Trường (school)", "hocba_school", "hocba_digital", "localhost", "HOCBA_SCHOOL_PORT", 8069),
    Site("so", "Sở (authority)", "hocba_so", "hocba_registry", "127.0.0.1", "HOCBA_SO_PORT", 8070),
)
_RUN = STATE / "run"
_LOGINS = _RUN / "demo-logins.txt"
_SEEDED = _RUN / "demo-seeded"


def say(text: str) -> None:
    """Report progress, apart from the result on standard output."""
    print(f"demo: {text}", file=sys.stderr, flush=True)


def _digest_file(site: Site) -> Path:
    return _RUN / f"{site.database}.source"


def _port_file(site: Site) -> Path:
    return _RUN / f"{site.database}.port"


def _choose_port(site: Site) -> int:
    """Return the port asked for in the environment, or the last one, or the usual one, or any free one."""
    asked = os.environ.get(site.port_variable)
    if asked:
        return int(asked)
    last = int(_port_file(site).read_text()) if _port_file(site).exists() else site.port
    return last if port_is_free(last) else free_port()


def _server(site: Site, port: int) -> OdooServer:
    return OdooServer(site.database, port, name=site.database, host=site.host)


def ensure_database(site: Site, digest: str) -> bool:
    """Make the database of `site`, or upgrade it when the add-ons' sources changed; return whether it is new."""
    if not database_exists(site.database):
        stop_server(site.database)
        say(f"making {site.database}")
        create_database(site.database, [site.module])
        _digest_file(site).write_text(digest)
        return True
    if not _digest_file(site).exists() or _digest_file(site).read_text() != digest:
        stop_server(site.database)
        say(f"upgrading {site.database}")
        modules = [name for name in MODULES if name in ("hocba_digital", site.module)]
        install(site.database, modules, "-u")
        _digest_file(site).write_text(digest)
    return False


def ensure_server(site: Site) -> str:
    """Start the server of `site` unless it runs and answers; return its address."""
    if running_pid(site.database) and _port_file(site).exists():
        server = _server(site, int(_port_file(site).read_text()))
        if server.answers():
            return server.url
    stop_server(site.database)
    port = _choose_port(site)
    say(f"starting {site.database} on port {port}")
    server = _server(site, port).start()
    _port_file(site).write_text(str(port))
    return server.url


def seed(urls: dict[str, str], fresh: bool) -> None:
    """Fill fresh databases by `host/seed.py`; what it prints (addresses to log in with) is shown at every start."""
    program = REPO / "host" / "seed.py"
    if not program.exists() or not (fresh or not _SEEDED.exists()):
        return
    _SEEDED.unlink(missing_ok=True)
    say("filling the databases")
    command = [PYTHON, program, "--school-url", urls["school"], "--so-url", urls["so"]]
    for site in SITES:
        command += [f"--{site.key}-db", site.database]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"host/seed.py failed with exit code {done.returncode}")
    _LOGINS.write_text(done.stdout)
    _SEEDED.write_text(hashlib.sha256(program.read_bytes()).hexdigest())


def start() -> None:
    """Bring up both sides and print where they are."""
    _RUN.mkdir(parents=True, exist_ok=True)
    with locked("demo"):
        ensure_cluster()
        digest = source_digest(REPO / name for name in MODULES)
        fresh = [ensure_database(site, digest) for site in SITES]
        urls = {site.key: ensure_server(site) for site in SITES}
        seed(urls, any(fresh))
    for site in SITES:
        print(f"{site.title:18} {urls[site.key]}/odoo")
    print(_LOGINS.read_text().rstrip() if _LOGINS.exists() else "admin / admin")
    print(f"logs: {LOG}; stop: bin/demo --stop")


def stop() -> None:
    """End both servers, and the cluster when nobody else uses it."""
    with locked("demo"):
        for site in SITES:
            say(f"{site.database}: {'stopped' if stop_server(site.database) else 'was not running'}")
        if is_running() and not stop_cluster(only_if_idle=True):
            say("the database cluster is in use and stays up")


def reset() -> None:
    """End both servers and drop both databases."""
    with locked("demo"):
        ensure_cluster()
        for site in SITES:
            stop_server(site.database)
            drop_database(site.database)
            _digest_file(site).unlink(missing_ok=True)
        _LOGINS.unlink(missing_ok=True)
        _SEEDED.unlink(missing_ok=True)


def check(pupils: int | None, out: Path | None) -> int:
    """Run `host/check.py` on two databases made for it, remove them whatever happens; return its exit code."""
    names = {site.key: f"hocba_check_{os.getpid()}_{site.key}" for site in SITES}
    # Asked to end, clean up first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    started = not is_running()
    ensure_cluster()
    process = None
    try:
        for site in SITES:
            create_database(names[site.key], [site.module])
        command = [PYTHON, REPO / "host" / "check.py"]
        for key, name in names.items():
            command += [f"--{key}-db", name]
        command += ["--pupils", str(pupils)] if pupils else []
        command += ["--out", out.resolve()] if out else []
        process = subprocess.Popen(command)
        return process.wait()
    finally:
        if process is not None and process.poll() is None:
            process.terminate()
            process.wait(60)
        for name in names.values():
            stop_server(name)
            drop_database(name)
        if started:
            stop_cluster(only_if_idle=True)


def main() -> None:
    """Read the arguments and do what they say."""
    parser = argparse.ArgumentParser(prog="bin/demo", description=__doc__)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--stop", action="store_true", help="end what this program started")
    action.add_argument("--reset", action="store_true", help="end the servers and drop both databases")
    action.add_argument("--check", action="store_true", help="run the whole year-end closing on databases of its own")
    parser.add_argument("--pupils", type=int, help="with --check: how many pupils")
    parser.add_argument("--out", type=Path, help="with --check: folder for what it produces")
    arguments = parser.parse_args()
    if arguments.stop:
        stop()
    elif arguments.reset:
        reset()
    elif arguments.check:
        sys.exit(check(arguments.pupils, arguments.out))
    else:
        start()


if __name__ == "__main__":
    main()
