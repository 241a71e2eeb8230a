"""Download of signed PDF files. What a user may not read is not handed out, and never a part of what was asked for."""

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

from .print import numbers


class SignedPdfController(http.Controller):
    """Routes of the soft copies."""

    @http.route("/hocba/signed-pdf", type="http", auth="user", methods=["GET"])
    def signed_pdf(self, ids):
        """The signed PDF of one record, or an archive with those of several; ``ids`` as in 4-9,12."""
        chosen = numbers(ids)
        records = request.env["hocba.record"].browse(chosen).exists()
        if len(records) != len(chosen):
            raise request.not_found()
        try:
            rows = records._signed_pdfs()
        except AccessError:
            raise request.not_found() from None
        service = request.env["hocba.print"]
        files = [(service._record_file_name(row.record_id, signed=True), row._bytes()) for row in rows]
        if len(files) != len(chosen):
            raise request.not_found()
        records._issue_signed_pdfs(rows)
        if len(files) == 1:
            return self._answer("application/pdf", *files[0])
        classes = records.class_id.mapped("name")
        name = service._file_name("Học bạ đã ký số", classes[0] if len(classes) == 1 else str(len(files)), suffix="zip")
        return self._answer("application/zip", name, service._zip(files))

    def _answer(self, kind, name, content):
        headers = [
            ("Content-Type", kind),
            ("Content-Length", str(len(content))),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "private, no-store"),
        ]
        return request.make_response(content, headers)
