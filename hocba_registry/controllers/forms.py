"""A received record as its official form."""

from odoo import http
from odoo.http import content_disposition, request

_PRIVATE = ("Cache-Control", "private, no-store")
_PAGE_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"),
    _PRIVATE,
]


class Forms(http.Controller):
    """For officers; the packet is what is shown."""

    @http.route("/hocba/registry/record/<int:record_id>/page", type="http", auth="user", methods=["GET"])
    def page(self, record_id):
        """The form as an HTML page, to be shown inside the record's screen."""
        record = self._readable(record_id, "opened")
        page = request.env["hocba.print"]._page_html(record._packet_bytes(), record._annotation())
        return request.make_response(page, _PAGE_HEADERS)

    @http.route("/hocba/registry/record/<int:record_id>/pdf", type="http", auth="user", methods=["GET"])
    def pdf(self, record_id):
        """The form on paper."""
        record = self._readable(record_id, "pdf")
        annotation = record._annotation()
        (content,) = request.env["hocba.print"]._render_packets([record._packet_bytes()], annotation=annotation)
        return self._file(content, "application/pdf", f"{record.uuid}.pdf", "inline")

    @http.route("/hocba/registry/record/<int:record_id>/xml", type="http", auth="user", methods=["GET"])
    def xml(self, record_id):
        """The packet, byte for byte."""
        record = self._readable(record_id, "xml")
        return self._file(record._packet_bytes(), "application/xml", f"{record.uuid}.xml", "attachment")

    def _readable(self, record_id, kind):
        """The record, when the person may read it; that it was read is noted."""
        record = request.env["hocba.registry.record"].browse(record_id).exists()
        if not record:
            raise request.not_found()
        record.check_access("read")
        request.env["hocba.registry.access"]._log(record, kind)
        return record

    def _file(self, content, kind, name, disposition):
        headers = [("Content-Type", kind), ("Content-Disposition", content_disposition(name, disposition)), _PRIVATE]
        return request.make_response(content, headers)
