"""Kinds of values on the wire: each writes, reads and describes itself as an XSD restriction.

Source of the formats: CV 2088 annex 1, part II §1.3 (numbers, date and time), sample in §2.6 (dd/mm/yyyy).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.sax.saxutils import quoteattr

from .data import VIETNAM_TIME, find_forbidden
from .errors import PacketError

_DAY = "(0[1-9]|[12][0-9]|3[01])"
_MONTH = "(0[1-9]|1[0-2])"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_YEAR = "(19|20|21)[0-9]{2}"


def facet(name: str, value: object) -> str:
    """One XSD facet element."""
    return f"<xs:{name} value={quoteattr(str(value))}/>"


class Kind:
    """A value's format. ``write`` and ``read`` raise PacketError without a field; the caller adds it."""

    base = "xs:string"

    def write(self, value: Any) -> str:
        """The text of a value, not yet escaped for XML."""
        raise NotImplementedError

    def read(self, text: str) -> Any:
        """The value of a text that the schema has already accepted."""
        raise NotImplementedError

    def facets(self) -> tuple[str, ...]:
        """XSD facets that describe exactly what ``write`` can produce."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Free text on one line, 1..max_length characters, NFC (TCVN 6909:2001), no outer blanks."""

    max_length: int

    def write(self, value):
        if not isinstance(value, str):
            raise PacketError("type", f"text expected, not {type(value).__name__}")
        text = value if value.isascii() else unicodedata.normalize("NFC", value)
        bad = find_forbidden(text)
        if bad is not None:
            raise PacketError("character", f"character U+{ord(bad):04X} is not allowed")
        text = text.strip()
        if not text:
            raise PacketError("required", "a value is required")
        if len(text) > self.max_length:
            raise PacketError("too_long", f"{len(text)} characters, at most {self.max_length}")
        return text

    def read(self, text):
        return text

    def facets(self):
        return facet("minLength", 1), facet("maxLength", self.max_length)


@dataclass(frozen=True, slots=True)
class Pattern(Kind):
    """Text of a fixed form."""

    pattern: str
    hint: str

    def write(self, value):
        if not isinstance(value, str):
            raise PacketError("type", f"text expected, not {type(value).__name__}")
        if not value:
            raise PacketError("required", "a value is required")
        if not re.fullmatch(self.pattern, value):
            raise PacketError("format", f"{self.hint} expected")
        return value

    def read(self, text):
        return text

    def facets(self):
        return (facet("pattern", self.pattern),)


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of a closed list: (value in the data, text on the wire)."""

    pairs: tuple[tuple[Any, str], ...]

    def write(self, value):
        for known, text in self.pairs:
            if type(known) is type(value) and known == value:
                return text
        raise PacketError("choice", f"{value!r} is not one of {[known for known, _text in self.pairs]}")

    def read(self, text):
        for known, wire in self.pairs:
            if wire == text:
                return known
        raise PacketError("choice", f"unknown value {text!r}")

    def facets(self):
        return tuple(facet("enumeration", text) for _known, text in self.pairs)


@dataclass(frozen=True, slots=True)
class Whole(Kind):
    """A whole number without sign or leading zeros."""

    minimum: int
    maximum: int

    base = "xs:integer"

    def write(self, value):
        if isinstance(value, bool) or not isinstance(value, int):
            raise PacketError("type", "a whole number is expected")
        if not self.minimum <= value <= self.maximum:
            raise PacketError("range", f"{value} is not within {self.minimum}..{self.maximum}")
        return str(value)

    def read(self, text):
        return int(text)

    def facets(self):
        return (
            facet("minInclusive", self.minimum),
            facet("maxInclusive", self.maximum),
            facet("pattern", "0|[1-9][0-9]*"),
        )


@dataclass(frozen=True, slots=True)
class Measure(Kind):
    """A positive decimal below 1,000 with a point and at most 4 decimals, no trailing zeros (part II §1.3)."""

    base = "xs:decimal"

    def write(self, value):
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            raise PacketError("type", "a decimal is expected")
        try:
            number = Decimal(value)
            if not number.is_finite() or not 0 < number < 1000 or number != round(number, 4):
                raise PacketError("range", f"{value} is not within 0.0001..999.9999 with at most 4 decimals")
        except InvalidOperation:
            raise PacketError("range", f"{value} is not a number that fits") from None
        text = f"{number:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def read(self, text):
        return Decimal(text)

    def facets(self):
        return (
            facet("minExclusive", 0),
            facet("pattern", r"(0|[1-9][0-9]{0,2})(\.[0-9]{0,3}[1-9])?"),
        )


@dataclass(frozen=True, slots=True)
class Day(Kind):
    """A date as dd/mm/yyyy (sample of annex 1, part II §2.6)."""

    def write(self, value):
        _check_date(value)
        return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"

    def read(self, text):
        try:
            return date(int(text[6:]), int(text[3:5]), int(text[:2]))
        except ValueError:
            raise PacketError("format", f"{text} is not a date") from None

    def facets(self):
        return (facet("pattern", f"{_DAY}/{_MONTH}/{_YEAR}"),)


@dataclass(frozen=True, slots=True)
class Moment(Kind):
    """A moment as YYYY-MM-DDThh:mm:ss+07:00 (part II §1.3)."""

    def write(self, value):
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise PacketError("type", "a date and time with its offset is expected")
        local = value.astimezone(VIETNAM_TIME).replace(microsecond=0)
        _check_date(local.date())
        return local.isoformat()

    def read(self, text):
        return _read_iso(text).astimezone(VIETNAM_TIME)

    def facets(self):
        return (facet("pattern", rf"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}\+07:00"),)


@dataclass(frozen=True, slots=True)
class DayAsMoment(Kind):
    """A date written as the first moment of that day in Vietnam: YYYY-MM-DDT00:00:00+07:00."""

    def write(self, value):
        _check_date(value)
        return datetime.combine(value, time(), VIETNAM_TIME).isoformat()

    def read(self, text):
        return _read_iso(text).date()

    def facets(self):
        return (facet("pattern", rf"{_YEAR}-{_MONTH}-{_DAY}T00:00:00\+07:00"),)


@dataclass(frozen=True, slots=True)
class SchoolYear(Kind):
    """A school year "2025-2026": two years that follow each other."""

    def write(self, value):
        if not isinstance(value, str):
            raise PacketError("type", f"text expected, not {type(value).__name__}")
        if not value:
            raise PacketError("required", "a value is required")
        if not re.fullmatch(r"20[0-9]{2}-(20[0-9]{2}|2100)", value) or int(value[5:]) != int(value[:4]) + 1:
            raise PacketError("format", 'a school year as "2025-2026" is expected')
        return value

    def read(self, text):
        return text

    def facets(self):
        return (facet("pattern", "20[0-9]{2}-(20[0-9]{2}|2100)"),)


@dataclass(frozen=True, slots=True)
class SchoolYearStart(Kind):
    """The year in which a school year starts: "2025" for "2025-2026"."""

    def write(self, value):
        return SchoolYear().write(value)[:4]

    def read(self, text):
        return f"{text}-{int(text) + 1}"

    def facets(self):
        return (facet("pattern", "20[0-9]{2}"),)


def _check_date(value) -> None:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise PacketError("type", "a date is expected")
    if not 1900 <= value.year <= 2199:
        raise PacketError("range", f"year {value.year} is not within 1900..2199")


def _read_iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise PacketError("format", f"{text} is not a date and time") from None


def boolean() -> Choice:
    """A truth value, 1 or 0."""
    return Choice(((True, "1"), (False, "0")))


def choice_of(table: dict[str, str]) -> Choice:
    """A closed list from a table value -> text on the wire."""
    return Choice(tuple(table.items()))


def constant(text: str) -> Choice:
    """A text that is always the same in this profile."""
    return Choice(((None, text),))
