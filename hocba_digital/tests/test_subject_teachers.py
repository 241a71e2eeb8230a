"""Subject teachers sign their own results (format ``2025``): who may, in which order, and what an edit voids."""

import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..core import packet, signing
from ..models.school_year_profile import PROFILES
from .common import PIN, SchoolCase


class SubjectTeacherCase(SchoolCase):
    """Class 5A, in which two teachers beside the homeroom teacher teach English and arts."""

    def setUp(self):
        super().setUp()
        self.year.packet_profile = "2025"
        self.english = self.env.ref("hocba_digital.subject_nn1")
        self.arts = self._subject("MT")
        self.teacher2 = self._user("teacher2", "Đỗ Thị Mới", "group_subject_teacher", "048179000018", "Giáo viên")
        self.class5.assignment_ids = [Command.create({"subject_id": self.arts.id, "teacher_id": self.teacher2.id})]
        self._certify()
        model = self.env["hocba.certificate"]
        for user, holder in ((self.teacher, "teacher"), (self.teacher2, "homeroom3")):
            content = self.pki[holder].pkcs12(PIN)
            model.with_user(user).with_company(self.company)._import_pkcs12(content, PIN, "person")

    def _subject(self, start):
        subjects = self.env["hocba.subject"]._plan("5", "2025-2026").subject_id
        return next(subject for subject in subjects if subject.code.startswith(start))

    def job_of(self, user, classes=None):
        action = (self.class5 if classes is None else classes).with_user(user).action_sign_my_results()
        return self.env["hocba.signing.job"].with_user(user).browse(action["params"]["job_id"])

    def sign_results(self, user, classes=None):
        job = self.job_of(user, classes)
        progress = job.process(PIN)
        while progress["waiting"]:
            progress = job.process(PIN)
        return progress

    def result(self, record, subject):
        return record.assessment_id.result_ids.filtered(lambda line: line.subject_id == subject)

    def parts(self, record):
        return record.signature_ids.filtered(lambda row: row.role == "gvbm" and row.valid)


@tagged("post_install", "-at_install")
class TestSubjectTeachers(SubjectTeacherCase):
    def test_whole_way_of_a_record(self):
        records = self._records(self.class5, 2)
        self.assertEqual(set(records.mapped("profile")), {"2025"})
        self.assertEqual(set(records.mapped("waiting_for")), {"gvbm"})
        self.assertEqual(records.mapped("part_count"), [2, 2])
        progress = self.sign_results(self.teacher)
        self.assertEqual((progress["done"], progress["left_out"], progress["role"]), (2, 0, "gvbm"))
        self.assertIn("Đỗ Thị Mới", records[0].waiting_names)
        self.assertNotIn("Võ Anh Tuấn", records[0].waiting_names)
        # Before there is a packet, what was signed is verified by itself.
        self.assertEqual(self.parts(records).mapped("verification"), ["passed", "passed"])
        self.assertTrue(records[0]._print_source()[2])
        self.sign_results(self.teacher2)
        self.assertEqual(set(records.mapped("waiting_for")), {"gvcn"})
        self.assertFalse(self.class5.missing_signers)
        self.sign_all(records)
        self.assertEqual(set(records.mapped("state")), {"signed"})
        for record in records:
            report = record._verification()
            self.assertEqual(report.result, "TOTAL_PASSED", report.reasons)
            self.assertEqual([row.role for row in report.signatures], ["gvbm", "gvbm", "gvcn", "cbql", "seal"])
            about = {row.about: row.signer_name for row in report.signatures if row.role == "gvbm"}
            self.assertEqual(set(about.values()), {"Võ Anh Tuấn", "Đỗ Thị Mới"})
            self.assertEqual(set(record.signature_ids.mapped("verification")), {"passed"})
            self.assertFalse(any(record.signature_ids.sudo().mapped("element")))
            self.assertEqual(packet.profile_of(record._packet_bytes()).name, "2025")
            details = record.event_ids.filtered(lambda row: row.kind == "signed").mapped("detail")
            self.assertEqual(sum(self.english.name in detail for detail in details), 1)

    def test_order_names_who_is_missing(self):
        record = self._records(self.class5, 1)
        self.sign_results(self.teacher)
        for user in (self.homeroom2, self.head, self.clerk):
            with self.assertRaisesRegex(UserError, "Đỗ Thị Mới"):
                record.with_user(user).action_sign()
        self.assertIn("Đỗ Thị Mới", self.class5.missing_signers)
        self.assertNotIn("Võ Anh Tuấn", self.class5.missing_signers)
        lines = {line.subject_id: (line.part_signed_count, line.part_count) for line in self.class5.assignment_ids}
        self.assertEqual(lines, {self.english: (1, 1), self.arts: (0, 1)})

    def test_results_are_signed_while_the_rest_is_missing(self):
        record = self._records(self.class5, 1)
        record.pupil_id.mother_name = False
        self.result(record, self.arts).level = False
        self.assertEqual(record.waiting_for, "data")
        self.assertEqual(self.sign_results(self.teacher)["done"], 1)
        with self.assertRaisesRegex(UserError, "cannot be signed yet"):
            self.class5.with_user(self.teacher2).action_sign_my_results()
        record.pupil_id.mother_name = "Trần Thị Mẹ"
        self.result(record, self.arts).level = "T"
        self.env.flush_all()
        self.assertEqual(self.parts(record).subject_id, self.english)
        self.sign_results(self.teacher2)
        self.sign_all(record)
        self.assertEqual(record._verification().result, "TOTAL_PASSED")

    def test_an_edit_voids_what_it_touches_and_nothing_else(self):
        record = self._records(self.class5, 1)
        self.sign_results(self.teacher)
        self.sign_results(self.teacher2)
        self.sign_as(self.homeroom2, record)
        self.result(record, self.english).with_user(self.teacher).comment = "Phát âm tốt."
        self.env.flush_all()
        self.env.cr.precommit.run()
        voided = record.signature_ids.filtered("voided_at")
        self.assertEqual(set(voided.mapped("role")), {"gvbm", "gvcn"})
        self.assertEqual(voided.filtered(lambda row: row.role == "gvbm").subject_id, self.english)
        self.assertEqual(self.parts(record).subject_id, self.arts)
        self.assertEqual(record.waiting_for, "gvbm")
        self.assertIn("Võ Anh Tuấn", record.event_ids.filtered(lambda row: row.kind == "voided")[:1].detail)
        record.pupil_id.with_user(self.clerk).write({"birth_place": "Bệnh viện Hoàn Mỹ"})
        self.assertEqual(self.parts(record).subject_id, self.arts)
        self.sign_results(self.teacher)
        self.sign_all(record)
        self.assertEqual(record._verification().result, "TOTAL_PASSED")
        self.assertEqual(record._print_source()[0].birth_place, "Bệnh viện Hoàn Mỹ")

    def test_a_returned_record_keeps_the_results_signatures(self):
        record = self._records(self.class5, 1)
        self.sign_results(self.teacher)
        self.sign_results(self.teacher2)
        self.sign_as(self.homeroom2, record)
        record.with_user(self.head).action_return("Nhận xét quá ngắn")
        self.assertEqual((record.waiting_for, len(self.parts(record))), ("gvcn", 2))
        record.with_user(self.head).action_return("Sai điểm")
        self.assertEqual((record.waiting_for, len(self.parts(record))), ("gvbm", 0))

    def test_nobody_signs_anothers_results(self):
        record = self._records(self.class5, 1)
        other = self._records(self.class2, 1)
        with self.assertRaises(AccessError):
            self.class2.with_user(self.teacher).action_sign_my_results()
        for user in (self.homeroom, self.head, self.clerk):
            with self.assertRaises(UserError):
                self.class5.with_user(user).action_sign_my_results()
        with self.assertRaises(AccessError):
            self.class2.with_user(self.teacher).read(["name"])
        jobs = self.env["hocba.signing.job"].with_user(self.teacher)
        for values in ({"record_id": other.id, "subject_id": self.english.id}, {"record_id": record.id}):
            with self.assertRaises(AccessError):
                jobs.create({"company_id": self.company.id, "role": "gvbm", "line_ids": [Command.create(values)]})
        job = self.job_of(self.teacher)
        with self.assertRaises(AccessError):
            job.line_ids.subject_id = self.arts
        with self.assertRaises(AccessError):
            job.with_user(self.teacher2).process(PIN)
        # Even a line that somebody slipped in is judged when it is signed.
        lines = [
            {"record_id": record.id, "subject_id": self.arts.id},
            {"record_id": other.id, "subject_id": self.english.id},
        ]
        job.sudo().line_ids = [Command.create(values) for values in lines]
        progress = job.process(PIN)
        while progress["waiting"]:
            progress = job.process(PIN)
        self.assertEqual((progress["done"], progress["left_out"]), (1, 2))
        self.assertEqual(self.parts(record).subject_id, self.english)
        self.assertFalse(other.signature_ids)
        with self.assertRaises(AccessError):
            record.with_user(self.teacher).read(["pupil_name"])

    def test_nobody_signs_results_after_the_homeroom_teacher(self):
        record = self._records(self.class5, 1)
        self.sign_results(self.teacher)
        self.sign_results(self.teacher2)
        job = self.env["hocba.signing.job"].with_user(self.teacher)
        late = {"record_id": record.id, "subject_id": self.english.id}
        self.sign_all(record)
        action = job._start_lines("gvbm", self.company, [late])._open_progress()
        progress = job.browse(action["params"]["job_id"]).process(PIN)
        self.assertEqual((progress["done"], progress["left_out"]), (0, 1))
        with self.assertRaisesRegex(UserError, "signed"):
            self.class5.with_user(self.teacher).action_sign_my_results()
        self.assertEqual(record._verification().result, "TOTAL_PASSED")

    def test_one_approval_for_several_subjects(self):
        music = self._subject("AN")
        self.class5.assignment_ids = [Command.create({"subject_id": music.id, "teacher_id": self.teacher.id})]
        records = self._records(self.class5, 2)
        progress = self.sign_results(self.teacher)
        self.assertEqual((progress["total"], progress["done"]), (4, 4))
        self.assertEqual(self.parts(records).subject_id, self.english | music)
        self.sign_results(self.teacher2)
        self.sign_all(records)
        for record in records:
            self.assertEqual(record._verification().result, "TOTAL_PASSED")

    def test_stop_and_resume_sign_nothing_twice(self):
        records = self._records(self.class5, 3)
        job = self.job_of(self.teacher)
        self.assertEqual(job.process(PIN, limit=2)["done"], 2)
        self.assertEqual(job.stop()["state"], "stopped")
        second = self.job_of(self.teacher)
        self.assertEqual(second.progress()["total"], 1)
        self.assertEqual(second.process(PIN)["done"], 1)
        progress = job.process(PIN)
        self.assertEqual((progress["done"], progress["left_out"], progress["state"]), (2, 1, "done"))
        self.assertEqual(len(records.signature_ids), 3)

    def test_a_key_that_answers_later(self):
        """The agent at the teacher's computer: digests once, for two subjects of each record; one record is edited."""
        music = self._subject("AN")
        self.class5.assignment_ids = [Command.create({"subject_id": music.id, "teacher_id": self.teacher.id})]
        records = self._records(self.class5, 2)
        certificate = self.env["hocba.certificate"].search([("user_id", "=", self.teacher.id)])
        certificate.sudo().provider = "agent"
        certificate.sudo().sealed_key = self._resealed(certificate)
        job = self.job_of(self.teacher)
        request = job.prepare()["request"]
        self.assertEqual(len(request["digests"]), 4)
        self.sign_results(self.teacher2)  # meanwhile another teacher signs the same records
        self.result(records[0], music).comment = "Hát đúng nhịp."
        signer = signing.Pkcs12Signer.load(self.pki["teacher"].pkcs12(PIN), PIN)
        digests = [base64.b64decode(digest) for digest in request["digests"]]
        values = [base64.b64encode(value).decode() for value in signer.request(digests).values]
        progress = job.deliver(request["nonce"], values)
        while progress["signed_waiting"]:
            progress = job.poll()
        self.assertEqual((progress["done"], progress["left_out"], progress["state"]), (3, 1, "done"))
        self.assertIn(music.name, progress["reasons"][0]["record"])
        self.sign_all(records[1])
        self.assertEqual(records[1]._verification().result, "TOTAL_PASSED")
        self.assertEqual(records[0].waiting_for, "gvbm")

    def _resealed(self, certificate):
        from ..tools import vault

        return vault.seal(self.env, b"{}", certificate._purpose("agent", certificate.serial))

    def test_a_gateway_that_takes_no_comments(self):
        """Strict packets carry no comment in the subject's line: what the teacher signs follows the setting."""
        record = self._records(self.class5, 1)
        self.sign_results(self.teacher)
        values = {"company_id": self.company.id, "base_url": "https://127.0.0.1", "unit_code": "1", "user_name": "a"}
        endpoint = self.env["hocba.endpoint"].create(values)
        self.assertEqual(len(self.parts(record)), 1)
        endpoint.strict_comments = True
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertFalse(self.parts(record))
        self.assertTrue(record.signature_ids.voided_at)
        self.sign_results(self.teacher)
        self.sign_results(self.teacher2)
        self.sign_all(record)
        self.assertEqual(record._verification().result, "TOTAL_PASSED")
        self.assertNotIn(b"<NHAN_XET>", record._packet_bytes())

    def test_homeroom_teachers_own_subjects_need_no_signature_of_their_own(self):
        record = self._records(self.class2, 1)
        self.assertEqual((record.profile, record.part_count, record.waiting_for), ("2025", 0, "gvcn"))
        self.sign_all(record)
        report = record._verification()
        self.assertEqual([row.role for row in report.signatures], ["gvcn", "cbql", "seal"])
        self.assertEqual(report.result, "TOTAL_PASSED")

    def test_a_substitute_signs_on_a_mandate(self):
        record = self._records(self.class5, 1)
        mandate = self.env["hocba.mandate"].create(
            {
                "company_id": self.company.id,
                "role": "gvbm",
                "principal_id": self.teacher.id,
                "user_id": self.teacher2.id,
                "class_ids": [Command.set(self.class5.ids)],
                "subject_id": self.english.id,
                "reason": "Giáo viên nghỉ thai sản",
                "date_to": "2030-01-01",
            }
        )
        mandate.with_user(self.head).action_approve()
        self.sign_results(self.teacher2)
        row = self.parts(record).filtered(lambda line: line.subject_id == self.english)
        self.assertEqual((row.user_id, row.mandate_id), (self.teacher2, mandate))
        self.assertEqual(len(self.parts(record)), 2)

    def test_queries_do_not_grow_with_the_class(self):
        records = self._records(self.class5, 6)
        job = self.job_of(self.teacher)
        job.process(PIN, limit=1)
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        job.process(PIN, limit=2)
        two = self.env.cr.sql_log_count - start
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        job.process(PIN, limit=3)
        three = self.env.cr.sql_log_count - start
        self.assertEqual(len(self.parts(records)), 6)
        self.assertLessEqual(three - two, 12)


@tagged("post_install", "-at_install")
class TestPacketProfile(SubjectTeacherCase):
    """The format of a year: one for all its records, until the first signature."""

    def test_every_format_can_be_chosen(self):
        self.assertEqual(tuple(name for name, _label in PROFILES), packet.profile_names())

    def test_drafts_follow_until_the_first_signature(self):
        records = self._records(self.class5, 2)
        self.year.packet_profile = "cv2088-1.0"
        self.assertEqual(set(records.mapped("profile")), {"cv2088-1.0"})
        self.assertEqual(set(records.mapped("waiting_for")), {"gvcn"})
        self.assertEqual(records.mapped("part_count"), [0, 0])
        with self.assertRaisesRegex(UserError, "needs a signature"):
            self.class5.with_user(self.teacher).action_sign_my_results()
        self.year.packet_profile = "2025"
        self.assertEqual(set(records.mapped("waiting_for")), {"gvbm"})
        self.sign_results(self.teacher)
        with self.assertRaisesRegex(UserError, "stays"):
            self.year.packet_profile = "cv2088-1.0"
        self.result(records[0], self.english).comment = "Đã sửa."
        self.result(records[1], self.english).comment = "Đã sửa."
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.year.packet_profile = "cv2088-1.0"
        self.sign_all(records)
        self.assertEqual([row.role for row in records[0]._verification().signatures], ["gvcn", "cbql", "seal"])
        with self.assertRaisesRegex(UserError, "stays"):
            self.year.packet_profile = "2025"

    def test_next_year_starts_like_the_one_before(self):
        following = self.env["hocba.school.year"].create({"name": "2026-2027", "company_id": self.company.id})
        self.assertEqual(following.packet_profile, "2025")
        other = self.env["res.company"].create({"name": "Trường khác"})
        fresh = self.env["hocba.school.year"].create({"name": "2026-2027", "company_id": other.id})
        self.assertEqual(fresh.packet_profile, packet.default_profile().name)

    def test_head_signs_records_of_both_formats_at_once(self):
        old = self.env["hocba.school.year"].create(
            {"name": "2024-2025", "company_id": self.company.id, "packet_profile": "cv2088-1.0"}
        )
        records = self._records(self.class2, 1)
        old_class = self._class("1A", "1", self.homeroom)
        old_class.school_year_id = old
        records |= self._records(old_class, 1)
        self.assertEqual(set(records.mapped("profile")), {"2025", "cv2088-1.0"})
        self.sign_as(self.homeroom, records)
        progress = self.sign_as(self.head, records)
        self.assertEqual((progress["done"], progress["left_out"]), (2, 0))
        self.sign_as(self.clerk, records)
        for record in records:
            self.assertEqual(packet.profile_of(record._packet_bytes()).name, record.profile)
            self.assertEqual(record._verification().result, "TOTAL_PASSED")
