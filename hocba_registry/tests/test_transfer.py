"""Change of school through the registry, step by step, over real HTTP with the client that schools use."""

import hashlib
import uuid
from datetime import timedelta

from odoo.addons.hocba_digital.core import transfer as core
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .department import SCHOOL_CODE, packet_digest
from .transfers import NEW_CODE, THIRD_CODE, TransferCase


@tagged("post_install", "-at_install")
class TestTransfer(TransferCase):
    def test_the_gateway_announces_it(self):
        with self.allow_requests(all_requests=True):
            self.clients[NEW_CODE].get_token()
        self.assertEqual(self.clients[NEW_CODE].extensions, ("chuyen-truong-1",))
        self.env["ir.config_parameter"].set_param("hocba_registry.level", "bo")
        self.assertEqual(self.raw(NEW_CODE, path="/api/hocba/transfer/query", authentication={"type": "8"}), "20")

    def test_from_request_to_receipt(self):
        number, request = self.requested()
        self.assertEqual(self.custodian(), SCHOOL_CODE)
        (row,) = self.ask(SCHOOL_CODE).rows
        self.assertEqual((row.number, row.leaving, row.state), (number, True, "requested"))
        self.assertEqual(
            (row.target_code, row.pupil_code, row.reason), (NEW_CODE, self.data.pupil_code, "Gia đình chuyển nơi ở")
        )
        self.assertEqual(self.ask(SCHOOL_CODE, number, tai_lieu="YEU_CAU").content, request)
        self.assertEqual(self.ask(NEW_CODE).rows[0].leaving, False)
        self.assertEqual(self.ask(THIRD_CODE).rows, ())
        file = self.file_of(number)
        self.assertEqual(self.step(SCHOOL_CODE, number, "GIAO_TEP", file), "00")
        answer = self.ask(NEW_CODE, number, tai_lieu="GIAO_TEP")
        self.assertEqual((answer.content, answer.rows[0].state), (file, "released"))
        self.assertEqual(answer.rows[0].digests["GIAO_TEP"], packet_digest(file))
        receipt = self.receipt_of(file)
        self.assertEqual(self.step(NEW_CODE, number, "BIEN_NHAN", receipt), "00")
        self.assertEqual(self.ask(SCHOOL_CODE, number, tai_lieu="BIEN_NHAN").content, receipt)
        self.assertEqual(self.custodian(), NEW_CODE)
        move = self.transfer(number).custody_id.move_ids
        self.assertEqual((move.from_unit_id, move.unit_id), (self.unit, self.units[NEW_CODE]))
        self.assertEqual(move.receipt_digest, packet_digest(receipt))
        self.assertEqual(self.record.unit_id, self.unit, "who issued a record stays who issued it")

    def test_every_step_again_changes_nothing(self):
        number, request, file = self.released()
        receipt = self.receipt_of(file)
        steps = [(NEW_CODE, "YEU_CAU", request), (SCHOOL_CODE, "GIAO_TEP", file), (NEW_CODE, "BIEN_NHAN", receipt)]
        for _again in range(3):
            for code, step, document in steps:
                self.assertEqual(self.step(code, number, step, document), "00", step)
        self.assertEqual(len(self.transfer(number).custody_id.move_ids), 1)
        self.assertEqual(self.env["hocba.registry.transfer"].search_count([("number", "=", number)]), 1)

    def test_other_bytes_under_the_same_number(self):
        number, _request, file = self.released()
        other = self.request_of(number, at=self.maker.at - timedelta(minutes=3))
        self.assertEqual(self.step(NEW_CODE, number, "YEU_CAU", other), "25")
        again = self.file_of(number, made_at=self.maker.at - timedelta(minutes=3))
        self.assertEqual(self.step(SCHOOL_CODE, number, "GIAO_TEP", again), "25")
        self.assertEqual(self.step(NEW_CODE, number, "BIEN_NHAN", self.receipt_of(file)), "00")
        refusal = self.receipt_of(file, accepted=False, digests={}, reason="Nhầm")
        self.assertEqual(self.step(NEW_CODE, number, "BIEN_NHAN", refusal), "25")
        self.assertEqual(self.custodian(), NEW_CODE)

    def test_another_units_hand_over_is_not_there(self):
        number, request, file = self.released()
        self.assertEqual(self.step(THIRD_CODE, number, "YEU_CAU", request), "25")
        for step, document in (("GIAO_TEP", file), ("BIEN_NHAN", self.receipt_of(file))):
            self.assertEqual(self.step(THIRD_CODE, number, step, document), "58")
        self.assertEqual(self.step(THIRD_CODE, number, "DUNG", self.stop_of(number, THIRD_CODE, request)), "58")
        self.assertEqual(self.ask(THIRD_CODE, number, tai_lieu="GIAO_TEP").code, "58")
        self.assertEqual(self.ask(THIRD_CODE, str(uuid.uuid4()), tai_lieu="GIAO_TEP").code, "58")
        self.assertEqual(self.step(SCHOOL_CODE, number, "BIEN_NHAN", self.receipt_of(file)), "58", "not one's own file")
        self.assertEqual(self.step(NEW_CODE, number, "GIAO_TEP", self.file_of(number)), "58")
        self.assertEqual(self.transfer(number).state, "released")

    def test_wrong_data_of_a_pupil_tell_nothing(self):
        wrong = (
            {"code": "4899999999"},
            {"name": "Trương Phương Ánh 1"},
            {"birth_date": self.data.birth_date + timedelta(days=1)},
            {"id_number": "048318000009"},
            {"id_number": ""},
        )
        for changes in wrong:
            number = str(uuid.uuid4())
            self.assertEqual(self.step(NEW_CODE, number, "YEU_CAU", self.request_of(number, **changes)), "50", changes)
        number = str(uuid.uuid4())
        self.assertEqual(self.step(NEW_CODE, number, "YEU_CAU", self.request_of(number)), "59", "too many tries")
        self.assertFalse(self.env["hocba.registry.custody"].search([]))
        self.assertEqual(self.requested(THIRD_CODE)[0], self.ask(THIRD_CODE).rows[0].number, "others may go on asking")

    def test_name_in_another_spelling(self):
        number = str(uuid.uuid4())
        request = self.request_of(number, name="trương  phương anh 1")
        self.assertEqual(self.step(NEW_CODE, number, "YEU_CAU", request), "00")

    def test_own_pupil(self):
        number = str(uuid.uuid4())
        self.assertEqual(self.step(SCHOOL_CODE, number, "YEU_CAU", self.request_of(number, SCHOOL_CODE)), "51")

    def test_second_claim_is_refused_and_an_officer_told(self):
        number, _request = self.requested()
        other = str(uuid.uuid4())
        self.assertEqual(self.step(THIRD_CODE, other, "YEU_CAU", self.request_of(other, THIRD_CODE)), "52")
        found = self.transfer(number)
        self.assertTrue(found.disputed)
        self.assertIn("Hoàng Diệu", found.dispute)
        self.assertEqual(found.activity_ids.user_id, self.officer)
        self.assertFalse(self.transfer(other))

    def test_claim_made_before_custody_moved(self):
        early = self.maker.at
        number, _request, file = self.released()
        self.step(NEW_CODE, number, "BIEN_NHAN", self.receipt_of(file))
        late = str(uuid.uuid4())
        self.assertEqual(self.step(THIRD_CODE, late, "YEU_CAU", self.request_of(late, THIRD_CODE, at=early)), "53")
        self.assertTrue(self.transfer(number).disputed)

    def test_seals(self):
        number = str(uuid.uuid4())
        self.assertEqual(self.step(NEW_CODE, number, "YEU_CAU", self.request_of(number, signer=THIRD_CODE)), "24")
        unsigned = core.build_request(core.parse_request(self.request_of(number)))
        self.assertEqual(self.step(NEW_CODE, number, "YEU_CAU", unsigned), "24")
        self.assertEqual(self.step(NEW_CODE, number, "YEU_CAU", self.request_of(number, THIRD_CODE)), "56")
        number, _request = self.requested()
        self.assertEqual(self.step(SCHOOL_CODE, number, "GIAO_TEP", self.file_of(number, signer=NEW_CODE)), "24")
        file = self.file_of(number)
        self.assertEqual(self.step(SCHOOL_CODE, number, "GIAO_TEP", file), "00")
        self.assertEqual(self.step(NEW_CODE, number, "BIEN_NHAN", self.receipt_of(file, signer=SCHOOL_CODE)), "24")
        self.units[NEW_CODE].certificate_ids.with_user(self.officer).action_revoke()
        self.assertEqual(self.step(NEW_CODE, number, "BIEN_NHAN", self.receipt_of(file)), "13")
        self.assertEqual(self.custodian(), SCHOOL_CODE)

    def test_files_that_do_not_fit(self):
        number, _request = self.requested()
        other = str(uuid.uuid4())
        good = self.file_of(number)
        files = {
            "another number": self.file_of(other),
            "another school": self.file_of(number, target=THIRD_CODE),
            "a changed zip": good[:-200] + b"x" + good[-199:],
            "no zip": b"PK\x03\x04 nothing",
        }
        for name, file in files.items():
            self.assertEqual(self.step(SCHOOL_CODE, number, "GIAO_TEP", file), "56", name)
        self.assertEqual(self.transfer(number).state, "requested")

    def test_packets_other_than_the_registrys(self):
        number, _request = self.requested()
        same = self.maker.packets(self.maker.data(1, uuid=self.record.uuid, homeroom_comment="Em học giỏi."))[0]
        file = self.file_of(number, {self.record.uuid: same})
        self.assertEqual(self.step(SCHOOL_CODE, number, "GIAO_TEP", file), "57")
        own = self.maker.data(1)
        file = self.file_of(number, {own.uuid: self.maker.packets(own)[0]})
        self.assertEqual(self.step(SCHOOL_CODE, number, "GIAO_TEP", file), "57", "the record in force is missing")
        self.assertIn(self.record.uuid, self.transfer(number).dispute)

    def test_a_record_that_is_not_closed_does_not_go(self):
        record = self.accept(2)
        self.data, self.packet, self.record = self.maker.data(2), record._packet_bytes(), record
        number, _request = self.requested()
        self.assertEqual(self.step(SCHOOL_CODE, number, "GIAO_TEP", self.file_of(number)), "57")

    def test_receipts_that_do_not_fit(self):
        number, _request, file = self.released()
        wrong = {
            "another manifest": {"digest": "0" * 64},
            "another packet": {"digests": {self.record.uuid: "0" * 64}},
            "no packet": {"digests": {}},
            "another number": {"number": str(uuid.uuid4())},
            "another school": {"receiver": core.School(THIRD_CODE, "Khác")},
        }
        for name, changes in wrong.items():
            self.assertEqual(self.step(NEW_CODE, number, "BIEN_NHAN", self.receipt_of(file, **changes)), "56", name)
        self.assertTrue(self.transfer(number).disputed)
        self.assertEqual(self.custodian(), SCHOOL_CODE)
        early, _request = self.requested_of_another_pupil()
        self.assertEqual(self.step(NEW_CODE, early, "BIEN_NHAN", self.receipt_of(file)), "56", "no file yet")

    def requested_of_another_pupil(self):
        record = self.accept(3)
        record._lock(record.received_at)
        self.data = self.maker.data(3)
        return self.requested()

    def test_the_new_school_refuses_and_asks_again(self):
        number, _request, file = self.released()
        refusal = self.receipt_of(file, accepted=False, digests={}, reason="Thiếu năm lớp 1")
        self.assertEqual(self.step(NEW_CODE, number, "BIEN_NHAN", refusal), "00")
        found = self.transfer(number)
        self.assertEqual((found.state, found.end_reason, self.custodian()), ("refused", "Thiếu năm lớp 1", SCHOOL_CODE))
        self.assertEqual(
            self.step(
                SCHOOL_CODE, number, "GIAO_TEP", self.file_of(number, made_at=self.maker.at - timedelta(hours=1))
            ),
            "25",
        )
        self.released()

    def test_either_school_ends_it_before_acceptance(self):
        for code in (SCHOOL_CODE, NEW_CODE):
            for make in (self.requested, self.released):
                number, request, *file = make()
                stop = self.stop_of(number, code, request)
                self.assertEqual(self.step(code, number, "DUNG", stop), "00")
                self.assertEqual(self.step(code, number, "DUNG", stop), "00", "again")
                (row,) = [row for row in self.ask(SCHOOL_CODE).rows if row.number == number]
                self.assertEqual((row.state, row.ended_by, row.end_reason), ("stopped", code, "Em ở lại trường cũ"))
                if file:
                    self.assertEqual(self.step(NEW_CODE, number, "BIEN_NHAN", self.receipt_of(*file)), "55")
                else:
                    self.assertEqual(self.step(SCHOOL_CODE, number, "GIAO_TEP", self.file_of(number)), "55")
        self.assertEqual(self.custodian(), SCHOOL_CODE)

    def test_an_acceptance_that_came_first_wins(self):
        number, request, file = self.released()
        self.assertEqual(self.step(NEW_CODE, number, "BIEN_NHAN", self.receipt_of(file)), "00")
        for code in (SCHOOL_CODE, NEW_CODE):
            self.assertEqual(self.step(code, number, "DUNG", self.stop_of(number, code, request)), "54")
        self.assertEqual((self.transfer(number).state, self.custodian()), ("accepted", NEW_CODE))
        self.assertTrue(self.transfer(number).disputed)

    def test_end_that_does_not_fit(self):
        number, request = self.requested()
        for changes in ({"digest": "0" * 64}, {"school": core.School(NEW_CODE, "x")}):
            stop = self.stop_of(number, SCHOOL_CODE, request, **changes)
            self.assertEqual(self.step(SCHOOL_CODE, number, "DUNG", stop), "56", changes)
        stop = self.stop_of(str(uuid.uuid4()), SCHOOL_CODE, request)
        self.assertEqual(self.step(SCHOOL_CODE, number, "DUNG", stop), "56", "of another number")
        self.assertEqual(self.step(SCHOOL_CODE, number, "DUNG", b"<a/>"), "20")

    def test_nonsense(self):
        number = str(uuid.uuid4())
        cases = [
            ({"content": "x", "authentication": {"thao_tac": "YEU_CAU"}}, "22"),
            ({"content": "ế", "authentication": {"thao_tac": "YEU_CAU"}}, "22"),
            ({"content": "YQ==", "authentication": {"thao_tac": "X"}}, "20"),
            ({"content": "YQ==", "authentication": {"thao_tac": ["YEU_CAU"]}}, "20"),
            ({"authentication": {"thao_tac": "YEU_CAU"}}, "20"),
            ({"content": "YQ==", "authentication": {"thao_tac": "YEU_CAU", "type": "1"}}, "20"),
        ]
        for changes, code in cases:
            self.assertEqual(self.raw(NEW_CODE, **changes), code, changes)
        for sheet in (b"", b"<a/>", b"x" * 10, b"<!DOCTYPE x [<!ENTITY a 'b'>]><YEU_CAU_CHUYEN_TRUONG/>"):
            self.assertEqual(self.step(NEW_CODE, number, "YEU_CAU", sheet), "20", sheet)
        query = {"path": "/api/hocba/transfer/query"}
        for asked in (
            {"tu_luc": "gestern"},
            {"tu_luc": 5},
            {"tu_luc": None},
            {"tai_lieu": None},
            {"tu_luc": "2026-01-01T00:00:00"},
            {"tai_lieu": "X"},
        ):
            self.assertEqual(self.raw(NEW_CODE, **query, authentication={"type": "8", **asked}), "20", asked)
        self.assertEqual(
            self.raw(NEW_CODE, **query, authentication={"type": "8", "tu_luc": "2026-01-01T00:00:00+07:00"}), "00"
        )
        self.assertEqual(self.raw(NEW_CODE, **query, authentication={"type": "8", "token": "x"}), "11")

    def test_reports_after_the_hand_over(self):
        number, _request, file = self.released()
        self.step(NEW_CODE, number, "BIEN_NHAN", self.receipt_of(file))
        self.env["hocba.registry.year"].create({"name": "2026-2027"})
        data = self.maker.data(1, school_year="2026-2027", grade=3, class_name="3A")
        transaction = self.judge(self.maker.content(self.maker.packets(data)), year="2026-2027")
        self.assertEqual(transaction.line_ids.error_code, "38", "the old school reports no more years")
        maker = self.makers[NEW_CODE]
        mine = maker.data(1, school_year="2026-2027", school_code=NEW_CODE, grade=3, class_name="3A")
        packets = maker.packets(mine)
        judged = self.judge(maker.content(packets), year="2026-2027", unit=self.units[NEW_CODE])
        self.assertEqual(judged.line_ids.verdict, "1", judged.line_ids.error_description)
        self.assertEqual(self.record._packet_bytes(), self.packet, "earlier years stay")

    def test_leaving_and_returning(self):
        number, _request, file = self.released()
        self.step(NEW_CODE, number, "BIEN_NHAN", self.receipt_of(file))
        back = str(uuid.uuid4())
        later = self.transfer(number).ended_at
        moment = self.maker.at.__class__.fromisoformat(f"{later.isoformat()}+00:00") + timedelta(seconds=1)
        self.assertEqual(self.step(SCHOOL_CODE, back, "YEU_CAU", self.request_of(back, SCHOOL_CODE, at=moment)), "00")
        (row,) = [row for row in self.ask(NEW_CODE).rows if row.number == back]
        self.assertEqual((row.leaving, row.target_code), (True, SCHOOL_CODE))

    def test_nothing_is_edited_and_the_scope_holds(self):
        number, _request, file = self.released()
        found = self.transfer(number)
        for user in (self.officer, self.administrator, self.env.user):
            with self.assertRaises(UserError):
                found.with_user(user).write({"state": "accepted"})
            with self.assertRaises(UserError):
                found.with_user(user).unlink()
        with self.assertRaises(AccessError):
            found.with_user(self.administrator).read(["pupil_name"])
        self.step(NEW_CODE, number, "BIEN_NHAN", self.receipt_of(file))
        custody = self.transfer(number).custody_id
        for statement in (
            "UPDATE hocba_registry_transfer SET state = 'released'",
            "DELETE FROM hocba_registry_transfer",
            "UPDATE hocba_registry_custody_move SET unit_id = from_unit_id",
            "DELETE FROM hocba_registry_custody_move",
        ):
            with self.assertRefusedBySql():
                self.env.cr.execute(statement)
        bodies = self.env["hocba.registry.body"]
        near, far = (bodies.create({"name": name}) for name in ("Gần", "Xa"))
        self.units[NEW_CODE].body_id = near
        for body, seen in ((near, True), (far, False)):
            officer = new_test_user(self.env, login=f"scope{body.id}", groups="hocba_registry.group_so_officer")
            officer.write({"hocba_scope": "bodies", "hocba_body_ids": [(6, 0, body.ids)]})
            for name in ("transfer", "custody", "custody.move"):
                self.assertEqual(bool(self.env[f"hocba.registry.{name}"].with_user(officer).search([])), seen, name)
        self.assertEqual(custody.with_user(self.officer).action_open_records()["domain"][0][2], self.data.pupil_code)
        self.assertEqual(hashlib.sha256(self.packet).hexdigest(), self.record.digest)
