import base64
import json

from odoo.addons.hocba_digital.core.gateway import Answer, QueryAnswer, parse_acknowledgement
from odoo.addons.hocba_digital.core.signing import TOTAL_FAILED, TOTAL_PASSED, verify_list
from odoo.addons.hocba_digital.tests import pki
from odoo.exceptions import UserError

from .department import PASSWORD, SCHOOL_CODE, YEAR, DepartmentCase, packet_digest

_PIN = "mật khẩu của con dấu"


class TestAcknowledgement(DepartmentCase):
    """The department signs what it holds and what it decided, and the school can compare."""

    def seal(self, subject):
        issued = pki.issue(self.maker.intermediate, subject)
        values = {"key_file": base64.b64encode(issued.pkcs12(_PIN)), "password": _PIN}
        return self.env["hocba.registry.seal"].with_user(self.administrator).create(values)

    def setUp(self):
        super().setUp()
        self.packets = self.maker.packets(self.maker.data(1), self.maker.data(2))
        self.packets[1] = self.packets[1].replace(b"048318000002", b"048318000009", 1)
        self.content = self.maker.content(self.packets)

    def ask(self, service, **request):
        intake = self.env["hocba.registry.intake"]
        account = {"user_name": SCHOOL_CODE, "password": packet_digest(PASSWORD.encode()), "ma_don_vi": SCHOOL_CODE}
        token = intake._handle("token", json.dumps(account).encode())["token"]
        authentication = {**account, "token": token, "nam_hoc": int(YEAR[:4]), "messageid": "m-1", "type": "1"}
        return intake._handle(service, json.dumps({"authenticationRequest": authentication, **request}).encode())

    def verified(self, content):
        return verify_list(content, self.env["hocba.trust"]._store())

    def test_receipt_and_verdicts(self):
        seal = self.seal(pki.organisation_name("Sở Giáo dục và Đào tạo", "0400100100"))
        self.assertEqual((seal.name, seal.key_file, seal.password), ("Sở Giáo dục và Đào tạo", False, False))
        first = self.ask("report", content=self.content)
        self.assertEqual(self.ask("report", content=self.content), first, "the same answer again")
        receipt = Answer.parse(first).acknowledgement
        report = self.verified(receipt)
        self.assertEqual((report.result, report.fingerprint), (TOTAL_PASSED, seal.fingerprint))
        sent = packet_digest(self.content.encode())
        self.assertEqual(parse_acknowledgement(receipt).differences("m-1", sent, {}), [])
        self.env["hocba.registry.transaction"].search([("messageid", "=", "m-1")])._process_safely()
        answer = QueryAnswer.parse(self.ask("report_query"))
        self.assertEqual(self.verified(answer.acknowledgement).result, TOTAL_PASSED)
        told = parse_acknowledgement(answer.acknowledgement)
        self.assertEqual([record.accepted for record in told.records], [True, False])
        digests = {
            verdict.uuid: packet_digest(packet) for verdict, packet in zip(answer.verdicts, self.packets, strict=True)
        }
        self.assertEqual(told.differences("m-1", sent, digests), [])
        other = dict.fromkeys(digests, "0" * 64)
        self.assertEqual(len(told.differences("m-2", "0" * 64, {**other, "missing": "x"})), 5)
        changed = answer.acknowledgement.replace(b"<TRANG_THAI>0", b"<TRANG_THAI>1", 1)
        self.assertEqual(self.verified(changed).result, TOTAL_FAILED)

    def test_without_a_seal_nothing_is_signed(self):
        self.assertNotIn("xac_nhan", self.ask("report", content=self.content))

    def test_copy_of_the_database_signs_nothing(self):
        self.seal(pki.organisation_name("Sở Giáo dục và Đào tạo", "0400100100"))
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.env.registry.clear_cache()
        with self.assertLogs("odoo.addons.hocba_registry.models.seal", "WARNING"):
            self.assertNotIn("xac_nhan", self.ask("report", content=self.content))

    def test_key_of_a_person_or_with_a_wrong_password_is_refused(self):
        with self.assertRaises(UserError):
            self.seal(pki.person_name("Nguyễn Thị Hồng Vân", "048175001234", "Hiệu trưởng"))
        issued = pki.issue(self.maker.intermediate, pki.organisation_name("Sở", "0400100100"))
        with self.assertRaises(UserError):
            self.env["hocba.registry.seal"].create(
                {"key_file": base64.b64encode(issued.pkcs12(_PIN)), "password": "other"}
            )
