from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import RegistryCase


@tagged("post_install", "-at_install")
class TestAccessRights(RegistryCase):
    """The officer reads and decides; the administrator sets up and sees no record (design §8)."""

    def test_officer(self):
        self.assertTrue(self.certificate.with_user(self.officer).name)
        with self.assertRaises(AccessError):
            self.unit.with_user(self.officer).write({"password": "x"})
        with self.assertRaises(AccessError):
            self.env["hocba.trust"].with_user(self.officer).create({"pem": "x"})

    def test_gateway_administrator(self):
        for model in ("hocba.registry.record", "hocba.registry.line", "hocba.registry.transaction"):
            with self.assertRaises(AccessError, msg=model):
                self.env[model].with_user(self.gateway_admin).search([])
        self.unit.with_user(self.gateway_admin).write({"password": "another"})
        with self.assertRaises(AccessError):
            self.unit.with_user(self.gateway_admin).read(["password_hash"])

    def test_school_people_see_nothing_of_the_department(self):
        for user in (self.clerk, self.head, self.homeroom, self.auditor, self.school_admin):
            for model in ("hocba.registry.record", "hocba.registry.unit", "hocba.registry.transaction"):
                with self.assertRaises(AccessError, msg=f"{user.login} {model}"):
                    self.env[model].with_user(user).search([])

    def test_approving_takes_an_officer(self):
        certificate = self.certificate
        with self.assertRaises(AccessError):
            certificate.with_user(self.clerk).action_revoke()
