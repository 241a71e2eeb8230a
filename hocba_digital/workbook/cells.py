"""One cell to one value. Every function takes what openpyxl gives and raises CellValueError with a code of messages."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from .headings import OVERALL, OVERALL_WORDS
from .text import clean, clean_lines, fold

SUBJECT_LEVELS = {"T": "Hoàn thành tốt", "H": "Hoàn thành", "C": "Chưa hoàn thành", "M": "Miễn"}
TRAIT_LEVELS = {"T": "Tốt", "D": "Đạt", "C": "Cần cố gắng"}
_SUBJECT_WORDS = {
    **{letter.lower(): letter for letter in SUBJECT_LEVELS},
    **{fold(word): letter for letter, word in SUBJECT_LEVELS.items()},
    "htt": "T",
    "ht": "H",
    "cht": "C",
    "mien": "M",
    "mienmon": "M",
}
_TRAIT_WORDS = {
    **{letter.lower(): letter for letter in TRAIT_LEVELS},
    **{fold(word): letter for letter, word in TRAIT_LEVELS.items()},
    "ccg": "C",
}
# What is typed by mistake: the other scale's letters, neighbours on the keyboard, doubled letters, old scales.
_SUBJECT_GUESSES = {
    "d": "H",
    "dat": "H",
    "tot": "T",
    "tt": "T",
    "hh": "H",
    "cc": "C",
    "y": "T",
    "r": "T",
    "g": "H",
    "j": "H",
    "x": "C",
    "v": "C",
    "a": "T",
    "aplus": "T",
    "b": "C",
    "k": "H",
    "ccg": "C",
    "cancogang": "C",
}
_TRAIT_GUESSES = {
    "h": "D",
    "ht": "D",
    "hoanthanh": "D",
    "hoanthanhtot": "T",
    "htt": "T",
    "tt": "T",
    "dd": "D",
    "cc": "C",
    "y": "T",
    "r": "T",
    "x": "C",
    "v": "C",
    "s": "D",
    "f": "D",
    "a": "T",
    "b": "C",
    "chuahoanthanh": "C",
    "cht": "C",
}
_LOOKALIKES = str.maketrans("ТНСМĐТтнсм", "THCMĐTthcm")
_YES = {"x", "co", "1", "dat", "roi", "true", "yes", "hoanthanh", "duoclenlop", "lenlop"}
_NO = {"k", "khong", "0", "chua", "chuadat", "false", "no", "chuahoanthanh", "chualenlop", "chuaduoclenlop", "olai"}
_SUMMER = {"he", "danhgialai", "dgl", "dgbs", "danhgiabosung", "renluyentronghe", "cho", "chodanhgialai", "s"}
_DMY = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")


class CellValueError(Exception):
    """A value that cannot be taken; ``code`` and ``params`` as in messages."""

    def __init__(self, code: str, /, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def shown(value: Any) -> str:
    """A value as a person would read it in a message, cut when long."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = clean(str(value))
    return text if len(text) <= 60 else f"{text[:57]}…"


def text(value: Any, limit: int) -> str | None:
    """Clean text; a number typed where a text belongs is taken as its digits, a date or truth value is not."""
    if isinstance(value, bool | date | time):
        raise CellValueError("text_form", value=shown(value))
    found = shown(value) if isinstance(value, int | float) else clean(str(value))
    if len(found) > limit:
        raise CellValueError("too_long", count=len(found), limit=limit)
    return found or None


def paragraph(value: Any, limit: int) -> str | None:
    """A text that may have several lines, such as a comment."""
    if not isinstance(value, str):
        return text(value, limit)
    found = clean_lines(value)
    if len(found) > limit:
        raise CellValueError("too_long", count=len(found), limit=limit)
    return found or None


def pupil_code(value: Any) -> str | None:
    """Code of a pupil: letters and digits, at most 20 (domain: VARCHAR(20))."""
    if isinstance(value, float) and not value.is_integer():
        raise CellValueError("code_form", value=shown(value))
    found = text(value, 200)
    if found and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,19}", found):
        raise CellValueError("code_form", value=shown(found))
    return found


def id_number(value: Any) -> str | None:
    """Twelve digits. A number of fewer digits lost its leading zeros in a number cell, which is said as such."""
    if isinstance(value, bool | date | time):
        raise CellValueError("id_form", value=shown(value))
    if isinstance(value, int | float):
        if isinstance(value, float) and not value.is_integer():
            raise CellValueError("id_form", value=shown(value))
        digits = str(int(value))
        if 9 <= len(digits) < 12 and value > 0:
            raise CellValueError("id_lost_zero", value=digits, expected=digits.zfill(12))
    else:
        digits = clean(str(value)).lstrip("'").replace(" ", "")
        if not digits:
            return None
    if not re.fullmatch("[0-9]{12}", digits):
        raise CellValueError("id_form", value=shown(value))
    return digits


def day(value: Any) -> date | None:
    """A real date, or text as dd/mm/yyyy (also with . or -, and ISO)."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool | time):
        raise CellValueError("date_form", value=shown(value))
    if isinstance(value, int | float):
        raise CellValueError("date_number", value=shown(value))
    found = clean(str(value)).lstrip("'")
    if not found:
        return None
    if match := _DMY.fullmatch(found):
        parts = (int(match[3]), int(match[2]), int(match[1]))
    elif match := _ISO.fullmatch(found):
        parts = (int(match[1]), int(match[2]), int(match[3]))
    else:
        raise CellValueError("date_form", value=shown(found))
    try:
        return date(*parts)
    except ValueError:
        raise CellValueError("impossible_date", value=shown(found)) from None


def level(value: Any, *, trait: bool = False) -> str | None:
    """T|H|C|M of a subject, or T|D|C of a quality or competence (D also written Đ), as letter or in words."""
    words, guesses, names = (
        (_TRAIT_WORDS, _TRAIT_GUESSES, {"T": "T", "D": "Đ", "C": "C"})
        if trait
        else (_SUBJECT_WORDS, _SUBJECT_GUESSES, {letter: letter for letter in SUBJECT_LEVELS})
    )
    typed = shown(value)
    if not typed:
        return None
    key = fold(typed)
    if key in words and not isinstance(value, int | float | date | time):
        return words[key]
    choices = ", ".join(names.values())
    guess = guesses.get(key) or words.get(fold(typed.translate(_LOOKALIKES))) or guesses.get(key[:1])
    if guess and not isinstance(value, int | float | date | time):
        raise CellValueError("level_suggest", value=typed, choices=choices, suggestion=names[guess])
    raise CellValueError("level", value=typed, choices=choices)


def score(value: Any) -> int | None:
    """Whole number 0..10 (TT 27/2020 Art. 7.1d: no decimal points)."""
    if isinstance(value, bool | date | time):
        raise CellValueError("score_form", value=shown(value))
    if isinstance(value, str):
        typed = clean(value).lstrip("'")
        if not typed:
            return None
        if not re.fullmatch(r"[+-]?\d{1,6}(?:[.,]\d{1,6})?", typed):
            raise CellValueError("score_form", value=shown(typed))
        value = float(typed.replace(",", "."))
    if value != int(value):
        raise CellValueError("decimal_score", value=f"{value:g}".replace(".", ","))
    if not 0 <= value <= 10:
        raise CellValueError("score_range", value=int(value))
    return int(value)


def grade(value: Any) -> int | None:
    """Grade 1 to 5, also written "Khối 3" or "Lớp 3"."""
    typed = shown(value)
    if not typed:
        return None
    match = re.fullmatch(r"(?:khoi|lop)?0?([1-5])", fold(typed))
    if not match:
        raise CellValueError("choice", value=typed, choices="1, 2, 3, 4, 5")
    return int(match[1])


def whole(value: Any, maximum: int = 366) -> int | None:
    """Whole number of days from 0 to ``maximum``."""
    number = _number(value, "whole_number")
    if number is None:
        return None
    if number != int(number) or not 0 <= number <= maximum:
        raise CellValueError("whole_number", value=shown(value))
    return int(number)


def measure(value: Any, low: float, high: float) -> float | None:
    """Height in cm or weight in kg, one decimal, within what a child can have; a comma is a decimal point."""
    number = _number(value, "number_form")
    if number is None:
        return None
    if not low <= number <= high:
        raise CellValueError("number_range", value=f"{number:g}".replace(".", ","), low=low, high=high)
    return round(number, 1)


def _number(value: Any, code: str) -> float | None:
    if isinstance(value, bool | date | time):
        raise CellValueError(code, value=shown(value))
    if isinstance(value, int | float):
        return value
    typed = fold_unit(clean(str(value)))
    if not typed:
        return None
    if not re.fullmatch(r"[+-]?\d{1,7}(?:[.,]\d{1,6})?", typed):
        raise CellValueError(code, value=shown(value))
    return float(typed.replace(",", "."))


def fold_unit(typed: str) -> str:
    """A number without the unit behind it ("132 cm" -> "132")."""
    return re.sub(r"\s*(cm|kg|ngày|buổi)\.?$", "", typed.lstrip("'"), flags=re.IGNORECASE)


def mark(value: Any, *, summer: bool = False) -> str | None:
    """yes for an x, no for "không", summer (where it is possible) for "hè"; None for nothing."""
    key = fold(shown(value))
    if not key:
        return None
    if key in _YES:
        return "yes"
    if key in _NO:
        return "no"
    if summer and key in _SUMMER:
        return "summer"
    choices = "x, không, hè" if summer else "x, không"
    raise CellValueError("choice", value=shown(value), choices=choices)


def overall(value: Any) -> str | None:
    """Overall result as one of excellent, good, completed, not_completed."""
    key = fold(shown(value))
    if not key:
        return None
    if key not in OVERALL:
        raise CellValueError("choice", value=shown(value), choices=", ".join(OVERALL_WORDS.values()))
    return OVERALL[key]


def choice(value: Any, spellings: Mapping[str, str], choices: str) -> str | None:
    """One of a table of folded spellings; a near miss is suggested."""
    typed = text(value, 200)
    if not typed:
        return None
    key = fold(typed)
    if key in spellings:
        return spellings[key]
    near = _nearest(key, spellings)
    if near:
        raise CellValueError("choice_suggest", value=shown(typed), choices=choices, suggestion=near)
    raise CellValueError("choice", value=shown(typed), choices=choices)


def _nearest(key: str, spellings: Mapping[str, str]) -> str | None:
    from difflib import get_close_matches

    found = get_close_matches(key, list(spellings), 1, 0.75)
    return spellings[found[0]] if found else None
