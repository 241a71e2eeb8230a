from contextlib import contextmanager

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RegistryCase


@tagged("post_install", "-at_install")
class TestClosing(RegistryCase):
    """Chốt năm học: what was accepted is closed for good."""

    def setUp(self):
        super().setUp()
        _records, packets = self.sealed_packets(self.class2)
        self.report(packets)
        self.received = self.env["hocba.registry.record"].search([])

    def _wizard(self, user, confirmation):
        return (
            self.env["hocba.registry.closing.wizard"]
            .with_user(user)
            .create({"year_id": self.registry_year.id, "confirmation": confirmation})
        )

    @contextmanager
    def assertRefusedBySql(self):
        with self.assertRaises(psycopg2.errors.RaiseException), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            yield

    def test_typed_confirmation(self):
        wizard = self._wizard(self.officer, "yes")
        self.assertEqual((wizard.record_count, wizard.unit_count, wizard.waiting_count), (2, 1, 0))
        with self.assertRaises(UserError):
            wizard.action_close()
        with self.assertRaises(AccessError):
            self._wizard(self.gateway_admin, "2025-2026").action_close()
        self._wizard(self.officer, "2025-2026").action_close()
        self.assertEqual(set(self.received.mapped("state")), {"locked"})
        self.assertEqual(self.registry_year.state, "closed")
        with self.assertRaises(UserError):
            self._wizard(self.officer, "2025-2026").action_close()

    def test_waits_for_what_is_not_judged(self):
        request = {"authenticationRequest": self.authentication("late"), "content": "AAAA"}
        self.handle("report", request)
        with self.assertRaises(UserError):
            self._wizard(self.officer, "2025-2026").action_close()

    def test_one_school_alone(self):
        wizard = self._wizard(self.officer, "2025-2026")
        wizard.unit_id = self.unit
        wizard.action_close()
        self.assertEqual(self.registry_year.state, "open")
        self.assertTrue(self.registry_year._closed_for(self.unit))

    def test_closed_rows_resist_orm_and_sql(self):
        self._wizard(self.officer, "2025-2026").action_close()
        self.env.flush_all()
        with self.assertRaises(UserError):
            self.received[0]._in_transition().write({"state": "accepted"})
        with self.assertRaises(UserError):
            self.registry_year.closing_ids.sudo().unlink()
        for statement in (
            "UPDATE hocba_registry_record SET state = 'accepted'",
            "DELETE FROM hocba_registry_record",
            "TRUNCATE hocba_registry_record CASCADE",
            "UPDATE hocba_registry_transaction SET digest = 'x'",
            "DELETE FROM hocba_registry_closing",
            "UPDATE ir_attachment SET store_fname = 'x' WHERE res_model = 'hocba.registry.transaction'",
        ):
            with self.subTest(statement), self.assertRefusedBySql():
                self.env.cr.execute(statement)

    def test_application_with_records_stays(self):
        module = self.env["ir.module.module"].search([("name", "=", "hocba_registry")])
        with self.assertRaises(UserError):
            module.button_uninstall()
