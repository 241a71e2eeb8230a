"""Changes of school through the gateway: who may do what, what is stored first, what the gateway's word does."""

import hashlib
import uuid
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from ..core import transfer
from ..core.gateway import TransferRow
from .common import PIN
from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class TestTransferBroker(TransferCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for company in (cls.company, cls.other):
            values = {
                "company_id": company.id,
                "base_url": "http://127.0.0.1:9",
                "unit_code": company.hocba_school_code,
            }
            endpoint = cls.env["hocba.endpoint"].search([("company_id", "=", company.id)])
            endpoint = endpoint or cls.env["hocba.endpoint"].create({**values, "user_name": "x", "password": "x"})
            endpoint._note_transfers_offered(True)

    def ask(self, user=None, **changes):
        """A request of the other school for the pupil."""
        pupil = self.pupil
        values = {
            "pupil_code": pupil.code,
            "pupil_name": pupil.name,
            "birth_date": pupil.birth_date,
            "id_number": pupil.id_number,
            "from_day": date(2026, 9, 5),
            "reason": "Chuyển nơi ở",
        }
        user = user or self.clerk2
        model = self.env["hocba.transfer.request.wizard"].with_user(user).with_company(self.other)
        return model.create({**values, "pin": PIN, **changes}).request_ids

    def row(self, number, leaving, state, **changes):
        """What the gateway says of the hand-over."""
        pupil = self.pupil
        values = {
            "number": number,
            "leaving": leaving,
            "state": state,
            "pupil_code": pupil.code,
            "pupil_name": pupil.name,
            "birth_date": pupil.birth_date,
            "id_number": pupil.id_number or "",
            "source_code": self.company.hocba_school_code,
            "source_name": self.company.name,
            "target_code": self.other.hocba_school_code,
            "target_name": self.other.name,
            "from_day": date(2026, 9, 5),
            "reason": "Chuyển nơi ở",
            "end_reason": "",
            "ended_by": "",
            "digests": {"YEU_CAU": "a" * 64},
        }
        return TransferRow(**{**values, **changes})

    def take(self, row, content=None):
        """The gateway's word reaches the school that it is for; the change of school there."""
        company = self.company if row.leaving else self.other
        rows = self.env["hocba.transfer"].sudo().with_context(allowed_company_ids=company.ids)
        rows._take_row(row, content)
        return rows._of_row(row)

    def step(self, number, name):
        return self.env["hocba.transfer.step"].search([("number", "=", number), ("step", "=", name)])

    def agreed(self):
        """A draft that came through the gateway and was agreed to."""
        number = str(uuid.uuid4())
        draft = self.take(self.row(number, True, "requested"))
        draft.with_user(self.head).action_agree()
        return draft

    # The request -----------------------------------------------------------------------------------

    def test_request_is_stored_sealed_before_it_goes(self):
        request = self.ask()
        step = self.step(request.number, "YEU_CAU")
        number, name, digest, content = step._frozen_bytes()
        self.assertEqual((number, name, request.state), (request.number, "YEU_CAU", "sending"))
        self.assertEqual(digest, hashlib.sha256(content).hexdigest())
        asked = transfer.parse_request(content)
        self.assertEqual((asked.pupil.code, asked.target.code), (self.pupil.code, "48491403"))
        step._fail("không có mạng")
        self.assertEqual((step.state, step.failures, request.state), ("waiting", 1, "sending"))
        step._settle("00", "")
        step._settle("52", "too late")
        self.assertEqual((step.state, request.state), ("sent", "asked"))

    def test_refused_request_says_what_to_do(self):
        request = self.ask()
        self.step(request.number, "YEU_CAU")._settle("50", "Không có học sinh với thông tin này")
        self.assertEqual(request.state, "refused")
        self.assertIn("giấy tờ của gia đình", request.answer)
        self.assertEqual(request.activity_ids.user_id, self.clerk2)

    def test_who_may_ask_and_end(self):
        for user in (self.head2, self.homeroom):
            with self.assertRaises(AccessError):
                self.ask(user)
        request = self.ask()
        with self.assertRaises(AccessError):
            request.with_user(self.homeroom).action_end("x")
        with self.assertRaises(UserError):
            request.with_user(self.clerk2).action_end(" ")
        with self.assertRaises(UserError):
            request.with_user(self.clerk2).write({"state": "asked"})
        with self.assertRaises(UserError):
            self.step(request.number, "YEU_CAU").with_user(self.clerk2).write({"state": "sent"})
        self.assertFalse(self.env["hocba.transfer.request"].with_user(self.clerk).search([]), "of another school")
        request.with_user(self.head2).action_end("Em không đến")
        self.assertTrue(self.step(request.number, "DUNG"))

    def test_only_where_the_gateway_offers_it(self):
        endpoint = self.env["hocba.endpoint"].search([("company_id", "=", self.other.id)])
        endpoint._note_transfers_offered(False)
        with self.assertRaises(UserError):
            self.ask()

    def test_a_neutralised_database_sends_nothing(self):
        for query in get_neutralization_queries(["hocba_digital"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        steps = self.env["hocba.transfer.step"]
        self.assertFalse(self.env["hocba.endpoint"].search(steps._endpoint_domain()))
        with self.assertRaises(UserError):
            self.env["hocba.transfer"].with_user(self.clerk).action_fetch_now()

    # The old school --------------------------------------------------------------------------------

    def test_a_request_comes_as_a_draft(self):
        number = str(uuid.uuid4())
        draft = self.take(self.row(number, True, "requested"))
        self.assertEqual(self.take(self.row(number, True, "requested")), draft, "once")
        self.assertEqual((draft.state, draft.way, draft.pupil_id), ("draft", "registry", self.pupil))
        self.assertEqual((draft.other_name, draft.asked_reason), (self.other.name, "Chuyển nơi ở"))
        self.assertTrue(draft.activity_ids)
        for user, call in (
            (self.clerk, lambda row: row.write({"other_code": "48491499"})),
            (self.clerk, lambda row: row.write({"pupil_id": False})),
            (self.clerk, lambda row: row.unlink()),
            (self.clerk, lambda row: row.action_agree()),
            (self.clerk, lambda row: row.action_withdraw("x")),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                call(draft.with_user(user))

    def test_a_request_takes_up_the_draft_that_is_there(self):
        leaving = self.leave()
        number = str(uuid.uuid4())
        self.assertEqual(self.take(self.row(number, True, "requested")), leaving)
        self.assertEqual((leaving.way, leaving.number), ("registry", number))

    def test_a_pupil_who_is_not_ready_comes_as_a_draft_all_the_same(self):
        draft = self.take(self.row(str(uuid.uuid4()), True, "requested", pupil_code="unknown"))
        self.assertEqual((draft.state, draft.pupil_name), ("draft", self.pupil.name))
        with self.assertRaises(UserError):
            draft.with_user(self.head).action_agree()
        draft.with_user(self.head).action_withdraw("Không phải học sinh trường này")
        self.assertTrue(self.step(draft.number, "DUNG"))

    def test_the_sealed_file_carries_the_number_of_the_request(self):
        draft = self.agreed()
        number = draft.number
        self.wizard(self.clerk, draft, pin=PIN)
        self.assertEqual((draft.state, draft.number), ("released", number))
        *_rest, content = self.step(number, "GIAO_TEP")._frozen_bytes()
        self.assertEqual(transfer.unpack(content).handover.number, number)

    def test_ended_by_the_new_school(self):
        draft = self.agreed()
        row = self.row(draft.number, True, "stopped", ended_by=self.other.hocba_school_code, end_reason="Em không đến")
        self.take(row)
        self.assertEqual(draft.state, "withdrawn")
        self.assertIn("Em không đến", draft.reason)

    def test_a_file_that_the_gateway_ended_holds_nothing_up(self):
        draft = self.agreed()
        self.wizard(self.clerk, draft, pin=PIN)
        draft.with_user(self.head).action_withdraw("Em ở lại")
        self.assertTrue(draft._may_still_be_answered())
        self.step(draft.number, "DUNG")._settle("00", "")
        self.assertFalse(draft._may_still_be_answered())

    # The new school --------------------------------------------------------------------------------

    def arrive_through_gateway(self):
        """(Change of school here, at the other side) with the file just taken from the gateway."""
        request = self.ask()
        self.step(request.number, "YEU_CAU")._settle("00", "")
        leaving = self.take(self.row(request.number, True, "requested"))
        leaving.with_user(self.head).action_agree()
        self.wizard(self.clerk, leaving, pin=PIN)
        row = self.row(request.number, False, "released")
        self.assertEqual(self.env["hocba.transfer"].with_company(self.other).sudo()._document_wanted(row), "GIAO_TEP")
        arriving = self.take(row, self.file_of(leaving))
        self.assertEqual((arriving.state, arriving.way, request.state), ("received", "registry", "delivered"))
        return leaving, arriving

    def taken_over(self):
        leaving, arriving = self.arrive_through_gateway()
        self.wizard(self.head2, arriving, reason="Đã gọi trường cũ").action_take_over()
        self.wizard(self.clerk2, arriving, pin=PIN)
        self.assertEqual(arriving.state, "agreed", "completed when the gateway has the receipt")
        return leaving, arriving

    def test_the_receipt_goes_and_completes_both(self):
        leaving, arriving = self.taken_over()
        step = self.step(arriving.number, "BIEN_NHAN")
        *_rest, receipt = step._frozen_bytes()
        step._settle("00", "")
        self.assertEqual(arriving.state, "completed")
        self.take(self.row(arriving.number, True, "accepted"), receipt)
        self.assertEqual((leaving.state, self.record.state), ("completed", "transferred"))
        self.assertTrue(self.pupil._is_gone())

    def test_ended_before_the_receipt_was_there(self):
        _leaving, arriving = self.taken_over()
        pupil = arriving.sudo().pupil_id
        self.step(arriving.number, "BIEN_NHAN")._settle("55", "Chuyển trường đã rút")
        self.assertEqual((arriving.state, pupil.active), ("withdrawn", False))
        self.assertIn("Chuyển trường đã rút", arriving.reason)
        self.assertFalse(pupil._received_lines())

    def test_a_file_that_is_not_for_this_school(self):
        request = self.ask()
        leaving = self.release()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.take(self.row(request.number, False, "released"), b"PK\x03\x04 nothing")
        rows = self.env["hocba.transfer"].sudo().with_context(allowed_company_ids=self.other.ids)
        rows._note_row_trouble(self.row(request.number, False, "released"), "Tệp hỏng")
        self.assertEqual(request.activity_ids.user_id, self.clerk2)
        self.assertEqual(leaving.state, "released")
