"""Numbers and codes of issued copies: the number is counted, the code cannot be guessed."""

import re
import secrets
from dataclasses import dataclass

#: Letters and digits that nobody confuses on paper; twelve of them are 59 bits.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH, _GROUP = 12, 4


@dataclass(frozen=True, slots=True)
class CopyNumber:
    """What one copy is called: ``sequence`` counts a school's copies of the calendar ``year``, from 1."""

    year: int
    sequence: int
    code: str

    @property
    def number(self) -> str:
        """As printed and as people say it: 12/2026."""
        return f"{self.sequence}/{self.year}"

    @property
    def spaced_code(self) -> str:
        """The code in groups: ABCD-EFGH-JKMN."""
        return "-".join(self.code[start : start + _GROUP] for start in range(0, len(self.code), _GROUP))


def new_code(length: int = _LENGTH) -> str:
    """A code that nobody can guess."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def read_code(text: str | None, length: int = _LENGTH) -> str | None:
    """The code in what somebody typed, in whatever case and grouping; None when it can be none."""
    code = re.sub(r"[\s\-.]", "", text or "").upper()
    return code if len(code) == length and set(code) <= set(_LETTERS) else None
