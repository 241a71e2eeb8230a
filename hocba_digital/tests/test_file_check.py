"""Checking files that people hand in: who may, what is said, and that nothing of it stays."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from ..controllers import file_check as route
from .common import SchoolCase

PASSWORD = "mật-khẩu-12345"


@tagged("post_install", "-at_install")
class TestFileCheck(SchoolCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls.record = cls._records(cls.class2, 1)
        for user in (cls.clerk, cls.head, cls.auditor, cls.homeroom, cls.school_admin):
            user.password = PASSWORD

    def setUp(self):
        super().setUp()
        self.sign_all(self.record)
        self.packet = self.record._packet_bytes()

    def _send(self, user, content, name="hoc-ba.xml", **data):
        self.authenticate(user.login, PASSWORD)
        form = {"csrf_token": Request.csrf_token(self), **data}
        return self.url_open("/hocba/check", data=form, files={"file": (name, content, "application/octet-stream")})

    def test_good_packet(self):
        for user in (self.clerk, self.head, self.auditor):
            report = self._send(user, self.packet).json()
            self.assertEqual(report["result"], "TOTAL_PASSED", report)
            self.assertTrue(report["structure"])
        (record,) = report["records"]
        self.assertEqual(record["name"], self.record.pupil_name)
        self.assertEqual([line["result"] for line in record["signatures"]], ["TOTAL_PASSED"] * 3)
        head = record["signatures"][1]
        said = " ".join(line["text"] for line in head["lines"])
        for text in ("Nguyễn Thị Minh Hà", "048172000013", "Hoc ba so Test CA", "+07:00"):
            self.assertIn(text, said)
        self.assertTrue(head["integrity"]["ok"])

    def test_tampered_packet_shows_nothing_as_true(self):
        changed = self.packet.replace(self.record.pupil_name.encode(), "Nguyễn Văn Khác".encode(), 1)
        report = self._send(self.clerk, changed).json()
        self.assertEqual(report["result"], "TOTAL_FAILED")
        (record,) = report["records"]
        self.assertFalse(record["lines"])
        self.assertNotIn("Nguyễn Văn Khác", str(report))
        self.assertEqual({line["integrity"]["ok"] for line in record["signatures"]}, {False})

    def test_hostile_files_get_an_answer_in_words(self):
        for content in (
            b"",
            b"%PDF-1.7\nnothing",
            b"<HOC_BA/>",
            b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><HOC_BA>&b;</HOC_BA>',
            b"\x00" * 1000,
            self.packet[: len(self.packet) // 2],
        ):
            answer = self._send(self.clerk, content, name="<script>alert(1)</script>.pdf")
            self.assertEqual(answer.status_code, 200)
            report = answer.json()
            self.assertEqual(report["result"], "TOTAL_FAILED")
            self.assertTrue(report["reasons"] or report["records"][0]["reasons"])
            self.assertNotIn("root:", answer.text)

    def test_nothing_is_stored(self):
        before = self.env["ir.attachment"].sudo().search_count([])
        self._send(self.clerk, self.packet)
        self.assertEqual(self.env["ir.attachment"].sudo().search_count([]), before)

    def test_rights(self):
        for user in (self.homeroom, self.school_admin):
            answer = self._send(user, self.packet)
            self.assertEqual(answer.status_code, 403)
            self.assertNotIn(self.record.pupil_name, answer.text)
            with self.assertRaises(AccessError):
                self.env["hocba.file.check"].with_user(user)._check(self.packet, "a")
        self.logout()
        answer = self.url_open("/hocba/check", data={"a": "1"}, allow_redirects=False)
        self.assertNotEqual(answer.status_code, 200)

    def test_too_large_missing_or_from_elsewhere(self):
        with patch.object(route, "MAX_BYTES", 1000):
            self.assertEqual(self._send(self.clerk, b"x" * 1001).status_code, 413)
        self.authenticate(self.clerk.login, PASSWORD)
        answer = self.url_open("/hocba/check", data={"csrf_token": Request.csrf_token(self)})
        self.assertEqual(answer.status_code, 400)
        answer = self._send(self.clerk, self.packet, csrf_token="x")
        self.assertEqual(answer.status_code, 400)
        self.assertNotIn(self.record.pupil_name, answer.text)
