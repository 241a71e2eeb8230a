"""The official services over HTTP: JSON in, JSON out. Paths are those of ``core.gateway.default_paths``."""

import json

from odoo import http
from odoo.http import request

#: The content of §II.2.8 and the request around it.
_MAX_BODY = 10_500_000


class Wire(http.Controller):
    """Token, transaction 1 and transaction 2 of CV 2088."""

    @http.route("/api/hocba/token", type="http", auth="public", methods=["POST"], csrf=False, save_session=False)
    def token(self):
        return self._answer("token")

    @http.route("/api/hocba/report", type="http", auth="public", methods=["POST"], csrf=False, save_session=False)
    def report(self):
        return self._answer("report")

    @http.route("/api/hocba/report/query", type="http", auth="public", methods=["POST"], csrf=False, save_session=False)
    def query(self):
        return self._answer("query")

    def _answer(self, service):
        length = request.httprequest.content_length
        if length is None or length > _MAX_BODY:
            return request.make_response("", status=413 if length else 411)
        body = request.httprequest.get_data(cache=False)
        answer = request.env["hocba.registry.intake"]._handle(service, body)
        status = 503 if answer["Error"] == "91" else 200
        headers = [("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store")]
        if status == 503:
            headers.append(("Retry-After", "5"))
        return request.make_response(json.dumps(answer, ensure_ascii=False), headers, status=status)
