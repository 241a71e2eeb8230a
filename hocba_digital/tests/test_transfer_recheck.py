"""What held when a hand-over came is judged anew when the head takes it over."""

import base64
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..core import transfer
from .lists import crl
from .test_evidence import Stamper
from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class TestTransferRecheck(TransferCase):
    def setUp(self):
        super().setUp()
        known = {line._certificate(): line for line in self.env["hocba.trust"].search([])}
        self.root, self.authority = (known[self.pki[name].certificate] for name in ("root", "intermediate"))

    def revoke(self, holder, since=None):
        self.root.crl = base64.b64encode(crl(self.pki["root"]))
        serials = [self.pki[holder].certificate.serial_number]
        self.authority.crl = base64.b64encode(crl(self.pki["intermediate"], serials, since=since))

    def test_what_still_holds_is_taken_over(self):
        arriving = self.enter(self.file_of(self.release())).with_user(self.head2)
        before = (arriving.sender_result, arriving.line_ids.result)
        arriving.action_check_again()
        self.assertTrue(arriving.checked_at)
        self.assertEqual((arriving.recheck, before), (False, ("TOTAL_PASSED", "TOTAL_PASSED")))
        arriving.action_take_over()
        self.assertEqual(arriving.state, "agreed")

    def test_a_certificate_revoked_before_the_signature_stops_the_take_over(self):
        arriving = self.enter(self.file_of(self.release()))
        self.assertEqual(arriving.line_ids.result, "TOTAL_PASSED")
        self.revoke("head")
        for reason in (None, "Đã gọi điện"):
            with self.assertRaisesRegex(UserError, "(?s)does not hold any more.*2025-2026.*thu hồi"):
                arriving.with_user(self.head2).action_take_over(reason)
        arriving.with_user(self.head2).action_check_again()
        with self.assertRaisesRegex(UserError, "does not hold any more"):
            arriving.with_user(self.head2).action_take_over("Đã gọi điện")
        self.assertEqual((arriving.state, arriving.sudo().pupil_id.id), ("received", False))
        self.wizard(self.head2, arriving, reason="Chứng thư số của hiệu trưởng đã bị thu hồi").action_refuse()
        self.assertEqual(arriving.state, "refused")

    def test_a_seal_revoked_meanwhile_stops_it_for_any_reason(self):
        arriving = self.enter(self.file_of(self.release()))
        self.revoke("seal", since=datetime.now(UTC) + timedelta(seconds=1))
        with self.assertRaisesRegex(UserError, "not sealed by a trusted certificate"):
            self.wizard(self.head2, arriving, reason="Đã gọi điện").action_take_over()

    def test_evidence_that_went_stale_is_seen_before_the_head_decides(self):
        tsa = {"name": "TSA", "url": "http://127.0.0.1:1/", "company_id": self.company.id, "fetch_revocations": False}
        self.env["hocba.tsa"].create(tsa)
        stamper = Stamper(self.pki["intermediate"])
        self.startPatcher(patch.object(self.env.registry["hocba.tsa"], "_stamper", lambda _tsa: stamper))
        for task in self.env["hocba.archive"]._tasks(self.env["hocba.tsa"].search([])):
            self.env["hocba.archive"]._archive(*task)
        self.assertTrue(self.record._evidence())
        self.revoke("head", since=datetime.now(UTC) + timedelta(seconds=1))
        arriving = self.enter(self.file_of(self.release()))
        self.assertEqual(arriving.line_ids.result, "TOTAL_PASSED", "proven to be older than the revocation")
        self.root.purpose = "signing"
        head = self.head2
        with self.assertRaisesRegex(UserError, "(?s)Check again.*2025-2026.*thu hồi"):
            arriving.with_user(head).action_take_over("Đã gọi điện")
        arriving.with_user(head).action_check_again()
        self.assertIn("2025-2026", arriving.recheck)
        with self.assertRaisesRegex(UserError, "decided"):
            arriving.with_user(head).action_take_over()
        arriving.with_user(head).action_take_over("Sở xác nhận hiệu trưởng ký trước khi thu hồi")
        self.assertEqual(arriving.state, "agreed")

    def test_evidence_that_is_none_is_refused_when_the_file_is_entered(self):
        leaving = self.leave()
        leaving.with_user(self.head).action_agree()
        junk = [
            type(year)(year.content, b"no evidence", year.data, year.record) for year in leaving.sudo()._leaving_years()
        ]
        plain = transfer.build_handover(leaving.sudo()._handover("0b7a1c55-9df2-4a49-8f5c-3b1f6f0f7a10", junk))
        packets = {year.data.uuid: year.content for year in junk}
        content = transfer.pack(plain, packets, {year.data.uuid: year.evidence for year in junk})
        with self.assertRaisesRegex(UserError, "2025-2026"):
            self.enter(content)

    def test_only_the_head_has_it_checked(self):
        arriving = self.enter(self.file_of(self.release()))
        with self.assertRaises(AccessError):
            arriving.with_user(self.clerk2).action_check_again()
        with self.assertRaises(UserError):
            arriving.with_user(self.clerk2).write({"recheck": False, "checked_at": False})
