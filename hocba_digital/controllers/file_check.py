"""The check of files that somebody hands in: read, judged, forgotten."""

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

from ..models.file_check import MAX_BYTES


class FileCheckController(http.Controller):
    """One file a call, so that a large one does not hold up the others."""

    @http.route("/hocba/check", type="http", auth="user", methods=["POST"], readonly=True)
    def check(self, file=None, **_options):
        """Report on the uploaded ``file`` as JSON; 403 without the right, 413 when it is too large, 400 without one."""
        service = request.env["hocba.file.check"]
        try:
            service._check_rights()
        except AccessError as error:
            return self._answer({"error": str(error)}, 403)
        if file is None or not hasattr(file, "stream"):
            return self._answer({"error": request.env._("No file was sent.")}, 400)
        content = file.stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            text = request.env._("The file is larger than %(size)s MB.", size=MAX_BYTES // 1_000_000)
            return self._answer({"error": text}, 413)
        return self._answer(service._check(content, file.filename), 200)

    def _answer(self, content, status):
        headers = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
        return request.make_json_response(content, headers=headers, status=status)
