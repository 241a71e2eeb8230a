"""The receiving school's signed word on a hand-over: accepted or refused, and what it holds, byte for byte."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..packet import PacketError, build_sheet, element, given, leaf, open_sheet
from .errors import TransferError
from .manifest import School, aware, read_school, school_element, text_of

_ROOT = "BIEN_NHAN"
_ANSWERS = {"NHAN": True, "TU_CHOI": False}
_MAX_ELEMENTS = 1_000


@dataclass(frozen=True, slots=True)
class Receipt:
    """``digest``: SHA-256 of the signed manifest; ``digests``: UUID -> SHA-256 of the packet that was taken over."""

    number: str
    digest: str
    receiver: School
    accepted: bool
    at: datetime
    reason: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)

    def differences(self, number: str, digest: str, digests: Mapping[str, str], receiver: str) -> list[str]:
        """What it says otherwise than the sender knows; codes: number, manifest, receiver, record (one or more)."""
        found = []
        if self.number != number:
            found.append("number")
        if self.digest != digest:
            found.append("manifest")
        if self.receiver.code != receiver:
            found.append("receiver")
        if self.accepted and dict(self.digests) != dict(digests):
            found.append("record")
        return found


def build_receipt(receipt: Receipt) -> bytes:
    """The receipt in canonical form, not signed yet."""
    answer = next(word for word, accepted in _ANSWERS.items() if accepted == receipt.accepted)
    return build_sheet(
        _ROOT,
        leaf("MA_CHUYEN_GIAO", receipt.number),
        leaf("DIGEST", receipt.digest),
        school_element("TRUONG_NHAN", receipt.receiver),
        leaf("KET_QUA", answer),
        leaf("LUC", receipt.at.isoformat(timespec="seconds")),
        *given("LY_DO", " ".join(receipt.reason.split())),
        *(
            element("HOC_BA", leaf("MA_TRA_CUU_UUID", uuid), leaf("DIGEST", digest))
            for uuid, digest in receipt.digests.items()
        ),
    )


def parse_receipt(content: bytes) -> Receipt:
    """What a receipt says; its signature is NOT verified here. Raises TransferError ``receipt``."""
    try:
        root = open_sheet(content, _ROOT, max_elements=_MAX_ELEMENTS)
        records = root.findall("HOC_BA")
        digests = {text_of(record, "MA_TRA_CUU_UUID"): text_of(record, "DIGEST") for record in records}
        if len(digests) < len(records):
            raise ValueError("a record stands twice")
        return Receipt(
            number=text_of(root, "MA_CHUYEN_GIAO"),
            digest=text_of(root, "DIGEST"),
            receiver=read_school(root.find("TRUONG_NHAN")),
            accepted=_ANSWERS[text_of(root, "KET_QUA")],
            at=aware(text_of(root, "LUC")),
            reason=root.findtext("LY_DO") or "",
            digests=digests,
        )
    except (PacketError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise TransferError("receipt", str(error)) from None
