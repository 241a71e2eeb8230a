"""The official services over HTTP: JSON in, JSON out. Paths are those of ``core.gateway.default_paths``."""

import json

from odoo import http
from odoo.addons.hocba_digital.core.gateway import default_paths
from odoo.http import request

#: The content of §II.2.8 and the request around it.
_MAX_BODY = 10_500_000


#: Answers that ask the sender to come back later; every other one is HTTP 200.
_STATUS = {"91": 503, "14": 429}
_PATHS = {path: service for service, path in default_paths().items()}


class Wire(http.Controller):
    """The services of CV 2088: token, the six transactions, catalogues."""

    @http.route(list(_PATHS), type="http", auth="public", methods=["POST"], csrf=False, save_session=False)
    def service(self):
        if request.httprequest.method != "POST":  # Odoo lets OPTIONS through to every route
            return request.make_response("", [("Allow", "POST")], status=405)
        return self._answer(_PATHS[request.httprequest.path])

    def _answer(self, service):
        length = request.httprequest.content_length
        if length is None or length > _MAX_BODY:
            return request.make_response("", status=413 if length else 411)
        # Kept, because Odoo handles the request anew when another transaction got in between.
        body = request.httprequest.get_data(cache=True)
        if len(body) != length:
            return request.make_response("", status=400)
        address = request.httprequest.remote_addr
        answer = request.env["hocba.registry.intake"]._handle(service, body, address)
        status = _STATUS.get(answer["Error"], 200)
        headers = [("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store")]
        if status != 200:
            headers.append(("Retry-After", str(answer.get("retry_after", 5))))
        return request.make_response(json.dumps(answer, ensure_ascii=False), headers, status=status)
