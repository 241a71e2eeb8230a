from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PIN, SchoolCase


@tagged("post_install", "-at_install")
class TestCertificate(SchoolCase):
    """Keys come in once and never go out."""

    def test_import_reads_the_certificate(self):
        self._certify()
        certificate = self.env["hocba.certificate"].search([("user_id", "=", self.head.id)])
        self.assertEqual(certificate.name, "Nguyễn Thị Minh Hà")
        self.assertEqual(certificate.validity, "valid")
        self.assertTrue(certificate.has_key)
        again = self.env["hocba.certificate"].with_user(self.head).with_company(self.company)
        self.assertEqual(again._import_pkcs12(self.pki["head"].pkcs12(PIN), PIN, "person"), certificate)

    def test_key_is_out_of_reach(self):
        self._certify()
        certificate = self.env["hocba.certificate"].search([("user_id", "=", self.head.id)])
        for user in (self.head, self.clerk, self.school_admin, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                certificate.with_user(user).read(["sealed_key"])
            with self.assertRaises(UserError):
                certificate.with_user(user).export_data(["sealed_key"])
            with self.assertRaises(AccessError):
                certificate.with_user(user).search([("sealed_key", "like", "A")])
            with self.assertRaises(AccessError):
                certificate.with_user(user).formatted_read_group([], ["sealed_key"], ["__count"])
        self.assertNotIn(b"PRIVATE", certificate.sealed_key.encode())

    def test_wrong_files_are_refused(self):
        model = self.env["hocba.certificate"].with_user(self.head).with_company(self.company)
        with self.assertRaises(UserError):
            model._import_pkcs12(b"no key file", PIN, "person")
        with self.assertRaises(UserError):
            model._import_pkcs12(self.pki["head"].pkcs12(PIN), "wrong", "person")
        with self.assertRaises(AccessError):
            model._import_pkcs12(self.pki["seal"].pkcs12(PIN), PIN, "organisation")

    def test_certificate_is_not_rewritten(self):
        self._certify()
        certificate = self.env["hocba.certificate"].search([("user_id", "=", self.head.id)])
        for user in (self.clerk, self.school_admin):
            with self.assertRaises(AccessError):
                certificate.with_user(user).write({"user_id": user.id})

    def test_nobody_takes_over_anothers_certificate(self):
        self._certify()
        model = self.env["hocba.certificate"].with_user(self.homeroom).with_company(self.company)
        with self.assertRaises(AccessError):
            model._import_pkcs12(self.pki["head"].pkcs12(PIN), PIN, "person")
