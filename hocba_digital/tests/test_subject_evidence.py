"""Records of format ``2025`` after signing: time stamps, evidence at the closing, soft copy, what a check says."""

import base64
from unittest.mock import patch

from odoo.tests import tagged

from ..core import signing
from ..core.rules import deadlines
from .common import PIN
from .lists import crl
from .test_evidence import Stamper
from .test_subject_teachers import SubjectTeacherCase


@tagged("post_install", "-at_install")
class TestSubjectEvidence(SubjectTeacherCase):
    def setUp(self):
        super().setUp()
        self.tsa = self.env["hocba.tsa"].create(
            {"name": "TSA", "url": "http://127.0.0.1:1/", "company_id": self.company.id}
        )
        self.stamper = Stamper(self.pki["intermediate"])
        self.startPatcher(patch.object(self.env.registry["hocba.tsa"], "_stamper", lambda _tsa: self.stamper))
        for name in ("root", "intermediate"):
            line = self.env["hocba.trust"].search([("kind", "=", name)])
            line = line.filtered(lambda row, name=name: row._certificate() == self.pki[name].certificate)
            line.crl = base64.b64encode(crl(self.pki[name]))
        self.record = self._records(self.class5, 1)
        self.sign_results(self.teacher)
        self.sign_results(self.teacher2)
        self.sign_all(self.record)

    def check(self, content, evidence=None, **options):
        """What a stranger with the roots alone says of a file, who wants proof of everything."""
        roots = [self.pki["root"].certificate]
        trust = signing.TrustStore(roots, policy=signing.default_policy(strict=True), **options)
        return signing.document_report(content, trust, evidence=evidence)

    def lock(self):
        self.record.sudo()._accept("test")
        self.record.sudo()._lock(deadlines.today(), "test")
        for task in self.env["hocba.archive"]._tasks(self.tsa):
            self.env["hocba.archive"]._archive(*task)

    def test_each_signature_has_its_time_stamp(self):
        report = self.record._verification()
        self.assertEqual(report.result, "TOTAL_PASSED", report.reasons)
        self.assertEqual([row.proof for row in report.signatures], ["time_stamp"] * 5)
        self.assertEqual([row.revocation for row in report.signatures], ["good"] * 5)

    def test_a_stranger_needs_nothing_but_the_evidence_of_the_closing(self):
        content = self.record._packet_bytes()
        self.assertEqual(self.check(content).result, "INDETERMINATE")
        self.lock()
        self.assertEqual(self.record.archive_leaf_ids.mapped("purpose"), ["closed"])
        self.assertFalse(self.record.archive_leaf_ids.archive_id.missing)
        evidence = signing.Evidence.from_pem(self.record._evidence().to_pem())
        signers = {self.pki[name].certificate for name in ("teacher", "homeroom3", "homeroom2", "head", "seal")}
        kept = {signing.holder_of_der(der).certificate for der in evidence.certificates}
        self.assertLessEqual(signers, kept, "the subject teachers' certificates are kept as well")
        self.assertEqual(len(evidence.crls), 2)
        self.assertEqual(self.record._packet_bytes(), content)
        report = self.check(content, evidence)
        self.assertEqual(report.result, "TOTAL_PASSED", report.reasons)
        # What the packet by itself does not show (a subject teacher's signature taken out), its evidence tells.
        start, end = content.index(b"<GVBM>"), content.index(b"</GVBM>") + len(b"</GVBM>")
        fewer = self.check(content[:start] + content[end:], evidence)
        self.assertNotIn("evidence_broken", {item.code for item in report.reasons})
        self.assertIn("evidence_broken", {item.code for item in fewer.reasons})

    def test_soft_copy_after_the_closing(self):
        self.lock()
        for user in (self.head, self.clerk):
            action = self.record.with_user(user).action_sign_pdf()
            self.env["hocba.signing.job"].with_user(user).browse(action["params"]["job_id"]).process(PIN)
        self.assertEqual(self.record.pdf_state, "sealed")
        content = self.record.pdf_id._bytes()
        report = self.check(content, self.record._evidence())
        self.assertEqual(report.result, "TOTAL_PASSED", report.reasons)
        (inside,) = report.packets
        self.assertEqual([row.role for row in inside.signatures], ["gvbm", "gvbm", "gvcn", "cbql", "seal"])
        said = self.env["hocba.file.check"].with_user(self.clerk)._check(content, "hoc-ba.pdf")
        self.assertEqual(said["result"], "TOTAL_PASSED", said)
        said = self.env["hocba.file.check"].with_user(self.clerk).with_context(lang="vi_VN")._check(content, "x.pdf")
        roles = [row["role"] for row in said["records"][0]["signatures"]]
        for role, subject in zip(roles, self.record._part_signers(), strict=False):
            self.assertTrue(role.startswith(f"Giáo viên bộ môn ({subject.name}"), role)
        self.assertEqual(roles[2:], ["Giáo viên chủ nhiệm", "Hiệu trưởng", "Dấu của trường"])
