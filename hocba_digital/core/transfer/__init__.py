"""Change of school: the hand-over file, the receipt for it, and what may follow what."""

from .archive import MANIFEST, MAX_FILE_BYTES, MAX_YEARS, HandoverFile, pack, unpack
from .errors import TransferError
from .manifest import HandedPupil, HandedRecord, Handover, School, build_handover, parse_handover
from .receipt import Receipt, build_receipt, parse_receipt
from .request import (
    TransferRequest,
    TransferStop,
    build_request,
    build_stop,
    is_same_pupil,
    parse_request,
    parse_stop,
)
from .seal import seal_findings

__all__ = [
    "MANIFEST",
    "MAX_FILE_BYTES",
    "MAX_YEARS",
    "HandedPupil",
    "HandedRecord",
    "Handover",
    "HandoverFile",
    "Receipt",
    "School",
    "TransferError",
    "TransferRequest",
    "TransferStop",
    "build_handover",
    "build_receipt",
    "build_request",
    "build_stop",
    "is_same_pupil",
    "pack",
    "parse_handover",
    "parse_receipt",
    "parse_request",
    "parse_stop",
    "seal_findings",
    "unpack",
]
