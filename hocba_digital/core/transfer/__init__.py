"""Change of school: the hand-over file, the receipt for it, and what may follow what."""

from .archive import MANIFEST, MAX_FILE_BYTES, MAX_YEARS, HandoverFile, pack, unpack
from .errors import TransferError
from .manifest import HandedPupil, HandedRecord, Handover, School, build_handover, parse_handover
from .receipt import Receipt, build_receipt, parse_receipt
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
    "build_handover",
    "build_receipt",
    "pack",
    "parse_handover",
    "parse_receipt",
    "seal_findings",
    "unpack",
]
