"""Texts as people type them: one Unicode form, no stray blanks, headings comparable."""

import re
import unicodedata

_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
_ESCAPED = re.compile(r"_x[0-9A-Fa-f]{4}_")


def clean(text: str) -> str:
    """NFC, control characters and runs of blanks made one blank, none at the ends."""
    if "_x" in text:
        text = _ESCAPED.sub(" ", text)
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(char) in ("Cc", "Cf") else char for char in text)
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def clean_lines(text: str) -> str:
    """Like clean, but the lines of a longer text stay lines."""
    lines = (clean(line) for line in text.replace("_x000D_", "").splitlines())
    return "\n".join(lines).strip()


def fold(text: str) -> str:
    """A text for comparing: lower case, no accents, letters and digits only ("Điểm KTĐK" -> "diemktdk")."""
    plain = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d").lower())
    return "".join(char for char in plain if char.isascii() and char.isalnum())
