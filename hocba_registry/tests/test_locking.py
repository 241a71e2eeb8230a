from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .department import YEAR, DepartmentCase


class TestLocking(DepartmentCase):
    def test_summary_and_typed_confirmation(self):
        self.accept(1, 2)
        silent = self.unit.create({"name": "Trường Tiểu học Im Lặng", "code": "48499999", "login": "48499999"})
        form = Form(
            self.env["hocba.registry.closing.wizard"].with_user(self.officer).with_context(default_year_id=self.year.id)
        )
        self.assertEqual((form.record_count, form.unit_count, form.silent_count, form.waiting_count), (2, 1, 1, 0))
        form.confirmation = "2025"
        wizard = form.save()
        with self.assertRaises(UserError):
            wizard.action_close()
        wizard.confirmation = YEAR
        wizard.action_close()
        self.assertEqual(self.year.state, "closed")
        self.assertEqual(self.year.closing_ids.record_count, 2)
        self.assertTrue(self.year._closed_for(silent))
        with self.assertRaises(UserError):
            self.close_year()

    def test_waiting_transactions_come_first(self):
        self.receive(self.maker.content(self.maker.packets(self.maker.data(1))))
        with self.assertRaises(UserError):
            self.close_year()

    def test_records_are_locked_from_one_moment_on(self):
        records = self.accept(1, 2, 3)
        self.close_year()
        self.assertEqual(set(records.mapped("state")), {"locked"})
        self.assertEqual(set(records.mapped("effective_on")), {self.year.closing_ids.closed_at})

    def test_one_school(self):
        records = self.accept(1)
        other = self.unit.create({"name": "Trường Khác", "code": "48499999", "login": "48499999"})
        self.close_year(other)
        self.assertEqual(records.state, "accepted")
        self.assertEqual(self.year.state, "open")
        self.assertTrue(self.year._closed_for(other))
        self.assertFalse(self.year._closed_for(self.unit))
        self.close_year(self.unit)
        self.assertEqual(records.state, "locked")

    def test_nothing_is_accepted_afterwards(self):
        (packet,) = self.maker.packets(self.maker.data(1))
        self.judge(self.maker.content([packet]))
        self.close_year()
        late = self.judge(self.maker.content([packet, *self.maker.packets(self.maker.data(2))]))
        self.assertEqual(late.line_ids.mapped("error_code"), ["00", "37"], "what is here already stays accepted")

    def test_what_slips_in_during_a_closing_is_locked_too(self):
        self.close_year()
        with self.assertRaises(AssertionError):
            self.accept(1)
        year, closed_grades = type(self.year), type(self.year)._closed_grades
        try:
            year._closed_grades = lambda self, unit: set()  # as a worker that has not seen the closing yet
            record = self.accept(2)
        finally:
            year._closed_grades = closed_grades
        self.assertEqual(record.state, "accepted")
        self.env["hocba.registry.transaction"]._lock_stragglers()
        self.assertEqual(record.state, "locked")
        self.assertEqual(self.year.closing_ids.sorted("id").mapped("record_count"), [0, 1])

    def test_only_officers_close(self):
        wizard = self.env["hocba.registry.closing.wizard"].with_user(self.administrator)
        with self.assertRaises(AccessError):
            wizard.create({"year_id": self.year.id, "confirmation": YEAR})

    def test_orm_refuses_everyone(self):
        record = self.accept(1)
        self.close_year()
        for env in (self.env(user=self.officer), self.env(su=True), self.env(user=self.env.ref("base.user_admin"))):
            locked = record.with_env(env)
            for values in (
                {"state": "accepted"},
                {"pupil_name": "x"},
                {"packet": "eA=="},
                {"effective_on": False},
                {"digest": "x"},
            ):
                with self.subTest(values), self.assertRaises(UserError):
                    locked.write(values)
            with self.assertRaises(UserError):
                locked.unlink()
            with self.assertRaises(UserError):
                locked.copy()
            with self.assertRaises(UserError):
                self.year.with_env(env).write({"record_ids": [Command.delete(record.id)]})
                self.env.flush_all()
        with self.assertRaises(UserError):
            record.sudo()._in_transition().write({"state": "accepted"})
        with self.assertRaises(UserError):
            record.with_context(hocba_transition=True).sudo().write({"pupil_name": "x"})

    def test_sql_is_refused(self):
        record = self.accept(1)
        self.close_year()
        for statement in (
            "UPDATE hocba_registry_record SET state = 'accepted' WHERE id = %s",
            "UPDATE hocba_registry_record SET pupil_name = 'x' WHERE id = %s",
            "UPDATE hocba_registry_record SET digest = 'x' WHERE id = %s",
            "UPDATE hocba_registry_record SET effective_on = NULL WHERE id = %s",
            "DELETE FROM hocba_registry_record WHERE id = %s",
            "UPDATE hocba_registry_record SET packet_start = 0 WHERE id = %s",
        ):
            with self.subTest(statement), self.assertRefusedBySql():
                self.env.cr.execute(statement, [record.id])
        for statement in (
            "TRUNCATE hocba_registry_record CASCADE",
            "DELETE FROM hocba_registry_closing",
            "UPDATE hocba_registry_closing SET record_count = 0",
            "UPDATE hocba_registry_transaction SET digest = 'x'",
            "DELETE FROM hocba_registry_transaction",
            "UPDATE ir_attachment SET store_fname = 'x' WHERE res_model = 'hocba.registry.transaction'",
            "UPDATE ir_attachment SET res_id = 0 WHERE res_model = 'hocba.registry.transaction'",
            "DELETE FROM ir_attachment WHERE res_model = 'hocba.registry.transaction'",
        ):
            with self.subTest(statement), self.assertRefusedBySql():
                self.env.cr.execute(statement)
        self.assertEqual((record.state, record.pupil_name), ("locked", "Trương Phương Anh 1"))

    def test_school_moves_to_another_commune(self):
        record = self.accept(1)
        self.close_year()
        self.unit.commune = "Phường Hải Châu"
        self.env.flush_all()
        self.assertEqual(record.commune, "Phường Hải Châu")

    def test_closed_year_stays_as_it_is(self):
        self.accept(1)
        self.close_year()
        with self.assertRaises(AccessError):
            self.year.with_user(self.officer).write({"deadline": "2027-01-01"})
        with self.assertRaises(UserError):
            self.year.sudo().write({"name": "2026-2027"})
        with self.assertRaises(UserError):
            self.year.closing_ids.sudo().unlink()
