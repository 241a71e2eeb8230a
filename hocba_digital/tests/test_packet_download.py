"""Packets and evidence files leave by their buttons, which register the copy; there is no way round by /web/content."""

import hashlib

from odoo.tests import HttpCase, tagged

from .test_issuance import IssuanceCase

_PASSWORD = "clerk-password-2026"


@tagged("post_install", "-at_install")
class TestPacketDownload(IssuanceCase, HttpCase):
    def setUp(self):
        super().setUp()
        for user in (self.clerk, self.school_admin, self.homeroom, self.homeroom2):
            user.password = _PASSWORD
        self.record = self.records[0]
        self.authenticate("clerk", _PASSWORD)

    def test_the_packet_is_registered(self):
        url = self.record.with_user(self.clerk).action_download_packet()["url"]
        answer = self.url_open(url)
        self.assertEqual(answer.content, self.record._packet_bytes())
        self.assertIn(f"{self.record.uuid}.xml", answer.headers["Content-Disposition"])
        row = self._rows(self.record)
        self.assertEqual((row.kind, row.user_id, row.standing), ("xml", self.clerk, "current"))
        self.assertEqual(row.digest, hashlib.sha256(answer.content).hexdigest())
        events = self.env["hocba.event"].search([("record_id", "=", self.record.id)])
        self.assertIn("packet_taken", events.mapped("kind"))

    def test_the_general_download_gives_nothing(self):
        files = self.env["ir.attachment"].sudo()
        file = files.search(
            [("res_model", "=", "hocba.record"), ("res_field", "=", "packet")], limit=1, order="id desc"
        )
        for login in ("clerk", "admin"):
            self.authenticate(login, _PASSWORD if login == "clerk" else "admin")
            for path in (f"hocba.record/{self.record.id}/packet", f"{file.id}", f"{file.id}?download=true"):
                answer = self.url_open(f"/web/content/{path}")
                self.assertEqual(answer.status_code, 404, path)
                self.assertNotIn(b"HOC_BA", answer.content)
        self.assertFalse(self._rows(self.record))

    def test_what_is_still_being_signed_is_no_copy(self):
        self.sign_as(self.homeroom2, self.drafts)
        self.assertTrue(self.drafts.packet_digest)
        self.assertEqual(self.url_open(f"/hocba/record/{self.drafts.id}/packet").status_code, 200)
        self.assertFalse(self._rows(self.drafts))

    def test_an_earlier_version_is_registered_as_outdated(self):
        before = self.record._packet_bytes()
        self.record.with_user(self.head).action_reopen("Sai tên")
        version = self.record.version_ids
        answer = self.url_open(version.with_user(self.clerk).action_download_packet()["url"])
        self.assertEqual(answer.content, before)
        row = self._rows(self.record)
        self.assertEqual((row.kind, row.line_ids.standing, row.standing), ("xml", "reopened", "outdated"))
        self.assertEqual(row.line_ids.packet_digest, hashlib.sha256(before).hexdigest())
        self.assertEqual(self.url_open(f"/web/content/hocba.record.version/{version.id}/packet").status_code, 404)

    def test_who_may_not_read_gets_nothing(self):
        for login in ("schooladmin", "homeroom2"):
            self.authenticate(login, _PASSWORD)
            for path in (f"record/{self.record.id}/packet", f"record/{self.record.id}/evidence", "record/0/packet"):
                self.assertEqual(self.url_open(f"/hocba/{path}").status_code, 404, (login, path))
        self.assertFalse(self._rows(self.record))

    def test_no_evidence_no_copy(self):
        self.assertEqual(self.url_open(f"/hocba/record/{self.record.id}/evidence").status_code, 404)
        self.assertFalse(self._rows(self.record))
