"""Odoo databases: made once as a template for a set of modules, then cloned in about a second."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .cluster import DB_USER, ensure_cluster, psql
from .config import MODULES, config_file, secret_file, secret_path, write_config
from .paths import DATA, LOG, ODOO_BIN, PYTHON, REPO, STATE, locked, odoo_environment, source_digest

# Odoo adds many modules on its own, several of which call services on the internet: we name those we want.
BASE_MODULES = ("base", "base_setup", "web", "mail", "portal", "web_tour", "base_import", "auth_totp")
LANGUAGE = "vi_VN"
TIME_ZONE = "Asia/Ho_Chi_Minh"
ODOO_COMMANDS = ("shell", "db", "module", "i18n", "neutralize", "populate", "cloc", "upgrade_code", "help")
_PREFIX = "hocba_template_"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_FAILED = re.compile(r" (CRITICAL|ERROR) \S+ odoo\.(registry|modules|service|tools\.convert)")

_PREPARE_BASE = f"""
env['base.language.install'].create({{
    'lang_ids': env['res.lang'].with_context(active_test=False).search([('code', '=', '{LANGUAGE}')]).ids,
    'overwrite': False,
}}).lang_install()
env.ref('base.main_company').country_id = env.ref('base.vn')
env['res.users'].with_context(active_test=False).search([]).partner_id.write({{
    'tz': '{TIME_ZONE}', 'lang': '{LANGUAGE}',
}})
env['ir.default'].set('res.partner', 'lang', '{LANGUAGE}')
env['ir.default'].set('res.partner', 'tz', '{TIME_ZONE}')
env.cr.commit()
print('hocba:' + 'prepared')
"""


class DatabaseError(RuntimeError):
    """A database could not be made; the message ends with the last lines of Odoo's log."""


def odoo_command(config: Path, database: str, arguments: Sequence[str]) -> list[str]:
    """Return the command line of Odoo; `arguments` may start with one of Odoo's own commands (`shell`, `i18n`, ...)."""
    command, rest = [], list(arguments)
    if rest and rest[0] in ODOO_COMMANDS:
        # Some commands have commands of their own (`i18n export`), and options come after both.
        size = 2 if rest[0] in ("db", "i18n", "module") else 1
        command, rest = rest[:size], rest[size:]
    target = [] if command and command[0] in ("db", "help", "cloc", "upgrade_code") else ["-d", database]
    return [str(PYTHON), str(ODOO_BIN), *command, "-c", str(config), *target, *rest]


def run_odoo(database: str, *arguments: str, stdin: str = "", check: bool = True) -> str:
    """Run Odoo on `database` until it ends and return its log (also in <state>/log/run_<database>.log).

    With `check`, raises DatabaseError when it fails or logs an error while it loads modules, which its exit code may
    not tell.
    """
    name = f"run_{database}"
    log = LOG / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = odoo_command(write_config(name, database), database, arguments)
    with open(log, "w") as output, tempfile.TemporaryFile("w+") as source:
        source.write(stdin)
        source.seek(0)
        done = subprocess.run(
            command, stdin=source, stdout=output, stderr=subprocess.STDOUT, env=odoo_environment(), check=False
        )
    text = log.read_text(errors="replace")
    if check and (done.returncode or _FAILED.search(text)):
        raise DatabaseError(f"Odoo failed on {database}; {log} ends with:\n" + "\n".join(text.splitlines()[-40:]))
    return text


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name) or name in ("postgres", "template0", "template1"):
        raise ValueError(f"not a name for a database of ours: {name!r}")
    return name


def database_exists(name: str) -> bool:
    """Tell whether the cluster has a database of this name."""
    return bool(psql(f"SELECT 1 FROM pg_database WHERE datname = '{_checked(name)}'"))


def filestore(name: str) -> Path:
    """Return the folder in which Odoo keeps the attachments of a database."""
    return DATA / "filestore" / name


def _forget(name: str) -> None:
    secret_path(name).unlink(missing_ok=True)
    for owner in (name, f"run_{name}", f"cli_{name}"):
        config_file(owner).unlink(missing_ok=True)


def drop_database(name: str) -> None:
    """Drop a database, whoever is connected, with its attachments, secret and configurations, if there is one."""
    psql(f'DROP DATABASE IF EXISTS "{_checked(name)}" WITH (FORCE)')
    shutil.rmtree(filestore(name), ignore_errors=True)
    _forget(name)


def _rename(old: str, new: str) -> None:
    psql(f'ALTER DATABASE "{old}" RENAME TO "{new}"')
    if filestore(old).exists():
        shutil.rmtree(filestore(new), ignore_errors=True)
        filestore(old).rename(filestore(new))
    _forget(old)


def _copy(source: str, name: str) -> None:
    psql(f'CREATE DATABASE "{name}" TEMPLATE "{source}" OWNER "{DB_USER}"')
    shutil.rmtree(filestore(name), ignore_errors=True)
    if filestore(source).exists():
        # Attachments are named after their content and never change in place, so links are enough.
        shutil.copytree(filestore(source), filestore(name), copy_function=os.link)


def _clone(source: str, name: str) -> None:
    _copy(source, name)
    # A clone is another database: it must not pass for its origin, nor accept the origin's sessions and tokens.
    psql(
        "UPDATE ir_config_parameter SET value = gen_random_uuid()::text "
        "WHERE key IN ('database.uuid', 'database.secret')",
        database=name,
    )


def _template_name(modules: Sequence[str]) -> str:
    inputs = [(STATE / "odoo" / "version").read_text(), (REPO / "host" / "requirements.lock").read_text()]
    inputs += [_PREPARE_BASE, *BASE_MODULES]
    if not modules:
        return f"{_PREFIX}base_{hashlib.sha256(''.join(inputs).encode()).hexdigest()[:12]}"
    # hocba_registry stands on hocba_digital, so the sources of both decide.
    inputs += [*modules, source_digest(REPO / name for name in MODULES)]
    return f"{_PREFIX}mods_{hashlib.sha256(''.join(inputs).encode()).hexdigest()[:12]}"


def _discard_templates(prefix: str, keep: int) -> None:
    """Drop all but the `keep` newest templates whose name starts with `prefix`."""
    names = psql(f"SELECT datname FROM pg_database WHERE datname LIKE '{prefix}%' ORDER BY oid DESC")
    for (name,) in names[keep:]:
        drop_database(name)


def install(name: str, modules: Sequence[str], option: str = "-i") -> None:
    """Install `modules` in database `name`, or upgrade them with option "-u". Raises DatabaseError."""
    missing = [module for module in modules if module in MODULES and not (REPO / module / "__manifest__.py").exists()]
    if missing:
        raise DatabaseError(f"no such add-on in the repository: {', '.join(missing)}")
    arguments = [option, ",".join(modules), "--stop-after-init", "--no-http"]
    run_odoo(name, *arguments, *(["--i18n-overwrite"] if option == "-u" else []))
    installed = {row[0] for row in psql("SELECT name FROM ir_module_module WHERE state = 'installed'", name)}
    if not installed.issuperset(modules):
        raise DatabaseError(f"not installed in {name}: {', '.join(sorted(set(modules) - installed))}")


def ensure_template(modules: Sequence[str] = ()) -> str:
    """Return the name of a template database with Odoo's base modules and `modules`, made when it is missing.

    The one without modules is remade only when Odoo or the lock file changes, one with modules also when their
    sources do.
    """
    ensure_cluster()
    with locked("templates"):
        name = _template_name(modules)
        if database_exists(name):
            return name
        if not modules:
            _discard_templates(_PREFIX, keep=0)
            draft = f"{_PREFIX}draft_base"
            drop_database(draft)
            psql(f'CREATE DATABASE "{draft}" TEMPLATE template0 OWNER "{DB_USER}"')
            install(draft, BASE_MODULES)
            if "hocba:prepared" not in run_odoo(draft, "shell", "--no-http", stdin=_PREPARE_BASE):
                raise DatabaseError(f"the template was not prepared, see the log of {draft}")
        else:
            base = _template_name(())
            if not database_exists(base):
                raise DatabaseError(f"template {base} is missing")
            _discard_templates(f"{_PREFIX}mods_", keep=3)
            draft = f"{_PREFIX}draft_mods"
            drop_database(draft)
            _clone(base, draft)
            install(draft, modules)
        _rename(draft, name)
    return name


def create_database(name: str, modules: Sequence[str] = (), language: str = LANGUAGE) -> str:
    """Make database `name` with `modules` installed, users' language `language` and the time zone of Vietnam.

    A database of that name is dropped first. Administrator: login and password `admin`. Returns the name.
    """
    ensure_template()
    source = ensure_template(tuple(modules))
    with locked("templates"):
        drop_database(name)
        _clone(source, name)
    if language != LANGUAGE:
        psql(f"UPDATE res_partner SET lang = '{language}'", database=name)
    return name


def copy_database(source: str, name: str) -> str:
    """Make database `name` a copy of `source` that keeps its identity and secret, as a backup put back does.

    What the source sealed opens in the copy, and the two must not act side by side. No server may run on the source;
    a database of that name is dropped first. Returns the name.
    """
    ensure_cluster()
    drop_database(name)
    _copy(source, name)
    secret_file(name).write_bytes(secret_file(source).read_bytes())
    return name
