"""What is drawn over the rendered pages: footer with look-up code, page number and QR code; the mark of a draft.

The typeface and its codes are made once a process by reportlab; a page then costs one short stream, and a record one
shared form with its code and address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from io import BytesIO

import pikepdf
import qrcode
from pikepdf import Dictionary, Name
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from .engine import MARGINS
from .fonts import register

PAGE_SIZE = (595.2756, 841.8898)
DRAFT_MARK = "BẢN NHÁP - CHƯA KÝ"
DIGITISED_MARK = "SỐ HÓA TỪ BẢN GIẤY"
BLANK_NOTE = "(Trang này để trống)"
_MM = 72 / 25.4
_QR_SIZE = 17 * _MM
_LEFT, _RIGHT = MARGINS[3] * _MM, PAGE_SIZE[0] - MARGINS[1] * _MM
_TOP = 21 * _MM
_SIZE = 9.5
_CODE_LABEL = "Mã số tra cứu học bạ (UUID): "
_ADDRESS_LABEL = "Tra cứu: "
_PAGE_LABEL = "Trang "
_COPY_LABEL = "Bản sao số %s, mã kiểm tra %s"
#: Everything that a footer can say; what else an address might hold is shown as a question mark.
_LETTERS = "".join(map(chr, range(32, 127))) + _CODE_LABEL + _ADDRESS_LABEL + BLANK_NOTE + DIGITISED_MARK + _COPY_LABEL


@dataclass(frozen=True, slots=True)
class CopyMark:
    """What the foot of an issued copy says of it: its number and the code that proves it, the latter also in groups."""

    number: str
    code: str
    spaced_code: str

    @property
    def note(self) -> str:
        """The line at the foot."""
        return _COPY_LABEL % (self.number, self.spaced_code)


@dataclass(frozen=True, slots=True)
class Footer:
    """What the foot of one page says. ``blank``: the page was added to fill the sheet and says so.

    ``digitised``: what is printed was entered from a paper record, and says so. ``part``: which part of its document
    the page belongs to, from 0. ``copy``: number and code of the issued copy; the QR code then leads to it as well.
    """

    uuid: str
    number: int
    count: int
    lookup_url: str
    draft: bool = False
    blank: bool = False
    digitised: bool = False
    part: int = 0
    copy: CopyMark | None = None

    @property
    def qr_address(self) -> str:
        """What the QR code says."""
        return f"{self.lookup_url}?ban={self.copy.code}" if self.copy else self.lookup_url

    @property
    def page_label(self) -> str:
        """Page number within the document."""
        return f"{_PAGE_LABEL}{self.number}/{self.count}"


class _Typeface:
    """A style of the form's typeface as a PDF font of one byte a letter. Raises PrintError("font_missing")."""

    def __init__(self, style: str, letters: str):
        self._name = register()[style]
        self._letters = frozenset(letters)
        stream = BytesIO()
        self._canvas = Canvas(stream, pageCompression=0)
        self._canvas.setFont(self._name, 10)
        self._canvas.drawString(0, 0, "".join(sorted(self._letters)))
        document = self._canvas._doc
        self._codes = {letter: self._code(letter, document) for letter in self._letters}
        self._canvas.save()
        self._source = pikepdf.open(BytesIO(stream.getvalue()))
        fonts = self._source.pages[0].obj.Resources.Font
        # The canvas always names its own default font too.
        self.font = next(font for font in fonts.values() if font.Subtype == Name.TrueType)

    def _code(self, letter, document) -> bytes:
        ((_subset, code),) = pdfmetrics.getFont(self._name).splitString(letter, document)
        return code

    def show(self, text: str) -> bytes:
        """The text as a hexadecimal string of a content stream."""
        return b"<" + b"".join(self._codes[self._known(letter)] for letter in text).hex().encode() + b">"

    def width(self, text: str, size: float) -> float:
        """Width in points."""
        return pdfmetrics.stringWidth("".join(map(self._known, text)), self._name, size)

    def _known(self, letter: str) -> str:
        return letter if letter in self._letters else "?"


@lru_cache(maxsize=2)
def _typeface(style: str) -> _Typeface:
    return _Typeface(style, _LETTERS if style == "Regular" else DRAFT_MARK)


def stamp_pages(source: pikepdf.Pdf, pages: Sequence[int | None], footers: Sequence[Footer]) -> pikepdf.Pdf:
    """The pages of ``source`` in that order, each with its footer; None becomes a blank page. Raises PrintError."""
    target = pikepdf.new()
    for index in pages:
        if index is None:
            target.add_blank_page(page_size=PAGE_SIZE)
        else:
            target.pages.append(source.pages[index])
    fonts = _Fonts(target)
    shared: dict[tuple, pikepdf.Object] = {}
    for page, footer in zip(target.pages, footers, strict=True):
        key = (footer.uuid, footer.lookup_url, footer.digitised, footer.copy)
        if key not in shared:
            shared[key] = _shared_form(target, fonts, footer)
        _draw_over(page, fonts, footer, shared[key])
    return target


def merge(parts: Sequence[bytes]) -> bytes:
    """PDF files one after the other as one, with identical font files kept once."""
    target = pikepdf.new()
    for part in parts:
        target.pages.extend(pikepdf.open(BytesIO(part)).pages)
    if len(parts) > 1:
        _share_font_files(target)
    return to_bytes(target)


def _share_font_files(target: pikepdf.Pdf) -> None:
    kept: dict[bytes, pikepdf.Object] = {}
    for item in target.objects:
        if isinstance(item, Dictionary) and item.get("/Type") == Name.FontDescriptor and "/FontFile2" in item:
            digest = sha256(item.FontFile2.read_raw_bytes()).digest()
            # What nothing refers to any more is not written.
            item.FontFile2 = kept.setdefault(digest, item.FontFile2)


def count_pages(content: bytes) -> int:
    """How many pages a PDF has."""
    with pikepdf.open(BytesIO(content)) as document:
        return len(document.pages)


def to_bytes(document: pikepdf.Pdf) -> bytes:
    """The finished file."""
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


class _Fonts:
    """The footers' fonts inside one document, brought in when first asked for."""

    def __init__(self, target: pikepdf.Pdf):
        self._target = target
        self._found: dict[str, pikepdf.Object] = {}

    def __getitem__(self, style: str) -> pikepdf.Object:
        if style not in self._found:
            self._found[style] = self._target.copy_foreign(_typeface(style).font)
        return self._found[style]


def _draw_over(page: pikepdf.Page, fonts: _Fonts, footer: Footer, shared: pikepdf.Object) -> None:
    """Put the footer on top. The names are the footer's own, so that none of the page's is taken."""
    resources = page.obj.get("/Resources")
    # A copy: pages share their resources, and each has its own footer.
    resources = Dictionary() if resources is None else Dictionary(dict(resources.items()))
    for kind in ("/XObject", "/Font", "/ExtGState"):
        resources[kind] = Dictionary(dict(resources[kind].items())) if kind in resources else Dictionary()
    resources.XObject["/HocbaFoot"] = shared
    resources.Font["/HocbaText"] = fonts["Regular"]
    text = _typeface("Regular")
    label = footer.page_label
    parts = [_line(text, label, _RIGHT - _QR_SIZE - 3 * _MM - text.width(label, _SIZE), _TOP - 5.2 * _MM)]
    if footer.blank:
        middle = PAGE_SIZE[0] / 2 - text.width(BLANK_NOTE, _SIZE) / 2
        parts.append(b"0.45 g " + _line(text, BLANK_NOTE, middle, PAGE_SIZE[1] / 2) + b" 0 g")
    # The mark of a draft comes last: poppler loses the first word that follows slanting text.
    parts.append(b"/HocbaFoot Do")
    if footer.draft:
        resources.Font["/HocbaMark"] = fonts["Bold"]
        resources.ExtGState["/HocbaClear"] = Dictionary(Type=Name.ExtGState, ca=0.17, CA=0.17)
        parts.append(_draft_mark())
    page.obj.Resources = resources
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(b"\nQ q\n" + b"\n".join(parts) + b"\nQ\n")


def _shared_form(target: pikepdf.Pdf, fonts: _Fonts, footer: Footer) -> pikepdf.Object:
    """What all pages with one look-up code say: drawn once, placed on each."""
    text = _typeface("Regular")
    code, room = f"{_CODE_LABEL}{footer.uuid}", _RIGHT - _QR_SIZE - _LEFT - 6 * _MM
    address = f"{_ADDRESS_LABEL}{footer.lookup_url}"
    # An address cannot be broken and must not run under the QR code: where it is long it is smaller.
    size = _SIZE * min(1.0, room / text.width(address, _SIZE))
    parts = [
        b"0.4 w %.2f %.2f m %.2f %.2f l S" % (_LEFT, _TOP, _RIGHT, _TOP),
        _qr(footer.qr_address, _RIGHT - _QR_SIZE, _TOP - 1 * _MM - _QR_SIZE),
        _line(text, code, _LEFT, _TOP - 5.2 * _MM),
        _line(text, address, _LEFT, _TOP - 9.8 * _MM, size),
    ]
    notes = [DIGITISED_MARK] if footer.digitised else []
    if footer.copy:
        notes.append(footer.copy.note)
    if notes:
        parts.append(_line(text, " - ".join(notes), _LEFT, _TOP - 14.2 * _MM))
    form = target.make_stream(
        b"\n".join(parts),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=[0, 0, *PAGE_SIZE],
        Resources=Dictionary(Font=Dictionary(HocbaText=fonts["Regular"])),
    )
    return target.make_indirect(form)


def _line(text: _Typeface, words: str, x: float, y: float, size: float = _SIZE) -> bytes:
    return b"BT /HocbaText %.3f Tf %.2f %.2f Td %s Tj ET" % (size, x, y, text.show(words))


@lru_cache(maxsize=1)
def _draft_mark() -> bytes:
    bold, size = _typeface("Bold"), 58
    # Turned by 52 degrees about the middle of the page.
    cosine, sine = 0.61566, 0.78801
    turned = (cosine, sine, -sine, cosine, PAGE_SIZE[0] / 2, PAGE_SIZE[1] / 2)
    start = -bold.width(DRAFT_MARK, size) / 2
    words = bold.show(DRAFT_MARK)
    return (
        b"q /HocbaClear gs 0.8 0.1 0.15 rg %.5f %.5f %.5f %.5f %.2f %.2f cm" % turned
        + b" BT /HocbaMark %d Tf %.2f -18 Td %s Tj ET Q" % (size, start, words)
    )


@lru_cache(maxsize=512)
def _qr(text: str, x: float, y: float) -> bytes:
    """The QR code as rectangles, runs of dark modules joined: sharp at any size, no image."""
    # Any mask makes a valid code; trying all eight for the best-looking one takes ten times as long.
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=2, mask_pattern=3)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    module = _QR_SIZE / len(matrix)
    parts = [f"q {module:.5f} 0 0 {-module:.5f} {x:.2f} {y + _QR_SIZE:.2f} cm"]
    for row, cells in enumerate(matrix):
        start = None
        for column, dark in enumerate((*cells, False)):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                parts.append(f"{start} {row} {column - start} 1 re")
                start = None
    parts.append("f Q")
    return "\n".join(parts).encode()
