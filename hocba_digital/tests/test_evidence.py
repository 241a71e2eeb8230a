import base64
import hashlib
from datetime import timedelta
from unittest.mock import patch

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from ..core import signing
from ..core.rules import deadlines
from ..core.signing.trust import run
from . import pki
from .common import SchoolCase


class Stamper:
    """pyHanko's time-stamping authority, with a certificate of the test authority; it can be switched off."""

    def __init__(self, issuer):
        self.down = False
        self.calls = 0
        issued = pki.issue_time_stamper(issuer)
        key = issued.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self._service = DummyTimeStamper(
            asn1_x509.Certificate.load(issued.certificate.public_bytes(Encoding.DER)),
            asn1_keys.PrivateKeyInfo.load(key),
            certs_to_embed=SimpleCertificateStore(),
        )

    def stamp(self, data):
        return self.stamp_digest(signing.digest_of(data))

    def stamp_digest(self, digest):
        self.calls += 1
        if self.down:
            raise signing.SigningError("tsa_unreachable", "switched off")
        return run(self._service.async_timestamp(digest, "sha256")).dump()


@tagged("post_install", "-at_install")
class TestEvidence(SchoolCase):
    """Time stamps at signing, archive stamps after the seal and at the closing, their renewal, and what they prove."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls.tsa = cls.env["hocba.tsa"].create(
            {"name": "TSA", "url": "http://127.0.0.1:1/", "company_id": cls.company.id, "fetch_revocations": False}
        )
        cls.stamper = Stamper(cls.pki["intermediate"])

    def setUp(self):
        super().setUp()
        self.stamper.down = False
        self.startPatcher(patch.object(self.env.registry["hocba.tsa"], "_stamper", lambda _tsa: self.stamper))

    def _proofs(self, record):
        return {found.role: found.proof for found in record._verification().signatures}

    def _archive(self):
        for task in self.env["hocba.archive"]._tasks(self.tsa):
            self.env["hocba.archive"]._archive(*task)

    def test_every_signature_is_stamped(self):
        records = self._records(self.class2, 2)
        self.sign_all(records)
        self.assertEqual(set(records.mapped("state")), {"signed"})
        for record in records:
            self.assertEqual(self._proofs(record), dict.fromkeys(("gvcn", "cbql", "seal"), "time_stamp"))
            self.assertEqual(record._verification().result, "TOTAL_PASSED")

    def test_signing_goes_on_without_the_authority(self):
        self.stamper.down = True
        record = self._records(self.class2, 1)
        self.sign_all(record)
        self.assertEqual(record.state, "signed")
        self.assertEqual(set(self._proofs(record).values()), {None})
        self.assertIsNone(record._evidence())
        with self.assertRaises(UserError):
            record.action_download_evidence()
        before = record.packet_digest
        self.stamper.down = False
        self._archive()
        self.assertEqual(record.packet_digest, before)
        self.assertEqual(set(self._proofs(record).values()), {"evidence"})
        self.assertIn(str(record.id), record.action_download_evidence()["url"])
        content = record.with_user(self.clerk)._issue_evidence()
        copy = self.env["hocba.issuance"].search([("line_ids.record_id", "=", record.id), ("kind", "=", "evidence")])
        self.assertEqual((copy.digest, copy.user_id), (hashlib.sha256(content).hexdigest(), self.clerk))

    def test_signing_stops_without_the_authority_where_the_school_says_so(self):
        self.tsa.when_down = "required"
        self.stamper.down = True
        record = self._records(self.class2, 1)
        with self.assertRaisesRegex(UserError, "TSA"):
            certificate = self.env["hocba.certificate"].search([("user_id", "=", self.homeroom.id)], limit=1)
            self.env["hocba.tsa"]._stamped(record, "gvcn", self._signed_bytes(record, certificate), self.profile)

    def _signed_bytes(self, record, _certificate):
        issued = self.pki["homeroom"]
        signer = signing.Pkcs12Signer(issued.key, issued.certificate)
        plain = self.profile.build_data(record._record_data())
        options = {"id_number": "048180000011", "at": fields.Datetime.now().astimezone(), "profile": self.profile}
        return signing.sign_packets([plain], "gvcn", signer, **options)

    def test_one_stamp_for_all_and_none_twice(self):
        self.tsa.each_signature = False
        records = self._records(self.class2, 3)
        self.sign_all(records)
        calls = self.stamper.calls
        self._archive()
        self.assertEqual(self.stamper.calls, calls + 1)
        self._archive()
        self.assertEqual(self.stamper.calls, calls + 1)
        for record in records:
            self.assertEqual(set(self._proofs(record).values()), {"evidence"})
            self.assertEqual(len(record.archive_leaf_ids), 1)

    def test_closing_adds_evidence_and_renewal_lengthens_it(self):
        record = self._records(self.class2, 1)
        self.sign_all(record)
        record.sudo()._accept("test")
        record.sudo()._lock(deadlines.today(), "test")
        self.assertEqual(record.state, "locked")
        self._archive()
        self.assertEqual(record.archive_leaf_ids.mapped("purpose"), ["closed"])
        archive = record.archive_leaf_ids.archive_id
        far = archive.valid_until - fields.Datetime.now() + timedelta(days=1)
        with patch("odoo.addons.hocba_digital.models.archive._RENEW_BEFORE", far):
            self._archive()
        renewal = self.env["hocba.archive"].search([("purpose", "=", "renewal")])
        self.assertEqual(renewal.leaf_ids.renewed_id, archive)
        evidence = record._evidence()
        status = signing.check_record(
            evidence.records[0],
            bytes.fromhex(record.packet_digest),
            self.env["hocba.trust"]._store(),
            fields.Datetime.now().astimezone(),
        )
        self.assertFalse(status.failure)
        self.assertEqual(signing.Evidence.from_pem(evidence.to_pem()), evidence)

    def test_cron_never_raises(self):
        self.stamper.down = True
        self.sign_all(self._records(self.class2, 1))
        progress = patch.object(self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_options: 1)
        with progress, self.assertLogs("odoo.addons.hocba_digital.models.archive", "ERROR"):
            self.env["hocba.archive"]._cron_archive()

    def test_stamps_are_append_only(self):
        record = self._records(self.class2, 1)
        self.sign_all(record)
        self._archive()
        archive = record.archive_leaf_ids.archive_id
        with self.assertRaises(UserError):
            archive.create([{"company_id": self.company.id}])
        with self.assertRaises(UserError):
            archive.authority = "x"
        with self.assertRaises(UserError):
            archive.unlink()

    def test_neutralised_database_gets_no_stamps(self):
        self.tsa.write({"user_name": "school", "secret": "secret"})
        self.tsa.invalidate_recordset(["secret"])
        self.assertTrue(self.tsa.has_secret)
        self.assertFalse(self.tsa.secret)
        self.env.flush_all()
        for query in get_neutralization_queries(["hocba_digital"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(self.tsa.active)
        self.assertFalse(self.tsa.has_secret)
        self.assertFalse(self.env["hocba.tsa"]._for_company(self.company))

    def test_revocation_list_of_an_authority(self):
        record = self._records(self.class2, 1)
        self.sign_all(record)
        self.env["ir.config_parameter"].sudo().set_param("hocba_digital.require_revocation_data", "true")
        self.assertEqual(record._verification().sub_indication, "TRY_LATER")
        authorities = self.env["hocba.trust"].search([])
        revoked = self.pki["head"].certificate.serial_number
        for authority in authorities:
            name = "root" if authority.kind == "root" else "intermediate"
            authority.crl = base64.b64encode(self._crl(self.pki[name], [revoked] if name == "intermediate" else []))
        report = record._verification()
        self.assertEqual(report.signature("gvcn").revocation, "good")
        self.assertEqual(report.signature("cbql").sub_indication, "REVOKED")
        with self.assertRaises(ValidationError):
            authorities[0].crl = base64.b64encode(b"junk")

    def _crl(self, issuer, serials):
        now = fields.Datetime.now().astimezone()
        builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
        builder = builder.last_update(now - timedelta(hours=1)).next_update(now + timedelta(days=7))
        for serial in serials:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - timedelta(days=2))
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)
