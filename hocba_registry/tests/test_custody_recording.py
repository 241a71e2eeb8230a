"""Custody that an officer records for a change of school that went by file, and disputes that are settled."""

import base64
import uuid

from psycopg2 import DatabaseError

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .department import SCHOOL_CODE
from .transfers import NEW_CODE, THIRD_CODE, TransferCase

_DOCUMENT = base64.b64encode(b"%PDF-1.4 receipt")


@tagged("post_install", "-at_install")
class TestCustodyRecording(TransferCase):
    def setUp(self):
        super().setUp()
        self.officer = new_test_user(self.env, "cv.chuyen", groups="hocba_registry.group_so_officer")

    def _handed_over(self):
        number, _request, file = self.released()
        self.assertEqual(self.step(NEW_CODE, number, "BIEN_NHAN", self.receipt_of(file)), "00")
        return self.transfer(number).custody_id

    def _record(self, custody, code, reason="Bàn giao bằng tệp", document=_DOCUMENT):
        wizard = (
            self.env["hocba.registry.custody.wizard"]
            .with_user(self.officer)
            .create(
                {
                    "custody_id": custody.id,
                    "unit_id": self.units[code].id,
                    "reason": reason,
                    "document": document,
                    "document_name": "bien-nhan.pdf",
                }
            )
        )
        return wizard.action_confirm()

    def test_the_school_that_took_over_by_file_reports_from_then_on(self):
        custody = self._handed_over()
        self.env["hocba.registry.custody"].flush_model()
        code = self.data.pupil_code
        self.assertEqual(custody._elsewhere(self.units[THIRD_CODE], "2099-2100", [code]), {code})
        self._record(custody, THIRD_CODE)
        self.assertEqual(self.custodian(), THIRD_CODE)
        self.assertEqual(custody._elsewhere(self.units[THIRD_CODE], "2099-2100", [code]), set())
        self.assertEqual(custody._elsewhere(self.units[NEW_CODE], "2099-2100", [code]), {code})
        last, first = custody.move_ids
        self.assertEqual((first.unit_id, last.from_unit_id), (self.units[NEW_CODE], self.units[NEW_CODE]))
        self.assertEqual((last.officer_id, last.reason), (self.officer, "Bàn giao bằng tệp"))
        self.assertEqual(last.with_context(bin_size=False).document, _DOCUMENT)

    def test_a_pupil_who_was_only_asked_for(self):
        number, request = self.requested()
        custody = self.transfer(number).custody_id
        with self.assertRaisesRegex(UserError, "under way"):
            self._record(custody, THIRD_CODE)
        self.assertEqual(self.step(NEW_CODE, number, "DUNG", self.stop_of(number, NEW_CODE, request)), "00")
        self.env.invalidate_all()
        self._record(custody, THIRD_CODE)
        self.assertEqual((self.custodian(), custody.last_year), (THIRD_CODE, self.data.school_year))

    def test_not_without_ground_and_not_to_who_has_it(self):
        custody = self._handed_over()
        for code, reason, document in ((NEW_CODE, "x", _DOCUMENT), (THIRD_CODE, " ", _DOCUMENT)):
            with self.assertRaises(UserError):
                self._record(custody, code, reason, document)
        with self.assertRaises(UserError):
            custody.with_user(self.officer).record_move(self.units[THIRD_CODE], "Có lí do", False, "")
        self.assertEqual((self.custodian(), len(custody.move_ids)), (NEW_CODE, 1))

    def test_officers_only_and_within_their_scope(self):
        custody = self._handed_over()
        stranger = new_test_user(self.env, "nguoi.la", groups="base.group_user")
        with self.assertRaises(AccessError):
            custody.with_user(stranger).record_move(self.units[THIRD_CODE], "Có lí do", _DOCUMENT, "a.pdf")
        self.officer.write({"hocba_scope": "bodies", "hocba_body_ids": [(5,)]})
        with self.assertRaises(AccessError):
            custody.with_user(self.officer).record_move(self.units[THIRD_CODE], "Có lí do", _DOCUMENT, "a.pdf")
        self.assertEqual(self.custodian(), NEW_CODE)

    def test_the_history_stays(self):
        custody = self._handed_over()
        self._record(custody, THIRD_CODE)
        last = custody.move_ids[:1]
        for change in ({"reason": "khác"}, {"document": base64.b64encode(b"other")}):
            with self.assertRaises(UserError):
                last.write(change)
        with self.assertRaises(UserError):
            last.unlink()
        with mute_logger("odoo.sql_db"), self.assertRaises(DatabaseError), self.env.cr.savepoint():
            self.env.cr.execute("DELETE FROM hocba_registry_custody_move WHERE id = %s", [last.id])

    def test_a_dispute_is_settled(self):
        number, _request = self.requested()
        other = str(uuid.uuid4())
        self.assertEqual(self.step(THIRD_CODE, other, "YEU_CAU", self.request_of(other, THIRD_CODE)), "52")
        transfer = self.transfer(number)
        self.assertTrue(transfer.disputed)
        stranger = new_test_user(self.env, "nguoi.la", groups="base.group_user")
        with self.assertRaises(AccessError):
            transfer.with_user(stranger).action_settle()
        transfer.with_user(self.officer).action_settle()
        self.assertEqual((transfer.disputed, bool(transfer.dispute), bool(transfer.activity_ids)), (False, True, False))
        self.assertEqual(transfer.message_ids[:1].author_id, self.officer.partner_id)
        self.assertEqual(self.custodian(), SCHOOL_CODE)

    def test_results_of_a_year_under_way_pass_and_the_old_school_does_not_report_that_year(self):
        number, _request = self.requested()
        file = self.file_within_the_year(number)
        self.assertEqual(self.step(SCHOOL_CODE, number, "GIAO_TEP", file), "00")
        self.assertEqual(self.ask(NEW_CODE, number, tai_lieu="GIAO_TEP").content, file)
        self.assertEqual(self.step(NEW_CODE, number, "BIEN_NHAN", self.receipt_of(file)), "00")
        custody = self.transfer(number).custody_id
        self.assertEqual((self.custodian(), custody.last_year), (NEW_CODE, self.data.school_year))
        first = int(self.data.school_year[5:])
        under_way, code = f"{first}-{first + 1}", self.data.pupil_code
        self.assertEqual(custody._elsewhere(self.unit, under_way, [code]), {code})
        self.assertEqual(custody._elsewhere(self.units[NEW_CODE], under_way, [code]), set())
