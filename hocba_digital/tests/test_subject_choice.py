from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestSubjectChoice(SchoolCase):
    """Optional subjects, the language of Ngoại ngữ 1, scales, exemptions, pupils with a disability."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.english = cls.env.ref("hocba_digital.subject_nn1")
        cls.minority = cls.env.ref("hocba_digital.subject_tdt")
        cls.pe = cls.env.ref("hocba_digital.subject_gdtc")

    def _line(self, assessment, code):
        return assessment.result_ids.filtered(lambda line: line.subject_id.code == code)

    def test_an_optional_subject_is_there_only_when_chosen_and_then_required(self):
        self._pupil(self.class2, 1)
        assessment = self.class2._ensure_assessments()
        self.assertFalse(self._line(assessment, "NN1"))
        self.assertEqual(self.class2.optional_subject_ids, self.english | self.minority)
        self.class2.chosen_subject_ids = self.english
        line = self._line(assessment, "NN1")
        self.assertTrue(line.required)
        self.assertFalse(line.has_test)
        self.class2.chosen_subject_ids = False
        self.assertFalse(self._line(assessment, "NN1"))

    def test_a_choice_with_results_is_not_undone(self):
        self._pupil(self.class2, 1)
        self.class2.chosen_subject_ids = self.english
        assessment = self._assess(self.class2)
        with self.assertRaisesRegex(UserError, "2A"):
            self.class2.chosen_subject_ids = False
        self.assertEqual(self._line(assessment, "NN1").level, "T")

    def test_only_optional_subjects_of_the_grade_can_be_chosen(self):
        with self.assertRaises(ValidationError):
            self.class5.chosen_subject_ids = self.english

    def test_subjects_stay_once_a_record_is_signed(self):
        self._certify()
        self.sign_all(self._records(self.class2, 1))
        with self.assertRaises(UserError):
            self.class2.with_user(self.clerk).chosen_subject_ids = self.english

    def test_the_record_names_the_language(self):
        records = self._records(self.class5, 1)
        line = {one.code: one.name for one in records._live_values()["subjects"]}
        self.assertEqual(line["NN1"], "Ngoại ngữ 1 (Tiếng Anh)")
        before = records.data_hash
        self.class5.foreign_language = "fr"
        line = {one.code: one.name for one in records._live_values()["subjects"]}
        self.assertEqual(line["NN1"], "Ngoại ngữ 1 (Tiếng Pháp)")
        self.assertNotEqual(records.data_hash, before)
        self.company.hocba_foreign_language = "ja"
        self.assertEqual(self._class("2B", "2", self.homeroom).foreign_language, "ja")

    def test_the_database_refuses_what_is_off_the_scale(self):
        self._pupil(self.class2, 1)
        assessment = self._assess(self.class2)
        line = self._line(assessment, "DD")
        for assignment in ("level = 'D'", "score = '9'", "score = '7.5'"):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.env.cr.execute(f"UPDATE hocba_result SET {assignment} WHERE id = %s", [line.id])

    def test_technology_waits_for_grade_three(self):
        self._pupil(self.class2, 1)
        with self.assertRaises(ValidationError):
            self.class2._ensure_assessments().competence_technology = "T"

    def test_an_exemption_gives_level_m_in_every_period(self):
        pupil = self._pupil(self.class2, 1)
        year = self._assess(self.class2)
        exemption = self.env["hocba.exemption"].with_user(self.head)
        exemption = exemption.create(
            {"enrolment_id": pupil.enrolment_ids.id, "subject_id": self.pe.id, "reason": "Bệnh tim"}
        )
        self.assertEqual(exemption.decided_by_id, self.head)
        self.assertEqual(self._line(year, "GDTC").level, "M")
        self.assertEqual(self._line(self.class2._ensure_assessments("mid1"), "GDTC").level, "M")
        self.assertEqual(year.overall, "excellent")
        with self.assertRaises(ValidationError):
            self._line(year, "GDTC").level = "T"
        exemption.unlink()
        self.assertFalse(self._line(year, "GDTC").level)

    def test_level_m_without_a_decision_blocks(self):
        record = self._records(self.class2, 1)
        line = self._line(record.assessment_id, "GDTC")
        line.level = "M"
        self.assertEqual(record.blocker_count, 1)
        self.env["hocba.exemption"].with_user(self.clerk).create(
            {
                "enrolment_id": record.enrolment_id.id,
                "subject_id": self.pe.id,
                "reason": "Bệnh tim",
                "decided_by_id": self.head.id,
            }
        )
        self.assertFalse(record.blocker_count)

    def test_only_a_head_decides_an_exemption(self):
        pupil = self._pupil(self.class2, 1)
        values = {"enrolment_id": pupil.enrolment_ids.id, "subject_id": self.pe.id, "reason": "x"}
        with self.assertRaises(UserError):
            self.env["hocba.exemption"].with_user(self.clerk).create(values | {"decided_by_id": self.clerk.id})
        for user in (self.homeroom, self.school_admin, self.auditor):
            with self.assertRaises(AccessError):
                self.env["hocba.exemption"].with_user(user).create(values | {"decided_by_id": self.head.id})

    def test_a_signed_record_keeps_its_exemptions(self):
        self._certify()
        record = self.sign_all(self._records(self.class2, 1))
        with self.assertRaises(UserError):
            self.env["hocba.exemption"].with_user(self.head).create(
                {"enrolment_id": record.enrolment_id.id, "subject_id": self.pe.id, "reason": "x"}
            )

    def test_a_disability_needs_its_decision(self):
        enrolment = self._pupil(self.class2, 1).enrolment_ids
        with self.assertRaises(ValidationError):
            enrolment.disability_education = "inclusive"
        with self.assertRaises(ValidationError):
            enrolment.write({"not_assessed": True, "disability_decision": "15/QĐ"})
        enrolment.with_user(self.clerk).write({"disability_education": "inclusive", "disability_decision": "15/QĐ"})
        self.assertIn("15/QĐ", enrolment.pupil_id.message_ids[0].body)
        with self.assertRaises(AccessError):
            enrolment.with_user(self.school_admin).read(["disability_education"])

    def test_a_class_for_disabled_pupils_tests_two_subjects(self):
        pupil = self._pupil(self.class5, 1)
        pupil.enrolment_ids.write({"disability_education": "class", "disability_decision": "KH 3"})
        assessment = self.class5._ensure_assessments()
        wanted = assessment.result_ids.filtered("required")
        self.assertEqual(set(wanted.subject_id.mapped("code")), {"TV", "TOAN"})
        self.assertEqual(assessment.result_ids.filtered("needs_score"), wanted)
        wanted.write({"level": "H", "score": "6"})
        self._line(assessment, "KH").level = "H"
        assessment.write(dict.fromkeys(assessment._trait_fields(), "D"))
        self.assertEqual(assessment.overall, "completed")

    def test_who_is_not_assessed_owes_nothing_and_stays_on_paper(self):
        pupil = self._pupil(self.class2, 1)
        pupil.enrolment_ids.write(
            {"disability_education": "individual", "not_assessed": True, "disability_decision": "KH 4"}
        )
        self.class2._ensure_assessments().write(
            {"has_attendance": True, "height": 120, "weight": 22, "homeroom_comment": "x", "quality_comment": "x"}
            | {"general_comment": "x", "specific_comment": "x"}
        )
        self.class2.with_user(self.clerk).action_create_records()
        record = self.class2.record_ids
        self.assertFalse(record.assessment_id.missing_count)
        self.assertFalse(record.assessment_id.overall)
        issues = record._issues(record._live_values())
        blocking = {issue.code: issue.field for issue in issues if issue.severity == "block"}
        self.assertIn("not_assessed", blocking)
        self.assertFalse({"level_missing", "score_missing", "subject_missing"} & set(blocking))

    def test_a_signed_record_keeps_its_kind_of_education(self):
        self._certify()
        record = self.sign_all(self._records(self.class2, 1))
        with self.assertRaises(UserError):
            record.enrolment_id.write({"disability_education": "inclusive", "disability_decision": "x"})
