from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from .common import SchoolCase

_ADDRESS = "https://sign.test/csc/v1"


@tagged("post_install", "-at_install")
class TestSigningService(SchoolCase):
    """The school's account at a remote service: kept secret, useless in a copy, and only for encrypted addresses."""

    def setUp(self):
        super().setUp()
        self.service = (
            self.env["hocba.signing.service"]
            .with_user(self.school_admin)
            .with_company(self.company)
            .create(
                {"name": "Ký số từ xa", "base_url": "https://sign.test/csc/v1", "client_id": "t", "secret": "bí mật"}
            )
        )

    def test_secret_is_written_only(self):
        self.assertTrue(self.service.has_secret)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self.service.read(["secret"])[0]["secret"])
        self.assertNotIn("bí mật", self.service.sudo().sealed_secret)
        for user in (self.school_admin, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                self.service.with_user(user).read(["sealed_secret"])
            with self.assertRaises(UserError):
                self.service.with_user(user).export_data(["sealed_secret"])
        with self.assertRaises(AccessError):
            self.service.with_user(self.clerk).write({"base_url": "https://elsewhere.test/csc/v1"})
        self.service.with_user(self.homeroom).read(["name"])

    def test_copied_or_neutralised_database_cannot_use_it(self):
        self.assertEqual(self.service._client()._config.secret, "bí mật")
        self.env["ir.config_parameter"].sudo().set_param("database.uuid", "another-database")
        with self.assertRaisesRegex(UserError, "copied database"):
            self.service._client()
        self.env.flush_all()
        for query in get_neutralization_queries(["hocba_digital"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(self.service.active)
        self.assertFalse(self.service.has_secret)

    def test_address_is_encrypted(self):
        for address in ("http://sign.test/csc/v1", "ftp://sign.test"):
            with self.assertRaises(ValidationError):
                self.service.base_url = address
        self.service.base_url = "http://127.0.0.1:9/csc/v1"
        self.service.timeout = 2
        self.service.action_test()
        self.assertFalse(self.service.test_ok)
        self.assertIn("reached", self.service.test_message)
