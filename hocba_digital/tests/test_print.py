"""The official form: from the packet, complete, for those who may read the record, whatever the engine."""

import io
import re
import zipfile

from pypdf import PdfReader

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from ..reports import form, pdf
from ..reports.pdf import batch
from .common import SchoolCase

LABELS = (
    "BỘ GIÁO DỤC VÀ ĐÀO TẠO",
    "Họ và tên học sinh:",
    "Xã (Phường, Thị trấn):",
    "Tỉnh (Thành phố):",
    "Mã số định danh cá nhân:",
    "Người giám hộ (nếu có):",
    "Mã số tra cứu học bạ (UUID):",
    "Người ký học bạ:",
    "Chức vụ của người ký học bạ:",
    "Ngày ký học bạ:",
    "1. Kết quả các môn học và hoạt động giáo dục",
    "2. Nhận xét những phẩm chất chủ yếu",
    "3. Những năng lực cốt lõi",
    "3.1. Những năng lực chung",
    "3.2. Những năng lực đặc thù",
    "4. Đánh giá kết quả giáo dục:",
    "5. Khen thưởng:",
    "6. Hoàn thành chương trình lớp học/chương trình tiểu học:",
)


def text_of(content):
    """Text of a PDF with every run of blanks as one."""
    return " ".join(" ".join(pdf.page_texts(content)).split())


class TestPrint(SchoolCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls.records = cls._records(cls.class5, pupils=3)
        cls.service = cls.env["hocba.print"]

    def test_signed_record_shows_labels_content_and_signers(self):
        record = self.sign_all(self.records[:1])
        content = self.service._render_records(record)[record.id]
        text = text_of(content)
        for label in LABELS:
            self.assertIn(label, text)
        self.assertIn("Hoàn thành tốt", text)
        self.assertIn("Giải quyết vấn đề và sáng tạo", text)
        self.assertIn("Nguyễn Thị Minh Hà", text)
        self.assertIn("Lê Văn Bình", text)
        self.assertEqual(text.count("Thời gian ký: "), 3)
        self.assertIn("Tổ chức chứng thực: ", text)
        self.assertNotIn("Huyện", text)
        self.assertNotIn(pdf.stamp.DRAFT_MARK, text)

    def test_district_is_printed_only_when_the_packet_has_one(self):
        self.company.hocba_district = "Quận Hải Châu"
        text = text_of(self.service._render_records(self.records[:1])[self.records[0].id])
        self.assertIn("Huyện (Thành phố, Quận, Thị xã): Quận Hải Châu", text)

    def test_print_follows_the_packet_and_not_the_live_tables(self):
        record = self.sign_all(self.records[:1])
        old = record.pupil_id.birth_place
        self.correct(record.pupil_id, birth_place="Nơi sinh đã sửa sau khi ký")
        text = text_of(self.service._render_records(record)[record.id])
        self.assertIn(old, text)
        self.assertNotIn("đã sửa sau khi ký", text)
        self.assertNotIn("đã sửa sau khi ký", self.service._record_page_html(record))

    def test_draft_is_marked_on_every_page_and_on_screen(self):
        record = self.records[0]
        content = self.service._render_records(record)[record.id]
        pages = pdf.page_texts(content)
        for page in PdfReader(io.BytesIO(content)).pages:
            self.assertIn("CHƯA KÝ", page.extract_text())
        self.assertIn("Bản nháp của học bạ số", " ".join(pages[-2:]))
        # The mark lies over the text: without its transparency it would hide what is below.
        for page in PdfReader(io.BytesIO(content)).pages:
            states = [state.get_object() for state in page["/Resources"]["/ExtGState"].values()]
            opacities = [float(state["/ca"]) for state in states if "/ca" in state]
            self.assertTrue(any(value < 0.3 for value in opacities), opacities)
        self.assertIn('class="record draft', self.service._record_page_html(record))

    def test_every_page_has_code_number_and_even_count(self):
        rendered = self.service._render_records(self.records)
        self.assertEqual(set(rendered), set(self.records.ids))
        for record in self.records:
            pages = pdf.page_texts(rendered[record.id])
            self.assertEqual(len(pages) % 2, 0)
            for number, page in enumerate(pages, 1):
                self.assertIn(record.uuid, page)
                self.assertIn(f"Trang {number}/{len(pages)}", page)

    def test_fonts_are_embedded(self):
        content = self.service._render_records(self.records[0])[self.records[0].id]
        fonts = _fonts(PdfReader(io.BytesIO(content)))
        self.assertTrue(fonts)
        for name, embedded in fonts.items():
            self.assertIn("LiberationSerif", name)
            self.assertTrue(embedded, name)

    def test_packets_render_without_the_records(self):
        records = self.sign_all(self.records)
        packets = [record._packet_bytes() for record in records]
        files = self.service._render_packets(packets)
        for record, content in zip(records, files, strict=True):
            self.assertIn(record.uuid, text_of(content))
        page = self.service._page_html(packets[0])
        self.assertIn(records[0].uuid, page)
        self.assertNotIn('class="record draft', page)

    def test_packet_that_is_none_is_refused(self):
        with self.assertRaises(UserError):
            self.service._render_packets([b"<HOC_BA></HOC_BA>"])

    def test_merged_file_holds_all_records_in_order(self):
        rendered = self.service._render_records(self.records)
        merged = pdf.page_texts(self.service._merge(rendered[record.id] for record in self.records))
        starts = [next(i for i, page in enumerate(merged) if record.uuid in page) for record in self.records]
        self.assertEqual(starts, sorted(starts))
        self.assertEqual(len(merged), sum(len(pdf.page_texts(part)) for part in rendered.values()))

    def test_lookup_address_is_a_setting(self):
        self.env["ir.config_parameter"].set_param("hocba_digital.lookup_url", "https://tracuu.example.edu.vn/hoc-ba/")
        record = self.records[0]
        text = text_of(self.service._render_records(record)[record.id])
        self.assertIn(f"https://tracuu.example.edu.vn/hoc-ba/{record.uuid}", text)

    def test_second_engine_prints_the_same(self):
        self.env["ir.config_parameter"].set_param("hocba_digital.pdf_engine", "chromium")
        record = self.records[0]
        text = text_of(self.service._render_records(record)[record.id])
        for label in LABELS:
            self.assertIn(label, text)

    def test_unknown_engine_is_refused(self):
        self.env["ir.config_parameter"].set_param("hocba_digital.pdf_engine", "none-such")
        with self.assertRaises(UserError):
            self.service._render_records(self.records)

    def test_lost_page_is_noticed_and_the_record_named(self):
        """Pages that an engine dropped or swapped must never pass for a complete print."""
        documents = [_document(record) for record in self.records[:2]]
        footers, texts = [], []
        for record in self.records[:2]:
            pages = pdf.page_texts(self.service._render_records(record)[record.id])
            texts += pages
            blank = [pdf.stamp.BLANK_NOTE in page for page in pages]
            footers += [
                pdf.stamp.Footer(record.uuid, number, len(pages), "", True, blank[number - 1])
                for number in range(1, len(pages) + 1)
            ]
        batch.check_pages(documents, footers, texts)
        count = len(texts) // 2
        for broken in (texts[:-1], [*texts[:2], "", *texts[3:]], [*texts[count:], *texts[:count]]):
            with self.assertRaises(pdf.PrintError) as caught:
                batch.check_pages(documents, footers, broken)
            self.assertTrue(caught.exception.keys)
        with self.assertRaises(pdf.PrintError) as caught:
            batch.check_pages(documents, footers, [*texts[:2], "", *texts[3:]])
        self.assertEqual(caught.exception.keys, (documents[0].key,))
        self.assertIn(self.records[0].uuid, str(caught.exception))

    def test_long_texts_flow_without_loss(self):
        record = self.records[0]
        words = " ".join(f"từ{number}" for number in range(150))
        record.assessment_id.result_ids.filtered("required").write({"comment": words[:1000]})
        record.assessment_id.write({"quality_comment": words, "general_comment": words, "specific_comment": words})
        record.pupil_id.name = "Công Tằng Tôn Nữ Nguyễn Hoàng Phương Quỳnh Như Thiên Hương A"
        text = text_of(self.service._render_records(record)[record.id])
        self.assertIn(record.pupil_id.name, text)
        lines = len(record.assessment_id.result_ids.filtered("required"))
        self.assertEqual(len(re.findall(r"\btừ120\b", text)), lines + 3)

    def test_file_names(self):
        self.assertEqual(self.service._file_name("Học bạ", 'A/B: "C"', "2025-2026"), "Học bạ A-B- -C- 2025-2026.pdf")

    def test_archive_keeps_pupils_of_one_name_apart(self):
        archive = zipfile.ZipFile(io.BytesIO(self.service._zip([("a.pdf", b"1"), ("a.pdf", b"2")])))
        self.assertEqual(archive.namelist(), ["a.pdf", "a (2).pdf"])

    def test_strict_packet_shows_remarks_of_subjects(self):
        record = self.sign_all(self.records[:1])
        data = self.profile.parse(record._packet_bytes()).data
        strict = self.profile.parse(self.profile.build_data(data, strict=True)).data
        self.assertEqual(
            [row.comment for row in form.form_of_data(strict).subjects],
            [row.comment for row in form.form_of_data(data).subjects],
        )


@tagged("post_install", "-at_install")
class TestPrintRoutes(SchoolCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = cls._records(cls.class5, pupils=2)
        cls.other = cls._records(cls.class2, pupils=1)
        for user in (cls.head, cls.homeroom2):
            user.password = "mật-khẩu-12345"

    def _get(self, user, url):
        self.authenticate(user.login, "mật-khẩu-12345")
        return self.url_open(url)

    def test_record_page_and_pdf(self):
        record = self.records[0]
        page = self._get(self.head, f"/hocba/record/{record.id}/page")
        self.assertEqual(page.status_code, 200)
        self.assertIn(record.uuid, page.text)
        self.assertIn("frame-ancestors 'self'", page.headers["Content-Security-Policy"])
        answer = self._get(self.head, f"/hocba/record/{record.id}/pdf")
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertIn("UTF-8''H%E1%BB%8Dc%20b%E1%BA%A1", answer.headers["Content-Disposition"])
        self.assertIn(record.uuid, text_of(answer.content))

    def test_class_as_one_file_and_as_archive(self):
        answer = self._get(self.head, f"/hocba/class/{self.class5.id}/pdf")
        text = text_of(answer.content)
        for record in self.records:
            self.assertIn(record.uuid, text)
        answer = self._get(self.head, f"/hocba/class/{self.class5.id}/pdf?archive=zip")
        self.assertEqual(len(zipfile.ZipFile(io.BytesIO(answer.content)).namelist()), 2)

    def test_selection_is_printed_through_the_menu(self):
        records = self.records.with_user(self.head)
        action = self.env.ref("hocba_digital.action_print_records").with_user(self.head)
        result = action.with_context(active_model="hocba.record", active_ids=records.ids).run()
        answer = self._get(self.head, result["url"])
        text = text_of(answer.content)
        for record in self.records:
            self.assertIn(record.uuid, text)

    def test_teacher_prints_only_the_own_class(self):
        self.assertEqual(self._get(self.homeroom2, f"/hocba/record/{self.records[0].id}/pdf").status_code, 200)
        for url in (
            f"/hocba/record/{self.other.id}/pdf",
            f"/hocba/record/{self.other.id}/page",
            f"/hocba/records/pdf?ids={self.records[0].id},{self.other.id}",
            f"/hocba/class/{self.class2.id}/pdf",
        ):
            answer = self._get(self.homeroom2, url)
            self.assertIn(answer.status_code, (403, 404), url)
            self.assertNotIn(self.other.uuid, answer.text)

    def test_copies_are_logged_and_looking_is_not(self):
        events = self.env["hocba.event"]
        domain = [("record_id", "in", self.records.ids), ("kind", "=", "printed")]
        self._get(self.head, f"/hocba/record/{self.records[0].id}/page")
        self.assertFalse(events.search(domain))
        self._get(self.head, f"/hocba/record/{self.records[0].id}/pdf")
        self._get(self.homeroom2, f"/hocba/class/{self.class5.id}/pdf")
        found = events.search(domain, order="id")
        self.assertEqual(found.record_id, self.records)
        self.assertEqual(found.mapped("user_id"), self.head | self.homeroom2)
        self.assertEqual(len(found), 3)
        for record in self.records:
            self.assertFalse(events._verify_chain(record))

    def test_visitor_and_nonsense_are_refused(self):
        self.assertEqual(self._get(self.head, "/hocba/record/999999999/pdf").status_code, 404)
        for ids in ("", "1;2", "1-99999999", "-1", "1,"):
            self.assertEqual(self._get(self.head, f"/hocba/records/pdf?ids={ids}").status_code, 404, ids)
        self.logout()
        answer = self.url_open(f"/hocba/record/{self.records[0].id}/pdf", allow_redirects=False)
        self.assertIn("/web/login", answer.headers.get("Location", ""))


def _document(record):
    return pdf.Document(str(record.id), record.pupil_name, (pdf.Part(record.uuid, "", ""),))


def _fonts(reader):
    """Fonts of all pages and of the forms placed on them: {name: embedded}."""
    found = {}

    def visit(resources):
        resources = resources.get_object()
        for reference in resources.get("/Font", {}).values():
            font = reference.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            descriptor = inner.get("/FontDescriptor")
            found[font["/BaseFont"]] = bool(descriptor) and "/FontFile2" in descriptor.get_object()
        for reference in resources.get("/XObject", {}).values():
            item = reference.get_object()
            if "/Resources" in item:
                visit(item["/Resources"])

    for page in reader.pages:
        visit(page["/Resources"])
    return found
