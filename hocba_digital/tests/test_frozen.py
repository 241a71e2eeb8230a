from contextlib import contextmanager

import psycopg2

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestFrozen(SchoolCase):
    """A locked record cannot be changed: not through the ORM, not by SQL."""

    def setUp(self):
        super().setUp()
        self._certify()
        self.record = self.sign_all(self._records(self.class2, 1))
        self.record._move("submitted", "accepted")
        self.record._lock(fields.Datetime.now(), "test")
        self.env.flush_all()

    @contextmanager
    def assertRefusedBySql(self):
        with self.assertRaises(psycopg2.errors.RaiseException), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            yield

    def test_orm_paths_are_closed(self):
        record = self.record.sudo()
        for values in ({"issued_on": "2026-01-01"}, {"state": "draft"}, {"uuid": "x"}, {"refusal": "x"}):
            with self.assertRaises(UserError):
                record.write(values)
            with self.assertRaises(UserError):
                record._in_transition().write(values)
        with self.assertRaises(UserError):
            record.unlink()
        with self.assertRaises(UserError):
            record.signature_ids._in_transition().unlink()
        with self.assertRaises(UserError):
            record.event_ids.unlink()

    def test_sql_is_refused(self):
        for statement in (
            "UPDATE hocba_record SET state = 'draft' WHERE id = %s",
            "UPDATE hocba_record SET packet_digest = 'x' WHERE id = %s",
            "UPDATE hocba_record SET pupil_name = 'x' WHERE id = %s",
            "DELETE FROM hocba_record WHERE id = %s",
            "UPDATE hocba_signature SET signer_name = 'x' WHERE record_id = %s",
            "DELETE FROM hocba_signature WHERE record_id = %s",
            "UPDATE hocba_event SET detail = 'x' WHERE record_id = %s",
            "DELETE FROM hocba_event WHERE record_id = %s",
            "DELETE FROM ir_attachment WHERE res_model = 'hocba.record' AND res_field = 'packet' AND res_id = %s",
            "UPDATE ir_attachment SET store_fname = 'x' WHERE res_model = 'hocba.record' AND res_field = 'packet'"
            " AND res_id = %s",
        ):
            with self.subTest(statement), self.assertRefusedBySql():
                self.env.cr.execute(statement, [self.record.id])
        for table in ("hocba_record", "hocba_signature", "hocba_event"):
            with self.subTest(table), self.assertRefusedBySql():
                self.env.cr.execute(f"TRUNCATE {table} CASCADE")  # pylint: disable=sql-injection

    def test_bytes_of_a_signed_record_are_out_of_reach(self):
        other = self.sign_all(self._records(self.class5, 1))
        file = self.env["ir.attachment"].search(
            [("res_model", "=", "hocba.record"), ("res_field", "=", "packet"), ("res_id", "=", other.id)]
        )
        with self.assertRaises(UserError):
            file.with_user(self.clerk).sudo().write({"raw": b"<HOC_BA/>"})
        with self.assertRaises(UserError):
            file.sudo().unlink()
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            file.sudo().copy()

    def test_only_the_hand_over_moves_on(self):
        self.env.cr.execute("UPDATE hocba_record SET write_date = now() WHERE id = %s", [self.record.id])
        self.env.cr.execute("UPDATE hocba_record SET state = 'transferred' WHERE id = %s", [self.record.id])
        with self.assertRefusedBySql():
            self.env.cr.execute("UPDATE hocba_record SET state = 'locked' WHERE id = %s", [self.record.id])

    def test_chatter_goes_on(self):
        self.record.message_post(body="Đã trao đổi với phụ huynh")

    def test_live_data_change_does_not_touch_the_locked_row(self):
        self.correct(self.record.pupil_id, name="Tên Khác")
        self.class2.name = "2B"
        self.env.flush_all()
        self.assertNotEqual(self.record.pupil_name, "Tên Khác")

    def test_application_cannot_be_uninstalled(self):
        module = self.env["ir.module.module"].search([("name", "=", "hocba_digital")])
        with self.assertRaises(UserError):
            module.button_uninstall()

    def test_swapped_attachment_is_noticed(self):
        other = self.sign_all(self._records(self.class5, 1))
        other._in_transition().write({"packet": self.record.packet})
        with self.assertRaises(UserError), mute_logger("odoo.addons.hocba_digital.models.record_source"):
            other._packet_bytes()
