"""A database with its attachments and its secret in one file, to be upgraded by later versions (tests/releases)."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

from .cluster import DB_PORT, DB_USER, ensure_cluster, program, psql, socket_folder
from .config import secret_path
from .database import drop_database, filestore

_DUMP, _SECRET, _FILES = "dump.sql", "secret.key", "filestore"


def save(name: str, path: Path) -> None:
    """Write database `name` to `path` (.tar.xz): SQL, the attachments that it names, its secret.

    Built scripts and styles are left out: Odoo makes them anew. Raises subprocess.CalledProcessError.
    """
    ensure_cluster()
    dump = subprocess.run(
        [program("pg_dump"), "-h", str(socket_folder()), "-p", str(DB_PORT), "-U", DB_USER, "-O", "-x", name],
        capture_output=True,
        check=True,
    ).stdout
    rows = psql(
        "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL"
        " AND (url IS NULL OR url NOT LIKE '/web/assets/%') ORDER BY 1",
        name,
    )
    with tarfile.open(path, "w:xz", preset=9) as archive:
        _add(archive, _DUMP, dump)
        _add(archive, _SECRET, secret_path(name).read_bytes())
        for (file,) in rows:
            _add(archive, f"{_FILES}/{file}", (filestore(name) / file).read_bytes())


def load(path: Path, name: str) -> str:
    """Make database `name` from what `save` wrote; one of that name is dropped first. Returns the name.

    The database keeps its identity (`database.uuid`): secrets that it sealed open again.
    """
    ensure_cluster()
    drop_database(name)
    psql(f'CREATE DATABASE "{name}" TEMPLATE template0 OWNER "{DB_USER}"')
    with tarfile.open(path) as archive:
        psql(archive.extractfile(_DUMP).read().decode(), name, user=DB_USER)
        secret = secret_path(name)
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.write_bytes(archive.extractfile(_SECRET).read())
        secret.chmod(0o600)
        shutil.rmtree(filestore(name), ignore_errors=True)
        for member in archive:
            if member.name.startswith(_FILES):
                file = filestore(name) / member.name.removeprefix(f"{_FILES}/")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(archive.extractfile(member).read())
    return name


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
