"""From HTML to checked PDF files of records, free of Odoo: engines, footers, splitting, completeness."""

from .batch import Document, render_documents
from .engine import Chromium, Engine, WkHtmlToPdf, available_engines, choose_engine
from .errors import PrintError
from .stamp import merge, stamp_pages
from .text import page_texts
