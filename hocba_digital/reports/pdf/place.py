"""Where on a printed form the head and the school sign: below the words "(Ký, ghi rõ họ tên và đóng dấu)"."""

import re
import shutil
import subprocess
import unicodedata
from itertools import pairwise
from xml.sax.saxutils import unescape

from reportlab.lib.units import mm

from .errors import PrintError

#: Room that the form leaves, in mm; form.css has the same height.
ROOM_HEIGHT = 37
_WIDTH, _HEIGHT = 83 * mm, 36.5 * mm
SEAL_DIAMETER = 34 * mm
_PICTURE = (45 * mm, 16.5 * mm)
# The seal ends where the first third of the head's picture ends.
_LEFT = SEAL_DIAMETER - _PICTURE[0] / 3
_TEXT_LEFT = SEAL_DIAMETER + 2 * mm
_SEAL_LINES, _HEAD_LINES = 8.4 * mm, 19.4 * mm

#: Boxes of the two signatures, in points from the lower left corner of the room (left, bottom, right, top).
SEAL_BOX = (0, 0, _WIDTH, _HEIGHT)
HEAD_BOX = (_LEFT, _SEAL_LINES, _WIDTH, _HEIGHT)
#: Areas within each box, from the lower left corner of that box.
SEAL_PICTURE = (0, _HEIGHT - SEAL_DIAMETER, SEAL_DIAMETER, _HEIGHT)
SEAL_TEXT = (_TEXT_LEFT, 0, _WIDTH, _SEAL_LINES)
HEAD_PICTURE = (0, _HEIGHT - _SEAL_LINES - _PICTURE[1], _PICTURE[0], _HEIGHT - _SEAL_LINES)
HEAD_TEXT = (_TEXT_LEFT - _LEFT, 0.4 * mm, _WIDTH - _LEFT, _HEAD_LINES - _SEAL_LINES)

_WORDS = ("đóng", "dấu)")
_FIRST_WORD = "(Ký,"
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_WORD = re.compile(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>')


def signing_place(content: bytes) -> tuple[int, dict[str, tuple[float, float, float, float]]]:
    """Page (from 0) and boxes of the head's and the school's signature in points: {"cbql": ..., "seal": ...}.

    Raises PrintError: incomplete when the form has no place to sign, poppler_missing, engine_failed.
    """
    program = shutil.which("pdftotext")
    if not program:
        raise PrintError("poppler_missing", "pdftotext (poppler-utils) is not installed on this machine")
    try:
        found = _with_poppler(program, content)
    except subprocess.SubprocessError as error:
        raise PrintError("engine_failed", f"the PDF cannot be read: {error}") from None
    if found is None:
        raise PrintError("incomplete", "the form has no place for the signatures")
    page, centre, below = found
    left, bottom = centre - _WIDTH / 2, below - 0.5 * mm - _HEIGHT
    boxes = {"cbql": HEAD_BOX, "seal": SEAL_BOX}
    return page, {
        role: (round(left + box[0], 2), round(bottom + box[1], 2), round(left + box[2], 2), round(bottom + box[3], 2))
        for role, box in boxes.items()
    }


def _with_poppler(program: str, content: bytes) -> tuple[int, float, float] | None:
    done = subprocess.run(
        [program, "-enc", "UTF-8", "-bbox", "-", "-"], input=content, capture_output=True, timeout=120, check=True
    )
    text = unicodedata.normalize("NFC", done.stdout.decode("utf-8", "replace"))
    for number, (_width, height, body) in enumerate(_PAGE.findall(text)):
        words = [(*map(float, word[:4]), unescape(word[4])) for word in _WORD.findall(body)]
        for position, (one, two) in enumerate(pairwise(words)):
            if (one[4], two[4]) == _WORDS:
                first = next(word for word in reversed(words[: position + 1]) if word[4] == _FIRST_WORD)
                return number, (first[0] + two[2]) / 2, float(height) - two[3]
    return None
