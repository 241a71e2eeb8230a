import base64
import io
import zipfile
from datetime import date

import psycopg2
from cryptography.hazmat.primitives.serialization import Encoding

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core import signing, transfer
from . import pki
from .common import PIN
from .within_common import WithinCase


@tagged("post_install", "-at_install")
class TestTransferWithinGuards(WithinCase):
    """The record of the year ends at the old school; nobody goes past the head, the seal or what was signed."""

    # The old school ---------------------------------------------------------------------------------------------

    def test_the_draft_of_the_year_is_not_signed_any_more(self):
        self._assess(self.class3)
        self.assertEqual(self.draft.waiting_for, "gvcn")
        self.sign_as(self.homeroom, self.draft)
        leaving = self.release()
        self.assertFalse(self.draft.with_user(self.head).can_sign)
        with self.assertRaises(UserError):
            self.sign_as(self.head, self.draft)
        arriving = self.enter(self.file_of(leaving))
        self.take(arriving)
        self.enter_receipt(self.receipt_of(arriving))
        self.assertEqual(self.draft.state, "recalled")
        self.assertFalse(self.draft.signature_ids.filtered("valid"))
        self.assertTrue(self.draft.with_user(self.clerk).has_access("read"))
        with self.assertRaises(UserError):
            self.sign_as(self.head, self.draft)
        self.class3.with_user(self.clerk).action_create_records()
        self.assertEqual(self.class3.record_ids, self.draft)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((self.class3.pupil_count, self.class3.record_count, self.class3.finding_count), (0, 0, 0))
        self.assertFalse(self.env["hocba.cockpit"].search([("class_id", "=", self.class3.id)]))
        self.assertFalse(self.env["hocba.finding"].search([("pupil_id", "=", self.pupil.id)]))
        with self.assertRaisesRegex(UserError, "another school"):
            self.here(self.pupil)["end1"].with_user(self.homeroom).write({"quality_honesty": "C"})

    def test_refused_and_withdrawn_put_nothing_out_of_order(self):
        self._assess(self.class3)
        leaving = self.release()
        arriving = self.enter(self.file_of(leaving))
        self.wizard(self.head2, arriving, reason="Thiếu năm học").action_refuse()
        self.assertFalse(arriving.sudo().pupil_id)
        self.enter_receipt(self.receipt_of(arriving))
        self.assertEqual((leaving.state, self.draft.state), ("refused", "draft"))
        self.assertTrue(self.pupil.enrolment_ids.filtered(lambda line: line.class_id == self.class3).is_current)
        self.env.flush_all()
        again = self.release()
        self.wizard(self.head, again, reason="Phụ huynh đổi ý").action_withdraw()
        self.assertTrue(self.draft.with_user(self.homeroom).can_sign)
        self.sign_as(self.homeroom, self.draft)
        self.sign_as(self.head, self.draft)
        self.sign_as(self.clerk, self.draft)
        self.assertEqual(self.draft.state, "signed")

    def test_an_acceptance_after_a_withdrawal_and_a_record_issued_meanwhile(self):
        self._assess(self.class3)
        leaving = self.release()
        arriving = self.enter(self.file_of(leaving))
        self.take(arriving)
        self.wizard(self.head, leaving, reason="Phụ huynh đổi ý").action_withdraw()
        for user in (self.homeroom, self.head, self.clerk):
            self.sign_as(user, self.draft)
        self.assertEqual(self.draft.state, "signed")
        self.enter_receipt(self.receipt_of(arriving))
        self.assertEqual((leaving.state, self.draft.state), ("completed", "signed"))
        self.assertTrue([body for body in leaving.message_ids.mapped("body") if "issued here meanwhile" in body])
        self.assertEqual(leaving.activity_ids.user_id, self.head)

    def test_a_pupil_who_returns_within_the_year(self):
        arriving = self.enter(self.file_of(self.release()))
        self.take(arriving)
        self.enter_receipt(self.receipt_of(arriving))
        self._give_head2_a_key()
        model = self.env["hocba.transfer"].with_user(self.clerk2).with_company(self.other)
        values = {"other_code": "48491401", "other_name": self.company.name, "left_on": date(2027, 3, 1)}
        back = model.create({**values, "pupil_id": arriving.sudo().pupil_id.id})
        self.wizard(self.head2, back, pin=PIN)
        self.wizard(self.clerk2, back, pin=PIN)
        told = transfer.unpack(self.file_of(back)).results
        self.assertEqual({period.assessed_at for period in told.periods}, {self.company.name})
        home = self.enter(self.file_of(back), self.clerk)
        home.class_id = self.class3
        self.wizard(self.head, home, reason="Học sinh trở lại").action_take_over()
        self.assertEqual(home.sudo().pupil_id, self.pupil)
        lines = self.pupil.enrolment_ids.filtered(lambda line: line.school_year_name == "2026-2027")
        self.assertEqual(lines.mapped("school_name"), [self.company.name, self.other.name, self.company.name])
        came = lines[-1].assessment_ids
        self.assertEqual(set(came.mapped("period")), {"mid1", "end1"})
        self.assertEqual(set(came.mapped("origin_school")), {self.company.name})
        self.class3.with_user(self.clerk).action_create_records()
        new = self.class3.record_ids - self.draft
        self.assertEqual((new.enrolment_id, new.state), (lines[-1], "draft"))

    def test_results_that_change_after_the_head_signed(self):
        leaving = self.agreed()
        self.here(self.pupil)["end1"].quality_honesty = "C"
        with self.assertRaisesRegex(UserError, "changed since"):
            self.wizard(self.clerk, leaving, pin=PIN)
        self.wizard(self.head, leaving, reason="Kết quả đã sửa").action_return()
        self.assertFalse(leaving.results_digest)
        self.wizard(self.head, leaving, pin=PIN)
        self.wizard(self.clerk, leaving, pin=PIN)
        self.assertEqual(leaving.state, "released")

    def test_after_the_year_nothing_is_under_way(self):
        leaving = self.leave(left_on=date(2027, 8, 1))
        self.assertFalse(leaving.leaving_periods)
        self.assertFalse(leaving.with_user(self.head).action_agree())
        self.assertEqual((leaving.state, leaving.results_digest), ("agreed", False))

    # Rights and forgeries ----------------------------------------------------------------------------------------

    def test_only_the_head_signs(self):
        leaving = self.leave()
        self.assertIn("Not signed yet", leaving.with_context(lang="en_US").results_table)
        for user in (self.clerk, self.homeroom, self.auditor, self.school_admin):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                leaving.with_user(user).action_agree()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.wizard(self.clerk, leaving, pin=PIN)
        deputy = self._user("deputy", "Phó Hiệu trưởng", "group_head", "048180000099", "Phó Hiệu trưởng")
        with self.assertRaisesRegex(AccessError, self.head.name), self.env.cr.savepoint():
            self.wizard(deputy, leaving, pin=PIN)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.wizard(self.head, leaving, pin="000000")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            leaving.with_user(self.clerk).write({"results_year": "2026-2027"})
        self.assertEqual((leaving.state, leaving.results_digest), ("draft", False))

    def test_signed_results_resist_sql(self):
        leaving = self.release()
        self.env.flush_all()
        for query in (
            "UPDATE hocba_transfer SET results_digest = 'x' WHERE direction = 'out'",
            f"DELETE FROM ir_attachment WHERE res_model = 'hocba.transfer' AND res_field = 'results'"
            f" AND res_id = {leaving.id}",
        ):
            with self.assertRaises(psycopg2.errors.RaiseException), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.env.cr.execute(query)

    def test_tampered_results(self):
        leaving = self.release()
        content = self.file_of(leaving)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            rows = {name: archive.read(name) for name in archive.namelist()}
        name = "dang-hoc/2026-2027.xml"
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for each, part in {**rows, name: rows[name].replace(b"<DIEM>8<", b"<DIEM>9<")}.items():
                archive.writestr(each, part)
        with self.assertRaisesRegex(UserError, "changed after"):
            self.enter(buffer.getvalue())
        better = self.forged(leaving, lambda sheet: sheet.replace(b"<DIEM>8<", b"<DIEM>9<"))
        arriving = self.enter(better)
        self.assertTrue(arriving.failed)
        with self.assertRaisesRegex(UserError, "signed by the head"):
            self.take(arriving)
        self.assertFalse(arriving.sudo().pupil_id)

    def test_the_heads_signature_is_missing_or_somebody_elses(self):
        leaving = self.release()
        at = self.env["hocba.submission"]._signing_time()

        def resigned(holder, number):
            def change(sheet):
                plain = transfer.build_results(transfer.parse_results(sheet))
                if not holder:
                    return plain
                signer = signing.Pkcs12Signer(holder.key, holder.certificate, holder.chain)
                return signing.sign_list(plain, signer, at=at, id_number=number)

            return change

        head = transfer.parse_results(transfer.unpack(self.file_of(leaving)).sheet).head_id_number
        stranger = pki.issue(pki.authority(pki.ROOT_NAME), pki.person_name(self.head.name, head))
        for change in (
            resigned(None, None),
            resigned(self.pki["homeroom"], "048180000011"),
            resigned(self.pki["seal"], None),
            resigned(stranger, head),
        ):
            arriving = self.enter(self.forged(leaving, change))
            with self.assertRaisesRegex(UserError, "signed by the head"), self.env.cr.savepoint():
                self.take(arriving)
            self.assertFalse(arriving.sudo().pupil_id)

    def test_unsealed_file_with_results(self):
        arriving = self.enter(self.forged(self.release(), lambda sheet: sheet, seal=False))
        with self.assertRaisesRegex(UserError, "sealed"):
            self.take(arriving)
        self.assertFalse(base64.b64decode(arriving.receipt or b""))

    def test_the_heads_key_is_not_at_the_server(self):
        issued = self.pki["head"]
        model = self.env["hocba.certificate"].with_user(self.head).with_company(self.company)
        challenge = model.agent_challenge()
        der = base64.b64encode(issued.certificate.public_bytes(Encoding.DER)).decode()

        def values(digests):
            answer = signing.Pkcs12Signer(issued.key, issued.certificate).request(list(map(base64.b64decode, digests)))
            return [base64.b64encode(value).decode() for value in answer.values]

        model.register_agent("person", der, challenge["token"], values([challenge["digest"]])[0])
        leaving = self.leave()
        with self.assertRaisesRegex(UserError, "dialog"), self.env.cr.savepoint():
            self.wizard(self.head, leaving, pin=PIN)
        wizard = self.wizard(self.head, leaving)
        self.assertFalse(wizard.head_asks_pin)
        job = self.env["hocba.signing.job"].with_user(self.head).browse(wizard.action_signed()["params"]["job_id"])
        request = job.prepare()["request"]
        self.assertIn(self.pupil.name, request["label"])
        self.here(self.pupil)["end1"].quality_honesty = "C"
        job.deliver(request["nonce"], values(request["digests"]))
        self.assertIn("changed", job.poll()["reasons"][0]["reason"])
        self.assertEqual((leaving.state, leaving.results_digest), ("draft", False))
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            job._start_transfers(
                leaving.with_user(self.clerk), wizard.head_certificate_id.with_user(self.clerk), "results"
            )
        job = job.browse(self.wizard(self.head, leaving).action_signed()["params"]["job_id"])
        request = job.prepare()["request"]
        job.deliver(request["nonce"], values(request["digests"]))
        self.assertEqual((job.poll()["done"], leaving.state), (1, "agreed"))
        self.wizard(self.clerk, leaving, pin=PIN)
        arriving = self.enter(self.file_of(leaving))
        self.assertIn(arriving.results_result, ("TOTAL_PASSED", "INDETERMINATE"))
        self.take(arriving)
