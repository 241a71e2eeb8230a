"""A private PostgreSQL cluster: own data folder, a socket in that folder, no TCP port, never one that was there before.

It runs with fsync off. That is right for tests and a demo, which are made anew in minutes, and wrong for real data.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from .paths import STATE, locked

DB_USER = "odoo"
DB_PORT = 5432  # names the socket file only: nothing listens on TCP
_ADMIN = "postgres"
_SOCKET_PATH_LIMIT = 100  # sockaddr_un holds 107 bytes
_SETTINGS = {
    "listen_addresses": "''",
    "port": DB_PORT,
    "max_connections": 200,
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "unix_socket_permissions": "0700",
}


class ClusterError(RuntimeError):
    """PostgreSQL could not be set up, started or reached."""


def program(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    path = str(found[-1]) if found else shutil.which(name)
    if not path:
        raise ClusterError(f"PostgreSQL's program {name} is not installed")
    return path


def _owner() -> str | None:
    """Return the user who runs PostgreSQL, which refuses root; None for the user we are."""
    return "postgres" if os.geteuid() == 0 else None


def _run_as_owner(*command: str) -> subprocess.CompletedProcess:
    owner = _owner()
    identity = {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []} if owner else {}
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **identity)


def _usable(folder: Path) -> bool:
    if len(str(folder / "socket" / f".s.PGSQL.{DB_PORT}")) > _SOCKET_PATH_LIMIT:
        return False
    return _run_as_owner("test", "-x", str(folder.parent)).returncode == 0


def cluster_folder() -> Path:
    """Return the folder of the cluster: in the state folder, or in /var/lib where that one cannot serve.

    PostgreSQL's user must be able to reach it, and the path of a socket is limited.
    """
    folder = STATE / "pg"
    if _usable(folder):
        return folder
    return Path("/var/lib") / f"hocba-{hashlib.sha256(str(STATE).encode()).hexdigest()[:8]}"


def socket_folder() -> Path:
    """Return the folder of the cluster's socket (what libpq takes as the host)."""
    return cluster_folder() / "socket"


def psql(sql: str, database: str = "postgres", user: str = _ADMIN) -> list[list[str]]:
    """Run `sql` and return the rows as lists of text. Raises ClusterError with PostgreSQL's message."""
    command = [program("psql"), "-XqAt", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-h", str(socket_folder())]
    command += ["-p", str(DB_PORT), "-U", user, "-d", database, "-f", "-"]
    done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(done.stderr.strip())
    return [line.split("\x1f") for line in done.stdout.splitlines()]


def is_running() -> bool:
    """Tell whether the cluster answers."""
    try:
        return psql("SELECT 1") == [["1"]]
    except ClusterError:
        return False


def _initialise(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "socket").mkdir(exist_ok=True)
    owner = _owner()
    if owner:
        for path in (folder, folder / "socket"):
            shutil.chown(path, owner, pwd.getpwnam(owner).pw_gid)
            path.chmod(0o700)
    # A run that was interrupted leaves half a data folder; only a finished one is renamed to its name.
    shutil.rmtree(folder / "new", ignore_errors=True)
    done = _run_as_owner(
        *(program("initdb"), "-D", str(folder / "new"), "-U", _ADMIN, "--auth=trust"),
        *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
    )
    if done.returncode:
        raise ClusterError(f"initdb failed: {done.stderr.strip()}")
    settings = _SETTINGS | {"unix_socket_directories": f"'{folder / 'socket'}'"}
    with open(folder / "new" / "postgresql.conf", "a") as config:
        config.writelines(f"{key} = {value}\n" for key, value in settings.items())
    (folder / "new").rename(folder / "data")


def ensure_cluster() -> Path:
    """Make the cluster if there is none, start it if it is down; return the folder of its socket."""
    folder = cluster_folder()
    if (folder / "data").is_dir() and is_running():
        return folder / "socket"
    with locked("cluster"):
        if not (folder / "data").is_dir():
            _initialise(folder)
        if not is_running():
            log = str(folder / "postgresql.log")
            done = _run_as_owner(program("pg_ctl"), "start", "-w", "-s", "-D", str(folder / "data"), "-l", log)
            if done.returncode:
                raise ClusterError(f"PostgreSQL did not start, see {log}: {done.stderr.strip()}")
        if not psql(f"SELECT 1 FROM pg_roles WHERE rolname = '{DB_USER}'"):
            psql(f'CREATE ROLE "{DB_USER}" LOGIN CREATEDB')
    return folder / "socket"


def stop_cluster(only_if_idle: bool = True) -> bool:
    """Stop the cluster; with `only_if_idle`, not while any client is connected. Return whether it is down now."""
    if not is_running():
        return True
    clients = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    if only_if_idle and psql(clients):
        return False
    done = _run_as_owner(program("pg_ctl"), "stop", "-w", "-s", "-m", "fast", "-D", str(cluster_folder() / "data"))
    return done.returncode == 0
