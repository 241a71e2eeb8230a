"""What a cell of the class grid may hold (TT 27, Art. 5.2, 6 and 7; lengths of texts: the packet's profile)."""

from typing import Any

from ..packet.data import find_forbidden

LEVELS = ("T", "H", "C", "M")
TRAITS = ("T", "D", "C")
SCORES = tuple(str(score) for score in range(11))
#: Plausible measures of a primary pupil, in cm and kg.
RANGES = {"height": (50, 220), "weight": (8, 150), "count": (0, 366)}
_CHOICES = {"level": LEVELS, "trait": TRAITS, "score": SCORES}


def problem(kind: str, value: Any, limit: int | None = None) -> str | None:
    """Why ``value`` cannot stand in a cell of this kind, or None; None as a value is an empty cell.

    ``kind``: level, trait, score, count, height, weight or text. Answers: "choice", "number", "range", "too_long",
    "character". Raises KeyError for another kind.
    """
    if value is None:
        return None
    if kind in _CHOICES:
        return None if value in _CHOICES[kind] else "choice"
    if kind == "text":
        return _text_problem(value, limit)
    low, high = RANGES[kind]
    if isinstance(value, bool) or not isinstance(value, int | float) or (kind == "count" and value != int(value)):
        return "number"
    return None if low <= value <= high else "range"


def _text_problem(value: Any, limit: int | None) -> str | None:
    if not isinstance(value, str):
        return "character"
    text = " ".join(value.split())
    if limit is not None and len(text) > limit:
        return "too_long"
    return "character" if find_forbidden(text) else None
