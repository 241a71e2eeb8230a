"""From HTML to checked PDF files of records, free of Odoo: engines, footers, splitting, completeness."""

from .appearance import Face, head_appearance, seal_appearance
from .batch import ANYWHERE, LEFT, RIGHT, Document, Group, Part, check_marks, render_documents, render_groups
from .engine import (
    LYING,
    MARGINS,
    UPRIGHT,
    Chromium,
    Engine,
    Paper,
    WkHtmlToPdf,
    available_engines,
    choose_engine,
    render_html,
)
from .errors import PrintError
from .fonts import text_width
from .place import ROOM_HEIGHT, signing_place
from .stamp import CopyMark, count_pages, merge, stamp_pages
from .text import page_texts
