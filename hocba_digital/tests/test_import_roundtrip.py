import io
import random

from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..workbook.write_results import result_columns
from .test_import import COMMENT, ImportCase

LEVELS = ("T", "H", "C")


class RoundTripCase(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ("Đỗ Một", "Lê Thị Hai", "Phạm Ba")
        cls.pupils = cls.env["hocba.pupil"].union(
            *(cls._pupil(cls.class5, 20 + number, name=name) for number, name in enumerate(names))
        )
        cls.other = cls._pupil(cls.class2, 40, name="Đặng Tư")
        cls.classes = cls.class5 | cls.class2

    def fill(self, classes, period):
        """Complete results, all different, the comments with several lines."""
        pick = random.Random(7)
        for assessment in classes._ensure_assessments(period):
            for line in assessment.result_ids:
                score = str(pick.randrange(11)) if line.has_test else False
                comment = f"Dòng một\nDòng hai {pick.random()}"
                line.write({"level": pick.choice(LEVELS), "score": score, "comment": comment})
            assessment.write(
                {
                    **{name: pick.choice(("T", "D", "C")) for name in assessment._trait_fields()},
                    **dict.fromkeys(("quality_comment", "general_comment", "specific_comment"), COMMENT),
                    "homeroom_comment": " Em  ngoan.\nCần cố gắng. ",
                    "has_attendance": True,
                    "absences_excused": 0,
                    "absences_unexcused": 3,
                    "height": 130.4,
                    "weight": 28.9,
                }
            )

    def state(self):
        """Everything that an import of results could touch."""
        self.env.flush_all()
        found = {}
        for line in self.env["hocba.result"].search([("class_id", "in", self.classes.ids)]):
            key = (line.pupil_id.code, line.period, line.subject_id.code)
            found |= {(*key, part): line[part] for part in ("level", "score", "comment")}
        names = [name for name, field in self.env["hocba.assessment"]._fields.items() if field.store]
        names = [
            name for name in names if name.startswith(("quality", "competence", "absences", "homeroom_c", "award"))
        ]
        names += ["height", "weight", "general_comment", "specific_comment", "has_attendance"]
        for assessment in self.env["hocba.assessment"].search([("class_id", "in", self.classes.ids)]):
            found |= {(assessment.pupil_id.code, assessment.period, name): assessment[name] for name in names}
        return found

    def export(self, classes=None, kind="results", period="year", user=None):
        return (classes or self.class5).with_user(user or self.clerk)._workbooks(kind, period)[0][1]

    def edit(self, content, edits):
        """``edits``: (pupil code, heading) -> value, in whatever sheet the pupil stands."""
        book = load_workbook(io.BytesIO(content))
        left = dict(edits)
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            heads = {str(cell.value): cell.column for cell in sheet[1]}
            for row in range(2, sheet.max_row + 1):
                for head, column in heads.items():
                    key = (sheet.cell(row, 1).value, head)
                    if key in left:
                        sheet.cell(row, column).value = left.pop(key)
        self.assertFalse(left)
        return self.saved(book)

    def saved(self, book):
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def check_import(self, content, kind="results", user=None, **options):
        wizard = self.wizard(content, kind, user, options.pop("school_class", self.env["hocba.class"]))
        wizard.write(options)
        wizard.action_check()
        self.assertFalse(wizard.fatal, wizard.line_ids.mapped("reason"))
        wizard.action_import()
        return wizard


class TestResultsRoundTrip(RoundTripCase):
    def test_export_and_import_change_nothing_in_any_period(self):
        for period in ("mid1", "end1", "mid2", "year"):
            with self.subTest(period=period):
                self.fill(self.classes, period)
                before = self.state()
                wizard = self.check_import(self.export(self.classes, period=period))
                self.assertEqual(self.counts(wizard), (0, 0, 4, 0))
                self.assertEqual((wizard.period, wizard.line_ids.mapped("reason")), (period, []))
                self.assertEqual(self.state(), before)

    def test_edits_change_exactly_what_was_edited(self):
        for period in ("mid1", "year"):
            self.fill(self.classes, period)
            columns = self.columns(period)
            for seed in range(4):
                pick = random.Random(seed)
                edits, expected = {}, self.state()
                for _number in range(6):
                    pupil = pick.choice(self.pupils)
                    key, head = pick.choice(columns)
                    value, stored = self.random_value(pick, key)
                    edits[pupil.code, head] = value
                    where = (pupil.code, period, *key.split(".")) if "." in key else (pupil.code, period, key)
                    expected[where] = stored
                self.check_import(self.edit(self.export(self.classes, period=period), edits))
                self.assertEqual(self.state(), expected, (period, seed))

    def columns(self, period):
        skipped = ("code", "name", "birth_date", "class_completed", "promoted", "award", "extra_award")
        made = result_columns(5, self.class5._subject_plans(period, taught=True), period)
        return [(key, head) for key, head, *_rest in made if key not in skipped]

    def random_value(self, pick, key):
        """(what is typed, what is stored)."""
        if key.endswith(".level"):
            return (pick.choice(LEVELS),) * 2
        if key.endswith(".score"):
            score = pick.randrange(11)
            return score, str(score)
        if key.endswith("comment"):
            return (f"Nhận xét mới {pick.random()}",) * 2
        if key.startswith("absences"):
            return (pick.randrange(30),) * 2
        if key == "height":
            return (pick.randrange(600, 1400) / 10,) * 2
        if key == "weight":
            return (pick.randrange(200, 600) / 10,) * 2
        level = pick.choice(("T", "D", "C"))
        return {"D": "Đ"}.get(level, level), level

    def line(self, code="TOAN", pupil=None):
        lines = self.class5._ensure_assessments().filtered(lambda item: item.pupil_id == (pupil or self.pupils[0]))
        return lines.result_ids.filtered(lambda item: item.subject_id.code == code)

    def test_newer_value_in_the_software_is_not_overwritten_silently(self):
        self.fill(self.class5, "year")
        self.line().write({"level": "T", "score": "9"})
        head = "Toán\nMức đạt được"
        stale = self.edit(self.export(), {(self.pupils[0].code, head): "C"})
        self.line().write({"level": "H", "score": "6"})
        wizard = self.check_import(stale)
        conflict = wizard.line_ids.filtered(lambda item: item.code == "conflict_kept")
        self.assertEqual((wizard.conflict_count, len(conflict)), (1, 1))
        self.assertIn("“H”", conflict.reason)
        self.assertIn("Toán", conflict.column)
        self.assertEqual((self.line().level, self.line().score), ("H", "6"), "untouched and conflicting cells stay")
        self.check_import(stale, on_conflict="overwrite")
        self.assertEqual((self.line().level, self.line().score), ("C", "6"), "only the edited cell is overwritten")

    def test_emptied_cell_is_asked_about(self):
        self.fill(self.class5, "year")
        content = self.edit(self.export(), {(self.pupils[0].code, "Nhận xét phẩm chất"): None})
        wizard = self.check_import(content)
        self.assertEqual((wizard.cleared_count, wizard.line_ids.mapped("code")), (1, ["cleared_cell"]))
        assessment = self.line().assessment_id
        self.assertEqual(assessment.quality_comment, COMMENT)
        self.check_import(content, on_empty="clear")
        self.assertFalse(assessment.quality_comment)

    def test_removed_column_empties_nothing(self):
        self.fill(self.class5, "year")
        before = self.state()
        book = load_workbook(io.BytesIO(self.export()))
        book.worksheets[0].delete_cols(4, 3)
        wizard = self.check_import(self.saved(book), on_empty="clear")
        self.assertEqual(self.counts(wizard), (0, 0, 3, 0))
        self.assertEqual(self.state(), before)

    def test_subject_teacher_has_own_subject_in_own_file(self):
        self.fill(self.class5, "mid1")
        content = self.export(user=self.teacher, period="mid1")
        heads = [cell.value for cell in load_workbook(io.BytesIO(content)).worksheets[0][1]]
        self.assertEqual(heads[3:], ["Ngoại ngữ 1 (Tiếng Anh)\nMức đạt được", "Ngoại ngữ 1 (Tiếng Anh)\nNhận xét"])
        content = self.edit(content, {(self.pupils[0].code, heads[4]): "Nói tốt."})
        wizard = self.check_import(content, user=self.teacher)
        self.assertEqual((self.counts(wizard), wizard.line_ids.ids), ((0, 1, 2, 0), []))

    def test_score_only_where_the_period_has_a_test(self):
        middle, end = (dict(self.columns(period)) for period in ("mid1", "end1"))
        self.assertIn("TOAN.score", middle)
        self.assertNotIn("KH.score", middle)
        self.assertIn("KH.score", end)
        content = self.edit(self.export(period="end1"), {(self.pupils[0].code, "Khoa học\nĐiểm KTĐK"): 8})
        book = load_workbook(io.BytesIO(content))
        next(row for row in book["_hocba"].iter_rows() if row[0].value == "period")[1].value = "mid1"
        wizard = self.wizard(self.saved(book), "results")
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("code"), ["score_without_test"])

    def test_signed_rows_that_were_not_edited_do_not_disturb(self):
        self._certify()
        self._assess(self.class5)
        self.class5.with_user(self.clerk).action_create_records()
        record = self.class5.record_ids.filtered(lambda line: line.pupil_id == self.pupils[0])
        self.sign_all(record)
        head = "Toán\nĐiểm KTĐK"
        content = self.edit(self.export(), {(self.pupils[1].code, head): 10})
        wizard = self.check_import(content)
        self.assertEqual((self.counts(wizard), wizard.line_ids.ids), ((0, 1, 2, 0), []))
        content = self.edit(self.export(), {(self.pupils[0].code, head): 10})
        wizard = self.check_import(content)
        self.assertEqual(wizard.line_ids.mapped("code"), ["record_closed"])
        self.assertEqual(self.line().score, "9")

    def test_teacher_of_one_class_leaves_the_other_class_alone(self):
        self.fill(self.classes, "year")
        head = "Toán\nMức đạt được"
        self.line(pupil=self.pupils[0]).level = "T"
        edits = {(self.pupils[0].code, head): "C", (self.other.code, "Toán\nNhận xét"): "Của lớp 2A"}
        content = self.edit(self.export(self.classes), edits)
        before = self.state()
        wizard = self.check_import(content, user=self.homeroom)
        self.assertEqual(set(wizard.line_ids.mapped("code")), {"no_permission"})
        self.assertEqual(wizard.error_count, 3)
        changed = {key[0] for key, value in self.state().items() if before[key] != value}
        self.assertEqual(changed, {self.other.code})


class TestPupilsRoundTrip(RoundTripCase):
    def test_several_classes_in_one_list(self):
        wizard = self.check_import(self.export(self.classes, "pupils"), "pupils")
        self.assertEqual((self.counts(wizard), wizard.line_ids.mapped("code")), ((0, 0, 4, 0), []))
        content = self.edit(self.export(self.classes, "pupils"), {(self.other.code, "Quê quán"): "Hội An"})
        self.assertEqual(self.counts(self.check_import(content, "pupils")), (0, 1, 3, 0))
        self.assertEqual(self.other.home_town, "Hội An")

    def test_stale_file_does_not_bring_back_an_old_address(self):
        stale = self.export(self.classes, "pupils")
        self.other.address = "99 Trần Phú"
        self.assertEqual(self.counts(self.check_import(stale, "pupils")), (0, 0, 4, 0))
        self.assertEqual(self.other.address, "99 Trần Phú")
        both = self.edit(stale, {(self.other.code, "Nơi ở hiện nay"): "1 Lê Duẩn"})
        wizard = self.check_import(both, "pupils")
        self.assertEqual((wizard.conflict_count, self.other.address), (1, "99 Trần Phú"))
        self.check_import(both, "pupils", on_conflict="overwrite")
        self.assertEqual(self.other.address, "1 Lê Duẩn")


class TestStaffRoundTrip(RoundTripCase):
    def rows(self, content, changes=(), added=()):
        book = load_workbook(io.BytesIO(content))
        for sheet, place, value in changes:
            book[sheet][place].value = value
        for number, row in enumerate(added, start=4):
            for column, value in enumerate(row, start=1):
                book["Lớp"].cell(number, column).value = value
        return self.saved(book)

    def test_unchanged_then_changed(self):
        content = self.export(self.classes, "staff")
        sheet = load_workbook(io.BytesIO(content))["Phân công"]
        self.assertEqual(self.counts(self.check_import(content, "staff"))[:2], (0, 0))
        row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 1).value == "2A")
        changes = [("Lớp", "C2", "homeroom2"), ("Phân công", f"C{row}", "Võ Anh Tuấn")]
        wizard = self.check_import(self.rows(content, changes, [("3A", 3, "Lê Văn Bình")]), "staff")
        self.assertEqual((self.counts(wizard)[:2], wizard.line_ids.mapped("reason")), ((2, 1), []))
        self.assertEqual(self.class2.homeroom_id, self.homeroom2)
        self.assertEqual(self.class2.assignment_ids.teacher_id, self.teacher)
        created = self.env["hocba.class"].search([("name", "=", "3A"), ("school_year_id", "=", self.year.id)])
        self.assertEqual((created.grade, created.homeroom_id), ("3", self.homeroom2))
        again = self.check_import(self.export(self.classes, "staff"), "staff")
        self.assertEqual(self.counts(again)[:2], (0, 0))

    def test_unknown_names_are_findings(self):
        content = self.export(self.classes, "staff")
        changes = [("Lớp", "C2", "Ai Đó"), ("Phân công", "B2", "Thiên văn")]
        wizard = self.wizard(self.rows(content, changes, [("4Z", None, None)]), "staff")
        wizard.action_check()
        codes = {"teacher_unknown", "subject_unknown", "class_new_without_grade"}
        self.assertEqual(set(wizard.line_ids.mapped("code")), codes)

    def test_only_the_clerk(self):
        content = self.export(self.classes, "staff")
        with self.assertRaises(AccessError):
            self.wizard(content, "staff", self.homeroom).action_check()


@tagged("post_install", "-at_install")
class TestExportRights(RoundTripCase):
    def test_who_may_have_what(self):
        allowed = {
            self.clerk: {"pupils", "results", "staff", "sector_pupils", "sector_results"},
            self.head: {"pupils", "results", "staff", "sector_pupils", "sector_results"},
            self.auditor: {"pupils", "results"},
            self.homeroom2: {"results", "sector_results"},
            self.teacher: {"results"},
            self.school_admin: set(),
        }
        for user, kinds in allowed.items():
            for kind in allowed[self.clerk]:
                with self.subTest(user=user.login, kind=kind):
                    if kind in kinds:
                        self.assertTrue(self.export(kind=kind, user=user))
                    else:
                        with self.assertRaises(AccessError):
                            self.export(kind=kind, user=user)

    def test_classes_offered_for_export(self):
        assessments = self.class5._ensure_assessments() | self.class2._ensure_assessments()
        for user, model, ids, offered in (
            (self.clerk, "hocba.class", self.classes.ids, self.classes),
            (self.clerk, "hocba.assessment", assessments.ids, self.classes),
            (self.homeroom2, "hocba.assessment", [], self.class5),
        ):
            wizard = self.env["hocba.export.wizard"].with_user(user).with_company(self.company)
            wizard = wizard.with_context(active_model=model, active_ids=ids).create({})
            self.assertEqual(wizard.class_ids, offered)
            self.assertIn("period=year", wizard.action_export()["url"])

    def test_foreign_class(self):
        with self.assertRaises(AccessError):
            self.export(self.class2, user=self.homeroom2)

    def test_sector_layout_marks_with_a_cross_only(self):
        self._assess(self.class2, level="C", score="3")
        self.env.flush_all()
        (_name, content), _other = self.classes.with_user(self.clerk)._workbooks("sector_results")
        sheet = load_workbook(io.BytesIO(content)).active
        self.assertEqual((sheet.cell(4, 32).value, sheet.cell(4, 33).value), (None, None))

    def test_whole_school_is_offered_for_the_sector_database(self):
        wizard = self.env["hocba.export.wizard"].with_user(self.clerk).with_context(hocba_whole_school=True)
        self.assertEqual(set(wizard._offered_classes().mapped("school_year_id.name")), {"2025-2026"})
        self.assertLessEqual(self.classes, wizard._offered_classes())

    def test_sector_layout_of_grade_2_comes_back(self):
        self._assess(self.class2)
        files = self.classes.with_user(self.head)._workbooks("sector_results")
        names = [name for name, _content in files]
        self.assertEqual(names, ["csdl-KetQuaHocTap-2A-2025-2026.xlsx", "csdl-KetQuaHocTap-5A-2025-2026.xlsx"])
        sheet = load_workbook(io.BytesIO(files[0][1])).active
        self.assertEqual((sheet.max_column, sheet.cell(4, 34).value), (34, "Hoàn thành xuất sắc"))
        wizard = self.check_import(files[0][1], school_class=self.class2)
        self.assertEqual((wizard.layout, self.counts(wizard)), ("sector", (0, 0, 1, 0)))
