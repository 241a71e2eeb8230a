import base64
from datetime import timedelta

from odoo import fields
from odoo.addons.hocba_digital.core.signing import Pkcs12Signer, sign_packets
from odoo.addons.hocba_digital.tests import pki
from odoo.addons.hocba_digital.tests.lists import crl, list_server
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .department import PROFILE, SCHOOL, DepartmentCase, Maker

_KEYS = {}


class PublishedMaker(Maker):
    """People and a seal whose certificates say where their authority's list is: the seal's at another place."""

    def __init__(self, url):
        self._url = url
        super().__init__()

    def _issue(self, subject):
        place = "seals" if SCHOOL in subject.rfc4514_string() else "people"
        key = _KEYS.setdefault(subject, pki.new_key("ec"))
        return pki.issue(self.intermediate, subject, key=key, crl_url=f"{self._url}/{place}.crl")


@tagged("post_install", "-at_install")
class TestRevocation(DepartmentCase):
    """The department fetches the lists of the authorities behind seals and signers; intake only reads what is there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = list_server(cls)
        cls.maker = PublishedMaker(cls.server.url)
        cls.seal = cls.approve(cls.unit, cls.maker.certificate())
        cls.issuer = (
            cls.env["hocba.trust"]
            .search([("kind", "=", "intermediate")])
            .filtered(lambda line: line._certificate() == cls.maker.intermediate.certificate)
        )
        cls.env["ir.config_parameter"].set_param("hocba_digital.fetch_revocations_private", "True")

    def setUp(self):
        super().setUp()
        self.server.bodies, self.server.asked = {}, []
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_options: 1)
        self.env["hocba.trust"].with_user(self.administrator).action_fetching_on()

    def fetch(self, **revoked):
        """The schedule runs while the server has lists of these places."""
        for place, serials in revoked.items():
            self.server.bodies[f"/{place}.crl"] = crl(self.maker.intermediate, serials)
        self.issuer.with_user(self.officer).action_fetch_now()
        self.env["hocba.revocation"]._cron_fetch()
        self.env.invalidate_all()

    def serial(self, role):
        return self.maker.issued[role].certificate.serial_number

    def send(self, number):
        asked = list(self.server.asked)
        transaction = self.judge(self.maker.content(self.maker.packets(self.maker.data(number))))
        self.assertEqual(self.server.asked, asked, "judging makes no call")
        return transaction

    def test_who_switches_and_who_refreshes(self):
        trust = self.env["hocba.trust"]
        with self.assertRaises(AccessError):
            trust.with_user(self.officer).action_fetching_off()
        self.fetch(seals=())
        rows = self.issuer.revocation_ids
        self.assertEqual([(row.kind, row.freshness, row.failure) for row in rows], [("crl", "fresh", False)])
        for user in (self.officer, self.administrator):
            self.assertEqual(rows.with_user(user).url, f"{self.server.url}/seals.crl")
            self.assertTrue(Form(self.issuer.with_user(user)).fetching)
            with self.assertRaises(UserError):
                rows.with_user(user).write({"url": "http://x"})
        trust.with_user(self.administrator).action_fetching_off()
        with self.assertRaises(UserError):
            self.issuer.with_user(self.officer).action_fetch_now()

    def test_a_seal_that_its_authority_revoked_seals_nothing_more(self):
        first = self.send(1)
        self.assertEqual(first.accepted_count, 1)
        self.fetch(seals=[self.serial("seal")])
        self.assertEqual(self.seal.revocation, "revoked")
        self.assertTrue(self.seal.revoked_at < fields.Datetime.now() - timedelta(hours=1))
        self.assertEqual(self.seal.activity_ids.user_id, self.officer)
        self.assertIn(self.unit.name, self.seal.activity_ids.note)
        later = self.send(2)
        self.assertEqual((later.state, later.error_code), ("refused", "24"))
        self.assertIn("thu hồi", later.error_description)
        self.assertEqual(first.line_ids.record_id.state, "accepted", "what was accepted stays")
        self.fetch(seals=[self.serial("seal")])
        self.assertEqual(len(self.seal.activity_ids), 1, "nobody is told twice")

    def test_a_revoked_certificate_is_not_approved(self):
        other = pki.issue(
            self.maker.intermediate,
            pki.organisation_name("Trường Tiểu học Khác", "0409999999"),
            key=pki.new_key("ec"),
            crl_url=f"{self.server.url}/seals.crl",
        )
        values = {"unit_id": self.unit.id, "file": base64.b64encode(other.pem())}
        waiting = self.env["hocba.registry.certificate"].create(values)
        self.fetch(seals=[other.certificate.serial_number])
        self.assertEqual(waiting.revocation, "revoked")
        with self.assertRaisesRegex(UserError, "revoked"):
            waiting.with_user(self.officer).action_approve()

    def test_a_signer_who_was_revoked_is_seen(self):
        self.assertEqual(self.send(1).accepted_count, 1)
        people = self.issuer.revocation_ids.filtered(lambda row: row.url.endswith("/people.crl"))
        self.assertEqual(len(people), 1, "where the list of the signers stands is known from the signatures")
        self.fetch(people=[self.serial("cbql")], seals=())
        self.assertEqual(people.freshness, "fresh")
        refused = self.send(2)
        self.assertEqual(refused.line_ids.error_code, "31")
        self.assertIn("thu hồi", refused.line_ids.error_description)
        self.assertEqual(len(self.issuer.revocation_ids), 2)

    def test_a_stranger_leaves_no_address(self):
        root = pki.authority("Another Root CA")
        stranger = pki.issue(root, pki.organisation_name("Trường", "0400123456"), crl_url="http://203.0.113.7/list.crl")
        packets = self.maker.packets(self.maker.data(1), roles=("gvcn", "cbql"))
        signer = Pkcs12Signer(stranger.key, stranger.certificate)
        options = {"id_number": None, "at": self.maker.at, "profile": PROFILE}
        packets = sign_packets(packets, "seal", signer, **options)
        self.assertEqual(self.judge(self.maker.content(packets)).accepted_count, 0)
        self.assertFalse(self.env["hocba.revocation"].search([("url", "ilike", "203.0.113.7")]))
