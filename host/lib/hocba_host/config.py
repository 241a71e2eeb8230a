"""The configuration file of one Odoo server or one Odoo run."""

import os
import secrets
from pathlib import Path

from .cluster import DB_PORT, DB_USER, socket_folder
from .paths import DATA, LOG, ODOO_LIB, REPO, STATE

MODULES = ("hocba_digital", "hocba_registry")


def addons_path() -> str:
    """Return Odoo's add-ons and ours; Odoo refuses a folder in which no add-on is complete."""
    ours = [str(REPO)] if any((REPO / name / "__manifest__.py").exists() for name in MODULES) else []
    return ",".join([str(ODOO_LIB / "odoo" / "addons"), *ours])


def secret_path(database: str) -> Path:
    """Return where the secret of the servers of `database` is kept."""
    return STATE / "secret" / f"{database}.key"


def secret_file(database: str) -> Path:
    """Return the file with the secret of the servers of `database` (32 random bytes in hex), made when missing.

    Servers of two databases never share one, as a school and its copy on another machine do not.
    """
    path = secret_path(database)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    with os.fdopen(descriptor, "w") as handle:
        handle.write(secrets.token_hex(32))
    return path


def config_file(name: str) -> Path:
    """Return the path of the configuration of server `name`."""
    return STATE / "conf" / f"{name}.conf"


def write_config(name: str, database: str, **extra: object) -> Path:
    """Write the configuration of server `name` for `database` and return its path.

    `extra` are options of Odoo's configuration file that replace or extend the ones set here.
    """
    DATA.mkdir(parents=True, exist_ok=True)
    options: dict[str, object] = {
        "addons_path": addons_path(),
        "data_dir": DATA,
        "db_host": socket_folder(),
        "db_port": DB_PORT,
        "db_user": DB_USER,
        "db_name": database,
        "dbfilter": f"^{database}$",
        "list_db": False,
        "admin_passwd": secrets.token_hex(16),
        "http_interface": "127.0.0.1",
        "with_demo": False,
        "skip_auto_install": True,
        "workers": 0,
        "max_cron_threads": 1,
        "db_maxconn": 32,
        # Address space, not memory in use: chromium and wkhtmltopdf inherit it and need much of it.
        "limit_memory_soft": 4 * 1024**3,
        "limit_memory_hard": 16 * 1024**3,
        "limit_time_cpu": 600,
        "limit_time_real": 1200,
        "screenshots": LOG / "browser",  # what Odoo's browser tests leave when they fail
        "hocba_secret_file": secret_file(database),
    }
    options.update(extra)
    path = config_file(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{key} = {value}\n" for key, value in options.items())
    path.write_text(f"[options]\n{lines}")
    path.chmod(0o600)
    return path
