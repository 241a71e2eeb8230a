"""What to do with one cell when the file, the software and the values the file was made with may all differ."""

from enum import Enum
from typing import Any


class Decision(Enum):
    """``keep`` what is stored, ``change`` it to the file's value, a ``conflict``, or the cell was ``cleared``."""

    KEEP = "keep"
    CHANGE = "change"
    CONFLICT = "conflict"
    CLEARED = "cleared"


def decide(new: Any, stored: Any, old: Any, *, remembered: bool) -> Decision:
    """Compare the value in the file (``new``), in the software (``stored``) and at the time of export (``old``).

    None is an empty cell. Without ``remembered`` nobody knows ``old``: what the file states counts, an empty cell
    states nothing. With it, a cell that was not edited never changes anything, however old the file is.
    """
    if new == stored:
        return Decision.KEEP
    if not remembered:
        return Decision.KEEP if new is None else Decision.CHANGE
    if new == old:
        return Decision.KEEP
    if new is None:
        return Decision.CLEARED if stored == old else Decision.CONFLICT
    return Decision.CHANGE if stored == old else Decision.CONFLICT
