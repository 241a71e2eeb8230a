from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestAccessRights(SchoolCase):
    """Who may do what (design §8)."""

    def setUp(self):
        super().setUp()
        self.records2 = self._records(self.class2, 1)
        self.records5 = self._records(self.class5, 1)

    def test_subject_teacher_writes_own_subject_only(self):
        results = self.records5.assessment_id.result_ids
        english = results.filtered(lambda line: line.subject_id.code == "NN1")
        maths = results.filtered(lambda line: line.subject_id.code == "TOAN")
        english.with_user(self.teacher).write({"level": "H", "score": "8"})
        with self.assertRaises(AccessError):
            maths.with_user(self.teacher).write({"level": "H"})
        with self.assertRaises(AccessError):
            self.records5.assessment_id.with_user(self.teacher).write({"quality_honesty": "D"})
        self.assertFalse(self.env["hocba.class"].with_user(self.teacher).search([("id", "=", self.class2.id)]))
        with self.assertRaises(AccessError):
            self.records5.with_user(self.teacher).read(["uuid"])

    def test_homeroom_teacher_has_own_class(self):
        self.records2.assessment_id.with_user(self.homeroom).write({"quality_honesty": "D"})
        with self.assertRaises(AccessError):
            self.records5.assessment_id.with_user(self.homeroom).write({"quality_honesty": "D"})
        self.assertEqual(self.env["hocba.record"].with_user(self.homeroom).search([]), self.records2)
        with self.assertRaises(AccessError):
            self.env["hocba.record"].with_user(self.homeroom)._create_for_classes(self.class2)

    def test_whoever_reads_a_record_opens_its_form(self):
        """Not one field of the form may be out of the reader's reach."""
        for user in (self.homeroom, self.head, self.clerk, self.auditor):
            for record in (self.records2, self.class2, self.records2.pupil_id):
                with self.subTest(f"{user.login}: {record._name}"):
                    Form(record.with_user(user).with_company(self.company))

    def test_administrator_sees_no_results(self):
        for model in (
            "hocba.pupil",
            "hocba.assessment",
            "hocba.result",
            "hocba.record",
            "hocba.submission",
            "hocba.event",
        ):
            with self.assertRaises(AccessError, msg=model):
                self.env[model].with_user(self.school_admin).search([])
        self.env["hocba.endpoint"].with_user(self.school_admin).search([])

    def test_auditor_reads_and_changes_nothing(self):
        self.assertTrue(self.env["hocba.record"].with_user(self.auditor).search([]))
        for record, values in (
            (self.records2.pupil_id, {"name": "x"}),
            (self.records2.assessment_id, {"award": "x"}),
            (self.records2, {"issued_on": "2026-05-01"}),
            (self.class2, {"name": "x"}),
        ):
            with self.assertRaises(AccessError):
                record.with_user(self.auditor).write(values)

    def test_head_changes_no_results(self):
        with self.assertRaises(AccessError):
            self.records2.assessment_id.with_user(self.head).write({"award": "x"})
        with self.assertRaises(AccessError):
            self.records2.pupil_id.with_user(self.head).write({"name": "x"})

    def test_private_methods_are_out_of_reach(self):
        from odoo.service.model import call_kw

        for method in (
            "_move",
            "_lock",
            "_prepare_signatures",
            "_prepare_pdf_signatures",
            "_store_packets",
            "_record_data",
        ):
            with self.assertRaises(AccessError):
                call_kw(self.env["hocba.record"].with_user(self.clerk), method, [self.records2.ids], {})

    def test_citizen_numbers_of_staff_are_hidden_from_teachers(self):
        with self.assertRaises(AccessError):
            self.head.with_user(self.teacher).read(["hocba_id_number"])

    def test_administrator_keeps_the_school_and_no_more_of_the_company(self):
        company = self.company.with_user(self.school_admin)
        company.write({"hocba_issue_place": "Hội An", "phone": "0236 123456"})
        with self.assertRaises(AccessError):
            company.write({"currency_id": self.env.ref("base.EUR").id})
