"""The receiver's signed word on a transaction: what it holds, byte for byte, and what it decided on each record.

Ours; CV 2088 has none. It is XML in exclusive canonical form, signed like a transaction's list by the receiver's own
organisation certificate (``signing.sign_list``), so whoever verifies lists verifies it too. ``xac_nhan`` of an answer
carries it in Base64.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..packet import DEFAULT_LIMITS, PacketError, build_sheet, element, leaf, open_sheet

_ROOT, _RECORD = "XAC_NHAN", "HOC_BA"


@dataclass(frozen=True, slots=True)
class AcknowledgedRecord:
    """Verdict on one record; ``digest``: SHA-256 of the packet, hexadecimal."""

    uuid: str
    accepted: bool
    error: str
    digest: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """``digest``: SHA-256 of ``content``, hexadecimal; ``judged_at`` and ``records`` once the records are judged."""

    messageid: str
    unit_code: str
    kind: str
    digest: str
    received_at: datetime
    judged_at: datetime | None = None
    records: tuple[AcknowledgedRecord, ...] = ()

    def differences(
        self,
        messageid: str,
        digest: str,
        digests: Mapping[str, str],
        verdicts: Mapping[str, bool] | None = None,
    ) -> list[str]:
        """What the receiver holds or decided otherwise than the sender knows, in Vietnamese.

        ``digests``: UUID -> SHA-256 sent; ``verdicts``: UUID -> accepted, for those whose verdict was answered.
        """
        found = []
        if self.messageid != messageid:
            found.append(f"Xác nhận của gói tin khác: {self.messageid}.")
        if self.digest != digest:
            found.append("Nội dung mà Cổng tiếp nhận lưu khác nội dung đã gửi.")
        for record in self.records:
            if record.uuid in digests and record.digest != digests[record.uuid]:
                found.append(f"Học bạ {record.uuid}: gói mà Cổng tiếp nhận lưu khác gói đã gửi.")
            if record.accepted != (verdicts or {}).get(record.uuid, record.accepted):
                decided = "được tiếp nhận" if record.accepted else "bị từ chối"
                found.append(f"Học bạ {record.uuid}: xác nhận ghi {decided}, khác với kết quả đã trả lời.")
        if self.judged_at is not None:
            named = {record.uuid for record in self.records}
            found += [f"Học bạ {uuid}: không có trong xác nhận." for uuid in digests if uuid not in named]
        return found


def build_acknowledgement(told: Acknowledgement) -> bytes:
    """The acknowledgement in canonical form, not signed yet."""
    parts = [
        leaf("MESSAGE_ID", told.messageid),
        leaf("MA_DON_VI", told.unit_code),
        leaf("LOAI_GIAO_DICH", told.kind),
        leaf("DIGEST", told.digest),
        leaf("TIEP_NHAN_LUC", told.received_at.isoformat(timespec="seconds")),
    ]
    if told.judged_at is not None:
        parts.append(leaf("KET_QUA_LUC", told.judged_at.isoformat(timespec="seconds")))
    parts += [
        element(
            _RECORD,
            leaf("MA_TRA_CUU_UUID", record.uuid),
            leaf("TRANG_THAI", str(int(record.accepted))),
            leaf("ERROR", record.error),
            leaf("DIGEST", record.digest),
        )
        for record in told.records
    ]
    return build_sheet(_ROOT, *parts)


def parse_acknowledgement(content: bytes) -> Acknowledgement:
    """What an acknowledgement says; its signature is NOT verified here. Raises PacketError."""
    root = open_sheet(content, _ROOT, max_elements=DEFAULT_LIMITS.list_entries * 6)
    try:
        judged = root.findtext("KET_QUA_LUC")
        return Acknowledgement(
            messageid=root.find("MESSAGE_ID").text,
            unit_code=root.find("MA_DON_VI").text,
            kind=root.find("LOAI_GIAO_DICH").text,
            digest=root.find("DIGEST").text,
            received_at=datetime.fromisoformat(root.find("TIEP_NHAN_LUC").text),
            judged_at=datetime.fromisoformat(judged) if judged else None,
            records=tuple(
                AcknowledgedRecord(
                    uuid=record.findtext("MA_TRA_CUU_UUID") or "",
                    accepted=record.findtext("TRANG_THAI") == "1",
                    error=record.findtext("ERROR") or "",
                    digest=record.findtext("DIGEST") or "",
                )
                for record in root.findall(_RECORD)
            ),
        )
    except (AttributeError, TypeError, ValueError):
        raise PacketError("schema", f"{_ROOT} is incomplete") from None
