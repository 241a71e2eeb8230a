"""The outcome of verifying a file of any kind that holds records."""

from dataclasses import dataclass

from .report import PacketReport, Reason, SignatureReport

PACKET, LIST, PDF, UNKNOWN = "packet", "list", "pdf", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReport:
    """Outcome for one file; ``result`` is that of everything in it together.

    ``kind``: packet, list, pdf or unknown. ``signatures``: those over the file as a whole, which a packet has none of
    (its own stand in its ``PacketReport``). ``packets``: the records in it, in order.
    """

    kind: str
    result: str
    sub_indication: str | None
    reasons: tuple[Reason, ...]
    signatures: tuple[SignatureReport, ...] = ()
    packets: tuple[PacketReport, ...] = ()
