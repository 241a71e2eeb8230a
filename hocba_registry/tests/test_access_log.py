from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .department import DepartmentCase


@tagged("post_install", "-at_install")
class TestAccessLog(DepartmentCase, HttpCase):
    """Who reads a single record is noted, by whatever way; lists are not."""

    def setUp(self):
        super().setUp()
        self.record = self.accept(1)
        self.log = self.env["hocba.registry.access"]

    def _kinds(self):
        return self.log.search([("record_id", "=", self.record.id)], order="id").mapped("kind")

    def test_every_way_of_reading_is_noted(self):
        self.env.ref("base.user_admin")
        self.officer.password = "officer-password"
        self.authenticate("officer", "officer-password")
        call = {"model": "hocba.registry.record", "args": [[self.record.id], {"pupil_name": {}}], "kwargs": {}}
        rows = self.make_jsonrpc_request("/web/dataset/call_kw/x/web_read", {**call, "method": "web_read"})
        self.assertEqual(rows[0]["pupil_name"], self.record.pupil_name)
        self.assertEqual(self._kinds(), ["opened"])
        for path in ("page", "pdf", "xml", "xml"):
            self.assertEqual(self.url_open(f"/hocba/registry/record/{self.record.id}/{path}").status_code, 200)
        self.assertEqual(self._kinds(), ["opened", "pdf", "xml", "xml"])
        self.assertEqual(self.log.search([], limit=1).user_id, self.officer)
        found = self.url_open(f"/web/content/hocba.registry.record/{self.record.id}/packet")
        self.assertNotEqual(found.status_code, 200)
        with self.assertRaises(AccessError):
            self.record.with_user(self.officer).read(["packet"])

    def test_a_list_is_not_noted_and_no_context_hides_a_reading(self):
        records = self.env["hocba.registry.record"].with_user(self.officer)
        self.officer.password = "officer-password"
        self.authenticate("officer", "officer-password")
        call = {"model": "hocba.registry.record", "method": "web_search_read", "args": []}
        call["kwargs"] = {"domain": [], "specification": {"pupil_name": {}}}
        found = self.make_jsonrpc_request("/web/dataset/call_kw/x/web_search_read", call)
        self.assertEqual([row["id"] for row in found["records"]], self.record.ids)
        self.assertEqual(self._kinds(), [])
        records.browse(self.record.id).with_context(hocba_listing=True).web_read({"pupil_name": {}})
        self.assertEqual(self._kinds(), ["opened"])

    def test_it_only_grows(self):
        self.log.with_user(self.officer)._log(self.record, "pdf")
        line = self.log.search([], limit=1)
        for change in (lambda: line.write({"kind": "xml"}), line.unlink):
            with self.assertRaises(UserError):
                change()
        with self.assertRefusedBySql():
            self.env.cr.execute("DELETE FROM hocba_registry_access")
        with self.assertRaises(AccessError):
            self.log.with_user(self.officer).create({"kind": "pdf"})
