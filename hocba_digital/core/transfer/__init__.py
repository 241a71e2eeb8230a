"""Change of school: the hand-over file, the receipt for it, and what may follow what."""

from .archive import MANIFEST, MAX_FILE_BYTES, MAX_YEARS, HandoverFile, pack, unpack
from .errors import TransferError
from .manifest import HandedPupil, HandedRecord, HandedResults, Handover, School, build_handover, parse_handover
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
from .results import (
    DisabilityDecision,
    ExemptionDecision,
    PeriodResults,
    Results,
    SubjectResult,
    build_results,
)
from .results_reading import MAX_RESULTS_BYTES, parse_results
from .seal import believed, seal_findings

__all__ = [
    "MANIFEST",
    "MAX_FILE_BYTES",
    "MAX_RESULTS_BYTES",
    "MAX_YEARS",
    "DisabilityDecision",
    "ExemptionDecision",
    "HandedPupil",
    "HandedRecord",
    "HandedResults",
    "Handover",
    "HandoverFile",
    "PeriodResults",
    "Receipt",
    "Results",
    "School",
    "SubjectResult",
    "TransferError",
    "TransferRequest",
    "TransferStop",
    "believed",
    "build_handover",
    "build_receipt",
    "build_request",
    "build_results",
    "build_stop",
    "is_same_pupil",
    "pack",
    "parse_handover",
    "parse_receipt",
    "parse_request",
    "parse_results",
    "parse_stop",
    "seal_findings",
    "unpack",
]
