"""Text of a PDF, page by page: poppler's pdftotext where it is installed, else pypdf (slower, same result)."""

import shutil
import subprocess
import unicodedata
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from .errors import PrintError


def page_texts(content: bytes) -> list[str]:
    """Text of every page, NFC, in the order of reading; without the slanting mark of drafts where poppler reads.

    Raises PrintError("engine_failed") when the file cannot be read.
    """
    program = shutil.which("pdftotext")
    try:
        pages = _with_poppler(program, content) if program else _with_pypdf(content)
    except (subprocess.SubprocessError, PyPdfError) as error:
        raise PrintError("engine_failed", f"the PDF cannot be read: {error}") from None
    return [unicodedata.normalize("NFC", page) for page in pages]


def _with_poppler(program: str, content: bytes) -> list[str]:
    done = subprocess.run(
        [program, "-enc", "UTF-8", "-nodiag", "-", "-"], input=content, capture_output=True, timeout=120, check=True
    )
    # A form feed ends every page, the last one too.
    return done.stdout.decode("utf-8", "replace").split("\f")[:-1]


def _with_pypdf(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
