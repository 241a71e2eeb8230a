"""Downloads and the page on screen of the official form. What a user may not read is not printed."""

import re

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from ..core.rules import summary as rules

PAGE_HEADERS = [
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
        return request.make_response(request.env["hocba.print"]._record_page_html(record), PAGE_HEADERS)

    @http.route("/hocba/record/<int:record_id>/pdf", type="http", auth="user", methods=["GET"])
    def record_pdf(self, record_id):
        """The form of one record."""
        record = self._readable("hocba.record", [record_id])
        service = request.env["hocba.print"]
        return self._pdf(self._printed(record)[record.id], service._record_file_name(record))

    @http.route("/hocba/records/pdf", type="http", auth="user", methods=["GET"])
    def records_pdf(self, ids, archive=None):
        """The forms of several records, ``ids`` as in 4-9,12: one PDF, or with archive=zip a file each."""
        records = self._readable("hocba.record", numbers(ids))
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

    @http.route("/hocba/pupils/book", type="http", auth="user", methods=["GET"])
    def pupil_books(self, ids, archive=None):
        """The whole books of pupils, ``ids`` as in 4-9,12: one PDF, or with archive=zip a file each."""
        pupils = self._readable("hocba.pupil", numbers(ids))
        service = request.env["hocba.print"]
        rendered = service._issue_books(pupils)
        if archive == "zip":
            files = [(service._book_file_name(pupil), rendered[pupil.id]) for pupil in pupils]
            return self._archive(files, ("Học bạ toàn cấp", f"{len(pupils)}"))
        name = (
            service._book_file_name(pupils)
            if len(pupils) == 1
            else service._file_name("Học bạ toàn cấp", f"{len(pupils)}")
        )
        return self._pdf(service._merge(rendered[pupil.id] for pupil in pupils), name)

    @http.route("/hocba/classes/summary/<string:period>", type="http", auth="user", methods=["GET"])
    def class_summaries(self, period, ids):
        """The summaries of classes, ``ids`` as in 4-9,12, for mid1, end1, mid2 or year."""
        if period not in rules.PERIODS:
            raise request.not_found()
        classes = self._readable("hocba.class", numbers(ids))
        service = request.env["hocba.print"]
        content = service._render_summaries(classes, period)
        classes._log_summary(period)
        return self._pdf(content, service._summary_file_name(classes, period))

    @http.route("/hocba/print-job/<int:job_id>/download", type="http", auth="user", methods=["GET"])
    def print_job_file(self, job_id):
        """The file of a print job, for its owner; every download is traced with every record in it."""
        job = request.env["hocba.print.job"].search([("id", "=", job_id), ("state", "=", "done")])
        if not job.result_name:
            raise request.not_found()
        job._log_download()
        stream = request.env["ir.binary"]._get_stream_from(job.sudo(), "result", filename=job.result_name)
        return stream.get_response(as_attachment=True)

    def _many(self, records, name, archive):
        service = request.env["hocba.print"]
        rendered = self._printed(records)
        if archive == "zip":
            files = [(service._record_file_name(record), rendered[record.id]) for record in records]
            return self._archive(files, name)
        return self._pdf(service._merge(rendered[record.id] for record in records), service._file_name(*name))

    def _archive(self, files, name):
        service = request.env["hocba.print"]
        headers = [
            ("Content-Type", "application/zip"),
            ("Content-Disposition", content_disposition(service._file_name(*name, suffix="zip"))),
        ]
        return request.make_response(service._zip(files), headers)

    def _printed(self, records):
        """The forms, as copies: in the register and in the audit trail of each record. Looking is not traced."""
        return request.env["hocba.print"]._issue_records(records)

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


def numbers(text):
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
