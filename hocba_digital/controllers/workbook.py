import io
import zipfile

from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import content_disposition, request

from ..models.school_class_workbook import PERIOD_CODES, WORKBOOK_KINDS

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WorkbookController(http.Controller):
    """Download of the workbooks of classes, filled in with what is known."""

    @http.route(
        [
            "/hocba/workbook/<string:kind>/<int:class_id>",
            "/hocba/workbook/<string:kind>",
        ],
        type="http",
        auth="user",
        readonly=True,
        methods=["GET"],
    )
    def template(self, kind, class_id=None, classes="", period="year", **_options):
        """Workbook of a class, or of ``classes`` (ids with commas) of one school year; several files come as a zip.

        ``period`` (mid1, end1, mid2, year) is that of the results.
        """
        if kind not in WORKBOOK_KINDS or period not in PERIOD_CODES:
            raise request.not_found()
        found = self._classes([class_id] if class_id else classes.split(","))
        try:
            files = found._workbooks(kind, period)
        except AccessError:
            raise request.not_found() from None
        name, content, form = (*files[0], _TYPE) if len(files) == 1 else _zip(files, kind)
        headers = [
            ("Content-Type", form),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "no-store"),
        ]
        return request.make_response(content, headers)

    def _classes(self, ids):
        try:
            found = request.env["hocba.class"].browse([int(number) for number in ids])
            found.check_access("read")
            found.fetch(["name"])
        except (AccessError, MissingError, ValueError):
            raise request.not_found() from None
        if not found or len(found.school_year_id) != 1:
            raise request.not_found()
        return found


def _zip(files, kind):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return f"csdl-{kind.removeprefix('sector_')}-{len(files)}-lop.zip", out.getvalue(), "application/zip"
