"""The official form for everyone in the system: pages for the screen, PDF files for paper."""

import re
import zipfile
from io import BytesIO
from pathlib import Path

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError

from ..core.packet import PacketError
from . import form, pdf

_STYLES = Path(__file__).resolve().parents[1] / "static" / "src" / "print"
_FORM_CSS = (_STYLES / "form.css").read_text(encoding="utf-8")
_SCREEN_CSS = (_STYLES / "screen.css").read_text(encoding="utf-8")
_LOOKUP_PATH = "/hocba/tra-cuu"
_UNSAFE_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


class PrintService(models.AbstractModel):
    """Renders the one-year form (CV 2088 annex 2). Signed records are printed from their packet's bytes only."""

    _name = "hocba.print"
    _description = "Printing of School Records"

    @api.private
    def _render_records(self, records):
        """PDF of each record: {record id: bytes}. Raises UserError, naming the records, unless all are complete.

        The caller must have checked that the user may read the records.
        """
        forms = ((str(record.id), self._form_of_record(record)) for record in records)
        return {int(key): content for key, content in self._render(forms).items()}

    @api.private
    def _render_packets(self, packets, profile="cv2088-1.0"):
        """PDF of each packet (bytes), in the same order. Raises UserError."""
        packets = list(packets)
        rendered = self._render(
            (str(index), self._form_of_packet(content, profile)) for index, content in enumerate(packets)
        )
        return [rendered[str(index)] for index in range(len(packets))]

    @api.private
    def _page_html(self, content, profile="cv2088-1.0"):
        """The form of a packet (bytes) as one HTML page for the screen."""
        return self._screen_page(self._form_of_packet(content, profile))

    @api.private
    def _record_page_html(self, record):
        """The form of a record as one HTML page for the screen."""
        return self._screen_page(self._form_of_record(record))

    @api.private
    def _merge(self, files):
        """PDF files (bytes), in order, as one."""
        return pdf.merge(list(files))

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
    def _record_file_name(self, record):
        """File name of a record's PDF."""
        return self._file_name("Học bạ", record.pupil_name, record.class_id.name, record.school_year_id.name)

    @api.private
    def _action_print(self, records):
        """Action that downloads the PDF of the selected records."""
        records.check_access("read")
        if not records:
            raise UserError(self.env._("Select the records to print."))
        return {"type": "ir.actions.act_url", "url": f"/hocba/records/pdf?ids={_ranges(records.ids)}", "target": "new"}

    @api.private
    def _lookup_url(self, uuid):
        """Address in the QR code: parameter ``hocba_digital.lookup_url`` (default: this server) and the UUID."""
        parameters = self.env["ir.config_parameter"].sudo()
        base = parameters.get_param("hocba_digital.lookup_url")
        base = base or (parameters.get_param("web.base.url") or "").rstrip("/") + _LOOKUP_PATH
        return f"{base.rstrip('/')}/{uuid}"

    def _form_of_record(self, record):
        if record.state != "draft" or any(record.signature_ids.mapped("valid")):
            content = record._packet_bytes()
            return self._form_of_packet(content, record.profile, draft=record.state == "draft")
        data, _signers, draft = record._print_source()
        return form.form_of_data(data, draft=draft)

    def _form_of_packet(self, content, profile, draft=False):
        try:
            return form.form_of_packet(content, profile_name=profile, draft=draft)
        except PacketError as error:
            raise UserError(
                self.env._(
                    "This packet cannot be printed: its content is not in the official form (%(code)s).",
                    code=error.code,
                )
            ) from error

    def _documents(self, forms, engine):
        for key, page in forms:
            data = page.data
            yield pdf.Document(
                key=key,
                label=" - ".join(filter(None, (data.pupil_name, data.class_name, data.school_year))),
                uuid=data.uuid,
                html=self._fragment(page, engine.breaks_rows),
                lookup_url=self._lookup_url(data.uuid),
                draft=page.draft,
                marks=form.HEADINGS,
            )

    def _fragment(self, page, breaks_rows=False):
        values = {
            "form": page,
            "day": form.day,
            "number": form.number,
            "spaced_year": form.spaced_year,
            # Where the engine would cut through a row, each row is a table that is kept together.
            "chunks": (lambda rows: [[row] for row in rows] or [[]]) if breaks_rows else (lambda rows: [rows]),
            "keep": "keep row" if breaks_rows else "",
        }
        return self.env["ir.qweb"]._render("hocba_digital.record_form", values, minimal_qcontext=True)

    def _html(self, body, style, title):
        values = {"body": Markup(body), "style": Markup(style), "title": title}
        page = self.env["ir.qweb"]._render("hocba_digital.record_page", values, minimal_qcontext=True)
        return f"<!DOCTYPE html>\n{page}"

    def _screen_page(self, page):
        title = " - ".join(filter(None, ("Học bạ", page.data.pupil_name, page.data.school_year)))
        return self._html(self._fragment(page), _FORM_CSS + _SCREEN_CSS, title)

    def _render(self, forms):
        name = self.env["ir.config_parameter"].sudo().get_param("hocba_digital.pdf_engine") or None
        try:
            engine = pdf.choose_engine(name)
            style = _FORM_CSS + engine.page_css()
            documents = self._documents(forms, engine)
            return pdf.render_documents(documents, lambda body: self._html(body, style, "Học bạ"), engine)
        except pdf.PrintError as error:
            raise UserError(self._explain(error)) from error

    def _explain(self, error):
        texts = {
            "engine_missing": self.env._(
                "No program for PDF files is installed on the server: install wkhtmltopdf or Chromium."
            ),
            "font_missing": self.env._("The font Liberation Serif is not installed on the server (fonts-liberation)."),
            "incomplete": self.env._("Nothing was printed, because not every record would have been complete."),
            "engine_failed": self.env._("The PDF could not be made."),
        }
        return f"{texts[error.code]}\n{error}"


def _ranges(ids):
    """Ids as short text: 4-9,12. Keeps the address of a print of a whole school short."""
    parts = []
    for number in sorted(ids):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
