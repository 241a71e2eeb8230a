"""The second factor: what whoever has the right knows of the pupil besides the code on the paper."""

import hmac
import re
from dataclasses import dataclass
from datetime import date

from ..packet import RecordData

#: How many of the last digits of the ID number are asked for.
DIGITS = 4
_DATE = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})|(\d{4})-(\d{1,2})-(\d{1,2})")
_NOTHING = "\x00"


@dataclass(frozen=True, slots=True)
class Factor:
    """Birth date and the last digits of the ID number, or of the pupil's code where the packet has no ID number."""

    birth_date: date
    digits: str

    def matches(self, data: RecordData) -> bool:
        """Whether both are the packet's. Takes the same time whatever is wrong."""
        number = data.id_number or data.pupil_code or _NOTHING
        right = f"{data.birth_date:%Y%m%d}{number[-DIGITS:].upper()}"
        return hmac.compare_digest(right.encode(), f"{self.birth_date:%Y%m%d}{self.digits}".encode())


def read_factor(birth_date: str | None, digits: str | None) -> Factor | None:
    """What was typed (14/3/2016, 14-03-2016 or 2016-03-14; four characters), or None when it can be no factor."""
    found = _DATE.fullmatch((birth_date or "").strip())
    typed = "".join((digits or "").split()).upper()
    if not found or len(typed) != DIGITS or not typed.isascii():
        return None
    day, month, year, year_first, month_then, day_last = found.groups()
    try:
        born = date(int(year or year_first), int(month or month_then), int(day or day_last))
    except ValueError:
        return None
    return Factor(born, typed)
