"""The form's typeface, Liberation Serif: the metric of Times New Roman with all Vietnamese letters, from 2.0 on.

Debian 12 has two versions side by side: fonts-liberation is 1.07, which lacks most Vietnamese letters, and
fonts-liberation2. A PDF engine left to itself may take the old one and borrow the missing letters elsewhere.
"""

import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont, TTFontFile

from .errors import PrintError

FAMILY = "Liberation Serif"
STYLES = ("Regular", "Bold", "Italic")
_FOLDERS = (
    "/usr/share/fonts/truetype/liberation2",
    "/usr/share/fonts/truetype/liberation",
    "/usr/share/fonts/liberation-serif-fonts",
    "/usr/share/fonts/liberation-serif",
)
_LETTERS = "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹơưđĐƠƯ"


@dataclass(frozen=True, slots=True)
class FontSet:
    """``files``: style -> file with all Vietnamese letters. ``incomplete``: files of the family without them."""

    files: dict[str, Path]
    incomplete: tuple[Path, ...]

    def configuration(self) -> str:
        """A fontconfig file: the fonts of the machine without the incomplete ones."""
        rejected = "".join(f"<glob>{escape(str(path))}</glob>" for path in self.incomplete)
        return (
            '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
            '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
            f"<selectfont><rejectfont>{rejected}</rejectfont></selectfont></fontconfig>"
        )


@lru_cache(maxsize=1)
def serif() -> FontSet:
    """The typeface on this machine. Raises PrintError("font_missing") when a style is missing."""
    files: dict[str, Path] = {}
    incomplete = []
    for path in _candidates():
        style = path.stem.removeprefix("LiberationSerif-")
        if not _is_complete(path):
            incomplete.append(path)
        elif style in STYLES:
            files.setdefault(style, path)
    if len(files) < len(STYLES):
        raise PrintError("font_missing", f"{FAMILY} 2.0 or newer is not installed (Debian 12: fonts-liberation2)")
    return FontSet(files, tuple(incomplete))


@lru_cache(maxsize=1)
def register() -> dict[str, str]:
    """Make the typeface known to reportlab; style -> its name there. Raises PrintError("font_missing")."""
    names = {style: f"HocbaSerif-{style}" for style in STYLES}
    for style, name in names.items():
        pdfmetrics.registerFont(TTFont(name, str(serif().files[style])))
    return names


def text_width(text: str, size: float, style: str = "Regular") -> float:
    """Width in mm of one line of text in ``size`` points. Raises PrintError("font_missing")."""
    return pdfmetrics.stringWidth(text, register()[style], size) / 72 * 25.4


def _candidates() -> list[Path]:
    paths = [path for folder in _FOLDERS for path in sorted(Path(folder).glob("LiberationSerif-*.ttf"))]
    program = shutil.which("fc-list")
    if program:
        done = subprocess.run([program, FAMILY, "--format", "%{file}\n"], capture_output=True, text=True, check=False)
        paths += [Path(line) for line in sorted(done.stdout.splitlines()) if line.endswith(".ttf")]
    return list(dict.fromkeys(path for path in paths if path.is_file()))


def _is_complete(path: Path) -> bool:
    try:
        known = TTFontFile(str(path)).charToGlyph
    except (TTFError, OSError):
        return False
    return all(ord(letter) in known for letter in _LETTERS)
