"""What is drawn over the rendered pages: footer with look-up code, page number and QR code; the mark of a draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

import qrcode
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, FloatObject, NameObject
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from .engine import MARGINS
from .fonts import serif

PAGE_SIZE = (595.2756, 841.8898)
DRAFT_MARK = "BẢN NHÁP - CHƯA KÝ"
BLANK_NOTE = "(Trang này để trống)"
_FONTS = {"HocbaSerif": "Regular", "HocbaSerif-Bold": "Bold"}
_QR_SIZE = 17 * mm
_LEFT, _RIGHT = MARGINS[3] * mm, PAGE_SIZE[0] - MARGINS[1] * mm
_TOP = 21 * mm


@dataclass(frozen=True, slots=True)
class Footer:
    """What the foot of one page says. ``blank``: the page was added to fill the sheet and says so."""

    uuid: str
    number: int
    count: int
    lookup_url: str
    draft: bool = False
    blank: bool = False

    @property
    def page_label(self) -> str:
        """Page number within the record."""
        return f"Trang {self.number}/{self.count}"


def stamp_pages(pages: Sequence[PageObject | None], footers: Sequence[Footer]) -> PdfWriter:
    """A writer with the pages in order, each with its footer; None becomes a blank page. Raises PrintError."""
    writer = PdfWriter()
    overlay = PdfReader(BytesIO(_overlay(footers))).pages
    for page, drawn in zip(pages, overlay, strict=True):
        if page is None:
            writer.add_blank_page(*PAGE_SIZE)
        else:
            writer.add_page(page)
        _draw_over(writer, writer.pages[-1], drawn)
    return writer


def merge(parts: Sequence[bytes]) -> bytes:
    """PDF files one after the other as one; with identical fonts and images kept once."""
    writer = PdfWriter()
    for part in parts:
        for page in PdfReader(BytesIO(part)).pages:
            writer.add_page(page)
    if len(parts) > 1:
        writer.compress_identical_objects()
    return to_bytes(writer)


def to_bytes(writer: PdfWriter) -> bytes:
    """The finished file."""
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _draw_over(writer: PdfWriter, page: PageObject, drawn: PageObject) -> None:
    """Put a page of the overlay on top, as a form of its own: names of fonts cannot clash and nothing is parsed."""
    form = DecodedStreamObject()
    form.set_data(drawn.get_contents().get_data())
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(FloatObject(value) for value in (0, 0, *PAGE_SIZE)),
            NameObject("/Resources"): drawn["/Resources"].clone(writer),
        }
    )
    reference = writer._add_object(form.flate_encode())
    resources = page.get("/Resources")
    # A copy: pages share their resources, and each has its own footer.
    resources = DictionaryObject(resources.get_object()) if resources is not None else DictionaryObject()
    objects = DictionaryObject(resources["/XObject"].get_object()) if "/XObject" in resources else DictionaryObject()
    objects[NameObject("/HocbaFoot")] = reference
    resources[NameObject("/XObject")] = objects
    page[NameObject("/Resources")] = resources
    before, after = DecodedStreamObject(), DecodedStreamObject()
    before.set_data(b"q\n")
    after.set_data(b"\nQ q /HocbaFoot Do Q\n")
    contents = page.get("/Contents")
    parts = [] if contents is None else _as_list(page, contents)
    page[NameObject("/Contents")] = ArrayObject([writer._add_object(before), *parts, writer._add_object(after)])


def _as_list(page: PageObject, contents) -> list:
    target = contents.get_object()
    return list(target) if isinstance(target, ArrayObject) else [page.raw_get("/Contents")]


def _overlay(footers: Sequence[Footer]) -> bytes:
    _register_fonts()
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=PAGE_SIZE, pageCompression=0, initialFontName="HocbaSerif")
    known: set[str] = set()
    for footer in footers:
        # What all pages of a record share is drawn once and placed on each.
        name = f"foot-{footer.uuid}"
        if name not in known:
            canvas.beginForm(name, 0, 0, *PAGE_SIZE)
            _draw_shared(canvas, footer)
            canvas.endForm()
            known.add(name)
        canvas.setFont("HocbaSerif", 9.5)
        canvas.drawRightString(_RIGHT - _QR_SIZE - 3 * mm, _TOP - 5.2 * mm, footer.page_label)
        if footer.blank:
            canvas.saveState()
            canvas.setFillGray(0.45)
            canvas.drawCentredString(PAGE_SIZE[0] / 2, PAGE_SIZE[1] / 2, BLANK_NOTE)
            canvas.restoreState()
        # Last, as it ends with the slanting mark of a draft: poppler loses the first word that follows slanting text.
        canvas.doForm(name)
        if footer.draft:
            # Not in the shared form: there reportlab would lose the transparency, and the mark would hide the text.
            _draw_mark(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _draw_shared(canvas: Canvas, footer: Footer) -> None:
    canvas.setLineWidth(0.4)
    canvas.line(_LEFT, _TOP, _RIGHT, _TOP)
    _draw_qr(canvas, footer.lookup_url, _RIGHT - _QR_SIZE, _TOP - 1 * mm - _QR_SIZE)
    canvas.setFont("HocbaSerif", 9.5)
    canvas.drawString(_LEFT, _TOP - 5.2 * mm, f"Mã số tra cứu học bạ (UUID): {footer.uuid}")
    room = _RIGHT - _QR_SIZE - _LEFT - 6 * mm
    _draw_fitting(canvas, _LEFT, _TOP - 9.8 * mm, f"Tra cứu: {footer.lookup_url}", room)


def _draw_fitting(canvas: Canvas, x: float, y: float, text: str, room: float) -> None:
    """Text in one line, smaller where it is long: an address cannot be broken and must not run under the QR code."""
    size = 9.5
    width = canvas.stringWidth(text, "HocbaSerif", size)
    canvas.setFont("HocbaSerif", size * min(1.0, room / width))
    canvas.drawString(x, y, text)


def _draw_mark(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.translate(PAGE_SIZE[0] / 2, PAGE_SIZE[1] / 2)
    canvas.rotate(52)
    canvas.setFont("HocbaSerif-Bold", 58)
    canvas.setFillColorRGB(0.8, 0.1, 0.15, alpha=0.17)
    canvas.drawCentredString(0, -18, DRAFT_MARK)
    canvas.restoreState()


def _draw_qr(canvas: Canvas, text: str, x: float, y: float) -> None:
    """The QR code as rectangles, runs of dark modules joined: sharp at any size, no image."""
    matrix = _qr_matrix(text)
    module = _QR_SIZE / len(matrix)
    path = canvas.beginPath()
    for row, cells in enumerate(matrix):
        start = None
        for column, dark in enumerate((*cells, False)):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                path.rect(x + start * module, y + _QR_SIZE - (row + 1) * module, (column - start) * module, module)
                start = None
    canvas.drawPath(path, stroke=0, fill=1)


@lru_cache(maxsize=512)
def _qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    # Any mask makes a valid code; trying all eight for the best-looking one takes ten times as long.
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=2, mask_pattern=3)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(row) for row in code.get_matrix())


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    for name, style in _FONTS.items():
        pdfmetrics.registerFont(TTFont(name, str(serif().files[style])))
