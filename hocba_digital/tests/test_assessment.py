from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestAssessment(SchoolCase):
    """Year-end assessment and its computed outcome (TT 27, Art. 7, 9, 11)."""

    def test_levels_of_the_overall_result(self):
        self._pupil(self.class5, 1)
        assessment = self._assess(self.class5)
        self.assertEqual(assessment.overall, "excellent")
        self.assertEqual(assessment.promoted, "yes")
        tested = assessment.result_ids.filtered("has_test")
        tested[0].score = "8"
        self.assertEqual(assessment.overall, "good")
        tested[0].score = "5"
        self.assertEqual(assessment.overall, "completed")
        tested[0].score = "4"
        self.assertEqual(assessment.overall, "not_completed")
        self.assertFalse(assessment.promoted)

    def test_nothing_is_computed_from_gaps(self):
        self._pupil(self.class5, 1)
        assessment = self._assess(self.class5)
        self.assertFalse(assessment.missing_count)
        assessment.competence_informatics = False
        self.assertFalse(assessment.overall)
        self.assertEqual(assessment.missing_count, 1)

    def test_grade_two_has_no_technology(self):
        self._pupil(self.class2, 1)
        assessment = self._assess(self.class2)
        self.assertNotIn("competence_technology", assessment._trait_fields())
        self.assertEqual(assessment.overall, "excellent")
        self.assertEqual(len(assessment.result_ids.filtered("required")), 8)

    def test_tests_follow_grade_and_period(self):
        self._pupil(self.class2, 1)
        self._pupil(self.class5, 2)
        tested = {
            (school_class.grade, period): set(
                school_class._ensure_assessments(period).result_ids.filtered("has_test").subject_id.mapped("code")
            )
            for school_class in (self.class2, self.class5)
            for period in ("mid1", "end1", "mid2", "year")
        }
        two, five = {"TV", "TOAN"}, {"TV", "TOAN", "NN1", "LSDL", "KH", "TH", "CN"}
        self.assertEqual([tested["2", period] for period in ("mid1", "end1", "mid2", "year")], [set(), two, set(), two])
        self.assertEqual([tested["5", period] for period in ("mid1", "end1", "mid2", "year")], [two, five, two, five])

    def test_the_plan_of_a_year_is_data(self):
        subject = self.env.ref("hocba_digital.subject_toan")
        self.env["hocba.subject.grade"].create(
            {"subject_id": subject.id, "grade": "5", "valid_from": "2026-2027", "has_test": False}
        )
        plans = self.env["hocba.subject"]
        self.assertTrue(plans._plan("5", "2025-2026").filtered(lambda line: line.subject_id == subject).has_test)
        self.assertFalse(plans._plan("5", "2026-2027").filtered(lambda line: line.subject_id == subject).has_test)
        self.assertFalse(plans._plan("5", "2019-2020"))

    def test_overall_result_is_of_the_year_only(self):
        self._pupil(self.class2, 1)
        assessment = self.class2._ensure_assessments("end1")
        assessment.result_ids.filtered("required").write({"level": "T"})
        assessment.result_ids.filtered("has_test").write({"score": "9"})
        assessment.write(dict.fromkeys(assessment._trait_fields(), "T"))
        self.assertFalse(assessment.overall)
        self.assertFalse(assessment.missing_count)

    def test_score_only_where_there_is_a_test(self):
        self._pupil(self.class2, 1)
        assessment = self._assess(self.class2)
        ethics = assessment.result_ids.filtered(lambda line: line.subject_id.code == "DD")
        with self.assertRaises(ValidationError):
            ethics.score = "9"

    def test_measures_are_plausible(self):
        self._pupil(self.class2, 1)
        assessment = self._assess(self.class2)
        with self.assertRaises(ValidationError):
            assessment.height = 1.25

    def test_results_close_with_the_signature(self):
        self._certify()
        records = self.sign_all(self._records(self.class2, 1))
        assessment = records.assessment_id
        with self.assertRaises(UserError):
            assessment.result_ids[0].level = "C"
        with self.assertRaises(UserError):
            assessment.quality_comment = "khác"
