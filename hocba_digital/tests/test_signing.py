import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..core import signing
from .common import PIN, SchoolCase


@tagged("post_install", "-at_install")
class TestSigning(SchoolCase):
    """Who signs when, what voids a signature, and what the packet then is."""

    def setUp(self):
        super().setUp()
        self._certify()

    def test_three_signatures_make_a_signed_record(self):
        records = self._records(self.class2, 2)
        progress = self.sign_as(self.homeroom, records)
        self.assertEqual((progress["done"], progress["left_out"], progress["state"]), (2, 0, "done"))
        self.assertEqual(set(records.mapped("waiting_for")), {"cbql"})
        self.sign_as(self.head, records)
        self.sign_as(self.clerk, records)
        self.assertEqual(set(records.mapped("state")), {"signed"})
        for record in records:
            self.assertIn("Draft → Signed", record.message_ids.mapped("preview")[0])
            report = record._verification()
            self.assertEqual(report.result, "TOTAL_PASSED", report.reasons)
            self.assertEqual([line.role for line in report.signatures], ["gvcn", "cbql", "seal"])
            self.assertEqual(report.data.uuid, record.uuid)
            self.assertEqual(set(record.signature_ids.mapped("verification")), {"passed"})
            # The web client reads with sizes in place of binary values.
            self.assertEqual(record.with_context(bin_size=True)._packet_bytes(), record._packet_bytes())
        self.env["hocba.trust"].search([]).active = False
        records.signature_ids.invalidate_recordset(["verification"])
        self.assertEqual(set(records.signature_ids.mapped("verification")), {"unclear"})

    def test_order_and_persons(self):
        records = self._records(self.class2, 1)
        for user in (self.head, self.clerk):
            with self.assertRaises(UserError):
                self.sign_as(user, records)
        with self.assertRaises(UserError):
            self.sign_as(self.homeroom2, records)

    def test_wrong_pin_changes_nothing(self):
        records = self._records(self.class2, 1)
        action = records.with_user(self.homeroom).action_sign()
        job = self.env["hocba.signing.job"].with_user(self.homeroom).browse(action["params"]["job_id"])
        with self.assertRaisesRegex(UserError, "PIN"):
            job.process("000000")
        self.assertFalse(records.signature_ids)

    def test_job_stops_and_resumes_without_signing_twice(self):
        records = self._records(self.class2, 3)
        action = records.with_user(self.homeroom).action_sign()
        job = self.env["hocba.signing.job"].with_user(self.homeroom).browse(action["params"]["job_id"])
        self.assertEqual(job.process(PIN, limit=2)["done"], 2)
        self.assertEqual(job.stop()["state"], "stopped")
        self.assertEqual(job.process(PIN)["state"], "done")
        self.assertEqual(len(records.signature_ids), 3)

    def test_record_that_changed_meanwhile_is_left_out_and_named(self):
        records = self._records(self.class2, 2)
        action = records.with_user(self.homeroom).action_sign()
        job = self.env["hocba.signing.job"].with_user(self.homeroom).browse(action["params"]["job_id"])
        records[0].pupil_id.mother_name = False
        progress = job.process(PIN)
        self.assertEqual((progress["done"], progress["left_out"]), (1, 1))
        self.assertEqual(progress["reasons"][0]["record_id"], records[0].id)

    def test_nobody_signs_with_anothers_certificate(self):
        self._records(self.class2, 1)
        certificate = self.env["hocba.certificate"].search([("user_id", "=", self.head.id)])
        with self.assertRaises(AccessError):
            certificate.with_user(self.homeroom)._signer(PIN)

    def test_edit_after_signing_voids_visibly(self):
        record = self._records(self.class2, 1)
        self.sign_as(self.homeroom, record)
        record.pupil_id.with_user(self.clerk).write({"birth_place": "Bệnh viện Hoàn Mỹ"})
        self.assertFalse(record.signature_ids.valid)
        self.assertEqual(record.waiting_for, "gvcn")
        self.env.flush_all()
        record._void_outdated_signatures()
        self.assertTrue(record.signature_ids.voided_at)
        self.assertIn("voided", record.event_ids.mapped("kind"))
        self.sign_as(self.homeroom, record)
        self.assertEqual(len(record.signature_ids.filtered("valid")), 1)
        self.sign_as(self.head, record)
        self.sign_as(self.clerk, record)
        self.assertEqual(record._verification().result, "TOTAL_PASSED")
        self.assertEqual(record._print_source()[0].birth_place, "Bệnh viện Hoàn Mỹ")

    def test_seal_must_be_approved(self):
        record = self._records(self.class2, 1)
        self.sign_as(self.homeroom, record)
        self.sign_as(self.head, record)
        self.env["hocba.certificate"].search([("kind", "=", "organisation")]).approved = False
        with self.assertRaisesRegex(UserError, "approved"):
            self.sign_as(self.clerk, record)

    def test_head_returns_a_draft(self):
        record = self._records(self.class2, 1)
        self.sign_as(self.homeroom, record)
        with self.assertRaises(UserError):
            record.with_user(self.head).action_return(" ")
        record.with_user(self.head).action_return("Nhận xét quá ngắn")
        self.assertTrue(record.signature_ids.voided_at)
        self.assertEqual(record.waiting_for, "gvcn")

    def test_head_reopens_with_a_reason_and_the_old_packet_stays(self):
        record = self.sign_all(self._records(self.class2, 1))
        old = record._packet_bytes()
        with self.assertRaises(AccessError):
            record.with_user(self.clerk).action_reopen("sai")
        with self.assertRaises(UserError):
            record.with_user(self.head).action_reopen("")
        record.with_user(self.head).action_reopen("Sai chiều cao")
        self.assertEqual(record.state, "draft")
        self.assertEqual(base64.b64decode(record.version_ids.packet), old)
        self.assertEqual(
            signing.verify_packet(old, self.env["hocba.trust"]._store(), profile=self.profile).result, "TOTAL_PASSED"
        )

    def test_signed_record_is_read_only(self):
        record = self.sign_all(self._records(self.class2, 1))
        with self.assertRaises(UserError):
            record.sudo().write({"issued_on": "2026-01-01"})

    def test_later_change_of_the_pupil_leaves_the_signed_packet_alone(self):
        record = self.sign_all(self._records(self.class2, 1))
        before = record._packet_bytes()
        self.correct(record.pupil_id, name="Tên Mới", home_town="Nơi khác")
        self.env.flush_all()
        self.assertEqual(record._packet_bytes(), before)
        self.assertNotEqual(record.pupil_name, "Tên Mới")
        self.assertTrue(all(record.signature_ids.mapped("valid")))
