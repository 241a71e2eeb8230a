"""The official form for everyone in the system: pages for the screen, PDF files for paper."""

import logging
import re
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError

from ..core import signing
from ..core.packet import PacketError
from . import form, form_pages, pdf

_logger = logging.getLogger(__name__)
_STYLES = Path(__file__).resolve().parents[1] / "static" / "src" / "print"
FORM_CSS = (_STYLES / "form.css").read_text(encoding="utf-8")
_SCREEN_CSS = (_STYLES / "screen.css").read_text(encoding="utf-8")
_LOOKUP_PATH = "/hocba/tra-cuu"
#: More records than these are printed as a job.
_MOST_AT_ONCE = 60
_UNSAFE_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


class PrintService(models.AbstractModel):
    """Renders the one-year form (CV 2088 annex 2). Signed records are printed from their packet's bytes only."""

    _name = "hocba.print"
    _description = "Printing of School Records"

    @api.private
    def _render_records(self, records, copies=None):
        """PDF of each record: {record id: bytes}. Raises UserError, naming the records, unless all are complete.

        ``copies``: {record id: ``CopyNumber``} of what is printed as an issued copy. The caller must have checked that
        the user may read the records.
        """
        forms = ((str(record.id), self._form_of_record(record)) for record in records)
        numbers = {str(record_id): copy for record_id, copy in (copies or {}).items()}
        return {int(key): content for key, content in self._render(forms, numbers).items()}

    @api.private
    def _render_packets(self, packets, soft_copy=False, annotation=""):
        """PDF of each packet (bytes), in the same order; ``soft_copy``: with room to sign them. Raises UserError.

        ``annotation``: what came after the signatures and is printed on the form.
        """
        packets = list(packets)
        rendered = self._render(
            (str(index), replace(self._form_of_packet(content, soft_copy=soft_copy), annotation=annotation))
            for index, content in enumerate(packets)
        )
        return [rendered[str(index)] for index in range(len(packets))]

    @api.private
    def _with_packet(self, printed, content, uuid, at):
        """A printed form (bytes) with the packet inside and room for the signatures of head and school."""
        try:
            page, boxes = pdf.signing_place(printed)
            return signing.attach_packet(printed, content, uuid=uuid, place=signing.Place(page, boxes), at=at)
        except pdf.PrintError as error:
            raise UserError(self._explain(error)) from error

    @api.private
    def _page_html(self, content, annotation=""):
        """The form of a packet (bytes) as one HTML page for the screen, with what came after the signatures."""
        return self._screen_page(replace(self._form_of_packet(content), annotation=annotation))

    @api.private
    def _record_page_html(self, record):
        """The form of a record as one HTML page for the screen."""
        return self._screen_page(self._form_of_record(record))

    @api.private
    def _merge(self, files):
        """PDF files (bytes), in order, as one. A single one stays as it is: its digest is registered."""
        files = list(files)
        return files[0] if len(files) == 1 else pdf.merge(files)

    @api.private
    def _zip(self, files):
        """An archive of (file name, bytes). A name that comes twice gets a number."""
        stream, taken = BytesIO(), {}
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
            for name, content in files:
                taken[name] = taken.get(name, 0) + 1
                stem, dot, suffix = name.rpartition(".")
                unique = name if taken[name] == 1 else f"{stem} ({taken[name]}){dot}{suffix}"
                archive.writestr(unique, content)
        return stream.getvalue()

    @api.model
    def _file_name(self, *parts, suffix="pdf"):
        """A file name of parts such as pupil, class and year that every operating system takes."""
        text = " ".join(_UNSAFE_IN_NAMES.sub("-", part).strip() for part in parts if part)
        return f"{text[:150]}.{suffix}"

    @api.model
    def _record_file_name(self, record, signed=False):
        """File name of a record's PDF; ``signed``: of its soft copy with digital signatures."""
        label = "Học bạ đã ký số" if signed else "Học bạ"
        return self._file_name(label, record.pupil_name, record.class_id.name, record.school_year_id.name)

    @api.private
    def _action_print(self, records):
        """Action that downloads the PDF of the selected records; many are printed as a job with its progress."""
        records.check_access("read")
        if not records:
            raise UserError(self.env._("Select the records to print."))
        if len(records) > _MOST_AT_ONCE:
            name = self.env._("%(count)s records", count=len(records))
            return self.env["hocba.print.job"]._start(name, records)._open_progress()
        return {"type": "ir.actions.act_url", "url": f"/hocba/records/pdf?ids={ranges(records.ids)}", "target": "new"}

    @api.private
    def _lookup_url(self, uuid):
        """Address in the QR code: parameter ``hocba_digital.lookup_url`` (default: this server) and the UUID."""
        parameters = self.env["ir.config_parameter"].sudo()
        base = parameters.get_param("hocba_digital.lookup_url")
        base = base or (parameters.get_param("web.base.url") or "").rstrip("/") + _LOOKUP_PATH
        return f"{base.rstrip('/')}/{uuid}"

    def _form_of_record(self, record):
        if record._has_packet():
            content = record._packet_bytes()
            page = self._form_of_packet(content, draft=record.state == "draft")
            return replace(page, annotation=record.with_context(lang="vi_VN").correction_text or "")
        data, _signers, draft = record._print_source()
        return form.form_of_data(data, draft=draft)

    def _form_of_packet(self, content, draft=False, soft_copy=False, issuer=""):
        try:
            return replace(form.form_of_packet(content, draft=draft, soft_copy=soft_copy), issuer=issuer or "")
        except PacketError as error:
            raise UserError(
                self.env._(
                    "This packet cannot be printed: its content is not in the official form (%(code)s).",
                    code=error.code,
                )
            ) from error

    def _documents(self, forms, engine, copies=None):
        for key, page in forms:
            data = page.data
            part = pdf.Part(
                uuid=data.uuid,
                html=self._fragment(page, engine.breaks_rows),
                lookup_url=self._lookup_url(data.uuid),
                draft=page.draft,
                digitised=page.digitised,
                marks=form.HEADINGS,
                copy=self._copy_mark((copies or {}).get(key)),
            )
            label = " - ".join(filter(None, (data.pupil_name, data.class_name, data.school_year)))
            yield pdf.Document(key, label, (part,))

    def _copy_mark(self, copy):
        return pdf.CopyMark(copy.number, copy.code, copy.spaced_code) if copy else None

    def _fragment(self, page, breaks_rows=False):
        values = {
            "form": page,
            **self._layout(page, breaks_rows),
        }
        return self.env["ir.qweb"]._render("hocba_digital.record_form", values, minimal_qcontext=True)

    def _layout(self, page, breaks_rows):
        """What the templates of one form need besides it."""
        return {
            "day": form.day,
            "number": form.number,
            "spaced_year": form.spaced_year,
            "chunks": form_pages.chunks(page, not breaks_rows),
            "pieces_of": lambda remark, count: form_pages.pieces(remark, count, not breaks_rows),
            "keep": "keep" if breaks_rows else "",
            "breaking": "breaking" if form_pages.needs_breaking(page) else "",
        }

    def _html(self, body, style, title):
        values = {"body": Markup(body), "style": Markup(style), "title": title}
        page = self.env["ir.qweb"]._render("hocba_digital.record_page", values, minimal_qcontext=True)
        return f"<!DOCTYPE html>\n{page}"

    def _screen_page(self, page):
        title = " - ".join(filter(None, ("Học bạ", page.data.pupil_name, page.data.school_year)))
        return self._html(self._fragment(page), FORM_CSS + _SCREEN_CSS, title)

    def _engine(self):
        """The engine that the school chose, or the first one on the server. Raises UserError when there is none."""
        name = self.env["ir.config_parameter"].sudo().get_param("hocba_digital.pdf_engine") or None
        try:
            return pdf.choose_engine(name)
        except pdf.PrintError as error:
            raise UserError(self._explain(error)) from error

    def _render(self, forms, copies=None):
        engine = self._engine()
        return self._render_all(self._documents(forms, engine, copies), engine)

    def _render_all(self, documents, engine):
        """Checked PDF of each document (``pdf.Document``) by its key. Raises UserError unless all are complete."""
        try:
            return pdf.render_documents(documents, self._page_maker(engine), engine)
        except pdf.PrintError as error:
            raise UserError(self._explain(error)) from error

    def _page_maker(self, engine):
        style = FORM_CSS + engine.page_css()
        return lambda body: self._html(body, style, "Học bạ")

    def _explain(self, error):
        texts = {
            "engine_missing": self.env._(
                "No program for PDF files is installed on the server: install wkhtmltopdf or Chromium."
            ),
            "font_missing": self.env._("The font Liberation Serif is not installed on the server (fonts-liberation)."),
            "poppler_missing": self.env._(
                "To sign PDF files, poppler-utils must be installed on the server (pdftotext)."
            ),
            "incomplete": self.env._("Nothing was printed, because not every record would have been complete."),
            "engine_failed": self.env._("The PDF could not be made."),
        }
        _logger.warning("Printing failed: %s", error)
        return "\n".join((texts[error.code], *error.names))


def ranges(ids):
    """Ids as short text: 4-9,12. Keeps the address of a print of a whole school short."""
    parts = []
    for number in sorted(ids):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
