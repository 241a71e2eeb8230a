"""The page of a year, or of results of a year under way, that came from another school."""

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

    @http.route(
        "/hocba/assessment/origin/<int:assessment_id>", type="http", auth="user", methods=["GET"], readonly=True
    )
    def origin(self, assessment_id):
        """The results that the other school's head signed, for whoever may read the assessment made from them."""
        assessment = request.env["hocba.assessment"].browse(assessment_id).exists()
        if not assessment or not assessment.has_access("read") or not assessment.has_origin_document:
            raise request.not_found()
        page = request.env["hocba.print"].sudo()._results_html(assessment.sudo().origin_transfer_id)
        return request.make_response(page, PAGE_HEADERS)
