from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestCertificateExpiry(SchoolCase):
    """Who can sign, who cannot for long, and that they are told in time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls.certificate = cls.env["hocba.certificate"].search([("user_id", "=", cls.head.id)])
        cls.seal = cls.env["hocba.certificate"].search(
            [("kind", "=", "organisation"), ("company_id", "=", cls.company.id)]
        )

    def warned(self, certificate, days):
        """Activities after the daily check so many days before the end."""
        with freeze_time(certificate.not_after - timedelta(days=days) + timedelta(minutes=1)):
            for due in self.env["hocba.certificate"]._due_for_warning():
                due._warn()
            certificate.invalidate_recordset()
        return certificate.activity_ids

    def test_told_at_60_30_and_7_days_and_once_each(self):
        self.assertFalse(self.warned(self.certificate, 90))
        self.assertEqual(self.warned(self.certificate, 60).user_id, self.head)
        self.assertEqual(len(self.warned(self.certificate, 59)), 1)
        self.assertEqual(len(self.warned(self.certificate, 30)), 2)
        self.assertEqual(len(self.warned(self.certificate, 7)), 3)
        self.assertEqual(len(self.warned(self.certificate, 1)), 3)

    def test_the_clerks_are_told_about_the_seal(self):
        self.assertEqual(self.warned(self.seal, 20).user_id, self.clerk)

    def test_who_has_renewed_is_left_alone(self):
        self.certificate.sudo().copy({"serial": "ab", "not_after": self.certificate.not_after + timedelta(days=400)})
        self.assertFalse(self.warned(self.certificate, 20))

    def test_who_can_sign(self):
        self.assertEqual(self.head.hocba_certificate_state, "valid")
        self.assertEqual(self.teacher.hocba_certificate_state, "none")
        found = self.env["res.users"].search([("hocba_certificate_state", "in", ["none"])])
        self.assertIn(self.teacher, found)
        self.assertNotIn(self.head, found)
        self.certificate.sudo().not_after = fields.Datetime.now() + timedelta(days=10)
        self.env.invalidate_all()
        self.assertEqual(self.head.hocba_certificate_state, "soon")

    def test_the_seal_of_another_organisation_is_refused(self):
        records = self._records(self.class2, 1)
        self.company.hocba_tax_code = "0409999999"
        self.sign_as(self.homeroom, records)
        self.sign_as(self.head, records)
        with self.assertRaisesRegex(UserError, "0409999999"):
            self.sign_as(self.clerk, records)
        self.company.hocba_tax_code = "0401234567"
        self.sign_as(self.clerk, records)
        self.assertEqual(records.state, "signed")
