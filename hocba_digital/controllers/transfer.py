"""The page of a year that came from another school."""

from odoo import http
from odoo.http import request

from .print import PAGE_HEADERS


class TransferController(http.Controller):
    """Whoever may read the change of school may read the years in it."""

    @http.route("/hocba/transfer/year/<int:line_id>", type="http", auth="user", methods=["GET"], readonly=True)
    def year(self, line_id):
        """The form of a received year as an HTML page."""
        line = request.env["hocba.transfer.line"].browse(line_id).exists()
        if not line or not line.has_access("read"):
            raise request.not_found()
        page = request.env["hocba.print"].sudo()._page_html(line._packet_bytes())
        return request.make_response(page, PAGE_HEADERS)
