import base64
import csv
import io
from datetime import date

from openpyxl import Workbook

from odoo.exceptions import AccessError, UserError

from .test_import_roundtrip import RoundTripCase

PUPIL_HEADS = ("STT", "Mã HS", "Họ đệm", "Tên", "NS", "Phái", "Lớp học", "Số CCCD", "DT", "Tên mẹ")


class ForeignCase(RoundTripCase):
    def csv(self, rows, separator=";", encoding="utf-8-sig"):
        out = io.StringIO()
        csv.writer(out, delimiter=separator).writerows(rows)
        return out.getvalue().encode(encoding)

    def xlsx(self, rows):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        return self.saved(book)

    def pupil_rows(self, count=3, start=1):
        rows = [("PHÒNG GDĐT QUẬN",), ("DANH SÁCH HỌC SINH",), PUPIL_HEADS]
        for number in range(start, start + count):
            code, id_number = f"4877{number:06d}", f"48314{number:06d}"
            name = ("Võ Thị", f"Thêm{number}")
            rows.append((number, code, *name, f"3/{number % 28 + 1}/14", "2", "Lớp 5A", id_number, "Kinh", "Mẹ"))
        return rows

    def foreign(self, content, kind="pupils", user=None, name="vnedu.csv", **values):
        wizard = self.env["hocba.import.wizard"].with_user(user or self.clerk).with_company(self.company)
        wizard = wizard.with_context(default_foreign=True, lang="vi_VN").create(
            {
                "kind": kind,
                "school_year_id": self.year.id,
                "file": base64.b64encode(content),
                "file_name": name,
                **values,
            }
        )
        wizard.action_columns()
        return wizard

    def mapped(self, wizard):
        return {line.header: line.option_id.code for line in wizard.column_ids if line.option_id}

    def choose(self, wizard, header, code):
        column = wizard.column_ids.filtered(lambda line: line.header == header)
        column.option_id = wizard.env["hocba.import.option"].search(
            [("wizard_id", "=", wizard.id), ("scope", "=", "field"), ("code", "=", code)]
        )

    def read_as(self, wizard, raw, code):
        line = wizard.value_ids.filtered(lambda item: item.raw == raw)
        line.option_id = wizard._options(line.scope)[code]

    def map_pupils(self, wizard):
        for header, code in (("NS", "birth_date"), ("Phái", "gender"), ("DT", "ethnicity")):
            self.choose(wizard, header, code)
        wizard.write({"date_order": "mdy", "pad_id": True})
        wizard.action_refresh()
        self.read_as(wizard, "2", "female")


class TestForeignPupils(ForeignCase):
    def test_columns_are_guessed_chosen_and_kept(self):
        wizard = self.foreign(self.csv(self.pupil_rows()))
        self.assertEqual((wizard.state, wizard.heading_first, wizard.heading_last), ("columns", 3, 3))
        guessed = self.mapped(wizard)
        self.assertEqual(
            guessed,
            {
                "Mã HS": "code",
                "Họ đệm": "name.family",
                "Tên": "name.given",
                "Lớp học": "class_name",
                "Số CCCD": "id_number",
                "Tên mẹ": "mother_name",
            },
        )
        samples = wizard.column_ids.filtered(lambda line: line.header == "NS").samples
        self.assertEqual(samples, "3/2/14 · 3/3/14 · 3/4/14")
        self.map_pupils(wizard)
        self.assertIn("Võ Thị Thêm1", wizard.preview)
        self.assertIn("Nữ", wizard.preview)
        self.assertIn("02/03/2014", wizard.preview)
        wizard.mapping_name = "vnEdu"
        wizard.action_check()
        self.assertEqual(
            (wizard.state, self.counts(wizard)), ("checked", (3, 0, 0, 0)), wizard.line_ids.mapped("reason")
        )
        self.assertFalse(self.env["hocba.pupil"].search([("code", "=", "4877000001")]), "a dry run")
        wizard.action_import()
        pupil = self.env["hocba.pupil"].search([("code", "=", "4877000001"), ("company_id", "=", self.company.id)])
        self.assertEqual(
            (pupil.name, pupil.birth_date, pupil.gender, pupil.class_id, pupil.id_number, pupil.ethnicity_id.name),
            ("Võ Thị Thêm1", date(2014, 3, 2), "female", self.class5, "048314000001", "Kinh"),
        )
        again = self.foreign(self.csv(self.pupil_rows(4)))
        self.assertEqual((again.mapping_id.name, again.unknown_count, again.date_order), ("vnEdu", 0, "mdy"))
        again.action_check()
        self.assertEqual(self.counts(again), (1, 0, 3, 0))

    def test_bad_values_are_named_by_row_and_column_and_lose_nothing(self):
        rows = self.pupil_rows()
        rows[4] = (*rows[4][:4], "31/31/31", "9", *rows[4][6:])
        wizard = self.foreign(self.xlsx(rows), name="smas.xlsx")
        self.map_pupils(wizard)
        self.assertEqual(wizard.unknown_count, 1)
        self.assertIn("table-danger", wizard.preview)
        wizard.action_check()
        self.assertEqual(
            {(line.row, line.column, line.code) for line in wizard.line_ids},
            {(5, "E – NS", "date_form"), (5, "F – Phái", "choice")},
        )
        wizard.action_back_to_columns()
        self.read_as(wizard, "9", "female")
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("code"), ["date_form"])
        wizard.action_import()
        self.assertEqual((wizard.state, self.counts(wizard)), ("done", (2, 0, 0, 1)))

    def test_two_columns_of_one_meaning(self):
        wizard = self.foreign(self.csv(self.pupil_rows()))
        self.choose(wizard, "STT", "code")
        wizard.action_check()
        self.assertEqual((wizard.state, wizard.line_ids.mapped("code")), ("columns", ["mapped_twice"]))

    def test_report_is_kept_and_only_grows(self):
        rows = self.pupil_rows()
        rows[4] = (*rows[4][:4], "hôm qua", *rows[4][5:])
        wizard = self.foreign(self.csv(rows))
        self.map_pupils(wizard)
        wizard.action_check()
        wizard.action_import()
        log = wizard.log_id
        self.assertEqual(
            (log.user_id, log.kind, log.file_name, log.new_count, log.error_count, len(log.digest)),
            (self.clerk, "pupils", "vnedu.csv", 2, 1, 64),
        )
        self.assertEqual(log.line_ids.mapped("row"), [5])
        with self.assertRaises(UserError):
            log.sudo().write({"new_count": 5})
        with self.assertRaises(UserError):
            log.line_ids.sudo().unlink()
        logs = self.env["hocba.import.log"]
        self.assertEqual(logs.with_user(self.head).search([("id", "=", log.id)]), log)
        self.assertFalse(logs.with_user(self.homeroom).search([("id", "=", log.id)]))
        with self.assertRaises(AccessError):
            logs.with_user(self.school_admin).search([("id", "=", log.id)])

    def test_mapping_of_another_school_stays_there(self):
        wizard = self.foreign(self.csv(self.pupil_rows()))
        self.map_pupils(wizard)
        wizard.mapping_name = "vnEdu"
        wizard.action_check()
        other = self.env["res.company"].create({"name": "Trường khác"})
        clerk = self.clerk.copy({"login": "clerk_other", "company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        found = self.env["hocba.import.mapping"].with_user(clerk).with_company(other)
        self.assertFalse(found.search([("id", "=", wizard.mapping_id.id)]))


class TestForeignResults(ForeignCase):
    def rows(self, period="year"):
        heads = ("TT", "Họ và tên", "Ngày sinh", "Lớp", "Toán", "Toán (điểm)", "Đạo đức", "Yêu nước", "Ghi chú")
        rows = [heads]
        for number, pupil in enumerate(self.pupils, start=1):
            born = pupil.birth_date.strftime("%d/%m/%Y")
            rows.append((number, pupil.name.upper(), born, "5A", "HTT", str(7 + number - 1), "Tốt", "Tốt", "x"))
        return rows

    def test_pupils_without_a_code_are_found_by_name_and_birth(self):
        rows = self.rows()
        rows.append((4, "Không Ai Cả", "01/01/2015", "5A", "T", "9", "T", "T", ""))
        wizard = self.foreign(self.csv(rows, "\t", "utf-16"), "results", period="end1")
        self.choose(wizard, "Toán (điểm)", "TOAN.score")
        wizard.action_refresh()
        self.assertEqual(wizard.value_ids.filtered(lambda line: not line.option_id).mapped("raw"), ["Tốt"])
        line = wizard.value_ids.filtered(lambda item: item.key == "DD.level")
        line.option_id = wizard._options("level")["T"]
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("code"), ["pupil_unknown"])
        wizard.action_import()
        self.assertEqual(self.counts(wizard), (3, 0, 0, 1))
        self.env.flush_all()
        results = self.env["hocba.result"].search([("class_id", "=", self.class5.id), ("period", "=", "end1")])
        math = results.filtered(lambda item: item.subject_id.code == "TOAN").sorted(lambda item: int(item.score))
        self.assertEqual(math.mapped("score"), ["7", "8", "9"])
        self.assertEqual(set(math.mapped("level")), {"T"})
        moral = results.filtered(lambda item: item.subject_id.code == "DD")
        self.assertEqual(set(moral.mapped("level")), {"T"})
        self.assertEqual(set(math.assessment_id.mapped("quality_patriotism")), {"T"})

    def test_subject_teacher_imports_own_subject_only(self):
        heads = ("Mã học sinh", "Họ tên", "Tiếng Anh", "Toán")
        rows = [heads, *((pupil.code, pupil.name, "H", "C") for pupil in self.pupils)]
        wizard = self.foreign(self.xlsx(rows), "results", self.teacher, class_id=self.class5.id)
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("code"), ["column_not_yours"])
        wizard.action_import()
        levels = self.env["hocba.result"].search([("class_id", "=", self.class5.id), ("level", "!=", False)])
        self.assertEqual({(line.subject_id.code, line.level) for line in levels}, {("NN1", "H")})


class TestForeignStaff(ForeignCase):
    def test_assignments_of_other_software(self):
        heads = ("Lớp", "Môn", "GVBM", "GVCN")
        rows = [heads, ("Lớp 2A", "TV", "Võ Anh Tuấn", "lê văn bình"), ("Lớp 2A", "Mỹ thuật", "cô Tuấn", "")]
        wizard = self.foreign(self.csv(rows, ","), "staff")
        self.assertEqual(wizard.value_ids.filtered(lambda line: not line.option_id).mapped("raw"), ["cô Tuấn"])
        self.read_as(wizard, "cô Tuấn", "teacher")
        wizard.action_check()
        wizard.action_import()
        self.assertEqual(wizard.line_ids.mapped("reason"), [])
        self.assertEqual(self.class2.homeroom_id, self.homeroom2)
        assigned = {line.subject_id.code: line.teacher_id for line in self.class2.assignment_ids}
        self.assertEqual(assigned, {"TV": self.teacher, "MT": self.teacher})
