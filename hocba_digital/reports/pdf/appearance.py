"""What people see where a soft copy is signed: the head's signature, and the school's seal over its left third.

QĐ 1789/QĐ-SGDĐT Art. 11 wants the school's signature at the place of the head's, over a third of its picture on the
left, with what the certificates say beside it. Decree 30/2020 appendix I: the head's picture is blue, the seal red and
of its real size.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from .fonts import serif
from .place import HEAD_BOX, HEAD_PICTURE, HEAD_TEXT, SEAL_BOX, SEAL_DIAMETER, SEAL_PICTURE, SEAL_TEXT

_BLUE, _RED = (0.10, 0.31, 0.64), (0.78, 0.06, 0.18)
_FONTS = {"HocbaSeal": "Regular", "HocbaSeal-Bold": "Bold", "HocbaSeal-Italic": "Italic"}
_LARGEST, _SMALLEST = 8.0, 3.5
_LEADING = 1.16
_NAME_SIZE = 17
_SIGNED = "Đã ký số"


@dataclass(frozen=True, slots=True)
class Face:
    """What an appearance says. ``lines``: label and text, one below the other. ``picture``: PNG or JPEG, or None."""

    name: str
    lines: tuple[tuple[str, str], ...]
    picture: bytes | None = None


def head_appearance(face: Face) -> bytes:
    """A PDF page of the size of the head's box: signature picture, or the name in its place, and the text."""
    canvas, stream = _canvas(HEAD_BOX)
    canvas.setFillColorRGB(*_BLUE)
    if face.picture:
        _draw_picture(canvas, face.picture, HEAD_PICTURE)
    else:
        _draw_name(canvas, face.name)
    _draw_lines(canvas, face.lines, HEAD_TEXT)
    return _finish(canvas, stream)


def seal_appearance(face: Face) -> bytes:
    """A PDF page of the size of the seal's box: picture of the seal, or a plain round mark, and the text."""
    canvas, stream = _canvas(SEAL_BOX)
    canvas.setFillColorRGB(*_RED)
    canvas.setStrokeColorRGB(*_RED)
    if face.picture:
        _draw_picture(canvas, face.picture, SEAL_PICTURE)
    else:
        _draw_round_mark(canvas, face.name)
    _draw_lines(canvas, face.lines, SEAL_TEXT)
    return _finish(canvas, stream)


def _canvas(box) -> tuple[Canvas, BytesIO]:
    _register_fonts()
    stream = BytesIO()
    size = (box[2] - box[0], box[3] - box[1])
    return Canvas(stream, pagesize=size, pageCompression=1, invariant=1, initialFontName="HocbaSeal"), stream


def _finish(canvas: Canvas, stream: BytesIO) -> bytes:
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _draw_picture(canvas: Canvas, picture: bytes, area) -> None:
    left, bottom, right, top = area
    canvas.drawImage(
        ImageReader(BytesIO(picture)),
        left,
        bottom,
        right - left,
        top - bottom,
        mask="auto",
        preserveAspectRatio=True,
        anchor="c",
    )


def _draw_name(canvas: Canvas, name: str) -> None:
    """Where no picture of a signature is kept, the name says who signed; nothing pretends to be handwriting."""
    left, bottom, right, top = HEAD_PICTURE
    one_line = _NAME_SIZE * (right - left) / _width(name, "HocbaSeal-Italic", _NAME_SIZE)
    largest = min(_NAME_SIZE, one_line) if one_line >= _NAME_SIZE / 2 else _NAME_SIZE
    lines, size = _fitted(name, "HocbaSeal-Italic", right - left, top - bottom - 4 * mm, largest)
    middle, height = (left + right) / 2, len(lines) * size * _LEADING
    y = (bottom + top) / 2 + height / 2 + 1.5 * mm
    canvas.setFont("HocbaSeal-Italic", size)
    for line in lines:
        y -= size * _LEADING
        canvas.drawCentredString(middle, y + 0.25 * size, line)
    canvas.setFont("HocbaSeal", 7)
    canvas.drawCentredString(middle, y - 3 * mm, _SIGNED)


def _draw_round_mark(canvas: Canvas, name: str) -> None:
    left, bottom, right, top = SEAL_PICTURE
    x, y, radius = (left + right) / 2, (bottom + top) / 2, SEAL_DIAMETER / 2
    canvas.setLineWidth(0.9 * mm)
    canvas.circle(x, y, radius - 0.5 * mm)
    canvas.setLineWidth(0.25 * mm)
    canvas.circle(x, y, radius - 2 * mm)
    side = 1.36 * (radius - 2.6 * mm)
    lines, size = _fitted(name.upper(), "HocbaSeal-Bold", side, side - 4 * mm, 9)
    canvas.setFont("HocbaSeal-Bold", size)
    line_y = y + len(lines) * size * _LEADING / 2 + 1.6 * mm
    for line in lines:
        line_y -= size * _LEADING
        canvas.drawCentredString(x, line_y + 0.25 * size, line)
    canvas.setFont("HocbaSeal", 6.5)
    canvas.drawCentredString(x, line_y - 2.6 * mm, _SIGNED)


def _draw_lines(canvas: Canvas, lines, area) -> None:
    left, bottom, right, top = area
    size = _LARGEST
    while True:
        wrapped = [_wrap(f"{label}: {text}", "HocbaSeal", size, right - left) for label, text in lines]
        count = sum(map(len, wrapped))
        if count * size * _LEADING <= top - bottom or size <= _SMALLEST:
            break
        size -= 0.25
    canvas.setFont("HocbaSeal", size)
    y = top
    for line in (line for group in wrapped for line in group):
        y -= size * _LEADING
        if y < bottom:
            break
        canvas.drawString(left, y + 0.25 * size, line)


def _fitted(text: str, font: str, width: float, height: float, size: float) -> tuple[list[str], float]:
    """Lines of the text and the largest size up to ``size`` at which they fit into the area."""
    while True:
        lines = _wrap(text, font, size, width)
        if len(lines) * size * _LEADING <= height or size <= _SMALLEST:
            return lines, size
        size -= 0.5


def _wrap(text: str, font: str, size: float, width: float) -> list[str]:
    """Lines no wider than ``width``; a word that is wider, such as a serial number, is cut."""
    lines, line = [], ""
    for word in re.split(r"\s+", text.strip()):
        for part in _cut(word, font, size, width):
            longer = f"{line} {part}" if line else part
            if _width(longer, font, size) <= width:
                line = longer
            else:
                lines.append(line)
                line = part
    return [*lines, line] if line else lines


def _cut(word: str, font: str, size: float, width: float) -> list[str]:
    parts, part = [], ""
    for letter in word:
        if part and _width(part + letter, font, size) > width:
            parts.append(part)
            part = ""
        part += letter
    return [*parts, part]


def _width(text: str, font: str, size: float) -> float:
    return pdfmetrics.stringWidth(text, font, size)


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    for name, style in _FONTS.items():
        # Without all of ASCII a subset is half as large.
        pdfmetrics.registerFont(TTFont(name, str(serif().files[style]), asciiReadable=False))
