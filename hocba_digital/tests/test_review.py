from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestReview(SchoolCase):
    """Ready or blocked, why, whose turn it is, and where it is put right."""

    def setUp(self):
        super().setUp()
        self._certify()
        self.record = self._records(self.class5, 2)[0]
        self.results = self.record.assessment_id.result_ids

    def _findings(self, *domain):
        self.env.flush_all()
        return self.env["hocba.finding"].search([("company_id", "=", self.company.id), *domain])

    def _result(self, code):
        return self.results.filtered(lambda line: line.subject_id.code == code)

    def test_a_complete_class_has_no_finding_that_blocks(self):
        self.assertFalse(self._findings(("class_id", "=", self.class5.id), ("severity", "=", "block")).mapped("text"))
        self.assertEqual(self.class5.readiness, "ready")
        self.assertIn("2", self.class5.action_review()["help"])

    def test_a_missing_score_belongs_to_the_subject_teacher(self):
        english = self._result("NN1")
        english.score = False
        finding = self._findings(("record_id", "=", self.record.id))
        self.assertEqual((finding.reason, finding.severity, finding.responsible), ("subject", "block", "subject"))
        self.assertEqual((finding.teacher_id, finding.result_id, finding.field), (self.teacher, english, "score"))
        self.assertEqual((finding.pupil_id, finding.class_id), (self.record.pupil_id, self.class5))
        self.assertIn(english.subject_id.name, finding.text)
        self.assertEqual(finding.with_user(self.teacher).search([]), finding)
        self.class5.invalidate_recordset()
        self.assertEqual((self.class5.readiness, self.class5.blocked_count), ("blocked", 1))

    def test_reasons_follow_the_form(self):
        assessment = self.record.assessment_id
        assessment.write({"quality_honesty": False, "homeroom_comment": False, "height": 0})
        self.record.pupil_id.write({"mother_name": False, "id_number": False})
        found = self._findings(("record_id", "=", self.record.id), ("severity", "=", "block"))
        self.assertEqual(set(found.mapped("reason")), {"trait", "comment", "health", "identity", "id_number"})
        by_reason = {finding.reason: finding for finding in found}
        self.assertEqual(by_reason["trait"].field, "quality_honesty")
        self.assertEqual(by_reason["trait"].teacher_id, self.homeroom2)
        self.assertEqual((by_reason["identity"].model, by_reason["identity"].responsible), ("hocba.pupil", "clerk"))
        self.assertEqual(self.record.blocker_text.split("\n"), found.sorted("id").mapped("text"))

    def test_one_click_goes_to_the_cell_or_the_field(self):
        english = self._result("NN1")
        english.score = False
        self.record.pupil_id.mother_name = False
        cell = self._findings(("reason", "=", "subject")).with_user(self.teacher).action_open()
        if cell["type"] == "ir.actions.client":
            focus = {"assessment_id": self.record.assessment_id.id, "result_id": english.id, "field": "score"}
            self.assertEqual(cell["params"]["focus"], focus)
            self.assertEqual(cell["params"]["class_id"], self.class5.id)
        else:
            self.assertEqual((cell["res_model"], cell["res_id"]), ("hocba.assessment", self.record.assessment_id.id))
        page = self._findings(("reason", "=", "identity")).with_user(self.clerk).action_open()
        self.assertEqual((page["res_model"], page["res_id"]), ("hocba.pupil", self.record.pupil_id.id))

    def test_what_needs_no_record_is_found_too(self):
        pupil = self._pupil(self.class2, 77)
        self.assertEqual(self._findings(("code", "=", "no_assessment")).pupil_id, pupil)
        self.class2._ensure_assessments()
        finding = self._findings(("code", "=", "no_record"))
        self.assertEqual((finding.class_id, finding.affected), (self.class2, 1))
        self.assertIn("1", finding.text)
        self.class2.homeroom_id = False
        self.assertEqual(self._findings(("code", "=", "no_homeroom")).class_id, self.class2)

    def test_certificates_are_looked_at_before_the_last_day(self):
        self.assertFalse(self._findings(("reason", "=", "certificate"), ("class_id", "!=", self.class2.id)))
        certificates = self.env["hocba.certificate"].search([("company_id", "=", self.company.id)])
        seal = certificates.filtered(lambda line: line.kind == "organisation")
        mine = certificates.filtered(lambda line: line.user_id == self.homeroom2)
        seal.sudo().approved = False
        mine.sudo().not_after = fields.Datetime.now() + timedelta(days=20)
        codes = self._findings(("reason", "=", "certificate")).mapped("code")
        self.assertEqual(sorted(codes), ["certificate_expires", "seal_not_approved"])
        mine.sudo().not_after = fields.Datetime.now() - timedelta(days=1)
        finding = self._findings(("code", "=", "certificate_missing"))
        self.assertEqual((finding.teacher_id, finding.severity), (self.homeroom2, "block"))
        self.assertIn(self.homeroom2.name, finding.text)

    def test_what_the_whole_school_lacks_is_one_finding(self):
        self.head.hocba_id_number = False
        finding = self._findings(("code", "=", "required"))
        self.assertEqual((finding.affected, finding.responsible, finding.class_id.id), (2, "admin", False))
        self.company.hocba_commune = False
        self.assertEqual(len(self._findings(("reason", "=", "school"))), 1)

    def test_everybody_sees_the_own_part(self):
        self._records(self.class2, 1)
        for record in self.class2.record_ids | self.record:
            record.assessment_id.result_ids.filtered("required").level = False
        finding = self.env["hocba.finding"]
        self.assertEqual(finding.with_user(self.homeroom2).search([]).class_id, self.class5)
        self.assertEqual(finding.with_user(self.teacher).search([]).subject_id.mapped("code"), ["NN1"])
        self.assertEqual(
            finding.with_user(self.clerk).search([("class_id", "!=", False)]).class_id, self.class2 | self.class5
        )
        with self.assertRaises(AccessError):
            finding.with_user(self.school_admin).search([])

    def test_signed_records_have_no_findings(self):
        self.sign_all(self.class5.record_ids)
        self.record.sudo().pupil_id.invalidate_recordset()
        self.assertFalse(self._findings(("record_id", "in", self.class5.record_ids.ids)))
        self.class5.invalidate_recordset()
        self.assertEqual(self.class5.readiness, "done")

    def test_saving_a_cell_costs_no_query_for_findings(self):
        self._result("NN1").score = False
        self.env.flush_all()
        self.env.invalidate_all()
        statements = []
        execute = type(self.env.cr).execute

        def spy(cursor, query, *args, **kwargs):
            statements.append(str(query))
            return execute(cursor, query, *args, **kwargs)

        self.patch(type(self.env.cr), "execute", spy)
        self._result("NN1").write({"score": "9"})
        self.env.flush_all()
        self.assertFalse([line for line in statements if "hocba_finding" in line])
        self.assertEqual(len([line for line in statements if 'UPDATE "hocba_record"' in line]), 1)
