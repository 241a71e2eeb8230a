import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SchoolCase

SCAN_BYTES = b"%PDF-1.4 phe duyet"
SCAN = base64.b64encode(SCAN_BYTES)


@tagged("post_install", "-at_install")
class TestCertificateApproval(SchoolCase):
    """The department approves the seal: over its gateway, or by a paper that is kept; nobody ticks a box."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls.seal = cls.env["hocba.certificate"].search([("kind", "=", "organisation")])
        cls.seal.sudo().approved = False

    def _gateway(self, **values):
        return self.env["hocba.endpoint"].create(
            {
                "name": "Cổng",
                "company_id": self.company.id,
                "base_url": "http://127.0.0.1:1",
                "unit_code": "1",
                "user_name": "1",
                **values,
            }
        )

    def test_nobody_ticks_it(self):
        for user in (self.clerk, self.head, self.school_admin):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.seal.with_user(user).write({"approved": True})
        for user in (self.clerk, self.homeroom, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.seal.with_user(user).action_approve_on_paper("giấy", SCAN)
        self.assertFalse(self.seal.approved)

    def test_by_a_paper_where_no_gateway_answers(self):
        seal = self.seal.with_user(self.head)
        for reason, scan in (("", SCAN), ("QĐ 45", False)):
            with self.assertRaises(UserError):
                seal.action_approve_on_paper(reason, scan)
        wizard = self.env["hocba.approval.wizard"].with_user(self.head)
        wizard = wizard.with_context(active_model="hocba.certificate", active_id=self.seal.id)
        wizard.create({"reason": "Quyết định 45/SGDĐT", "scan": SCAN, "scan_name": "qd45.pdf"}).action_confirm()
        self.assertTrue(self.seal.approved)
        (row,) = self.seal.approval_ids
        self.assertEqual((row.source, row.user_id, base64.b64decode(row.scan)), ("paper", self.head, SCAN_BYTES))
        with self.assertRaises(UserError):
            row.sudo().write({"reason": "x"})
        with self.assertRaises(UserError):
            row.sudo().unlink()
        with self.assertRaises(UserError):
            self.env["hocba.certificate.approval"].sudo().create({"certificate_id": self.seal.id})
        self._gateway()
        wizard.create({"reason": "Sở thu hồi"}).action_confirm()
        self.assertFalse(self.seal.approved)
        self.assertEqual(self.seal.approval_ids.mapped("approved"), [False, True])

    def test_by_the_gateway_where_it_answers(self):
        gateway = self._gateway()
        self.assertTrue(self.seal.registers_online)
        with self.assertRaisesRegex(UserError, "gateway"):
            self.seal.with_user(self.school_admin).action_approve_on_paper("giấy", SCAN)
        gateway.registers_certificates = False
        self.seal.with_user(self.school_admin).action_approve_on_paper("giấy", SCAN)
        self.assertTrue(self.seal.approved)

    def test_a_trial_gateway_decides_nothing(self):
        self._gateway(environment="sandbox")
        self.seal.with_user(self.head).action_approve_on_paper("giấy", SCAN)
        self.assertTrue(self.seal.approved)
