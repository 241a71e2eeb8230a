import base64
from datetime import UTC, datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from . import pki
from .common import PIN, SchoolCase, build_pki
from .lists import DAY, crl, list_server

_MADE = {}


def published_key(url):
    """A head's certificate that names ``url`` for its authority's list, made once a process."""
    if url not in _MADE:
        _MADE.clear()
        subject = pki.person_name("Nguyễn Thị Minh Hà", "048172000013")
        _MADE[url] = pki.issue(build_pki()["intermediate"], subject, crl_url=url)
    return _MADE[url]


@tagged("post_install", "-at_install")
class TestRevocation(SchoolCase):
    """Lists are fetched from where trusted certificates say, the last good one is kept, and signing never waits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = list_server(cls)
        cls.url = f"{cls.server.url}/ca.crl"
        cls._certify()
        cls.key = published_key(cls.url)
        model = cls.env["hocba.certificate"].with_user(cls.head).with_company(cls.company)
        cls.certificate = model._import_pkcs12(cls.key.pkcs12(PIN), PIN, "person").sudo()
        cls.issuer = cls.pki["intermediate"]
        cls.trust = (
            cls.env["hocba.trust"]
            .search([("kind", "=", "intermediate")])
            .filtered(lambda line: line._certificate() == cls.issuer.certificate)
        )
        cls.env["ir.config_parameter"].set_param("hocba_digital.fetch_revocations_private", "True")

    def setUp(self):
        super().setUp()
        self.server.bodies, self.server.asked = {}, []
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_options: 1)
        self.env["hocba.trust"].with_user(self.school_admin).action_fetching_on()

    def fetch(self, body):
        """The schedule runs while the server gives ``body``; the row of its address."""
        self.server.bodies["/ca.crl"] = body
        rows = self.env["hocba.revocation"].search([("url", "=", self.url)])
        rows._in_transition().write({"next_try_at": False})
        self.env["hocba.revocation"]._cron_fetch()
        return self.env["hocba.revocation"].search([("url", "=", self.url)])

    def test_off_until_the_administrator_switches_it_on(self):
        trust = self.env["hocba.trust"]
        for user in (self.clerk, self.head):
            with self.assertRaises(AccessError):
                trust.with_user(user).action_fetching_off()
        trust.with_user(self.school_admin).action_fetching_off()
        self.assertFalse(self.fetch(crl(self.issuer)))
        self.assertFalse(self.server.asked)
        self.assertFalse(self.trust.fetching)

    def test_a_fresh_list_is_kept_and_used(self):
        row = self.fetch(crl(self.issuer))
        self.assertEqual((row.kind, row.trust_id, row.freshness, row.failure), ("crl", self.trust, "fresh", False))
        self.assertTrue(row.fetched_at and row.next_try_at > fields.Datetime.now())
        self.assertEqual(self.trust.freshness, "fresh")
        self.env["hocba.revocation"]._cron_fetch()
        self.assertEqual(self.server.asked, ["/ca.crl"], "nothing is due again")
        for user in (self.school_admin, self.head):
            self.assertTrue(row.with_user(user).read(["url"]))
            with self.assertRaises(UserError):
                row.with_user(user).write({"url": "http://x"})

    def test_fetched_again_without_waiting_for_the_schedule(self):
        row = self.fetch(crl(self.issuer))
        self.assertTrue(row.next_try_at)
        for user in (self.clerk, self.head, self.auditor):
            with self.assertRaises(AccessError):
                self.trust.with_user(user).action_fetch_now()
        self.trust.with_user(self.school_admin).action_fetch_now()
        self.assertFalse(row.next_try_at)
        self.env["hocba.revocation"]._cron_fetch()
        self.assertEqual(self.server.asked, ["/ca.crl"] * 2)
        self.trust.with_user(self.school_admin).action_fetching_off()
        with self.assertRaises(UserError):
            self.trust.with_user(self.school_admin).action_fetch_now()

    @mute_logger("odoo.addons.hocba_digital.models.revocation")
    def test_what_is_no_good_never_replaces_what_was(self):
        good = crl(self.issuer, issued=datetime.now(UTC) - timedelta(hours=3))
        row = self.fetch(good)
        kept = row.content
        root = self.pki["root"]
        now = datetime.now(UTC)
        for body, failure in (
            (b"<html>not found</html>", "no_crl"),
            (crl(self.issuer, issued=now - 3 * DAY, until=now - DAY), "expired"),
            (crl(self.issuer, issued=now - DAY), "older"),
            (crl(root), "no_crl"),
            (crl(self.issuer, key=root.key), "no_crl"),
            (None, "status"),
            (bytes(21_000_000), "too_large"),
        ):
            with self.subTest(failure):
                row = self.fetch(body)
                self.assertEqual((row.failure, row.content, row.freshness), (failure, kept, "fresh"))
        self.assertEqual(row.failures, 7)
        self.assertFalse(self.fetch(crl(self.issuer)).failure)

    @mute_logger("odoo.addons.hocba_digital.models.revocation")
    def test_a_server_that_is_down_stops_nobody(self):
        self.server.bodies.clear()
        row = self.fetch(None)
        self.assertEqual((row.freshness, row.failure, row.failures), ("never", "status", 1))
        self.assertGreater(row.next_try_at, fields.Datetime.now() + timedelta(hours=1))
        record = self._records(self.class2, 1)
        self.sign_all(record)
        self.assertEqual(record._verification().result, "TOTAL_PASSED")

    @mute_logger("odoo.addons.hocba_digital.models.revocation")
    def test_private_networks_are_called_only_where_allowed(self):
        self.env["ir.config_parameter"].set_param("hocba_digital.fetch_revocations_private", False)
        self.assertEqual(self.fetch(crl(self.issuer)).failure, "private")
        self.assertFalse(self.server.asked)

    def test_a_stranger_makes_nobody_call(self):
        self.trust.active = False
        self.env["hocba.trust"].search([]).active = False
        self.assertFalse(self.fetch(crl(self.issuer)))
        self.assertFalse(self.server.asked)

    def test_a_revoked_certificate_signs_no_more_and_its_owner_is_told(self):
        self.fetch(crl(self.issuer, revoked=[self.key.certificate.serial_number]))
        self.assertEqual(self.certificate.revocation, "revoked")
        self.assertTrue(self.certificate.revoked_at)
        self.assertEqual(self.certificate.activity_ids.user_id, self.head)
        with self.assertRaisesRegex(UserError, "revoked"):
            self.certificate.with_user(self.head)._signer(PIN)
        used = self.env["hocba.certificate"].with_user(self.head)._for_role("cbql", self.company)
        self.assertNotEqual(used, self.certificate, "the other certificate of the head is used")
        other = self.env["hocba.certificate"].search([("user_id", "=", self.homeroom.id)])
        self.assertEqual(other.revocation, "unknown", "nothing is known of the authority above")
        root = self.env["hocba.trust"].search([("kind", "=", "root"), ("fingerprint", "!=", False)])
        root = root.filtered(lambda line: line._certificate() == self.pki["root"].certificate)
        root.crl = base64.b64encode(crl(self.pki["root"]))
        self.assertEqual(other.revocation, "good")

    @mute_logger("odoo.addons.hocba_digital.models.revocation")
    def test_the_schedule_never_raises(self):
        self.patch(type(self.env["hocba.revocation"]), "_fetch", lambda self: 1 / 0)
        self.fetch(crl(self.issuer))
        self.patch(type(self.env["hocba.revocation"]), "_places", lambda self: 1 / 0)
        self.fetch(crl(self.issuer))
