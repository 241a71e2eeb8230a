"""Secrets at rest: sealed with a key that is not in the database and bound to this very database.

The key is a file of the server (``hocba_secret_file`` in Odoo's configuration, else a file in the
data folder that is made at first use). It is mixed with ``database.uuid``, which Odoo renews when a
database is copied: a copy can open nothing, so it can neither sign nor send (design §7).
"""

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from odoo.tools import config

_NONCE = 12


class VaultError(Exception):
    """The secret cannot be opened here: wrong server key, copied database or damaged value."""


def seal(env, value, purpose):
    """Base64 text of ``value`` (bytes) sealed for this database and ``purpose``."""
    nonce = os.urandom(_NONCE)
    box = AESGCM(_key(env)).encrypt(nonce, value, purpose.encode())
    return base64.b64encode(nonce + box).decode()


def unseal(env, sealed, purpose):
    """Bytes sealed by :func:`seal`. Raises :class:`VaultError`."""
    raw = base64.b64decode(sealed or "")
    try:
        return AESGCM(_key(env)).decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise VaultError("secret does not belong to this database and server") from error


def _key(env):
    identity = env["ir.config_parameter"].sudo().get_param("database.uuid")
    derivation = HKDF(algorithm=hashes.SHA256(), length=32, salt=identity.encode(), info=b"hocba_digital vault")
    return derivation.derive(_server_secret())


def _server_secret():
    path = Path(config.get("hocba_secret_file") or Path(config["data_dir"]) / "hocba_digital.key")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_bytes().strip()
