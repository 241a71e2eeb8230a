from odoo.exceptions import UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from ..tools import vault
from .common import PIN, SchoolCase


@tagged("post_install", "-at_install")
class TestNeutralize(SchoolCase):
    """A copied or neutralised database can neither sign nor send (design §7)."""

    def test_copied_database_opens_no_secret(self):
        self._certify()
        records = self._records(self.class2, 1)
        self.env["ir.config_parameter"].sudo().set_param("database.uuid", "another-database")
        with self.assertRaisesRegex(UserError, "copied database"):
            self.sign_as(self.homeroom, records)

    def test_sealed_value_needs_its_purpose(self):
        sealed = vault.seal(self.env, b"secret", "one")
        self.assertEqual(vault.unseal(self.env, sealed, "one"), b"secret")
        with self.assertRaises(vault.VaultError):
            vault.unseal(self.env, sealed, "two")

    def test_neutralised_database_has_no_keys(self):
        self._certify()
        self.env.flush_all()
        for query in get_neutralization_queries(["hocba_digital"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        certificates = self.env["hocba.certificate"].search([])
        self.assertTrue(certificates)
        self.assertFalse(any(certificates.mapped("has_key")))
        self.assertFalse(any(certificates.sudo().mapped("sealed_key")))
        with self.assertRaises(UserError):
            certificates.filtered(lambda line: line.user_id == self.head).with_user(self.head)._signer(PIN)
