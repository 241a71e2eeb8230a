from odoo.addons.hocba_digital.core.gateway import Registration, build_registration, encode_content
from odoo.addons.hocba_digital.core.signing import holder_of, sign_list

from .department import SCHOOL_CODE, DepartmentCase, Maker


class TestRegistration(DepartmentCase):
    """Transactions 3 and 4: a school registers the certificate of its seal (annex 1, III.1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.renewed = Maker(authority=cls.maker._authority(), tax_code="0400123457")

    def register(self, maker, signer=None, **changes):
        certificate = maker.signers["seal"].certificate
        values = {
            "unit_code": SCHOOL_CODE,
            "serial_number": f"{certificate.serial_number:X}",
            "valid_from": certificate.not_valid_before_utc.date(),
            "signature_kind": "USB_TOKEN",
            "provider": "BAN_CO_YEU",
            "certificate": holder_of(certificate).der,
        }
        content = build_registration(Registration(**{**values, **changes}))
        signed = sign_list(content, signer or maker.signers["seal"], at=maker.at)
        return self.judge(encode_content(signed), kind="3")

    def state(self, transaction):
        return self.env["hocba.registry.intake"]._certificate_state(transaction)

    def test_waits_for_an_officer_and_then_seals(self):
        transaction = self.register(self.renewed)
        certificate = transaction.certificate_id
        self.assertEqual((certificate.state, certificate.provider), ("submitted", "BAN_CO_YEU"))
        self.assertEqual(self.state(transaction)["Error"], "01")
        packets = self.renewed.packets(self.renewed.data(1))
        self.assertEqual(self.judge(self.renewed.content(packets)).error_code, "24")
        certificate.with_user(self.officer).action_approve()
        self.assertEqual(self.state(transaction)["trang_thai_phe_duyet"], 1)
        self.assertEqual(self.judge(self.renewed.content(packets)).accepted_count, 1)

    def test_refused(self):
        transaction = self.register(self.renewed)
        certificate = transaction.certificate_id.with_user(self.officer)
        certificate.refusal = "Không khớp công văn của trường"
        certificate.action_refuse()
        answer = self.state(transaction)
        self.assertEqual((answer["Error"], answer["trang_thai_phe_duyet"]), ("00", 0))
        self.assertIn("công văn", answer["error_description"])

    def test_registered_twice_is_registered_once(self):
        first, second = self.register(self.renewed), self.register(self.renewed)
        self.assertEqual(first.certificate_id, second.certificate_id)

    def test_a_certificate_of_somebody_else(self):
        other = self.env["hocba.registry.unit"].create(
            {"name": "Khác", "code": "48491402", "login": "khac", "password": "x"}
        )
        self.register(self.renewed).certificate_id.unit_id = other
        transaction = self.register(self.renewed)
        self.assertEqual((transaction.state, transaction.error_code), ("refused", "28"))

    def test_who_does_not_hold_the_key_registers_nothing(self):
        transaction = self.register(self.renewed, signer=self.maker.signers["seal"])
        self.assertEqual((transaction.state, transaction.error_code), ("refused", "24"))

    def test_what_is_said_has_to_be_the_certificates(self):
        for changes in ({"serial_number": "1"}, {"unit_code": "48499999"}):
            transaction = self.register(self.renewed, **changes)
            self.assertEqual((transaction.state, transaction.error_code), ("refused", "27"))
