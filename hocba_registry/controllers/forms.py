"""A received record as its official form."""

from odoo import http
from odoo.http import request


class Forms(http.Controller):
    """For officers; the packet is what is shown."""

    @http.route("/hocba/registry/record/<int:record_id>/pdf", type="http", auth="user", readonly=True)
    def pdf(self, record_id):
        record = request.env["hocba.registry.record"].browse(record_id).exists()
        if not record:
            return request.not_found()
        record.check_access("read")
        content = request.env["hocba.print"]._render_packets([record._packet_bytes()])[0]
        headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Disposition", f'inline; filename="{record.uuid}.pdf"'),
            ("Cache-Control", "private, no-store"),
        ]
        return request.make_response(content, headers)

    @http.route("/hocba/registry/record/<int:record_id>/xml", type="http", auth="user", readonly=True)
    def xml(self, record_id):
        record = request.env["hocba.registry.record"].browse(record_id).exists()
        if not record:
            return request.not_found()
        record.check_access("read")
        headers = [
            ("Content-Type", "application/xml"),
            ("Content-Disposition", f'attachment; filename="{record.uuid}.xml"'),
        ]
        return request.make_response(record._packet_bytes(), headers)
