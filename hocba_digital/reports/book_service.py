"""The whole book of a pupil (học bạ toàn cấp): first pages with the newest year's data, then each year's packet."""

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from . import form, pdf
from .print_service import ranges

_GUIDE_MARKS = (
    "HƯỚNG DẪN GHI HỌC BẠ TIỂU HỌC",
    "1. Trang 3, thông tin ghi theo giấy khai sinh của học sinh.",
    "6. Mục “6. Hoàn thành chương trình lớp học/chương trình tiểu học”",
    "Học bạ được nhà trường bảo quản",
)
_PUPIL_MARKS = (
    "Họ và tên học sinh",
    "HIỆU TRƯỞNG",
    "QUÁ TRÌNH HỌC TẬP",
    "Mã số tra cứu học bạ (UUID) của từng năm học",
)


class BookService(models.AbstractModel):
    """Pages as in TT 27/2020 annex 1: cover, guide on its back, the pupil's page on the right, then the years.

    A year begins on the left, so that its two pages face each other as they do in the paper book.
    """

    _inherit = "hocba.print"

    @api.private
    def _book_records(self, pupil):
        """Records that make up the pupil's book, oldest year first: those withdrawn or superseded are not printed.

        Checks that the current user may have the book: the offices, and the homeroom teacher of the pupil's class,
        to whom the file of the earlier years is handed over (TT 27, Art. 12.2).
        """
        pupil.check_access("read")
        offices = ("group_clerk", "group_head", "group_auditor")
        is_office = any(self.env.user.has_group(f"hocba_digital.{name}") for name in offices)
        records = pupil.sudo().record_ids._standing()
        records = records.sorted(lambda record: (record.school_year_id.name, record.id))
        teachers = pupil.sudo().class_id.homeroom_id | records[-1:].class_id.homeroom_id
        if not is_office and not self.env.su and self.env.user not in teachers:
            raise AccessError(
                self.env._("The book of %(name)s is printed by the homeroom teacher or the office.", name=pupil.name)
            )
        return records

    @api.private
    def _render_books(self, pupils, copies=None):
        """PDF of each pupil's book: {pupil id: bytes}. Raises AccessError; UserError unless all are complete.

        ``copies``: {pupil id: ``CopyNumber``} of the books that are issued copies.
        """
        documents = []
        engine = self._engine()
        for pupil in pupils:
            years = self._book_years(pupil, self._book_records(pupil))
            copy = (copies or {}).get(pupil.id)
            documents.append(self.sudo()._book_document(str(pupil.id), years, engine, copy))
        return {int(key): content for key, content in self._render_all(documents, engine).items()}

    @api.private
    def _action_print_books(self, pupils):
        """Action that downloads the books of ``pupils``. Raises AccessError, or UserError without a record."""
        for pupil in pupils:
            records = self._book_records(pupil)
            if not records and not self._book_received(pupil, records):
                raise UserError(self.env._("%(name)s has no record to print yet.", name=pupil.name))
        return {"type": "ir.actions.act_url", "url": f"/hocba/pupils/book?ids={ranges(pupils.ids)}", "target": "new"}

    @api.model
    def _book_file_name(self, pupil):
        """File name of a pupil's book."""
        return self._file_name("Học bạ toàn cấp", pupil.name, pupil.code)

    def _book_document(self, key, years, engine, copy=None):
        """The book of the forms of all years, oldest first; ``copy``: its ``CopyNumber`` when it is an issued copy."""
        newest, mark = years[-1], self._copy_mark(copy)
        fragment = {
            "cover": self._book_fragment("record_form_cover", newest, engine, digitised=newest.digitised),
            "guide": self._book_fragment("book_guide", newest, engine),
            "pupil": self._book_fragment("book_pupil", newest, engine, years=years),
        }
        codes = tuple(year.data.uuid for year in years)
        first = {"lookup_url": self._lookup_url(newest.data.uuid), "draft": newest.draft, "ends": False, "copy": mark}
        uuid = newest.data.uuid
        parts = [
            pdf.Part(uuid, fragment["cover"], marks=form.HEADINGS[:1], side=pdf.RIGHT, **first),
            pdf.Part(uuid, fragment["guide"], marks=_GUIDE_MARKS, cover=False, **first),
            pdf.Part(uuid, fragment["pupil"], marks=(*_PUPIL_MARKS, *codes), cover=False, side=pdf.RIGHT, **first),
        ]
        for year in years:
            parts.append(
                pdf.Part(
                    year.data.uuid,
                    self._book_fragment("record_form_results", year, engine, starts="starts"),
                    self._lookup_url(year.data.uuid),
                    draft=year.draft,
                    digitised=year.digitised,
                    marks=form.HEADINGS[3:],
                    side=pdf.LEFT,
                    cover=False,
                    copy=mark,
                )
            )
        label = " - ".join(filter(None, (newest.data.pupil_name, newest.data.class_name, newest.data.school_year)))
        return pdf.Document(key, label, tuple(parts))

    def _book_fragment(self, template, page, engine, **more):
        values = {"form": page, **self._layout(page, engine.breaks_rows), **more}
        body = self.env["ir.qweb"]._render(f"hocba_digital.{template}", values, minimal_qcontext=True)
        return f'<div class="record {values["breaking"]}">{body}</div>'
