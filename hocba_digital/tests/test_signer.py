from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..core.rules import deadlines
from .common import PIN
from .test_mandate import MandateCase


@tagged("post_install", "-at_install")
class TestSigner(MandateCase):
    """Who has to sign this year, and what is missing for it."""

    def setUp(self):
        super().setUp()
        self.today = deadlines.today()
        self._let_the_year_run()
        self.seal = self.env["hocba.certificate"].search([("kind", "=", "organisation")])

    def states(self):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["hocba.signer"].search([("company_id", "=", self.company.id)])
        return {(row.role, row.user_id.login or ""): row.state for row in rows}

    def _certificate(self, user):
        return self.env["hocba.certificate"].search([("user_id", "=", user.id)]).sudo()

    def test_everybody_who_signs_is_there(self):
        self._approved(date_to=self.today + timedelta(days=5))
        found = self.states()
        self.assertEqual(
            set(found),
            {("gvcn", "homeroom"), ("gvcn", "homeroom2"), ("cbql", "head"), ("cbql", "deputy"), ("seal", "")},
        )
        self.assertEqual(set(found.values()), {"valid"})

    def _let_the_year_run(self):
        """The same classes in the school year that runs: the database's clock cannot be set."""
        start = self.today.year if self.today.month > 8 else self.today.year - 1
        name = f"{start}-{start + 1}"
        if name != self.year.name:
            year = self.env["hocba.school.year"].create({"name": name, "company_id": self.company.id})
            (self.class2 | self.class5).school_year_id = year

    def test_subject_teachers_sign_in_the_format_that_has_their_signatures(self):
        mine = [("company_id", "=", self.company.id), ("role", "=", "gvbm")]
        rows = self.env["hocba.signer"]
        self.assertFalse(rows.search(mine))
        maths, english = (self.env.ref(f"hocba_digital.subject_{code}") for code in ("toan", "nn1"))
        self.class2.assignment_ids = [
            Command.create({"subject_id": maths.id, "teacher_id": self.homeroom.id}),
            Command.create({"subject_id": english.id, "teacher_id": self.teacher.id}),
        ]
        self.class2.school_year_id.packet_profile = "2025"
        found = rows.search(mine)
        self.assertEqual(found.user_id, self.teacher, "the homeroom teacher signs the whole and no subject by itself")
        self.assertEqual((found.state, found.class_count), ("none", 2))
        with self.assertRaises(AccessError):
            rows.with_user(self.teacher).search([])
        found.with_user(self.clerk).action_remind()
        task = self.env["mail.activity"].search([("res_model", "=", "res.partner"), ("user_id", "=", self.teacher.id)])
        self.assertEqual(len(task), 1)
        key = self.pki["teacher"].pkcs12(PIN)
        model = self.env["hocba.certificate"].with_user(self.teacher).with_company(self.company)
        model._import_pkcs12(key, PIN, "person")
        self.assertEqual(self.states()["gvbm", "teacher"], "valid")
        self.class5.active = False
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(rows.search(mine).class_count, 1)

    def test_what_is_wrong_with_a_certificate(self):
        mine = self._certificate(self.homeroom)
        now = fields.Datetime.now()
        year = self.class2.school_year_id
        first, summer = (
            fields.Datetime.to_datetime(day) - timedelta(hours=8)
            for day in (year.deadline_school, year.deadline_school_summer)
        )
        for values, state in (
            ({"revoked_at": now}, "revoked"),
            ({"revoked_at": False, "not_after": now - timedelta(days=1)}, "expired"),
            ({"not_after": first}, "ends_school"),
            ({"not_after": first + timedelta(days=2)}, "ends_summer"),
            ({"not_after": summer + timedelta(days=2)}, "valid"),
            ({"not_before": now + timedelta(days=1)}, "future"),
            ({"has_key": False}, "none"),
        ):
            with self.subTest(state):
                if state.startswith("ends") and year.deadline_school <= self.today:
                    continue
                mine.write(values)
                self.assertEqual(self.states()["gvcn", "homeroom"], state)

    def test_the_seal_and_the_department(self):
        self.seal.sudo().approved = False
        self.assertEqual(self.states()["seal", ""], "unregistered")
        row = self.env["hocba.signer"].search([("company_id", "=", self.company.id), ("role", "=", "seal")])
        action = row.with_user(self.head).action_fix()
        self.assertEqual((action["res_model"], action["res_id"]), ("hocba.certificate", self.seal.id))
        values = {
            "name": "Cổng",
            "base_url": "http://127.0.0.1:1",
            "unit_code": "1",
            "user_name": "1",
            "company_id": self.company.id,
        }
        self.env["hocba.endpoint"].create(values)
        self.env.invalidate_all()
        self.assertEqual(row.with_user(self.clerk).action_fix()["res_model"], "hocba.registration.wizard")

    def test_one_click(self):
        self._certificate(self.head).has_key = False
        self.states()
        row = self.env["hocba.signer"].search([("user_id", "=", self.head.id)])
        self.assertEqual(row.with_user(self.head).action_fix()["res_model"], "hocba.certificate.wizard")
        self.assertFalse(row.with_user(self.clerk).reminded)
        row.with_user(self.clerk).action_fix()
        row.invalidate_recordset()
        self.assertTrue(row.with_user(self.clerk).reminded)
        row.with_user(self.clerk).action_remind()
        tasks = self.env["mail.activity"].search([("user_id", "=", self.head.id), ("res_model", "=", "res.partner")])
        self.assertEqual(len(tasks), 1, "nobody is reminded twice")
        others = self.env["hocba.signer"].search([("user_id", "=", self.homeroom.id)])
        with self.assertRaises(UserError):
            others.with_user(self.clerk).action_remind()
        for user in (self.homeroom, self.auditor):
            with self.assertRaises(AccessError):
                row.with_user(user).action_remind()

    def test_who_sees_it(self):
        self.env.flush_all()
        for user in (self.clerk, self.head, self.school_admin, self.auditor):
            self.assertTrue(self.env["hocba.signer"].with_user(user).with_company(self.company).search([]))
        for user in (self.homeroom, self.teacher):
            with self.assertRaises(AccessError):
                self.env["hocba.signer"].with_user(user).search([])
        other = self.env["res.company"].create({"name": "Trường Khác"})
        stranger = self._user("stranger", "Người Khác", "group_clerk", "048190000099", "Văn thư")
        stranger.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        found = self.env["hocba.signer"].with_user(stranger).with_company(other).search([])
        self.assertFalse(found.filtered(lambda row: row.company_id == self.company))
