"""Over real HTTP, with the client that schools use."""

import base64
import gzip
import hashlib
import json
import struct
import uuid

from odoo.addons.hocba_digital.core.gateway import Endpoint, GatewayClient, GatewayError
from odoo.tests import HttpCase, tagged

from .department import PASSWORD, SCHOOL_CODE, YEAR, DepartmentCase, packet_digest

_HEADERS = {"Content-Type": "application/json"}


@tagged("post_install", "-at_install")
class TestWire(DepartmentCase, HttpCase):
    def setUp(self):
        super().setUp()
        values = {"base_url": self.base_url(), "user_name": SCHOOL_CODE, "unit_code": SCHOOL_CODE}
        sent = hashlib.sha256(PASSWORD.encode()).hexdigest()
        self.client = GatewayClient(Endpoint(**values, password_sha256=sent, timeout=30))
        self.addCleanup(self.client.__exit__)

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        """Odoo's own looks at the time-out as one number; the client has two."""
        return super()._request_handler(s, r, **{**kw, "timeout": 30})

    def call(self, method, *arguments):
        """A method of the client, while Odoo's test server listens."""
        with self.allow_requests(all_requests=True):
            return getattr(self.client, method)(*arguments)

    def report(self, packets):
        """Send, have it judged by an officer's click, ask."""
        messageid = str(uuid.uuid4())
        self.assertTrue(self.call("report", messageid, YEAR, self.maker.content(packets)).accepted)
        self.assertTrue(self.call("query_report", messageid, YEAR).processing)
        self.env["hocba.registry.transaction"].search([("messageid", "=", messageid)])._process_safely()
        return self.call("query_report", messageid, YEAR)

    def test_from_report_to_closing(self):
        packets = self.maker.packets(*(self.maker.data(number) for number in range(1, 4)))
        packets[1] = packets[1].replace(b"048318000002", b"048318000009", 1)
        answer = self.report(packets)
        self.assertEqual([verdict.accepted for verdict in answer.verdicts], [True, False, True])
        self.assertEqual(answer.verdicts[0].digest, packet_digest(packets[0]))
        self.close_year()
        again = self.report(packets[:1])
        self.assertTrue(again.verdicts[0].accepted)
        self.assertEqual(again.verdicts[0].effective_on.utcoffset().total_seconds(), 7 * 3600)

    def test_connection_test(self):
        found = self.call("probe")
        self.assertTrue(found.ok, found.message)
        self.assertEqual(self.client.version, "cv2088-1.0")

    def test_wrong_account(self):
        self.unit.password = "another"
        with self.assertRaises(GatewayError) as caught:
            self.call("report", "m-1", YEAR, "YQ==")
        self.assertEqual((caught.exception.kind, caught.exception.code), ("authorisation", "10"))

    def test_bomb(self):
        bomb = gzip.compress(b"0" * 30_000_000)
        for declared, code in ((1000, "22"), (2**31, "21")):
            messageid = str(uuid.uuid4())
            content = base64.b64encode(struct.pack("<I", declared) + bomb).decode()
            self.assertTrue(self.call("report", messageid, YEAR, content).accepted)
            self.env["hocba.registry.transaction"].search([("messageid", "=", messageid)])._process_safely()
            self.assertEqual(self.call("query_report", messageid).code, code)

    def test_too_large(self):
        answer = self.url_open("/api/hocba/report", data=b"x" * 10_600_000, headers=_HEADERS)
        self.assertEqual(answer.status_code, 413)
        self.assertEqual(self.call("report", "m-1", YEAR, "A" * 10_000_004).code, "21")

    def test_only_post(self):
        self.assertEqual(self.url_open("/api/hocba/token").status_code, 405)

    def test_answer_is_json_and_not_cached(self):
        answer = self.url_open("/api/hocba/token", data=b"{}", headers=_HEADERS)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(json.loads(answer.content)["Error"], "20")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertNotIn("session_id", answer.headers.get("Set-Cookie", ""))

    def test_record_as_its_form(self):
        record = self.accept(1)
        self.authenticate("officer", "officer")
        page = self.url_open(f"/hocba/registry/record/{record.id}/page")
        self.assertEqual(page.status_code, 200)
        self.assertIn("Trương Phương Anh 1", page.text)
        self.assertEqual(self.url_open(f"/hocba/registry/record/{record.id}/xml").content, record._packet_bytes())
        self.authenticate("soadmin", "soadmin")
        self.assertEqual(self.url_open(f"/hocba/registry/record/{record.id}/page").status_code, 403)
        self.assertEqual(self.url_open(f"/hocba/registry/record/{record.id}/xml").status_code, 403)
