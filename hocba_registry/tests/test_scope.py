from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from .department import YEAR, DepartmentCase


class TestScope(DepartmentCase):
    """An officer sees the schools of the own bodies and nothing else, whatever is asked over RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        bodies = cls.env["hocba.registry.body"]
        cls.so = bodies.create({"name": "Sở GDĐT Đà Nẵng", "kind": "so"})
        cls.near = bodies.create({"name": "Phường Thanh Khê", "parent_id": cls.so.id})
        cls.far = bodies.create({"name": "Phường Hải Châu", "parent_id": cls.so.id})
        cls.unit.body_id = cls.near
        cls.inside = cls._officer("inside", cls.near)
        cls.outside = cls._officer("outside", cls.far)

    @classmethod
    def _officer(cls, login, bodies):
        officer = new_test_user(cls.env, login=login, groups="hocba_registry.group_so_officer")
        officer.write({"hocba_scope": "bodies", "hocba_body_ids": [(6, 0, bodies.ids)]})
        return officer

    def _rows(self, user, name):
        return self.env[f"hocba.registry.{name}"].with_user(user).search([])

    def test_nothing_of_another_commune_is_seen(self):
        record = self.accept(1)
        packets = self.maker.packets(self.maker.data(2, school_code="48491402"))
        self.judge(self.maker.content(packets))
        self.env["hocba.registry.access"].with_user(self.inside)._log(record, "pdf")
        self.env["hocba.registry.expectation"].create({"unit_id": self.unit.id, "year_id": self.year.id, "count": 2})
        self.env.flush_all()
        names = ("unit", "record", "transaction", "line", "certificate", "progress", "statistic", "access")
        for name in (*names, "expectation"):
            self.assertTrue(self._rows(self.inside, name), name)
            self.assertTrue(self._rows(self.officer, name), name)
            self.assertFalse(self._rows(self.outside, name), name)
        for call in (
            lambda: record.with_user(self.outside).read(["pupil_name"]),
            lambda: self.unit.with_user(self.outside).read(["name"]),
            lambda: self.certificate.with_user(self.outside).action_revoke(),
            lambda: record.transaction_id.with_user(self.outside).action_process(),
        ):
            with self.assertRaises(AccessError):
                call()
        groups = self.env["hocba.registry.record"].with_user(self.outside).formatted_read_group([], [], ["__count"])
        self.assertEqual(groups[0]["__count"], 0)

    def test_a_body_without_choice_sees_nothing_and_a_parent_sees_all_below(self):
        self.assertFalse(self._rows(self._officer("nobody", self.so.browse()), "unit"))
        parent = self._officer("parent", self.so)
        self.assertEqual(self._rows(parent, "unit"), self.unit)
        moved = self.env["hocba.registry.body"].create({"name": "Phường mới", "parent_id": self.so.id})
        self.unit.body_id = moved
        self.assertEqual(self._rows(parent, "unit"), self.unit)
        self.assertFalse(self._rows(self.inside, "unit"))
        self.inside.hocba_body_ids = moved
        self.assertEqual(self._rows(self.inside, "unit"), self.unit)

    def test_the_own_scope_is_not_widened_by_oneself(self):
        with self.assertRaises(AccessError):
            self.outside.with_user(self.outside).write({"hocba_scope": "all"})

    def test_closing_stays_inside_the_scope(self):
        self.accept(1)
        wizard = self.env["hocba.registry.closing.wizard"]
        values = {"year_id": self.year.id, "confirmation": YEAR}
        for user, unit in ((self.inside, False), (self.outside, False), (self.outside, self.unit.id)):
            with self.assertRaises(AccessError):
                wizard.with_user(user).create({**values, "unit_id": unit}).action_close()
        self.assertFalse(self.year.closing_ids)
        wizard.with_user(self.inside).create({**values, "unit_id": self.unit.id}).action_close()
        self.assertEqual(self.unit.record_ids.state, "locked")
        with self.assertRaises(AccessError):
            self.year.with_user(self.inside).write({"deadline": "2026-06-01"})

    def test_communes_are_made_of_the_addresses(self):
        values = {"name": "TH Hai", "code": "2", "login": "2", "commune": "Phường An Khê"}
        other = self.env["hocba.registry.unit"].create(values)
        other.with_user(self.administrator).action_assign_bodies()
        self.assertEqual((other.body_id.name, other.body_id.parent_id), ("Phường An Khê", self.so))
        with self.assertRaises(UserError):
            self.unit.with_user(self.administrator).action_assign_bodies()

    def test_the_chosen_bodies_stand_in_the_form_of_the_user(self):
        with Form(self.env.ref("base.user_admin"), view="base.view_users_form") as form:
            form.hocba_scope = "bodies"
            form.hocba_body_ids.add(self.far)
