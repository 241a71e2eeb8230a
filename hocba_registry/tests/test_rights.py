from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .department import DepartmentCase

_MODELS = ("unit", "certificate", "year", "closing", "transaction", "line", "record", "token")


class TestRights(DepartmentCase):
    def models(self, user):
        """Model -> operations that ``user`` may do."""
        found = {}
        for name in _MODELS:
            model = self.env[f"hocba.registry.{name}"].with_user(user)
            found[name] = "".join(
                letter
                for letter, operation in (("r", "read"), ("w", "write"), ("c", "create"), ("d", "unlink"))
                if model.has_access(operation)
            )
        return found

    def test_officer(self):
        self.assertEqual(
            self.models(self.officer),
            {
                "unit": "r",
                "certificate": "rwc",
                "year": "rwc",
                "closing": "r",
                "transaction": "r",
                "line": "r",
                "record": "r",
                "token": "",
            },
        )

    def test_administrator_sees_no_records(self):
        self.assertEqual(
            self.models(self.administrator),
            {
                "unit": "rwc",
                "certificate": "rwc",
                "year": "rwc",
                "closing": "r",
                "transaction": "",
                "line": "",
                "record": "",
                "token": "",
            },
        )

    def test_others_see_nothing(self):
        user = new_test_user(self.env, login="somebody", groups="base.group_user")
        teacher = new_test_user(self.env, login="teacher2", groups="hocba_digital.group_homeroom")
        for person in (user, teacher):
            self.assertEqual(set(self.models(person).values()), {""})

    def test_password_is_written_only(self):
        unit = self.unit.with_user(self.administrator)
        self.assertFalse(unit.password)
        self.assertTrue(unit.has_password)
        with self.assertRaises(AccessError):
            unit.read(["password_hash"])
        with self.assertRaises(AccessError):
            unit.search([("password_hash", "!=", False)]).mapped("password_hash")

    def test_school_that_reported_keeps_its_code(self):
        self.unit.code = "48491402"
        self.unit.code = "48491401"
        self.accept(1)
        with self.assertRaises(UserError):
            self.unit.code = "48491402"
        self.unit.code = "48491401"

    def test_only_officers_have_transactions_judged(self):
        transaction = self.receive("bm90IGd6aXA=")
        with self.assertRaises(AccessError):
            transaction.with_user(self.administrator).action_process()

    def test_overview_counts_and_leads_to_what_it_counts(self):
        self.accept(1, 2)
        packets = [packet.replace(b"048318000003", b"048318000009", 1) for packet in self._packets(3)]
        self.judge(self.maker.content(packets))
        self.unit.expected_count = 4
        unit = self.unit.with_user(self.officer)
        unit.invalidate_recordset()
        self.assertEqual((unit.accepted_count, unit.locked_count, unit.refused_count), (2, 0, 1))
        self.assertEqual((unit.progress, unit.transaction_count), (50, 2))
        for action, count in (
            (unit.action_open_records(), 2),
            (unit.action_open_locked(), 0),
            (unit.action_open_refused(), 1),
            (unit.action_open_transactions(), 2),
            (unit.action_open_certificates(), 1),
            (self.year.with_user(self.officer).action_open_accepted(), 2),
            (self.year.with_user(self.officer).action_open_units(), 1),
        ):
            model = self.env[action["res_model"]].with_user(self.officer)
            self.assertEqual(model.search_count(action["domain"]), count, action["res_model"])

    def _packets(self, number):
        return self.maker.packets(self.maker.data(number))
