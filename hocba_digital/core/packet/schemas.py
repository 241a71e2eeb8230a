"""The shipped XSD files: found, compiled once a process, applied. Nothing is fetched from anywhere else."""

import re
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

from lxml import etree

from .errors import PacketError

FOLDER = Path(__file__).parent / "schema"
SIGNATURE_FILE = "xmldsig-hocba.xsd"
_STEP = re.compile(r"([^/\[\]]+)(?:\[(\d+)\])?")
# lxml keeps the errors of the last run on the schema object; two threads must not mix theirs.
_lock = threading.Lock()


def file_of(profile_name: str, *, signed: bool) -> Path:
    """Path of the schema of a profile's packets."""
    return FOLDER / f"{profile_name}-{'signed' if signed else 'unsigned'}.xsd"


@cache
def _compiled(path: Path) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    return etree.XMLSchema(etree.parse(str(path), parser))


def validate(profile_name: str, root: etree._Element, *, signed: bool, name_field: Callable) -> None:
    """Validate a safely parsed root. ``name_field`` turns the path of an error into the name of a field."""
    _apply(file_of(profile_name, signed=signed), root, name_field)


def validate_signature(signature: etree._Element) -> None:
    """Validate the structure of one ds:Signature on its own."""
    _apply(FOLDER / SIGNATURE_FILE, signature, lambda _path: "Signature")


def _apply(path: Path, element: etree._Element, name_field: Callable) -> None:
    with _lock:
        schema = _compiled(path)
        if schema.validate(element):
            return
        first = schema.error_log[0]
        message, place = first.message, first.path or ""
    steps = [(tag, int(index) if index else None) for tag, index in _STEP.findall(place)]
    raise PacketError("schema", message, name_field(steps[1:]))
