import base64
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .within_common import DAY, WithinCase


@tagged("post_install", "-at_install")
class TestTransferDecisions(WithinCase):
    """Exemptions and the decision on a disability go along, who decided too; the new head decides anew."""

    def setUp(self):
        super().setUp()
        self.line = self.pupil.enrolment_ids.filtered(lambda line: line.class_id == self.class3)
        self.subject = self.line.assessment_ids.result_ids.subject_id.filtered(lambda each: each.code == "GDTC")
        self.assertTrue(self.subject)

    def exempt(self, **values):
        given = {
            "enrolment_id": self.line.id,
            "subject_id": self.subject.id,
            "reason": "Bệnh tim, giấy của bệnh viện",
            "decision": "15/QĐ-THĐBP",
            "decided_on": date(2026, 9, 12),
            "file": base64.b64encode(b"%PDF-1.4 scan"),
        }
        return self.env["hocba.exemption"].with_user(self.head).create({**given, **values})

    def line_here(self, pupil):
        return pupil.enrolment_ids.filtered(lambda line: line.class_id == self.class3b)

    def levels(self, line):
        results = line.sudo().assessment_ids.result_ids.filtered(lambda each: each.subject_id == self.subject)
        return {each.assessment_id.period: each.level for each in results}

    def test_exemption_goes_along_and_the_new_head_decides_anew(self):
        self.exempt()
        leaving = self.release()
        self.assertIn("15/QĐ-THĐBP", leaving.results_table)
        for content in (base64.b64decode(leaving.with_context(bin_size=False).results), self.file_of(leaving)):
            self.assertNotIn("Bệnh tim".encode(), content, "the reason stays here")
        pupil = self.take(self.enter(self.file_of(leaving)))
        line = self.line_here(pupil)
        here = line.exemption_ids
        self.assertEqual(
            (here.subject_id, here.decision, here.decided_on, here.origin_school, here.origin_decider),
            (self.subject, "15/QĐ-THĐBP", date(2026, 9, 12), self.company.name, self.head.name),
        )
        self.assertFalse(here.decided_by_id or here.file)
        self.assertEqual(self.levels(line), {"mid1": "M", "end1": "M"})
        (mine,) = (
            line.sudo()
            .with_context(active_test=False)
            .class_id._ensure_assessments("mid2")
            .filtered(lambda each: each.enrolment_id == line)
        )
        self.assertEqual(self.levels(line)["mid2"], "M", "nothing is typed again")
        by_head = here.with_user(self.head2).with_company(self.other)
        by_head.write({"decided_by_id": self.head2.id, "decision": "07/QĐ-THNT"})
        self.assertEqual((here.decided_by_id, here.origin_school), (self.head2, self.company.name))
        by_head.unlink()
        self.assertEqual(self.levels(line), {"mid1": "M", "end1": "M", "mid2": False}, "what was signed there stays")
        mine.result_ids.filtered(lambda each: each.subject_id == self.subject).level = "T"

    def test_decision_goes_on_to_a_third_school_with_who_decided(self):
        self.exempt()
        pupil = self.take(self.enter(self.file_of(self.release())))
        line = self.line_here(pupil)
        told = self.env["hocba.transfer"]._decisions_so_far(line)["exemptions"]
        self.assertEqual([(each.decided_by, each.decided_at) for each in told], [(self.head.name, self.company.name)])
        line.exemption_ids.with_user(self.head2).with_company(self.other).decided_by_id = self.head2
        told = self.env["hocba.transfer"]._decisions_so_far(line)["exemptions"]
        self.assertEqual([(each.decided_by, each.decided_at) for each in told], [(self.head2.name, "")])

    def test_disability_goes_along(self):
        self.line.write({"disability_education": "individual", "disability_decision": "08/KH-THĐBP"})
        leaving = self.release()
        self.assertIn("08/KH-THĐBP", leaving.results_table)
        arriving = self.enter(self.file_of(leaving))
        line = self.line_here(self.take(arriving))
        self.assertEqual(
            (line.disability_education, line.not_assessed, line.disability_decision, line.disability_origin),
            ("individual", False, "08/KH-THĐBP", self.company.name),
        )
        self.assertIn("08/KH-THĐBP", arriving.results_note)
        mine = line.with_user(self.clerk2).with_company(self.other)
        mine.write({"disability_education": "individual", "disability_origin": "Khác"})
        self.assertEqual(line.disability_origin, self.company.name, "the same is no other decision")
        mine.disability_education = "inclusive"
        self.assertFalse(line.disability_origin)

    def test_who_is_not_assessed_takes_that_along_without_results(self):
        child = self._pupil(self.class1, 45, birth_date=date(2020, 5, 17), id_number="048220000045")
        with self.assertRaisesRegex(UserError, "no results of this school year"), self.env.cr.savepoint():
            self.leave(pupil_id=child.id)
        child.enrolment_ids.write(
            {"disability_education": "class", "not_assessed": True, "disability_decision": "08/QĐ"}
        )
        leaving = self.leave(pupil_id=child.id)
        self.assertIn("not assessed", leaving.leaving_periods)
        leaving.unlink()
        leaving = self.release(pupil_id=child.id)
        self.assertEqual(leaving.results_year, "2026-2027")
        arriving = self.enter(self.file_of(leaving))
        class1b = self.class3b.sudo().copy({"name": "1B", "grade": "1"})
        line = self.take(arriving, class1b).enrolment_ids.filtered(lambda each: each.class_id == class1b)
        self.assertEqual((line.not_assessed, line.disability_education), (True, "class"))
        self.assertFalse(line.assessment_ids.filtered("from_other_school"))

    def test_what_was_decided_here_before_stays(self):
        self.exempt()
        self.line.write({"disability_education": "individual", "disability_decision": "08/KH-THĐBP"})
        arriving = self.enter(self.file_of(self.release()))
        values = {"name": self.pupil.name, "code": self.pupil.code, "birth_date": self.pupil.birth_date}
        early = self.env["hocba.pupil"].create({**values, "gender": "male", "company_id": self.other.id})
        line = self.env["hocba.enrolment"].create({"pupil_id": early.id, "class_id": self.class3b.id, "date_from": DAY})
        line.write({"disability_education": "inclusive", "disability_decision": "01/QĐ"})
        (mine,) = self.class3b._ensure_assessments("end1")
        mine.result_ids.filtered(lambda each: each.subject_id == self.subject).level = "T"
        self.assertEqual(self.take(arriving), early)
        self.assertEqual((line.disability_education, line.disability_origin), ("inclusive", False))
        self.assertFalse(line.exemption_ids)
        self.assertEqual(self.levels(line)["end1"], "T")
        self.assertIn(self.subject.name, arriving.results_note)

    def test_a_decision_made_after_the_head_signed_stops_the_sealing(self):
        leaving = self.agreed()
        self.exempt()
        with self.assertRaisesRegex(UserError, "changed since the head signed"):
            self.wizard(self.clerk, leaving, pin="246810")

    def test_nobody_enters_an_origin_by_hand(self):
        with self.assertRaises(UserError):
            self.exempt(origin_school="Trường Khác")
        made = self.exempt()
        for values in ({"origin_decider": "X"}, {"origin_transfer_id": 1}):
            with self.assertRaises(UserError):
                made.write(values)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            made.with_user(self.clerk).decided_by_id = self.clerk
        with self.assertRaises(AccessError):
            made.with_user(self.homeroom).decision = "1"
