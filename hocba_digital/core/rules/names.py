"""Vietnamese names: the given name stands last, and lists of a class are ordered by it."""

import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
# Order of the tones in Vietnamese dictionaries: level, falling, asking, broken, rising, heavy.
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
_RANKS = {letter: rank for rank, letter in enumerate(_LETTERS, start=1)}


def given_name(full_name: str) -> str:
    """The last word of a full name: "Nguyễn Thị Minh Anh" -> "Anh"."""
    words = (full_name or "").split()
    return words[-1] if words else ""


def sort_key(full_name: str) -> tuple:
    """Key that orders pupils as teachers list them: by given name, then by the rest from the family name on."""
    words = (full_name or "").lower().split()
    ordered = [*words[-1:], *words[:-1]]
    return tuple(_word_key(word) for word in ordered)


def _word_key(word: str) -> tuple:
    """Letters first (đ after d, ơ after ô), the tone decides only between words of the same letters."""
    letters, tones = [], []
    for char in unicodedata.normalize("NFC", word):
        base, tone = _split(char)
        letters.append(_RANKS.get(base, ord(base) + 100))
        tones.append(tone)
    return tuple(letters), tuple(tones)


def _split(char: str) -> tuple[str, int]:
    parts = unicodedata.normalize("NFD", char)
    tone = next((mark for mark in parts if mark in _TONES), "")
    base = unicodedata.normalize("NFC", parts.replace(tone, "") if tone else parts)
    return base[:1], _TONES.index(tone)
