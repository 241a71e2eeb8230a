"""Class summaries (TT 27 annex 2): nobody missing, the right template, signed results from the packet, rights."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from ..core.rules import summary as rules
from ..reports import pdf, summary
from ..reports.print_service import FORM_CSS
from ..reports.summary_service import SUMMARY_CSS
from .common import SchoolCase

LONGEST = "NGUYỄN PHẠM HOÀNG THỊ PHƯƠNG QUỲNH NHƯ THIÊN HƯƠNG ANH ĐÀO"
HEADING = summary.Heading(
    school="Trường Tiểu học Điện Biên Phủ",
    authority="Sở Giáo dục và Đào tạo thành phố Đà Nẵng",
    commune="Phường Hải Châu",
    district="",
    province="Thành phố Đà Nẵng",
    place="Đà Nẵng",
    class_name="4A",
    school_year="2025 – 2026",
    homeroom_name="Trần Thị Hương",
    head_name="Nguyễn Thị Minh Hà",
)


def rows(template, count=50):
    """A full class with two names of 60 characters and a note."""
    return [
        summary.SummaryRow(
            name=LONGEST if number in (5, 30) else f"Nguyễn Thị Học Sinh {number}",
            birth_date=date(2015, 5, 17),
            is_girl=number % 2 == 0,
            levels={column.code: "THC"[number % 3] for column in template.subjects},
            scores={column.code: number % 11 for column in template.subjects if column.has_score},
            qualities=dict.fromkeys(template.qualities, "D"),
            competences=dict.fromkeys((*template.general, *template.specific), "T"),
            overall="completed",
            awarded=number == 1,
            not_promoted=number == 2,
            note="Học sinh khuyết tật" if number == 3 else "",
        )
        for number in range(1, count + 1)
    ]


class TestSummaryLayout(SchoolCase):
    def test_fifty_pupils_fit_on_three_pages_in_all_nine_templates_and_both_engines(self):
        service = self.env["hocba.print"]
        pages = [(grade, period) for grade in (1, 3, 5) for period in ("mid1", "end1", "year")]
        items = []
        for grade, period in pages:
            template = rules.template(grade, period)
            items.append(summary.build(template, HEADING, rows(template), {}))
        self.assertEqual([item.template.number for item in items], list(range(1, 10)))
        self.assertEqual([len(item.pages) for item in items], [3] * 9)
        body = "".join(str(service._summary_fragment(item)) for item in items)
        marks = [item.marks(page) for item in items for page in item.pages]
        for engine in pdf.available_engines():
            html = service._html(body, FORM_CSS + SUMMARY_CSS + engine.page_css(pdf.LYING), "x")
            content = pdf.render_html(engine, html, pdf.LYING)
            pdf.check_marks(content, marks)
            with self.assertRaises(pdf.PrintError):
                pdf.check_marks(content, [*marks[:1], ("Trang 2/3", "Ai Đó"), *marks[2:]])
            with self.assertRaises(pdf.PrintError):
                pdf.check_marks(content, marks[:-1])

    def test_every_row_has_a_cell_for_every_column(self):
        for grade in (1, 3, 5):
            for period in rules.PERIODS:
                template = rules.template(grade, period)
                item = summary.build(template, HEADING, rows(template, 3), {})
                for line in item.pages[0].lines:
                    self.assertEqual(len(line.marks) + 3, len(item.widths))
                self.assertAlmostEqual(sum(item.widths), 276.5, places=3)
                whole = sum(cell.columns for cell in item.head[0])
                self.assertEqual(whole, len(item.widths))

    def test_closing_lines_never_stand_alone(self):
        template = rules.template(4, "year")
        for count in range(1, 60):
            item = summary.build(template, HEADING, rows(template, count), {})
            self.assertTrue(all(page.lines for page in item.pages), count)
            numbers = [line.number for page in item.pages for line in page.lines]
            self.assertEqual(numbers, list(range(1, count + 1)))

    def test_subject_outside_the_ministrys_table_gets_a_column(self):
        template = rules.template(1, "year")
        row = summary.SummaryRow("A", levels={"KNS": "T"})
        item = summary.build(template, HEADING, [row], {"KNS": "Kĩ năng sống"})
        self.assertIn("Kĩ năng sống", [cell.label for cell in item.head[1]])


class TestSummary(SchoolCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.env["hocba.print"]

    def _lines(self, school_class, period):
        item = self.service.sudo()._class_summary(school_class, period)
        return {line.name: line for page in item.pages for line in page.lines}, item

    def test_live_results_with_crosses(self):
        one = self._pupil(self.class5, 1, name="Trần Văn Một", gender="male")
        two = self._pupil(self.class5, 2, name="Lê Thị Hai", gender="female")
        first, second = self._assess(self.class5).sorted(lambda item: item.pupil_id != one)
        first.award = "Học sinh Xuất sắc"
        second.result_ids.filtered(lambda line: line.subject_id.code == "TOAN").write({"level": "C", "score": "3"})
        second.with_user(self.head)._decide_promotion("no", "Chưa đạt")
        lines, item = self._lines(self.class5, "year")
        self.assertEqual(item.template.number, 9)
        self.assertEqual(lines[one.name].marks[:6], ("17/05/2015", "", "T", "9", "T", "9"))
        self.assertEqual(lines[one.name].marks[-7:], ("X", "", "", "", "X", "", ""))
        self.assertEqual(lines[two.name].marks[1:6], ("X", "T", "9", "C", "3"))
        self.assertEqual(lines[two.name].marks[-7:], ("", "", "", "X", "", "", "X"))
        self.assertEqual((item.pupils, item.girls, item.signed), (2, 1, 0))

    def test_nobody_is_left_out(self):
        """Pupils without results have an empty row; who left after an assessment stays listed with a note."""
        self._pupil(self.class5, 1, name="Trần Văn Một")
        gone = self._pupil(self.class5, 2, name="Lê Thị Hai")
        assessments = self.class5._ensure_assessments("mid1")
        assessments.result_ids.filtered(lambda line: line.subject_id.code == "TV").write({"level": "T", "score": "8"})
        gone.enrolment_ids.write({"date_to": date(2026, 1, 12), "end_reason": "left"})
        gone.enrolment_ids.write({"disability_education": "inclusive", "disability_decision": "12/QĐ"})
        self._pupil(self.class5, 3, name="Võ Văn Ba")
        lines, item = self._lines(self.class5, "mid1")
        self.assertEqual(item.template.number, 7)
        self.assertEqual(set(lines), {"Trần Văn Một", "Lê Thị Hai", "Võ Văn Ba"})
        self.assertEqual(lines["Lê Thị Hai"].note, "Học sinh khuyết tật; Chuyển đi 12/01/2026")
        self.assertEqual(lines["Lê Thị Hai"].marks[2:4], ("T", "8"))
        self.assertFalse(any(lines["Võ Văn Ba"].marks[2:]))
        lines, _item = self._lines(self.class5, "year")
        self.assertEqual(set(lines), {"Trần Văn Một", "Võ Văn Ba"})

    def test_signed_records_speak_through_their_packet(self):
        self._certify()
        records = self.sign_all(self._records(self.class5, pupils=2))
        name = records[0].pupil_name
        self.correct(records[0].pupil_id, name="Tên đã sửa sau khi ký")
        lines, item = self._lines(self.class5, "year")
        self.assertIn(name, lines)
        self.assertNotIn("Tên đã sửa sau khi ký", lines)
        self.assertEqual(item.signed, 2)
        self.assertEqual(lines[name].marks[2:6], ("T", "9", "T", "9"))

    def test_class_without_pupils_is_refused_by_name(self):
        with self.assertRaisesRegex(UserError, "5A"):
            self.service.with_user(self.head)._render_summaries(self.class5, "year")

    def test_only_who_may_see_all_results_prints(self):
        self._pupil(self.class5, 1)
        for user in (self.head, self.clerk, self.auditor, self.homeroom2):
            self.service.with_user(user)._check_summary_rights(self.class5.with_user(user))
        for user in (self.teacher, self.school_admin, self.homeroom):
            with self.assertRaises(AccessError):
                self.service.with_user(user)._render_summaries(self.class5.with_user(user), "year")

    def test_wizard_says_template_and_gaps(self):
        self._pupil(self.class5, 1)
        self.class5._ensure_assessments("end1")
        wizard = self.env["hocba.summary.wizard"].with_user(self.head)
        wizard = wizard.with_context(active_model="hocba.class", active_ids=(self.class2 | self.class5).ids)
        wizard = wizard.create({"period": "end1"})
        self.assertEqual(wizard.class_ids, self.class2 | self.class5)
        texts = wizard.line_text.splitlines()
        self.assertIn("2A", texts[0])
        self.assertIn("8", texts[1])
        self.assertIn("/hocba/classes/summary/end1?ids=", wizard.action_print()["url"])


@tagged("post_install", "-at_install")
class TestSummaryRoute(SchoolCase, HttpCase):
    def test_download_and_trace(self):
        self._pupil(self.class5, 1, name="Trần Văn Một")
        for user in (self.head, self.teacher):
            user.password = "mật-khẩu-12345"
        url = f"/hocba/classes/summary/year?ids={self.class5.id}"
        self.authenticate(self.head.login, "mật-khẩu-12345")
        answer = self.url_open(url)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        text = " ".join(" ".join(pdf.page_texts(answer.content)).split())
        self.assertIn("Mẫu 9", text)
        self.assertIn("Trần Văn Một", text)
        self.assertIn(self.head.name, self.class5.message_ids[0].body)
        self.assertEqual(self.url_open(url.replace("year", "may")).status_code, 404)
        self.authenticate(self.teacher.login, "mật-khẩu-12345")
        self.assertEqual(self.url_open(url).status_code, 403)
