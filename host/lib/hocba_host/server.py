"""Real Odoo servers as processes of their own, on loopback only."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from .cluster import ensure_cluster
from .config import config_file, write_config
from .database import odoo_command
from .paths import LOG, STATE, odoo_environment
from .rpc import Rpc

_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServerError(RuntimeError):
    """The server did not start; the message ends with the last lines of its log."""


# Below what the kernel gives to clients (ip_local_port_range): no connection takes a port before its server starts.
_PORTS = range(20_000, 32_000)
_given: set[int] = set()


def free_port() -> int:
    """Return a TCP port of loopback that nobody uses at this moment and this process was not given before.

    Raises ServerError when there is none left.
    """
    for port in random.sample(_PORTS, len(_PORTS)):
        if port not in _given and port_is_free(port):
            _given.add(port)
            return port
    raise ServerError("no free port on loopback")


def port_is_free(port: int) -> bool:
    """Tell whether nobody listens on this port of loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def pid_file(name: str) -> Path:
    """Return the file that holds the process id of the running server `name`."""
    return STATE / "run" / f"{name}.pid"


def running_pid(name: str) -> int | None:
    """Return the process id of server `name`, or None; an id that another program has by now does not count."""
    try:
        pid = int(pid_file(name).read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if str(config_file(name)).encode() in command else None


def stop_server(name: str, timeout: float = 30) -> bool:
    """End server `name` of whichever process started it; return whether it was running."""
    pid = running_pid(name)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + timeout
        while running_pid(name) == pid and time.monotonic() < end:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            time.sleep(0.1)
        # The server leads a process group of its own: workers and browsers that outlived it are in there.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    pid_file(name).unlink(missing_ok=True)
    return pid is not None


class OdooServer:
    """An Odoo server on one database: `with OdooServer("test_school") as server: server.rpc("admin", "admin")`.

    `workers` 0 is one process with threads; more are processes. `extra` are options of Odoo's configuration file, for
    example `max_cron_threads=0`. `name` (default: the database) names its configuration, log and process id file.
    The attributes `process`, `log` and `config` are there after start().
    """

    def __init__(
        self,
        database: str,
        port: int | None = None,
        workers: int = 0,
        *,
        name: str | None = None,
        host: str = "127.0.0.1",
        **extra: object,
    ):
        self.database = database
        self.name = name or database
        self.port = port or free_port()
        self.url = f"http://{host}:{self.port}"
        self.log: Path = LOG / f"{self.name}.log"
        self.process: subprocess.Popen | None = None
        self._options = {"http_port": self.port, "gevent_port": free_port(), "workers": workers} | extra
        self.config: Path | None = None

    def start(self, timeout: float = 120) -> "OdooServer":
        """Start the server and wait until it serves pages of its database. Raises ServerError."""
        ensure_cluster()
        self.config = write_config(self.name, self.database, **self._options)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                odoo_command(self.config, self.database, ()),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=odoo_environment(),
                start_new_session=True,
            )
        pid_file(self.name).parent.mkdir(parents=True, exist_ok=True)
        pid_file(self.name).write_text(f"{self.process.pid}\n")
        try:
            self._wait(timeout)
        except BaseException:
            self.kill()
            raise
        return self

    def _wait(self, timeout: float) -> None:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process is not None and self.process.poll() is not None:
                raise ServerError(f"the server of {self.database} ended; {self.log} ends with:\n{self.log_tail()}")
            # The health page needs no database; the log-in page is there once the modules are loaded.
            if self.answers("/web/health") and self.answers("/web/login"):
                return
            time.sleep(0.2)
        raise ServerError(f"no answer from {self.url} in {timeout:.0f} s; {self.log} ends with:\n{self.log_tail()}")

    def answers(self, path: str = "/web/health") -> bool:
        """Tell whether a GET of `path` succeeds."""
        try:
            with _NO_PROXY.open(self.url + path, timeout=60) as response:
                return response.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def log_tail(self, lines: int = 40) -> str:
        """Return the last lines of the server's log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def rpc(self, login: str = "admin", password: str = "admin") -> Rpc:
        """Return a signed-in session."""
        return Rpc(self.url, self.database, login, password)

    def _signal(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def stop(self, timeout: float = 30) -> None:
        """End the server in good order, by force when it takes longer than `timeout` seconds."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout)
        self.kill()

    def kill(self) -> None:
        """End the server and its children at once (SIGKILL), as a crash or a power cut would."""
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
            self.process = None
            pid_file(self.name).unlink(missing_ok=True)

    def __enter__(self) -> "OdooServer":
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()
