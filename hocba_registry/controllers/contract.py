"""What the wire looks like, for those who write the other side."""

from odoo import http
from odoo.http import request
from odoo.tools import file_open


class Contract(http.Controller):
    """The OpenAPI document of the services in ``wire.py``."""

    @http.route("/hocba/openapi.json", type="http", auth="public", methods=["GET"], save_session=False, readonly=True)
    def document(self):
        """OpenAPI 3.1."""
        if request.httprequest.method == "OPTIONS":
            return request.make_response("", [("Allow", "GET, HEAD")], status=405)
        with file_open("hocba_registry/static/openapi.json", "rb") as file:
            content = file.read()
        return request.make_response(content, [("Content-Type", "application/json; charset=utf-8")])
