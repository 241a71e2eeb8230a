"""Downloads and the page on screen of the official form. What a user may not read is not printed."""

import re

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

_PAGE_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"),
    ("Cache-Control", "private, no-store"),
]
_IDS = re.compile(r"\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*")
_MOST_RECORDS = 20_000


class PrintController(http.Controller):
    """Routes of the official form."""

    @http.route("/hocba/record/<int:record_id>/page", type="http", auth="user", methods=["GET"], readonly=True)
    def record_page(self, record_id):
        """The form as an HTML page, to be shown inside the record's screen."""
        record = self._readable("hocba.record", [record_id])
        return request.make_response(request.env["hocba.print"]._record_page_html(record), _PAGE_HEADERS)

    @http.route("/hocba/record/<int:record_id>/pdf", type="http", auth="user", methods=["GET"])
    def record_pdf(self, record_id):
        """The form of one record."""
        record = self._readable("hocba.record", [record_id])
        service = request.env["hocba.print"]
        return self._pdf(self._printed(record)[record.id], service._record_file_name(record))

    @http.route("/hocba/records/pdf", type="http", auth="user", methods=["GET"])
    def records_pdf(self, ids, archive=None):
        """The forms of several records, ``ids`` as in 4-9,12: one PDF, or with archive=zip a file each."""
        records = self._readable("hocba.record", _numbers(ids))
        names = records.class_id.mapped("name")
        return self._many(records, ("Học bạ", names[0] if len(names) == 1 else f"{len(records)}"), archive)

    @http.route("/hocba/class/<int:class_id>/pdf", type="http", auth="user", methods=["GET"])
    def class_pdf(self, class_id, archive=None):
        """The forms of a class, withdrawn records left out: one PDF, or with archive=zip a file each."""
        school_class = self._readable("hocba.class", [class_id])
        domain = [("class_id", "=", class_id), ("state", "!=", "recalled")]
        records = request.env["hocba.record"].search(domain)
        if not records:
            raise UserError(request.env._("The class has no records yet."))
        return self._many(records, ("Học bạ lớp", school_class.name, school_class.school_year_id.name), archive)

    def _many(self, records, name, archive):
        service = request.env["hocba.print"]
        rendered = self._printed(records)
        if archive == "zip":
            files = [(service._record_file_name(record), rendered[record.id]) for record in records]
            headers = [
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition(service._file_name(*name, suffix="zip"))),
            ]
            return request.make_response(service._zip(files), headers)
        return self._pdf(service._merge(rendered[record.id] for record in records), service._file_name(*name))

    def _printed(self, records):
        """The forms, and a line in the audit trail of each record: copies for paper are traced, looking is not."""
        rendered = request.env["hocba.print"]._render_records(records)
        request.env["hocba.event"]._log(records, "printed")
        return rendered

    def _pdf(self, content, name):
        headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Length", str(len(content))),
            ("Content-Disposition", content_disposition(name, "inline")),
            ("Cache-Control", "private, no-store"),
        ]
        return request.make_response(content, headers)

    def _readable(self, model, ids):
        records = request.env[model].browse(ids).exists()
        if not records or len(records) != len(ids):
            raise request.not_found()
        records.check_access("read")
        return records


def _numbers(text):
    """Ids of 4-9,12 in that order, each once. Raises NotFound when it is something else."""
    if not _IDS.fullmatch(text):
        raise request.not_found()
    numbers = {}
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        span = range(int(first), int(last or first) + 1)
        if len(numbers) + len(span) > _MOST_RECORDS:
            raise request.not_found()
        numbers |= dict.fromkeys(span)
    return list(numbers)
