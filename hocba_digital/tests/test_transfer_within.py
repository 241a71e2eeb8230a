import base64
import io
import zipfile
from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import COMMENT
from .within_common import DAY, WithinCase


@tagged("post_install", "-at_install")
class TestTransferWithin(WithinCase):
    """A pupil changes school within the year: the results so far go along, signed by head and seal there."""

    # The whole way ------------------------------------------------------------------------------------

    def test_half_a_year_changes_school(self):
        leaving = self.leave()
        self.assertIn("2026-2027", leaving.leaving_periods)
        leaving.unlink()
        leaving = self.release()
        self.assertEqual(leaving.results_year, "2026-2027")
        self.assertIn("Nguyễn Thị Minh Hà", leaving.results_table)
        arriving = self.enter(self.file_of(leaving))
        self.assertFalse(arriving.failed)
        self.assertIn(arriving.results_result, ("TOTAL_PASSED", "INDETERMINATE"))
        self.assertEqual(arriving.results_digest, leaving.results_digest)
        self.assertIn(COMMENT, arriving.results_table)
        pupil = self.take(arriving)
        here, there = self.here(pupil), self.here(self.pupil)
        self.assertEqual(set(here), {"mid1", "end1"})
        for period in here:
            old, new = there[period], here[period]
            self.assertEqual((new.class_id, new.from_other_school), (self.class3b, True))
            self.assertEqual((new.origin_school, new.origin_transfer_id), (self.company.name, arriving.sudo()))
            names = (*new._trait_fields(), "homeroom_comment", "has_attendance", "absences_excused", "height")
            self.assertEqual([new[name] for name in names], [old[name] for name in names])
            self.assertEqual(
                *(
                    {line.subject_id: (line.level, line.score, line.comment) for line in each.result_ids if line.level}
                    for each in (new, old)
                )
            )
        self.assertTrue(arriving.results_entered_at)
        career = pupil.enrolment_ids.filtered(lambda line: line.school_year_name == "2026-2027")
        self.assertEqual(career.mapped("school_name"), [self.company.name, self.other.name])
        self.assertEqual((career[0].date_to, career[0].end_reason), (DAY, "left"))
        self.enter_receipt(self.receipt_of(arriving))
        self.assertEqual((leaving.state, self.draft.state), ("completed", "recalled"))
        self.assertEqual(self.record.state, "transferred")

    def test_a_draft_that_ended_unsigned_is_read_and_given_out(self):
        leaving = self.release()
        arriving = self.enter(self.file_of(leaving))
        self.take(arriving)
        self.enter_receipt(self.receipt_of(arriving))
        ended = self.draft.with_user(self.clerk)
        self.assertEqual((ended.state, ended.packet_digest), ("recalled", False))
        self.assertIn("BẢN NHÁP", self.env["hocba.print"].with_user(self.clerk)._record_page_html(ended))
        wizard = self.env["hocba.personal.wizard"].with_user(self.clerk)
        wizard = wizard.create({"pupil_id": self.pupil.id, "recipient": "Bố", "reason": "Đơn ngày 18/1/2027"})
        wizard.action_export()
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(wizard.file)))
        self.assertIn(f"hoc-ba/{self.record.uuid}.xml", archive.namelist())
        self.assertNotIn(f"hoc-ba/{ended.uuid}.xml", archive.namelist())

    def test_the_new_school_issues_the_record_of_the_year(self):
        arriving = self.enter(self.file_of(self.release()))
        pupil = self.take(arriving)
        self.other.write(
            {
                "hocba_authority_code": "48",
                "hocba_authority_name": "Sở Giáo dục và Đào tạo thành phố Đà Nẵng",
                "hocba_commune": "Xã Núi Thành",
                "hocba_issue_place": "Đà Nẵng",
            }
        )
        self.class3b.with_user(self.clerk2).with_company(self.other).action_create_records()
        record = pupil.record_ids
        self.assertEqual(len(record), 1)
        self.assertNotEqual(record.uuid, self.draft.uuid)
        self.assertFalse(record.assessment_id.from_other_school)
        self.assertEqual(
            [(line.class_name, line.school_name) for line in record._history() if line.school_year == "2026-2027"],
            [("3A", self.company.name), ("3B", self.other.name)],
        )

    def test_grade_one_without_a_closed_year(self):
        child = self._pupil(self.class1, 41, birth_date=date(2020, 5, 17), id_number="048220000041")
        self._half_year(self.class1)
        leaving = self.release(pupil_id=child.id)
        self.assertFalse(leaving.line_ids)
        arriving = self.enter(self.file_of(leaving))
        class1b = self.class3b.sudo().copy({"name": "1B", "grade": "1"})
        pupil = self.take(arriving, class1b)
        same = ("name", "code", "id_number", "birth_date", "gender", "home_town", "address", "mother_name")
        self.assertEqual([pupil[name] for name in same], [child[name] for name in same])
        self.assertEqual((pupil.ethnicity_id, pupil.nationality_id), (child.ethnicity_id, child.nationality_id))
        self.assertEqual(set(self.here(pupil)), {"mid1", "end1"})
        self.enter_receipt(self.receipt_of(arriving))
        self.assertEqual(leaving.state, "completed")
        self.assertTrue(child._is_gone())

    def test_neither_closed_years_nor_results(self):
        child = self._pupil(self.class1, 42, birth_date=date(2020, 5, 17))
        with self.assertRaisesRegex(UserError, "no results of this school year"):
            self.leave(pupil_id=child.id)

    def test_a_pupil_without_id_number_and_a_twin(self):
        birth = {"birth_date": date(2020, 5, 17), "id_number": False, "no_id_reason": "waiting"}
        child = self._pupil(self.class1, 43, **birth)
        twin = self._pupil(self.class1, 44, **birth)
        self._half_year(self.class1)
        files = [self.file_of(self.release(pupil_id=each.id)) for each in (child, twin)]
        class1b = self.class3b.sudo().copy({"name": "1B", "grade": "1"})
        pupils = [self.take(self.enter(content), class1b) for content in files]
        self.assertEqual([pupil.code for pupil in pupils], [child.code, twin.code])
        self.assertNotEqual(*pupils)
        for pupil in pupils:
            self.assertEqual(set(self.here(pupil)), {"mid1", "end1"})

    def test_class_is_chosen_later(self):
        arriving = self.enter(self.file_of(self.release()))
        pupil = self.take(arriving, self.env["hocba.class"])
        self.assertFalse(self.here(pupil))
        self.enter_receipt(self.receipt_of(arriving))
        self.assertEqual(arriving.state, "completed")
        line = {"pupil_id": pupil.id, "class_id": self.class3b.id, "date_from": DAY}
        self.env["hocba.enrolment"].with_user(self.clerk2).with_company(self.other).create(line)
        self.assertEqual(set(self.here(pupil)), {"mid1", "end1"})
        self.assertTrue(arriving.results_entered_at)

    def test_what_was_entered_here_already_stays(self):
        arriving = self.enter(self.file_of(self.release()))
        values = {"name": self.pupil.name, "code": self.pupil.code, "birth_date": self.pupil.birth_date}
        early = self.env["hocba.pupil"].create({**values, "gender": "male", "company_id": self.other.id})
        self.env["hocba.enrolment"].create({"pupil_id": early.id, "class_id": self.class3b.id, "date_from": DAY})
        mine = self.class3b._ensure_assessments("end1")
        mine.result_ids[0].level = "C"
        self.assertEqual(self.take(arriving), early)
        here = self.here(early)
        self.assertFalse(here["end1"].from_other_school)
        self.assertEqual([line.level for line in here["end1"].result_ids if line.level], ["C"])
        self.assertTrue(here["mid1"].from_other_school)
        self.assertIn("entered here already", arriving.results_note)

    def test_another_grade_enters_nothing(self):
        arriving = self.enter(self.file_of(self.release()))
        pupil = self.take(arriving, self.class3b.sudo().copy({"name": "2B", "grade": "2"}))
        self.assertFalse(self.here(pupil))
        self.assertIn("nothing was entered", arriving.results_note)

    def test_unknown_subjects_are_named_and_kept(self):
        extra = self.env["hocba.subject"].create({"name": "Tiếng Chăm", "code": "CHAM"})
        there = self.here(self.pupil)["end1"]
        there.result_ids = [(0, 0, {"subject_id": extra.id, "level": "T"})]
        content = self.file_of(self.release())
        extra.code = "CHAM_CU"
        arriving = self.enter(content)
        self.assertIn("Tiếng Chăm (CHAM)", arriving.finding)
        pupil = self.take(arriving)
        self.assertIn("Tiếng Chăm (CHAM)", arriving.results_note)
        self.assertIn("Tiếng Chăm", arriving.results_table)
        self.assertNotIn(extra, self.here(pupil)["end1"].result_ids.subject_id)

    # The new school's teacher -----------------------------------------------------------------------------------

    def test_what_came_is_not_changed_and_shows_its_origin(self):
        pupil = self.take(self.enter(self.file_of(self.release())))
        came = self.here(pupil)["end1"]
        teacher = self._colleague("teacher2", "group_homeroom")
        self.class3b.homeroom_id = teacher
        mine = came.with_user(teacher).with_company(self.other)
        self.assertTrue(mine.has_origin_document)
        line = mine.result_ids.filtered("level")[:1]
        for change in (
            lambda: line.write({"level": "C"}),
            lambda: line.write({"comment": "Khác"}),
            lambda: mine.write({"quality_honesty": "C"}),
            lambda: mine.write({"absences_unexcused": 1}),
            lambda: mine.write({"origin_school": "Khác"}),
            lambda: mine.write({"from_other_school": False}),
            lambda: mine.write({"origin_transfer_id": False}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                change()
        mine.write({"weight": 25.5})
        grid = self.class3b.with_user(teacher).with_company(self.other).grid_load("end1", "subjects")
        self.assertIn(self.company.name, grid["rows"][0]["notice"])
        self.assertIn(str(came.id), mine.action_open_origin()["url"])
        page = self.env["hocba.print"].sudo()._results_html(came.sudo().origin_transfer_id)
        self.assertIn(COMMENT, page)

    def test_origin_needs_a_scan_or_the_signed_document(self):
        pupil = self.take(self.enter(self.file_of(self.release())))
        came = self.here(pupil)["end1"]
        with self.assertRaises(ValidationError):
            came._in_transition().origin_transfer_id = False
        with self.assertRaises(UserError):
            self.env["hocba.assessment"].create(
                {"enrolment_id": came.enrolment_id.id, "period": "mid2", "origin_transfer_id": 1}
            )
