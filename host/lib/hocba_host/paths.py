"""Where things are, and the lock and digest helpers that the other modules share."""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]
STATE = Path(os.environ.get("HOCBA_STATE") or REPO / ".state").resolve()
PYTHON = STATE / "venv" / "bin" / "python"
ODOO_BIN = STATE / "odoo" / "usr" / "bin" / "odoo"
ODOO_LIB = STATE / "odoo" / "usr" / "lib" / "python3" / "dist-packages"
DATA = STATE / "data"
LOG = STATE / "log"

_NOT_SOURCE = {"__pycache__", ".pytest_cache", ".ruff_cache"}


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the lock `name` of this state folder; other processes wait for it."""
    STATE.mkdir(parents=True, exist_ok=True)
    with open(STATE / f"{name}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def source_digest(folders: Iterable[Path]) -> str:
    """Return a SHA-256 (hex) over names and contents of all source files below `folders`."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not _NOT_SOURCE.intersection(path.parts) and path.suffix != ".pyc":
                digest.update(f"{path.relative_to(folder.parent)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def odoo_environment() -> dict[str, str]:
    """Return the environment in which Odoo's own programs run."""
    return os.environ | {"PYTHONPATH": str(ODOO_LIB), "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}
