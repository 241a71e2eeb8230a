"""The OpenAPI document and the routes are the same set, and what must not be a service is none."""

import json

from odoo.tests import HttpCase, tagged
from odoo.tools import file_open


@tagged("post_install", "-at_install")
class TestContract(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with file_open("hocba_registry/static/openapi.json", "rb") as file:
            cls.document = json.load(file)

    def test_paths_are_the_routes_that_need_no_user(self):
        self.url_open("/hocba/openapi.json")  # the routes are read with a request at hand
        routes = {
            (rule.rule, method)
            for rule in self.env["ir.http"].routing_map().iter_rules()
            if _module(rule) == "hocba_registry" and rule.endpoint.routing["auth"] != "user"
            for method in rule.endpoint.routing["methods"]
        }
        described = {
            (path, method.upper()) for path, operations in self.document["paths"].items() for method in operations
        }
        self.assertEqual({(path, method) for path, method in routes if method != "OPTIONS"}, described)

    def test_document_is_served_to_anybody(self):
        answer = self.url_open("/hocba/openapi.json")
        self.assertEqual(answer.json(), self.document)

    def test_options_is_no_service(self):
        for path, method in (("/api/hocba/token", "POST"), ("/hocba/openapi.json", "GET")):
            answer = self.opener.options(self.base_url() + path, json={}, timeout=30)
            self.assertEqual(answer.status_code, 405)
            self.assertIn(method, answer.headers["Allow"])


def _module(rule):
    return rule.endpoint.func.__module__.removeprefix("odoo.addons.").split(".")[0]
