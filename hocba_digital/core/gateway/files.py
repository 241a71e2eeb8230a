"""Transactions and answers as files, for where no gateway is reachable: the same JSON that goes over the wire.

A transaction is MESSAGEID.json (the request; ``token`` and ``password`` are empty, since a file opens no session),
MESSAGEID.xml (the list or form in its ``content``, to be read and archived) and MESSAGEID-truy-van.json (the query that
asks for its outcome: transaction 2, 4 or 6). An answer is MESSAGEID-tra-loi.json. Several come in one zip file.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass

from .wire import Answer, CertificateAnswer, QueryAnswer, RecallAnswer, Request, decode_content

#: Room for a province's largest hand-over; more is an attack.
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_ENTRY_BYTES = 32 * 1024 * 1024
MAX_ENTRIES = 5000
_QUERY_ANSWERS = {"1": QueryAnswer, "3": CertificateAnswer, "5": RecallAnswer}


class FileError(Exception):
    """A file that holds no transactions or answers; ``code``: size, zip, json or empty, ``name``: of the entry."""

    def __init__(self, code, name=""):
        super().__init__(code, name)
        self.code = code
        self.name = name


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """One answer out of a file: ``raw`` as decoded JSON, ``content`` its bytes, ``digest`` their SHA-256."""

    name: str
    raw: dict
    content: bytes

    @property
    def digest(self):
        """SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def messageid(self):
        """Which transaction it answers; empty when it does not say."""
        found = self.raw.get("MessageId")
        return found if isinstance(found, str) else ""

    def read(self, kind):
        """(whether it answers the query, the answer as its class) for a transaction of ``kind`` 1, 3 or 5.

        An answer to the delivery itself says nothing of records. Raises ValueError when it is no answer.
        """
        parts = ("data", "trang_thai_phe_duyet", "serial_number")
        if str(self.raw.get("Error")) in ("04", "4") or any(name in self.raw for name in parts):
            return True, _QUERY_ANSWERS[kind].parse(self.raw)
        return False, Answer.parse(self.raw)


def request_files(request, user_name):
    """(name, bytes) of the files of one transaction (``Request`` of kind 1, 3 or 5)."""
    account = {"token": "", "user_name": user_name, "password_sha256": ""}
    query = Request(str(int(request.kind) + 1), request.messageid, request.unit_code, request.school_year)
    return [
        (f"{request.messageid}.json", request.body(**account)),
        (f"{request.messageid}.xml", decode_content(request.content)),
        (f"{request.messageid}-truy-van.json", query.body(**account)),
    ]


def answer_name(messageid):
    """Name of the file with the answer to ``messageid``."""
    return f"{messageid}-tra-loi.json"


def pack(files):
    """One zip file of (name, bytes); the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def read_file(name, content):
    """The JSON objects in a .json file, or in the .json files of a .zip, as FileAnswer. Raises FileError."""
    if len(content) > MAX_FILE_BYTES:
        raise FileError("size", name)
    entries = _unpacked(content) if content[:4] == b"PK\x03\x04" else [(name, content)]
    found = [FileAnswer(entry, _object(entry, body), body) for entry, body in entries]
    if not found:
        raise FileError("empty", name)
    return found


def _unpacked(content):
    """(name, bytes) of the .json files in a zip; no more of any is unpacked than is allowed."""
    found, room = [], MAX_FILE_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".json")]
            if len(entries) > MAX_ENTRIES:
                raise FileError("size", entries[0].filename)
            for entry in entries:
                with archive.open(entry) as file:
                    body = file.read(MAX_ENTRY_BYTES + 1)
                room -= len(body)
                if len(body) > MAX_ENTRY_BYTES or room < 0:
                    raise FileError("size", entry.filename)
                found.append((entry.filename.rsplit("/", 1)[-1], body))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise FileError("zip") from error
    return found


def _object(name, body):
    try:
        found = json.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise FileError("json", name) from error
    if not isinstance(found, dict):
        raise FileError("json", name)
    return found
