import base64
import io
from dataclasses import replace
from datetime import date

from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .. import workbook
from .common import SchoolCase

COMMENT = "Hoàn thành tốt; cần phát huy."


class ImportCase(SchoolCase):
    """Workbooks made with the add-on's writers, imported as the screen does it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.info = workbook.ClassInfo(name="5A", grade=5, school_year="2025-2026", school_name=cls.company.name)
        model = cls.env["hocba.import.wizard"]
        cls.plans = model._subject_plans(cls.class5)

    def pupil_row(self, number, **values):
        code = f"48900{number:05d}"
        return workbook.PupilRow(
            sheet="",
            row=0,
            code=code,
            values={
                "name": f"Trần Thị Số {number}",
                "gender": "female",
                "birth_date": date(2015, 3, 1 + number % 28),
                "id_number": f"048315{number:06d}",
                "ethnicity": "Kinh",
                "nationality": "Việt Nam",
                "mother_name": "Lê Thị Mẹ",
                **values,
            },
            history=[
                workbook.HistoryRow(
                    school_year="2024-2025",
                    class_name="4A",
                    school_name="Trường Tiểu học Khác",
                    arrived_on=date(2024, 9, 5),
                )
            ],
        )

    def result_row(self, pupil, level="T", score=9, **values):
        traits = {
            f"quality_{code}": "T" for code in ("patriotism", "compassion", "diligence", "honesty", "responsibility")
        }
        traits |= {name: "T" for name in self.env["hocba.assessment"]._fields if name.startswith("competence_")}
        return workbook.ResultRow(
            sheet="",
            row=0,
            code=pupil.code,
            values={
                **traits,
                **dict.fromkeys(
                    ("quality_comment", "general_comment", "specific_comment", "homeroom_comment"), COMMENT
                ),
                "absences_excused": 1,
                "absences_unexcused": 0,
                "height": 138.5,
                "weight": 31.2,
                **values,
            },
            subjects={
                plan.code: workbook.SubjectValues(level=level, score=score if plan.has_test else None, comment=COMMENT)
                for plan in self.plans
                if plan.required
            },
        )

    def pupils_file(self, rows):
        return workbook.pupils_workbook(self.info, rows)

    def results_file(self, rows):
        identities = {pupil.code: (pupil.name, pupil.birth_date) for pupil in self.class5.enrolment_ids.pupil_id}
        return workbook.results_workbook(self.info, self.plans, rows, identities)

    def wizard(self, content, kind="pupils", user=None, school_class=None):
        wizard = self.env["hocba.import.wizard"].with_user(user or self.clerk).with_company(self.company)
        return wizard.create(
            {
                "kind": kind,
                "school_year_id": self.year.id,
                "class_id": (self.class5 if school_class is None else school_class).id,
                "file": base64.b64encode(content),
                "file_name": "a.xlsx",
            }
        )

    def run_import(self, content, kind="pupils", user=None):
        wizard = self.wizard(content, kind, user)
        wizard.action_check()
        wizard.action_import()
        return wizard

    def counts(self, wizard):
        return wizard.new_count, wizard.changed_count, wizard.unchanged_count, wizard.error_count


class TestImportPupils(ImportCase):
    def test_dry_run_changes_nothing(self):
        before = self.env["hocba.pupil"].search_count([])
        wizard = self.wizard(self.pupils_file([self.pupil_row(1), self.pupil_row(2)]))
        wizard.action_check()
        self.assertEqual((wizard.state, self.counts(wizard)), ("checked", (2, 0, 0, 0)))
        self.assertEqual(self.env["hocba.pupil"].search_count([]), before)

    def test_import_twice_changes_nothing(self):
        content = self.pupils_file([self.pupil_row(1), self.pupil_row(2)])
        self.assertEqual(self.counts(self.run_import(content)), (2, 0, 0, 0))
        pupil = self.env["hocba.pupil"].search([("code", "=", "4890000001"), ("company_id", "=", self.company.id)])
        self.assertEqual(
            (pupil.class_id, pupil.ethnicity_id.name, pupil.nationality_id.code), (self.class5, "Kinh", "VN")
        )
        self.assertEqual(pupil.enrolment_ids.mapped("school_year_name"), ["2024-2025", "2025-2026"])
        stamps = pupil.write_date, len(pupil.enrolment_ids), len(pupil.message_ids)
        again = self.run_import(content)
        self.assertEqual(self.counts(again), (0, 0, 2, 0))
        self.assertIn("Nothing was changed", again.with_context(lang="en_US").summary)
        pupil.invalidate_recordset()
        self.assertEqual((pupil.write_date, len(pupil.enrolment_ids), len(pupil.message_ids)), stamps)

    def test_change_is_found(self):
        self.run_import(self.pupils_file([self.pupil_row(1)]))
        wizard = self.run_import(self.pupils_file([self.pupil_row(1, address="9 Lê Lợi")]))
        self.assertEqual(self.counts(wizard), (0, 1, 0, 0))
        pupil = self.env["hocba.pupil"].search([("code", "=", "4890000001"), ("company_id", "=", self.company.id)])
        self.assertEqual(pupil.address, "9 Lê Lợi")

    def test_identity_of_a_pupil_with_a_signed_record_stays(self):
        self._certify()
        pupil = self.sign_all(self._records(self.class5, 1)).pupil_id
        values = {"name": pupil.name, "birth_date": pupil.birth_date, "gender": "female", "address": "9 Lê Lợi"}
        row = replace(self.pupil_row(1), code=pupil.code, values=values, history=[])
        wizard = self.run_import(self.pupils_file([row]))
        self.assertEqual((pupil.gender, pupil.address), ("male", "9 Lê Lợi"))
        self.assertIn("decision on civil status", " ".join(wizard.line_ids.mapped("reason")))

    def test_bad_row_is_left_out_and_named(self):
        book = load_workbook(io.BytesIO(self.pupils_file([self.pupil_row(1), self.pupil_row(2)])))
        sheet = book["Học sinh"]
        sheet["C3"] = "31/02/2015"
        sheet["E3"] = 48315000002
        out = io.BytesIO()
        book.save(out)
        wizard = self.wizard(out.getvalue())
        wizard.on_error = "none"
        wizard.action_check()
        self.assertEqual(set(wizard.line_ids.mapped("code")), {"impossible_date", "id_lost_zero"})
        self.assertEqual(set(wizard.line_ids.mapped("row")), {3})
        self.assertEqual(wizard.line_ids[0].column, "C – Ngày sinh")
        wizard.action_import()
        self.assertEqual(wizard.state, "checked", "nothing goes in as long as a row is wrong")
        wizard.on_error = "rest"
        wizard.action_import()
        self.assertEqual((wizard.state, self.counts(wizard)), ("done", (1, 0, 0, 1)))
        self.assertEqual(len(wizard.line_ids), 2, "the list of what was left out stays")

    def test_reason_is_vietnamese(self):
        wizard = self.wizard(b"PK no zip").with_context(lang="vi_VN")
        wizard.action_check()
        self.assertTrue(wizard.fatal)
        self.assertIn("Excel", wizard.line_ids.reason)
        self.assertIn("không phải", wizard.line_ids.reason)

    def test_number_of_another_pupil_is_refused(self):
        self._pupil(self.class2, 5, id_number="048315000001")
        wizard = self.wizard(self.pupils_file([self.pupil_row(1)]))
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("code"), ["id_taken"])

    def test_pupil_of_another_class_is_refused(self):
        pupil = self._pupil(self.class2, 5)
        row = self.pupil_row(1, name=pupil.name, id_number=pupil.id_number, birth_date=pupil.birth_date, gender="male")
        row.code = pupil.code
        wizard = self.wizard(self.pupils_file([row]))
        wizard.action_check()
        self.assertIn("already_in_class", wizard.line_ids.mapped("code"))
        self.assertEqual(wizard.error_count, 1)

    def test_sector_list_is_read_and_who_left_leaves(self):
        self.run_import(self.pupils_file([self.pupil_row(1)]))
        rows = [
            self.pupil_row(1, status="left", status_date=date(2026, 2, 2)),
            self.pupil_row(2, status="arrived", status_date=date(2026, 1, 12)),
        ]
        wizard = self.run_import(workbook.sector_pupils_workbook(self.info, rows))
        self.assertEqual((wizard.layout, self.counts(wizard)), ("sector", (1, 1, 0, 0)))
        pupils = self.env["hocba.pupil"].search([("company_id", "=", self.company.id)], order="code")
        gone = pupils[0].enrolment_ids.filtered("class_id")
        self.assertEqual((gone.date_to, gone.end_reason, gone.is_current), (date(2026, 2, 2), "left", False))
        self.assertEqual(pupils[1].enrolment_ids.date_from, date(2026, 1, 12))

    def test_only_the_clerk_imports_pupils(self):
        for user in (self.homeroom2, self.teacher):
            with self.assertRaises(AccessError):
                self.wizard(self.pupils_file([self.pupil_row(1)]), user=user).action_check()
        for user in (self.school_admin, self.auditor):
            with self.assertRaises(AccessError):
                self.wizard(self.pupils_file([self.pupil_row(1)]), user=user)

    def test_queries_do_not_grow_with_every_row(self):
        small = self.wizard(self.pupils_file([self.pupil_row(number) for number in range(5)]))
        large = self.wizard(self.pupils_file([self.pupil_row(number) for number in range(100, 140)]))
        used = []
        for wizard in (small, large):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            wizard.action_check()
            wizard.action_import()
            self.env.flush_all()
            used.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(used[1] - used[0], 35 * 2, used)


class TestImportResults(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pupils = cls._pupil(cls.class5, 11, name="Đỗ Một") | cls._pupil(cls.class5, 12, name="Đỗ Hai")

    def file(self, **options):
        return self.results_file([self.result_row(pupil, **options) for pupil in self.pupils])

    def assessments(self):
        return self.env["hocba.assessment"].search([("class_id", "=", self.class5.id)])

    def test_import_twice_changes_nothing(self):
        self.assertEqual(self.counts(self.run_import(self.file(), "results")), (2, 0, 0, 0))
        self.assertEqual(set(self.assessments().mapped("overall")), {"excellent"})
        self.assertEqual(set(self.assessments().mapped("promoted")), {"yes"})
        self.assertEqual(set(self.assessments().mapped("missing_count")), {0})
        again = self.run_import(self.file(), "results", self.homeroom2)
        self.assertEqual(self.counts(again), (0, 0, 2, 0))

    def test_own_template_comes_back_unchanged(self):
        self.run_import(self.file(score=0, level="C", promoted="summer"), "results")
        self.assertEqual(set(self.assessments().mapped("promoted")), {"summer"})
        self.assertEqual(set(self.assessments().result_ids.filtered("has_test").mapped("score")), {"0"})
        again = self.run_import(self.file(score=0, level="C", promoted="summer"), "results")
        self.assertEqual(self.counts(again), (0, 0, 2, 0))

    def test_sector_table(self):
        rows = [self.result_row(pupil, overall="excellent", class_completed="yes") for pupil in self.pupils]
        identities = {pupil.code: (pupil.name, pupil.birth_date) for pupil in self.pupils}
        wizard = self.run_import(
            workbook.sector_results_workbook(self.info, self.plans, rows, identities), "results", self.homeroom2
        )
        self.assertEqual((wizard.layout, self.counts(wizard)), ("sector", (2, 0, 0, 0)))
        self.assertEqual(set(self.assessments().mapped("overall")), {"excellent"})

    def test_result_that_contradicts_is_named(self):
        rows = [self.result_row(pupil, level="H", score=6, overall="excellent") for pupil in self.pupils]
        identities = {pupil.code: (pupil.name, pupil.birth_date) for pupil in self.pupils}
        book = load_workbook(io.BytesIO(workbook.sector_results_workbook(self.info, self.plans, rows, identities)))
        sheet = book.active
        column = next(cell.column for cell in sheet[1] if cell.value == "Lên lớp")
        for row in range(4, sheet.max_row + 1):
            sheet.cell(row, column, "không")
        content = io.BytesIO()
        book.save(content)
        wizard = self.wizard(content.getvalue(), "results")
        wizard.action_check()
        self.assertEqual(set(wizard.line_ids.mapped("code")), {"overall_differs", "mark_contradicts"})

    def test_subject_teacher_enters_own_subject_only(self):
        wizard = self.run_import(self.file(), "results", self.teacher)
        self.assertEqual(wizard.new_count, 2)
        self.assertIn("column_not_yours", wizard.line_ids.mapped("code"))
        lines = self.assessments().result_ids.filtered("level")
        self.assertEqual(set(lines.mapped("subject_id.code")), {"NN1"})
        self.assertFalse(any(self.assessments().mapped("homeroom_comment")))

    def test_other_teachers_are_refused(self):
        with self.assertRaises(AccessError):
            self.wizard(self.file(), "results", self.homeroom).action_check()
        with self.assertRaises(AccessError):
            self.wizard(self.file(), "results", self.school_admin)

    def test_signed_record_keeps_its_results(self):
        self._certify()
        self.run_import(self.file(), "results")
        for pupil in self.pupils:
            pupil.write({"mother_name": "Lê Thị Mẹ"})
        self.class5.with_user(self.clerk).action_create_records()
        record = self.class5.record_ids.filtered(lambda line: line.pupil_id == self.pupils[0])
        self.sign_all(record)
        self.assertEqual(record.state, "signed")
        wizard = self.run_import(self.file(score=10), "results")
        self.assertEqual(self.counts(wizard), (0, 1, 0, 1))
        self.assertEqual(
            wizard.line_ids.filtered(lambda line: line.severity == "error").mapped("code"), ["record_closed"]
        )
        scores = {line.assessment_id.pupil_id: line.score for line in self.assessments().result_ids if line.score}
        self.assertEqual((scores[self.pupils[0]], scores[self.pupils[1]]), ("9", "10"))

    def test_class_comes_from_the_template(self):
        wizard = self.wizard(self.file(), "results", school_class=self.env["hocba.class"])
        wizard.action_check()
        self.assertEqual((wizard.class_id, wizard.new_count), (self.class5, 2))

    def test_wrong_kind(self):
        wizard = self.wizard(self.file(), "pupils")
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("code"), ["wrong_kind_results"])
        wizard = self.wizard(self.pupils_file([self.pupil_row(1)]), "results")
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("code"), ["wrong_kind_pupils"])


@tagged("post_install", "-at_install")
class TestTemplateDownload(HttpCase, SchoolCase):
    def test_templates_for_those_who_may(self):
        self._pupil(self.class5, 1)
        (self.clerk | self.teacher | self.homeroom | self.school_admin).write({"password": "demo-pass-1"})
        for login, kind, status in (
            ("clerk", "pupils", 200),
            ("clerk", "results", 200),
            ("teacher", "results", 200),
            ("teacher", "pupils", 404),
            ("homeroom", "results", 404),
            ("schooladmin", "results", 404),
            ("clerk", "other", 404),
        ):
            with self.subTest(login=login, kind=kind):
                self.authenticate(login, "demo-pass-1")
                answer = self.url_open(f"/hocba/workbook/{kind}/{self.class5.id}")
                self.assertEqual(answer.status_code, status)
                if status == 200:
                    self._check(kind, answer.content)

    def _check(self, kind, content):
        if kind == "pupils":
            found = workbook.read_pupils(content)
        else:
            found = workbook.read_results(content, 5, self.env["hocba.import.wizard"]._subject_plans(self.class5))
        self.assertEqual((found.layout, len(found.rows), found.problems), ("own", 1, []))
