"""Change of school over the wire: transactions 7 and 8, an extension of ours that a gateway announces with the token.

Transaction 7 carries one step of a hand-over, transaction 8 asks what concerns the own unit. ``messageid`` is the
number of the hand-over; ``thao_tac`` names the step. ``content`` is coded as in every other transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .wire import decode_content, text_field

#: Name under which the answer with the token announces this extension.
TRANSFERS = "chuyen-truong-1"
#: ``thao_tac`` of transaction 7: who takes the step, and what ``content`` is.
REQUEST, RELEASE, RECEIPT, STOP = "YEU_CAU", "GIAO_TEP", "BIEN_NHAN", "DUNG"
STEPS = (REQUEST, RELEASE, RECEIPT, STOP)
#: ``trang_thai`` -> state of the hand-over at the registry.
STATES = {"1": "requested", "2": "released", "3": "accepted", "4": "refused", "5": "stopped"}
#: Rows that one answer lists at most.
MAX_ROWS = 1000


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One hand-over as the registry has it. ``leaving``: the asking unit is the school that the pupil leaves.

    ``digests``: step -> SHA-256 (hexadecimal) of its signed document as held, for the steps that were taken.
    """

    number: str
    leaving: bool
    state: str
    pupil_code: str
    pupil_name: str
    birth_date: date
    id_number: str
    source_code: str
    source_name: str
    target_code: str
    target_name: str
    from_day: date
    reason: str
    end_reason: str
    ended_by: str
    digests: Mapping[str, str]

    @classmethod
    def parse(cls, row):
        """From one row of ``data``. Raises ValueError."""
        state, role = str(row.get("trang_thai")), row.get("vai_tro")
        if state not in STATES or role not in ("DI", "DEN"):
            raise ValueError(f"trang_thai {state!r}, vai_tro {role!r}")
        digests = row.get("digest")
        if not isinstance(digests, dict):
            raise ValueError("digest is no object")
        return cls(
            number=text_field(row, "ma_chuyen_giao").lower(),
            leaving=role == "DI",
            state=STATES[state],
            pupil_code=text_field(row, "ma_hoc_sinh"),
            pupil_name=text_field(row, "ho_ten"),
            birth_date=date.fromisoformat(text_field(row, "ngay_sinh")),
            id_number=str(row.get("so_cccd") or ""),
            source_code=text_field(row, "ma_truong_di"),
            source_name=text_field(row, "ten_truong_di"),
            target_code=text_field(row, "ma_truong_den"),
            target_name=text_field(row, "ten_truong_den"),
            from_day=date.fromisoformat(text_field(row, "chuyen_tu_ngay")),
            reason=str(row.get("ly_do") or ""),
            end_reason=str(row.get("ly_do_dung") or ""),
            ended_by=str(row.get("ben_dung") or ""),
            digests={step: str(digests[step]).lower() for step in STEPS if digests.get(step)},
        )


@dataclass(frozen=True, slots=True)
class TransferAnswer:
    """Answer to transaction 8. ``content``: the document asked for, as bytes; None when none was."""

    code: str
    description: str
    rows: tuple[TransferRow, ...] = ()
    content: bytes | None = None

    @classmethod
    def parse(cls, answer):
        """From decoded JSON. Raises ValueError when it is no answer, GatewayError when ``content`` is not coded so."""
        rows = answer.get("data") or []
        if not isinstance(rows, list):
            raise ValueError("data is no list")
        content = answer.get("content")
        return cls(
            code=text_field(answer, "Error"),
            description=str(answer.get("ErrorDescription") or ""),
            rows=tuple(TransferRow.parse(row) for row in rows),
            content=decode_content(content) if content else None,
        )
