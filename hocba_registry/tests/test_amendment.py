import hashlib

import psycopg2

from odoo.addons.hocba_digital.core.gateway import AMENDMENT, Recall, build_recalls, encode_content
from odoo.addons.hocba_digital.core.signing import sign_list
from odoo.exceptions import UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .department import SCHOOL, SCHOOL_CODE, YEAR, DepartmentCase

_SCAN = b"%PDF-1.7 bien ban kiem tra lai"


class TestAmendment(DepartmentCase):
    """A locked record is superseded by a new one, where the department allows it and an officer agrees."""

    def setUp(self):
        super().setUp()
        self.allow()
        (self.record,) = self.accept(1)
        self.close_year()

    def allow(self, value="1"):
        self.env["ir.config_parameter"].set_param("hocba_registry.amendments", value)

    def ask(self, record=None, **changes):
        """Send and judge a transaction 5 that asks for an amendment."""
        record = record or self.record
        values = {
            "uuid": record.uuid,
            "pupil_name": record.pupil_name,
            "gender": "Nữ",
            "birth_date": self.maker.data(1).birth_date,
            "school_name": SCHOOL,
            "school_code": SCHOOL_CODE,
            "school_year": YEAR,
            "reason": "Nhập nhầm điểm",
            "request": AMENDMENT,
            "changes": "Toán: 6 thay cho 10",
            "evidence_name": "bien-ban.pdf",
            "evidence": _SCAN,
        }
        entry = Recall(**{**values, **changes})
        signed = sign_list(build_recalls([entry]), self.maker.signers["seal"], at=self.maker.at)
        return self.judge(encode_content(signed), kind="5").recall_ids

    def report(self, *datas):
        return self.judge(self.maker.content(self.maker.packets(*datas)))

    def test_approved_and_superseded(self):
        request = self.ask()
        self.assertEqual((request.state, request.amendment, request.changes), ("waiting", True, "Toán: 6 thay cho 10"))
        self.assertEqual(request.evidence_digest, hashlib.sha256(_SCAN).hexdigest())
        self.assertEqual(self.report(self.maker.data(1)).line_ids.error_code, "37", "not before it is approved")
        request.with_user(self.officer).action_approve()
        self.assertEqual((request.state, self.record.state), ("approved", "locked"))
        self.assertFalse(self.record.superseded_by_id)

        before = self.record._packet_bytes()
        transaction = self.report(self.maker.data(1, overall="completed"))
        new = transaction.line_ids.record_id
        self.assertEqual((new.state, new.supersedes_id), ("locked", self.record))
        self.assertTrue(new.effective_on, "locked at once: its year is closed")
        self.assertEqual((self.record.state, self.record.superseded_by_id), ("locked", new))
        self.assertEqual(self.record._packet_bytes(), before)
        self.assertEqual(request.successor_id, new)
        self.assertIn(new.uuid, self.record.superseded_text)
        page = self.env["hocba.print"]._page_html(before, self.record._annotation())
        self.assertIn(new.uuid, page)
        check = self.env["hocba.file.check"].with_user(self.officer)
        texts = [line["text"] for line in check._check(before, "x.xml")["records"][0]["lines"]]
        self.assertTrue(any(new.uuid in text for text in texts), texts)
        self.assertEqual(self.year.locked_count, 1, "a pupil counts once")
        row = self.env["hocba.registry.intake"]._verdict(self.record.transaction_id.line_ids)
        self.assertEqual((row["trang_thai"], row["ma_tra_cuu_thay_the"]), (1, new.uuid))

    def test_one_approval_is_one_new_record(self):
        self.ask().with_user(self.officer).action_approve()
        lines = self.report(self.maker.data(1), self.maker.data(1)).line_ids
        self.assertEqual(lines.mapped("error_code"), ["00", "37"])
        self.assertEqual(self.report(self.maker.data(1)).line_ids.error_code, "37")
        self.assertEqual(self.ask().error_code, "45")
        newest = self.record.superseded_by_id
        again = self.ask(newest)
        again.with_user(self.officer).action_approve()
        self.report(self.maker.data(1))
        self.assertEqual(newest.superseded_by_id.supersedes_id, newest, "a chain, each link of which stays")

    def test_closing_does_not_wait_for_it(self):
        self.assertEqual(self.ask().state, "waiting")
        wizard = self.env["hocba.registry.closing.wizard"].with_user(self.officer).create({"year_id": self.year.id})
        self.assertEqual(wizard.recall_count, 0)

    def test_refused(self):
        request = self.ask()
        request.with_user(self.officer).action_refuse("Chưa đủ căn cứ")
        self.assertEqual((request._row()["trang_thai"], self.record.state), (3, "locked"))
        self.assertEqual(self.report(self.maker.data(1)).line_ids.error_code, "37")

    def test_off_unless_the_department_allows_it(self):
        self.allow("0")
        request = self.ask()
        self.assertEqual((request.state, request.error_code), ("refused", "43"))
        self.assertFalse(request.evidence)

    def test_what_is_not_amended(self):
        self.year.sudo()
        self.assertEqual(self.ask(uuid="123e4567-e89b-42d3-a456-556642440000").error_code, "40")
        plain = self.ask(request=None, changes=None, evidence=None, evidence_name=None)
        self.assertEqual(plain.error_code, "41", "without the mark it is a recall, and too late")

    def test_before_the_closing_it_is_recalled(self):
        year = self.env["hocba.registry.year"].create({"name": "2026-2027"})
        packets = self.maker.packets(self.maker.data(2, school_year=year.name))
        record = self.judge(self.maker.content(packets), year=year.name).line_ids.record_id
        self.assertEqual(self.ask(record, school_year=year.name).error_code, "44")

    def test_the_ministry_amends_what_its_department_has_closed(self):
        year = self.env["hocba.registry.year"].create({"name": "2026-2027"})
        packets = self.maker.packets(self.maker.data(2, school_year=year.name))
        record = self.judge(self.maker.content(packets), year=year.name).line_ids.record_id
        self.env["ir.config_parameter"].set_param("hocba_registry.level", "bo")
        self.unit.flush_recordset()
        self.env.cr.execute("UPDATE hocba_registry_unit SET code = '48' WHERE id = %s", [self.unit.id])
        self.env.invalidate_all()
        request = self.ask(record, school_year=year.name)
        self.assertEqual((request.state, record.state), ("waiting", "accepted"))
        request.with_user(self.officer).action_approve()
        packets = self.maker.packets(self.maker.data(2, school_year=year.name, overall="completed"))
        new = self.judge(self.maker.content(packets), year=year.name).line_ids.record_id
        self.assertEqual((new.supersedes_id, record.superseded_by_id, record.state), (record, new, "accepted"))

    def test_second_pair_of_eyes(self):
        self.env["ir.config_parameter"].set_param("hocba_registry.second_officer", "1")
        request = self.ask()
        request.with_user(self.officer).action_approve()
        self.assertEqual(request.state, "proposed")
        with self.assertRaises(UserError):
            request.with_user(self.officer).action_approve()
        other = new_test_user(self.env, login="officer2", groups="hocba_registry.group_so_officer")
        request.with_user(other).action_approve()
        self.assertEqual(request.state, "approved")

    def test_nobody_else_sets_the_chain(self):
        self.ask().with_user(self.officer).action_approve()
        self.report(self.maker.data(1))
        new = self.record.superseded_by_id
        for record, values in ((self.record, {"superseded_by_id": False}), (new, {"supersedes_id": False})):
            with self.assertRaises(UserError):
                record._in_transition().write(values)
        for statement in (
            "UPDATE hocba_registry_record SET superseded_by_id = NULL WHERE superseded_by_id IS NOT NULL",
            "UPDATE hocba_registry_record SET supersedes_id = NULL WHERE supersedes_id IS NOT NULL",
            "UPDATE hocba_registry_recall SET successor_id = NULL WHERE successor_id IS NOT NULL",
            "UPDATE hocba_registry_recall SET changes = 'x' WHERE amendment",
        ):
            with self.assertRefusedBySql():
                self.env.cr.execute(statement)

    @mute_logger("odoo.sql_db")
    def test_a_record_has_one_successor(self):
        (other,) = self.record
        values = {"uuid": "x", "unit_id": self.unit.id, "year_id": self.year.id, "digest": "x"}
        values |= {"transaction_id": other.transaction_id.id, "supersedes_id": other.id, "state": "locked"}
        records = self.env["hocba.registry.record"]
        records._receive([values])
        with self.assertRaises(psycopg2.errors.UniqueViolation), self.env.cr.savepoint():
            records._receive([{**values, "uuid": "y"}])
