import base64
import hashlib

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..core import signing
from .common import PIN, SchoolCase

TEXT = b"Chinh sach ky hoc ba so, ban 1"


@tagged("post_install", "-at_install")
class TestSignaturePolicy(SchoolCase):
    """A policy that the school commits to stands in its signatures and is compared when they are verified."""

    def _policy(self, **values):
        return (
            self.env["hocba.signature.policy"]
            .with_user(self.school_admin)
            .with_company(self.company)
            .create({"name": "Chính sách ký", "identifier": "1.3.6.1.4.1.99999.1", **values})
        )

    def test_signatures_name_the_policy_and_the_report_says_so(self):
        self._certify()
        policy = self._policy(document=base64.b64encode(TEXT), address="https://example.vn/chinh-sach.pdf")
        self.assertEqual(policy.digest, hashlib.sha256(TEXT).hexdigest())
        record = self.sign_all(self._records(self.class2, 1))
        report = record._verification()
        self.assertEqual(report.result, "TOTAL_PASSED", report.reasons)
        self.assertEqual({line.policy for line in report.signatures}, {"urn:oid:1.3.6.1.4.1.99999.1"})
        self.assertNotIn("policy_unknown", {item.code for item in report.reasons})
        texts = self.env["hocba.file.check"].with_user(self.clerk)._check(record._packet_bytes(), "x.xml")
        self.assertIn("urn:oid:1.3.6.1.4.1.99999.1", str(texts["records"][0]["signatures"]))

        with self.subTest("transaction and PDF"):
            self._check_transaction_and_pdf(record)
        policy.write({"in_use": False, "active": False})
        self.assertEqual(record._verification().result, "TOTAL_PASSED", "an older edition is still known")
        self.env.cr.execute("UPDATE hocba_signature_policy SET digest = repeat('0', 64) WHERE id = %s", [policy.id])
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertEqual(record._verification().sub_indication, "POLICY_PROCESSING_ERROR")

    def _check_transaction_and_pdf(self, record):
        store = self.env["hocba.trust"]._store()
        seal = self.pki["seal"]
        signer = signing.Pkcs12Signer(seal.key, seal.certificate)
        prepared = self.env["hocba.submission"]._prepare_list(
            record, seal.certificate, fields.Datetime.now().astimezone()
        )
        listing = prepared.finish(signer.sign(prepared.payloads))[0]
        for user in (self.head, self.clerk):
            action = record.with_user(user).action_sign_pdf()
            self.env["hocba.signing.job"].with_user(user).browse(action["params"]["job_id"]).process(PIN)
        for content, count in ((listing, 1), (record.pdf_id._bytes(), 2)):
            report = signing.document_report(content, store)
            self.assertEqual(report.result, "TOTAL_PASSED", report.reasons)
            self.assertEqual([line.policy for line in report.signatures], ["urn:oid:1.3.6.1.4.1.99999.1"] * count)
            self.assertNotIn("policy_unknown", {item.code for item in report.reasons})

    def test_what_can_be_entered(self):
        digest = hashlib.sha256(TEXT).hexdigest()
        for values in (
            {"digest": "12"},
            {"digest": digest, "identifier": "chinh sach"},
            {"digest": digest, "identifier": "1.2<3"},
            {"digest": digest, "address": "ftp://example.vn"},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._policy(**values)
        policy = self._policy(digest=digest.upper())
        self.assertEqual(policy.digest, digest)
        for change in ({"identifier": "urn:x:y"}, {"digest": "0" * 64}):
            with self.assertRaises(UserError):
                policy.write(change)
        with self.assertRaises(UserError):
            policy.sudo().unlink()
        with self.assertRaises(AccessError):
            self.env["hocba.signature.policy"].with_user(self.clerk).create({"name": "x", "identifier": "urn:a:b"})
