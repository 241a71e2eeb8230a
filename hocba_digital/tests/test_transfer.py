import io
import zipfile

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core import signing, transfer
from . import pki
from .common import PIN
from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class TestTransfer(TransferCase):
    """Two schools hand a pupil over by files; custody changes once, bytes stay, nothing is typed again."""

    # The whole way -----------------------------------------------------------------------------------

    def test_hand_over_takes_over_and_receipt(self):
        leaving = self.release()
        self.assertEqual(leaving.line_ids.uuid, self.record.uuid)
        self.assertEqual(self.record.state, "locked", "custody stays until the receipt is there")
        arriving = self.enter(self.file_of(leaving))
        self.assertEqual((arriving.state, arriving.pupil_name), ("received", self.pupil.name))
        self.assertFalse(arriving.failed)
        self.assertIn(arriving.line_ids.result, ("TOTAL_PASSED", "INDETERMINATE"))
        self.assertFalse(arriving.pupil_id, "nothing is taken over before the head decides")
        self.wizard(self.head2, arriving, reason="Đã đối chiếu").action_take_over()
        pupil = arriving.sudo().pupil_id
        same = ("name", "code", "id_number", "birth_date", "gender", "home_town", "mother_name", "ethnicity_id")
        self.assertEqual([pupil[name] for name in same], [self.pupil[name] for name in same])
        self.assertNotEqual(pupil, self.pupil)
        self.assertEqual(pupil.company_id, self.other)
        self.assertEqual(arriving.sudo().line_ids._packet_bytes(), self.record._packet_bytes())
        self.assertIn("2025-2026", pupil.enrolment_ids.mapped("school_year_name"))
        self.enter_receipt(self.receipt_of(arriving))
        self.assertEqual((leaving.state, arriving.state), ("completed", "completed"))
        self.assertEqual(self.record.state, "transferred")
        self.assertTrue(self.pupil._is_gone())
        self.assertEqual(self.pupil.enrolment_ids.filtered("class_id").end_reason, "left")
        self.assertTrue(self.record.with_user(self.clerk).has_access("read"), "a copy stays to be read")
        self.assertIn(
            "transferred", self.env["hocba.event"].search([("record_id", "=", self.record.id)]).mapped("kind")
        )
        for user, row in ((self.clerk, leaving), (self.clerk2, arriving)):
            with self.assertRaises(UserError):
                row.with_user(user).write({"other_name": "Khác"})

    def test_book_of_the_new_school_begins_with_the_years_that_came(self):
        arriving = self.arrive(self.release())
        service = self.env["hocba.print"]
        years = service._book_years(arriving.sudo().pupil_id, self.env["hocba.record"])
        self.assertEqual([year.data.uuid for year in years], [self.record.uuid])

    def test_class_is_joined_on_the_day(self):
        arriving = self.enter(self.file_of(self.release()))
        year = self.env["hocba.school.year"].create({"name": "2026-2027", "company_id": self.other.id})
        values = {"name": "5B", "grade": "5", "school_year_id": year.id, "company_id": self.other.id}
        arriving.class_id = self.env["hocba.class"].create({**values, "homeroom_id": self.head2.id})
        self.wizard(self.head2, arriving, reason="Đã đối chiếu").action_take_over()
        line = arriving.sudo().pupil_id.enrolment_ids.filtered("class_id")
        self.assertEqual((line.class_id, line.date_from), (arriving.sudo().class_id, arriving.left_on))

    # Refused, withdrawn, returned --------------------------------------------------------------------------

    def test_refusal_says_why_and_changes_nothing(self):
        leaving = self.release()
        arriving = self.enter(self.file_of(leaving))
        self.wizard(self.head2, arriving, reason="Thiếu năm học 2024-2025").action_refuse()
        self.assertFalse(arriving.pupil_id)
        self.enter_receipt(self.receipt_of(arriving))
        self.assertEqual((leaving.state, leaving.reason), ("refused", "Thiếu năm học 2024-2025"))
        self.assertEqual(self.record.state, "locked")
        self.assertFalse(self.pupil._is_gone())
        self.env.flush_all()
        self.release()

    def test_withdrawn_until_an_acceptance_comes(self):
        leaving = self.release()
        arriving = self.arrive(leaving)
        self.wizard(self.head, leaving, reason="Phụ huynh đổi ý").action_withdraw()
        self.assertEqual(leaving.state, "withdrawn")
        self.enter_receipt(self.receipt_of(arriving))
        self.assertEqual((leaving.state, self.record.state), ("completed", "transferred"))

    def test_a_withdrawn_file_gives_the_pupil_to_one_school_only(self):
        first = self.release()
        arriving = self.arrive(first)
        self.wizard(self.head, first, reason="Phụ huynh đổi ý").action_withdraw()
        self.env.flush_all()
        second = self.leave(other_code="48491404", other_name="Trường Tiểu học Kim Đồng")
        with self.assertRaisesRegex(UserError, self.other.name):
            second.with_user(self.head).action_agree()
        second.write({"note": "Trường Núi Thành xác nhận không dùng tệp, công văn 12"})
        second.with_user(self.head).action_agree()
        self.wizard(self.clerk, second, pin=PIN)
        receipt = self.receipt_of(arriving)
        with self.assertRaisesRegex(UserError, self.other.name), self.env.cr.savepoint():
            self.enter_receipt(receipt)
        self.assertEqual((first.state, second.state, self.record.state), ("withdrawn", "released", "locked"))

    def test_a_receipt_without_the_seal_of_a_trusted_school_changes_nothing(self):
        leaving = self.release()
        self.receipt_of(self.arrive(leaving))
        digests = {self.record.uuid: self.record.packet_digest}
        school = transfer.School("48491403", self.other.name)
        told = transfer.Receipt(
            number=leaving.number,
            digest=leaving.manifest_digest,
            receiver=school,
            accepted=True,
            at=self.env["hocba.submission"]._signing_time(),
            digests=digests,
        )
        plain = transfer.build_receipt(told)
        stranger = pki.issue(pki.authority(pki.ROOT_NAME), pki.organisation_name(self.other.name, "0401234599"))
        signer = signing.Pkcs12Signer(stranger.key, stranger.certificate, stranger.chain)
        own = leaving.with_user(self.clerk)._sealed(plain, PIN)
        for forged in (plain, signing.sign_list(plain, signer, at=self.env["hocba.submission"]._signing_time()), own):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.enter_receipt(forged)
        self.assertEqual((leaving.state, self.record.state), ("released", "locked"))

    def test_a_file_without_a_seal_is_not_taken_over_for_any_reason(self):
        leaving = self.leave()
        leaving.with_user(self.head).action_agree()
        years = leaving.sudo()._leaving_years()
        plain = transfer.build_handover(leaving.sudo()._handover("0b7a1c55-9df2-4a49-8f5c-3b1f6f0f7a10", years))
        arriving = self.enter(transfer.pack(plain, {year.data.uuid: year.content for year in years}, {}))
        with self.assertRaisesRegex(UserError, "sealed"):
            self.wizard(self.head2, arriving, reason="Đã gọi điện").action_take_over()
        self.assertFalse(arriving.sudo().pupil_id)

    def test_head_returns(self):
        leaving = self.leave()
        leaving.with_user(self.head).action_agree()
        with self.assertRaises(UserError):
            leaving.write({"other_code": "1"})
        self.wizard(self.head, leaving, reason="Sai mã trường").action_return()
        self.assertEqual((leaving.state, leaving.return_reason), ("draft", "Sai mã trường"))
        leaving.write({"other_code": "48491404"})

    def test_returning_pupil_is_the_one_who_left(self):
        arriving = self.arrive(self.release())
        leaving = self.env["hocba.transfer"].search([("direction", "=", "out")])
        self.enter_receipt(self.receipt_of(arriving))
        back = (
            self.env["hocba.transfer"]
            .with_user(self.clerk2)
            .with_company(self.other)
            .create(
                {"pupil_id": arriving.sudo().pupil_id.id, "other_code": "48491401", "other_name": self.company.name}
            )
        )
        back.with_user(self.head2).action_agree()
        self.wizard(self.clerk2, back, pin=PIN)
        self.assertEqual(leaving.line_ids.uuid, back.line_ids.uuid)
        home = self.enter(self.file_of(back), self.clerk)
        self.assertEqual(home.line_ids.record_id, self.record)
        self.assertIn("không có năm nào" if self.env.lang == "vi_VN" else "No year", home.finding)
        self.wizard(self.head, home, reason="Học sinh trở lại").action_take_over()
        self.assertEqual(home.sudo().pupil_id, self.pupil)
        self.assertFalse(self.pupil._is_gone())
        self.assertEqual(self.env["hocba.record"].search_count([("uuid", "=", self.record.uuid)]), 1)

    # What must not happen ------------------------------------------------------------------------------------

    def test_once_only(self):
        leaving = self.release()
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.leave()
        self.arrive(leaving)
        with self.assertRaisesRegex(UserError, "already"):
            self.enter(self.file_of(leaving))
        again = self.env["hocba.transfer"].search([("direction", "=", "in")])
        with self.assertRaises(UserError):
            again.with_user(self.head2).action_take_over("x")
        receipt = self.receipt_of(again.with_user(self.clerk2))
        self.enter_receipt(receipt)
        with self.assertRaises(UserError):
            self.enter_receipt(receipt)
        with self.assertRaisesRegex(UserError, "already"):
            self.leave()

    def test_file_for_another_school(self):
        leaving = self.release(other_code="48491499")
        with self.assertRaisesRegex(UserError, "48491499"):
            self.enter(self.file_of(leaving))

    def test_changed_file(self):
        content = self.file_of(self.release())
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            rows = {name: archive.read(name) for name in archive.namelist()}
        forged = rows[transfer.MANIFEST].replace(b"48491403", b"48491404", 1)
        self.other.hocba_school_code = "48491404"
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, each in {**rows, transfer.MANIFEST: forged}.items():
                archive.writestr(name, each)
        arriving = self.enter(buffer.getvalue())
        self.assertTrue(arriving.failed)
        with self.assertRaisesRegex(UserError, "signature"):
            self.wizard(self.head2, arriving, reason="x").action_take_over()
        with self.assertRaises(UserError):
            self.enter(content[:-200])
        with self.assertRaises(UserError):
            self.enter(b"x")

    def test_file_sealed_by_another_organisation(self):
        leaving = self.leave()
        leaving.with_user(self.head).action_agree()
        years = leaving.sudo()._leaving_years()
        number = "0b7a1c55-9df2-4a49-8f5c-3b1f6f0f7a10"
        plain = transfer.build_handover(leaving.sudo()._handover(number, years))
        stranger = self.env["hocba.transfer"].with_user(self.clerk2).with_company(self.other)
        sealed = stranger.new({"company_id": self.other.id})._sealed(plain, PIN)
        content = transfer.pack(sealed, {year.data.uuid: year.content for year in years}, {})
        arriving = self.enter(content)
        self.assertIn("0401234599", arriving.finding)
        with self.assertRaisesRegex(UserError, "decided"):
            arriving.with_user(self.head2).action_take_over()

    def test_receipt_that_does_not_fit(self):
        leaving = self.release()
        arriving = self.arrive(leaving)
        receipt = self.receipt_of(arriving)
        digest = self.record.packet_digest.encode()
        for changed in (
            receipt.replace(digest, b"0" * 64),
            receipt.replace(leaving.number.encode(), b"0" * 36),
            receipt.replace(b"NHAN</KET_QUA>", b"TU_CHOI</KET_QUA>"),
            b"<BIEN_NHAN/>",
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.enter_receipt(changed)
        self.assertEqual((leaving.state, self.record.state), ("released", "locked"))

    def test_pupil_who_is_somebody_else_here(self):
        twin = {"id_number": self.pupil.id_number, "code": "4800000001", "birth_date": "2014-01-01"}
        self.env["hocba.pupil"].create({**twin, "name": "Người khác", "company_id": self.other.id})
        arriving = self.enter(self.file_of(self.release()))
        with self.assertRaisesRegex(UserError, "Người khác"):
            self.wizard(self.head2, arriving, reason="x").action_take_over()
        self.assertEqual(arriving.state, "received")

    def test_a_year_that_is_not_closed_keeps_the_pupil(self):
        late = self._pupil(self.class2, 77)
        with self.assertRaisesRegex(UserError, "no closed"), self.env.cr.savepoint():
            self.leave(pupil_id=late.id)
        self._assess(self.class2)
        self.class2.with_user(self.clerk).action_create_records()
        self.sign_all(self.class2.record_ids)
        with self.assertRaisesRegex(UserError, "not closed"):
            self.leave(pupil_id=late.id)

    def test_rights(self):
        leaving = self.leave()
        with self.assertRaises(AccessError):
            leaving.with_user(self.clerk).action_agree()
        for user in (self.homeroom, self.teacher, self.school_admin):
            with self.assertRaises(AccessError):
                leaving.with_user(user).read(["pupil_name"])
        with self.assertRaises(AccessError):
            leaving.with_user(self.auditor).write({"note": "x"})
        with self.assertRaises(AccessError):
            leaving.with_user(self.head2).read(["pupil_name"])
        leaving.with_user(self.head).action_agree()
        with self.assertRaises(AccessError):
            self.wizard(self.head, leaving, pin=PIN)
        with self.assertRaises(UserError):
            leaving.with_user(self.clerk).write({"state": "completed"})
        with self.assertRaises(UserError):
            leaving.with_user(self.head).unlink()
        values = {"transfer_id": leaving.id, "uuid": "x", "school_year_name": "x", "packet_digest": "x"}
        with self.assertRaises(UserError):
            self.env["hocba.transfer.line"].with_user(self.clerk).create(values)

    def test_closed_rows_resist_sql(self):
        arriving = self.arrive(self.release())
        self.receipt_of(arriving)
        self.env.flush_all()
        for query in (
            "UPDATE hocba_transfer SET other_name = 'x' WHERE direction = 'in'",
            "DELETE FROM hocba_transfer_line",
            "UPDATE hocba_transfer_line SET packet_digest = 'x'",
        ):
            with self.assertRaises(psycopg2.errors.RaiseException), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.env.cr.execute(query)
