import base64

from psycopg2 import IntegrityError

from odoo.addons.hocba_digital.tests import pki
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .department import DepartmentCase, Maker


class TestCertificate(DepartmentCase):
    def register(self, file, user=None):
        certificates = self.env["hocba.registry.certificate"].with_user(user or self.officer)
        return certificates.create({"unit_id": self.unit.id, "file": file})

    def test_content_is_read_from_pem_and_der(self):
        maker = Maker("Trường Tiểu học Khác", "0409999999")
        issued = maker.issued["seal"]
        certificate = self.register(maker.certificate())
        self.assertEqual((certificate.name, certificate.state), ("Trường Tiểu học Khác", "submitted"))
        self.assertEqual(certificate.serial, f"{issued.certificate.serial_number:x}")
        der = Maker("Trường Tiểu học Nữa", "0408888888").issued["seal"].certificate
        der = der.public_bytes(pki.serialization.Encoding.DER)
        self.assertEqual(self.register(base64.b64encode(der)).name, "Trường Tiểu học Nữa")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.register(base64.b64encode(der))

    def test_what_is_no_certificate(self):
        with self.assertRaises(ValidationError):
            self.register(base64.b64encode(b"-----BEGIN CERTIFICATE-----"))

    def test_administrator_registers_and_does_not_decide(self):
        certificates = self.env["hocba.registry.certificate"].with_user(self.administrator)
        file = Maker("Trường Tiểu học Khác", "0409999999").certificate()
        certificate = certificates.create({"unit_id": self.unit.id, "file": file, "state": "approved"})
        self.assertEqual(certificate.state, "submitted")
        with self.assertRaises(UserError):
            certificate.write({"state": "approved"})
        with self.assertRaises(AccessError):
            certificate.action_approve()
        certificate.with_user(self.officer).action_approve()
        self.assertEqual((certificate.state, certificate.decided_by_id), ("approved", self.officer))
        with self.assertRaises(AccessError):
            certificate.write({"refusal": "x"})

    def test_officer_uses_the_buttons(self):
        certificate = self.register(Maker("Trường Tiểu học Khác", "0409999999").certificate())
        with self.assertRaises(UserError):
            certificate.write({"state": "approved"})
        with self.assertRaises(UserError):
            certificate.action_refuse()
        certificate.refusal = "Số sê-ri khác công văn của trường"
        certificate.action_refuse()
        self.assertEqual(certificate.state, "refused")

    def test_certificates_that_cannot_seal_are_not_approved(self):
        files = {"a person's": self.maker.certificate("cbql")}
        root = pki.authority("Another Root CA")
        stranger = pki.issue(root, pki.organisation_name("Trường", "0400123456"))
        files["unknown authority"] = base64.b64encode(stranger.pem())
        other = pki.issue(
            self.maker.intermediate, pki.organisation_name("Trường", "0400123457"), usage=("key_encipherment",)
        )
        files["not for signing"] = base64.b64encode(other.pem())
        for name, file in files.items():
            with self.subTest(name), self.assertRaises(UserError):
                self.register(file).action_approve()

    def test_decided_file_is_not_replaced(self):
        for values in ({"file": self.maker.certificate("cbql")}, {"unit_id": self.unit.id}):
            with self.assertRaises(UserError):
                self.certificate.with_user(self.officer).write(values)

    def test_school_shows_where_it_stands(self):
        self.assertEqual(self.unit.certificate_state, "approved")
        self.certificate.with_user(self.officer).action_revoke()
        self.assertEqual(self.unit.certificate_state, "none")
        self.assertFalse(self.unit._approved_fingerprints())
