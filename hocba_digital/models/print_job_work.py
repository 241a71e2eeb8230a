"""What a print job does with a portion: documents, checked pages, parts, and at the end the file."""

import base64
import hashlib
import io
import logging
import zipfile
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, MissingError, UserError

from ..reports import pdf

_logger = logging.getLogger(__name__)
_KEPT_DAYS = 3
#: A book has about so many times the pages of a record.
_PAGES_OF_BOOK = 5
_LIST_NAME = "Danh sách không in được.txt"


class PrintJobWork(models.Model):
    _inherit = "hocba.print.job"

    def _print_portion(self, limit):
        """Print the next ``limit`` pupils as the current user; make the file when nobody waits any more.

        Raises UserError when nothing can be printed on this server; a pupil's own trouble becomes the line's reason.
        """
        if self.content == "book":
            limit = max(1, limit // _PAGES_OF_BOOK)
        lines = self.sudo().line_ids.filtered(lambda line: line.state == "waiting")[:limit]
        engine = self.env["hocba.print"]._engine()
        self._draw_numbers(lines)
        documents = self._line_documents(lines, engine)
        groups = self._checked_groups(documents, engine)
        if groups:
            self._keep_part(groups)
        job = self.sudo()
        job.active_at = fields.Datetime.now()
        job.note = False
        if not job.line_ids.filtered(lambda line: line.state == "waiting"):
            job._finish()

    def _line_documents(self, lines, engine):
        """``pdf.Document`` of each line, keyed by the line's id; lines without one are left out with the reason."""
        documents = []
        for line in lines:
            try:
                with self.env.cr.savepoint():
                    documents.append(self._line_document(line, engine))
            except (UserError, AccessError, MissingError) as error:
                line._leave_out(str(error))
        return documents

    def _line_document(self, line, engine):
        service, source = self.env["hocba.print"], line._source().sudo(False).with_env(self.env)
        if not source.exists():
            raise UserError(self.env._("The record is not there any more."))
        source.check_access("read")
        if self.content == "record":
            if source.state == "recalled":
                raise UserError(self.env._("The record was withdrawn; a withdrawn record is not printed."))
            form = service._form_of_record(source)
            return next(service._documents([(str(line.id), form)], engine, {str(line.id): line._copy_number()}))
        years = service._book_years(source, service._book_records(source))
        return service.sudo()._book_document(str(line.id), years, engine, line._copy_number())

    def _checked_groups(self, documents, engine):
        """Groups of checked pages. When one is not complete each pupil is tried alone, and left out with the reason."""
        try:
            return self._render_groups(documents, engine)
        except pdf.PrintError as error:
            self._raise_unless_incomplete(error)
        groups = []
        for document in documents:
            try:
                groups += self._render_groups([document], engine)
            except pdf.PrintError as error:
                self._raise_unless_incomplete(error)
                line = self.env["hocba.print.job.line"].sudo().browse(int(document.key))
                _logger.warning("Print job %s: %s", self.id, error)
                line._leave_out(self.env._("The printed pages were not complete and were thrown away."))
        return groups

    def _render_groups(self, documents, engine):
        maker = self.env["hocba.print"]._page_maker(engine)
        return [group for _documents, group in pdf.render_groups(documents, maker, engine, then=_itself)]

    def _raise_unless_incomplete(self, error):
        if error.code != "incomplete":
            raise UserError(self.env["hocba.print"]._explain(error)) from error

    def _keep_part(self, groups):
        """Store the pages of a portion, and only then call its lines done."""
        job, digests = self.sudo(), {}
        if job.output == "pdf":
            content = pdf.merge([group.content for group in groups])
        else:
            files = []
            for group in groups:
                cut = group.cut()
                digests |= {key: hashlib.sha256(pages).hexdigest() for key, pages in cut.items()}
                files += [(self._file_name_of(document.key), cut[document.key]) for document in group.documents]
            content = self.env["hocba.print"]._zip(files)
        self.env["hocba.print.part"].sudo().create({"job_id": job.id, "content": base64.b64encode(content)})
        for group in groups:
            for document, count in zip(group.documents, group.counts, strict=True):
                line = self.env["hocba.print.job.line"].sudo().browse(int(document.key))
                line.write({"state": "done", "page_count": count, "copy_digest": digests.get(document.key)})

    def _file_name_of(self, key):
        service, source = self.env["hocba.print"], self.env["hocba.print.job.line"].sudo().browse(int(key))._source()
        return service._book_file_name(source) if self.content == "book" else service._record_file_name(source)

    def _finish(self):
        """Join the parts, check once more that every done pupil's pages are in, and keep the file for some days."""
        self.ensure_one()
        parts = [base64.b64decode(part.with_context(bin_size=False).content) for part in self.part_ids.sorted("id")]
        expected = sum(self.line_ids.mapped("page_count"))
        content, pages = self._joined(parts) if parts else (b"", 0)
        if pages != expected:
            raise UserError(
                self.env._("The file has %(pages)s pages instead of %(expected)s.", pages=pages, expected=expected)
            )
        days = int(self.env["ir.config_parameter"].sudo().get_param("hocba_digital.print_days") or _KEPT_DAYS)
        service = self.env["hocba.print"]
        self.write(
            {
                "state": "done",
                "result": base64.b64encode(content) if content else False,
                "result_name": service._file_name(self.name, suffix=self.output) if content else False,
                "page_count": pages,
                "expires_at": fields.Datetime.now() + timedelta(days=days),
            }
        )
        self._register_copies(content)
        self.part_ids.unlink()
        self._tell_owner()

    def _joined(self, parts):
        """(file, pages): one PDF of all parts, or one archive with the list of what was left out."""
        if self.output == "pdf":
            content = pdf.merge(parts) if len(parts) > 1 else parts[0]
            return content, pdf.count_pages(content)
        files, pages = [], 0
        for part in parts:
            with zipfile.ZipFile(io.BytesIO(part)) as archive:
                for name in archive.namelist():
                    files.append((name, archive.read(name)))
                    pages += pdf.count_pages(files[-1][1])
        left_out = self.line_ids.filtered(lambda line: line.state == "left_out")
        if left_out:
            text = "\r\n".join(f"{line.display_name}: {line.reason}" for line in left_out)
            files.append((_LIST_NAME, text.encode("utf-8-sig")))
        return self.env["hocba.print"]._zip(files), pages

    def _give_up_next(self):
        """Leave out the pupil at whom the server stopped again and again."""
        line = self.sudo().line_ids.filtered(lambda line: line.state == "waiting")[:1]
        line._leave_out(self.env._("The server stopped several times while printing this record."))
        if not self.sudo().line_ids.filtered(lambda line: line.state == "waiting"):
            self.sudo()._finish()

    def _tell_owner(self):
        message = self.env._("%(name)s: %(done)s ready, %(left_out)s left out.", **self._figures())
        title = self.env._("The print is ready")
        self.user_id._bus_send("simple_notification", {"type": "success", "title": title, "message": message})

    def _figures(self):
        return {"name": self.name, "done": self.done, "left_out": self.left_out}

    def _log_download(self):
        """A line in the audit trail of every record in the file: copies for paper are traced."""
        lines = self.sudo().line_ids.filtered(lambda line: line.state == "done")
        records = lines.record_id
        for pupil in lines.pupil_id:
            records |= pupil.record_ids._standing()
        self.env["hocba.event"]._log(records, "printed")


def _itself(group):
    return group
