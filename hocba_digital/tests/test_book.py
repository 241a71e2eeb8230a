"""The whole book of a pupil: first pages, each year from its packet, nothing withdrawn, only for who may have it."""

from dataclasses import replace
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from ..reports import form, form_pages, pdf
from .common import SchoolCase


class BookCase(SchoolCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls.records = cls._records(cls.class5, pupils=2)
        cls.pupil = cls.records[0].pupil_id
        cls.service = cls.env["hocba.print"]

    def _year_before(self, pupil, name="2024-2025", grade="4"):
        """A record of the pupil in the year before, still a draft."""
        year = self.env["hocba.school.year"].create({"name": name, "company_id": self.company.id})
        values = {"name": f"{grade}A", "grade": grade, "school_year_id": year.id, "company_id": self.company.id}
        school_class = self.env["hocba.class"].create({**values, "homeroom_id": self.homeroom.id})
        start = date(int(name[:4]), 9, 5)
        end = {"date_to": date(int(name[5:]), 5, 31), "end_reason": "year_end"}
        self.env["hocba.enrolment"].create(
            {"pupil_id": pupil.id, "class_id": school_class.id, "date_from": start, **end}
        )
        self._assess(school_class)
        school_class.with_user(self.clerk).action_create_records()
        return school_class.record_ids


class TestBook(BookCase):
    def _pages(self, user=None):
        content = self.service.with_user(user or self.head)._render_books(self.pupil)[self.pupil.id]
        return [" ".join(page.split()) for page in pdf.page_texts(content)]

    def test_pages_in_the_order_of_the_paper_book(self):
        old = self._year_before(self.pupil)
        self.sign_all(old)
        new = self.records[0]
        pages = self._pages()
        self.assertEqual(len(pages) % 2, 0)
        self.assertIn("BỘ GIÁO DỤC VÀ ĐÀO TẠO", pages[0])
        self.assertIn("Lớp: 5A", pages[0])
        self.assertIn("HƯỚNG DẪN GHI HỌC BẠ TIỂU HỌC", pages[1])
        self.assertIn("QUÁ TRÌNH HỌC TẬP", pages[2])
        self.assertIn(old.uuid, pages[2])
        self.assertIn(new.uuid, pages[2])
        starts = [number for number, page in enumerate(pages) if "1. Kết quả các môn học" in page]
        self.assertEqual(len(starts), 2)
        # Page numbers are even on the left: counted from 0 they are odd.
        self.assertTrue(all(start % 2 for start in starts), starts)
        for page in pages[starts[0] : starts[1]]:
            self.assertIn(f"(UUID): {old.uuid}", page)
        for page in pages[starts[1] :]:
            self.assertIn(f"(UUID): {new.uuid}", page)
        for number, page in enumerate(pages, start=1):
            self.assertIn(f"Trang {number}/{len(pages)}", page)

    def test_each_year_is_what_was_signed_and_drafts_say_so(self):
        old = self._year_before(self.pupil)
        self.sign_all(old)
        self.correct(self.pupil, birth_place="Nơi sinh đã sửa sau khi ký")
        text = " ".join(self._pages())
        self.assertIn("Bản in từ học bạ số, mã số tra cứu " + old.uuid, text)
        self.assertIn("Bản nháp của học bạ số, mã số tra cứu " + self.records[0].uuid, text)
        self.assertIn("chưa ký", text)
        # The first pages show the newest year, which is still open.
        self.assertIn("Nơi sinh đã sửa sau khi ký", text)
        self.sign_all(self.records[:1])
        self.correct(self.pupil, birth_place="Nơi khác nữa")
        self.assertNotIn("Nơi khác nữa", " ".join(self._pages()))

    def test_withdrawn_record_is_never_printed(self):
        old = self._year_before(self.pupil)
        old._move("recalled", "recalled")
        text = " ".join(self._pages())
        self.assertNotIn(old.uuid, text)
        self.assertEqual(self.service.with_user(self.head)._book_records(self.pupil), self.records[0])

    def test_who_may_have_the_book(self):
        self._year_before(self.pupil)
        for user in (self.head, self.clerk, self.auditor, self.homeroom2):
            self.assertEqual(len(self.service.with_user(user)._book_records(self.pupil.with_user(user))), 2)
        for user in (self.homeroom, self.teacher, self.school_admin):
            with self.assertRaises(AccessError):
                self.service.with_user(user)._render_books(self.pupil.with_user(user))

    def test_pupil_without_a_record_is_named(self):
        pupil = self._pupil(self.class2, 77, name="Trần Văn Chưa Có")
        with self.assertRaisesRegex(UserError, "Trần Văn Chưa Có"):
            pupil.with_user(self.head).action_print_book()

    def test_lost_or_swapped_years_are_noticed(self):
        self._year_before(self.pupil)
        engine = pdf.choose_engine()
        years = [self.service._form_of_record(record) for record in self.service._book_records(self.pupil)]
        document = self.service._book_document("1", years, engine)
        first, second = document.parts[3:]
        damaged = [
            (*document.parts[:3], replace(first, html=second.html), second),
            (*document.parts[:3], replace(first, html=""), second),
            (*document.parts[:2], replace(document.parts[2], html=document.parts[1].html), first, second),
        ]
        maker = self.service._page_maker(engine)
        self.assertEqual(set(pdf.render_documents([document], maker, engine)), {"1"})
        for parts in damaged:
            with self.assertRaises(pdf.PrintError) as caught:
                pdf.render_documents([replace(document, parts=parts)], maker, engine)
            self.assertEqual(caught.exception.keys, ("1",))


class TestPagination(BookCase):
    def _form(self, **values):
        data = self.records[0]._print_source()[0]
        return form.form_of_data(replace(data, **values))

    def test_heads_are_repeated_and_no_word_is_lost(self):
        """Longest texts a packet can hold, on both engines."""
        data = self.records[0]._print_source()[0]
        words = " ".join(f"chữ{number}" for number in range(400))
        longest = " ".join(f"từ{number}" for number in range(500))[:2000].rsplit(" ", 1)[0]
        last = longest.rsplit(" ", 1)[1]
        lines = tuple(replace(line, comment=words[:1000].rsplit(" ", 1)[0]) for line in data.subjects)
        page = self._form(subjects=lines, quality_comment=longest, general_competence_comment=longest)
        for engine in pdf.available_engines():
            self.env["ir.config_parameter"].set_param("hocba_digital.pdf_engine", engine.name)
            content = self.service._render([("1", page)])["1"]
            pages = [" ".join(text.split()) for text in pdf.page_texts(content)]
            table = [text for text in pages if "chữ5 " in text]
            self.assertGreater(len(table), 3)
            for text in table:
                self.assertIn("Môn học và hoạt động giáo dục", text, engine.name)
            joined = " ".join(pages)
            self.assertEqual(joined.count("chữ100 "), len(lines), engine.name)
            self.assertEqual(joined.count(last), 2, engine.name)

    def test_words_are_broken_only_where_one_is_too_wide(self):
        self.assertFalse(form_pages.needs_breaking(self._form()))
        self.assertTrue(form_pages.needs_breaking(self._form(register_number="1234567890/2021")))
        self.assertTrue(form_pages.needs_breaking(self._form(quality_comment="x" * 30)))

    def test_rows_are_shared_out_without_loss(self):
        page = self._form()
        for repeats in (True, False):
            rows = [row for part in form_pages.chunks(page, repeats)("subjects") for row in part]
            self.assertEqual(tuple(rows), page.subjects)
            text = " ".join(f"từ{number}" for number in range(900))
            found = form_pages.pieces(text, 5, repeats)
            self.assertEqual(" ".join(piece for piece, _height in found), text)
        self.assertGreater(len(found), 1)

    def test_digitised_from_paper_is_said_on_cover_and_foot(self):
        page = self._form(digitised=True)
        content = self.service._render([("1", page)])["1"]
        pages = [" ".join(text.split()) for text in pdf.page_texts(content)]
        self.assertIn("(Số hóa từ bản giấy)", pages[0])
        for text in pages:
            self.assertIn(pdf.stamp.DIGITISED_MARK, text)
        self.assertIn("(số hóa từ bản giấy)", " ".join(pages[-2:]))


@tagged("post_install", "-at_install")
class TestBookRoute(BookCase, HttpCase):
    def test_download_and_trace(self):
        for user in (self.head, self.homeroom):
            user.password = "mật-khẩu-12345"
        old = self._year_before(self.pupil)
        url = f"/hocba/pupils/book?ids={self.pupil.id}"
        self.authenticate(self.head.login, "mật-khẩu-12345")
        answer = self.url_open(url)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        events = self.env["hocba.event"].search([("kind", "=", "printed")])
        self.assertEqual(events.record_id, old | self.records[0])
        self.authenticate(self.homeroom.login, "mật-khẩu-12345")
        self.assertEqual(self.url_open(url).status_code, 403)
