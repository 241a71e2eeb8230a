import base64
from datetime import timedelta

from cryptography.hazmat.primitives.serialization import Encoding

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from ..core import signing
from ..core.gateway import wire
from ..core.signing import Pkcs12Signer
from .common import PIN, SchoolCase


@tagged("post_install", "-at_install")
class TestSigningApproval(SchoolCase):
    """A key at the signer's own computer: digests go out once, and only what verifies and still fits comes in."""

    def setUp(self):
        super().setUp()
        self._certify()
        self.certificate = self._register_agent(self.homeroom, "homeroom")

    def _register_agent(self, user, holder, kind="person", signer=None):
        """As the browser does: a challenge, the agent's signature over it, the certificate."""
        model = self.env["hocba.certificate"].with_user(user).with_company(self.company)
        challenge = model.agent_challenge()
        issued = self.pki[holder]
        (value,) = self._sign(signer or holder, [challenge["digest"]])
        der = base64.b64encode(issued.certificate.public_bytes(Encoding.DER)).decode()
        return model.browse(model.register_agent(kind, der, challenge["token"], value))

    def _sign(self, holder, digests):
        """The agent's part, with the holder's real key."""
        issued = self.pki[holder]
        answer = Pkcs12Signer(issued.key, issued.certificate).request([base64.b64decode(text) for text in digests])
        return [base64.b64encode(value).decode() for value in answer.values]

    def _job(self, records, user=None):
        user = user or self.homeroom
        job_id = records.with_user(user).action_sign()["params"]["job_id"]
        return self.env["hocba.signing.job"].with_user(user).browse(job_id)

    def _run_schedule(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("hocba_digital.cron_approvals").method_direct_trigger()
        self.env.invalidate_all()

    def test_agent_signs_a_class_with_one_approval(self):
        records = self._records(self.class2, 3)
        job = self._job(records)
        asked = job.prepare()
        self.assertEqual((asked["state"], asked["waiting"], asked["provider"]), ("approval", 3, "agent"))
        self.assertIn(self.company.name, asked["request"]["label"])
        values = self._sign("homeroom", asked["request"]["digests"])
        job.deliver(asked["request"]["nonce"], values)
        progress = job.poll()
        self.assertEqual((progress["state"], progress["done"], progress["left_out"]), ("done", 3, 0))
        self.assertEqual(set(records.mapped("waiting_for")), {"cbql"})
        self.assertFalse(any(job.line_ids.sudo().mapped("value")))
        self.sign_as(self.head, records)
        self.sign_as(self.clerk, records)
        self.assertEqual({record._verification().result for record in records}, {"TOTAL_PASSED"})

    def test_false_signatures_never_reach_a_record(self):
        records = self._records(self.class2, 2)
        job = self._job(records)
        asked = job.prepare()["request"]
        good = self._sign("homeroom", asked["digests"])
        for values in (good[::-1], good[:1], self._sign("head", asked["digests"]), ["!", "!"]):
            with self.assertRaisesRegex(UserError, "does not fit"), self.env.cr.savepoint():
                job.deliver(asked["nonce"], values)
        with self.assertRaisesRegex(UserError, "too late"):
            job.deliver("another", good)
        self.assertFalse(records.signature_ids)
        with self.assertRaises(AccessError):
            job.with_user(self.homeroom2).deliver(asked["nonce"], good)

    def test_what_changed_meanwhile_is_left_out_and_named(self):
        records = self._records(self.class2, 3)
        job = self._job(records)
        asked = job.prepare()["request"]
        records[1].pupil_id.home_town = "Nơi khác"
        self.env.flush_all()
        job.deliver(asked["nonce"], self._sign("homeroom", asked["digests"]))
        progress = job.poll()
        self.assertEqual((progress["done"], progress["left_out"]), (2, 1))
        self.assertEqual(progress["reasons"][0]["record_id"], records[1].id)
        self.assertFalse(records[1].signature_ids)

    def test_two_signers_at_once_sign_once(self):
        records = self._records(self.class2, 2)
        first, second = self._job(records), self._job(records)
        asked = [job.prepare()["request"] for job in (first, second)]
        for job, request in zip((first, second), asked, strict=True):
            job.deliver(request["nonce"], self._sign("homeroom", request["digests"]))
        self.assertEqual(first.poll()["done"], 2)
        progress = second.poll()
        self.assertEqual((progress["done"], progress["left_out"], progress["state"]), (0, 2, "done"))
        self.assertEqual(len(records.signature_ids), 2)

    def test_an_approval_that_did_not_come_is_forgotten(self):
        records = self._records(self.class2, 2)
        job = self._job(records)
        old = job.prepare()["request"]
        job.sudo().approve_until = fields.Datetime.now() - timedelta(seconds=1)
        self._run_schedule()
        progress = job.progress()
        self.assertEqual((progress["state"], progress["waiting"]), ("running", 2))
        self.assertIn("in time", progress["note"])
        with self.assertRaises(UserError):
            job.deliver(old["nonce"], self._sign("homeroom", old["digests"]))

    def test_schedule_finishes_what_was_cut_off(self):
        records = self._records(self.class2, 2)
        job = self._job(records)
        asked = job.prepare()["request"]
        job.deliver(asked["nonce"], self._sign("homeroom", asked["digests"]))
        self._run_schedule()  # the dialog was closed before it asked to go on
        self.assertEqual(job.state, "done")
        self.assertEqual(len(records.signature_ids.filtered("valid")), 2)
        self.assertEqual(set(records.signature_ids.mapped("user_id")), {self.homeroom})

    def test_schedule_gives_up_what_cannot_go_on(self):
        records = self._records(self.class2, 1)
        job = self._job(records)
        asked = job.prepare()["request"]
        job.deliver(asked["nonce"], self._sign("homeroom", asked["digests"]))
        self.homeroom.sudo().hocba_id_number = False
        self._run_schedule()
        progress = job.progress()
        self.assertEqual((progress["state"], progress["waiting"], progress["signed_waiting"]), ("running", 1, 0))
        self.assertTrue(progress["note"])
        self.assertFalse(records.signature_ids)

    def test_stop_and_giving_up(self):
        records = self._records(self.class2, 2)
        job = self._job(records)
        asked = job.prepare()["request"]
        self.assertEqual(job.stop()["state"], "stopped")
        with self.assertRaises(UserError):
            job.deliver(asked["nonce"], self._sign("homeroom", asked["digests"]))
        job.action_give_up()
        self.assertEqual((job.state, job.left_out), ("done", 2))
        self.assertFalse(records.signature_ids)
        self.assertEqual(set(records.mapped("waiting_for")), {"gvcn"})

    def test_another_own_certificate_can_be_chosen(self):
        issued = self.pki["head"]
        model = self.env["hocba.certificate"].with_user(self.head).with_company(self.company)
        software = model._import_pkcs12(issued.pkcs12(PIN), PIN, "person")
        records = self._records(self.class2, 1)
        job = self._job(records)
        with self.assertRaises(UserError):
            job.choose(software.id)
        self.assertEqual([line["id"] for line in job.progress()["certificates"]], self.certificate.ids)
        self.assertEqual(job.choose(self.certificate.id)["certificate_id"], self.certificate.id)

    def test_agent_proves_that_it_holds_the_key(self):
        with self.assertRaisesRegex(UserError, "does not hold"):
            self._register_agent(self.head, "head", signer="seal")
        with self.assertRaises(AccessError):
            self._register_agent(self.homeroom2, "homeroom")
        with self.assertRaisesRegex(UserError, "citizen ID"):
            self._register_agent(self.teacher, "homeroom3")
        with self.assertRaises(AccessError):
            self._register_agent(self.homeroom, "seal", kind="organisation")
        model = self.env["hocba.certificate"].with_user(self.homeroom)
        with self.assertRaisesRegex(UserError, "too long"):
            model.with_user(self.head).register_agent("person", "AA==", model.agent_challenge()["token"], "AA==")
        with self.assertRaises(AccessError):
            model.with_user(self.auditor).agent_challenge()

    def test_copied_database_asks_no_agent(self):
        records = self._records(self.class2, 1)
        job = self._job(records)
        self.env["ir.config_parameter"].sudo().set_param("database.uuid", "another-database")
        with self.assertRaisesRegex(UserError, "copied database"):
            job.prepare()

    def _report(self, records):
        """The clerk's job that signs the report, as the send dialog starts it."""
        model = self.env["hocba.send.wizard"].with_user(self.clerk).with_company(self.company)
        wizard = model.create({"record_ids": [(6, 0, records.ids)]})
        self.assertFalse(wizard.asks_pin)
        job_id = wizard.action_send()["params"]["job_id"]
        return self.env["hocba.signing.job"].with_user(self.clerk).browse(job_id)

    def test_report_is_signed_with_the_seal_at_the_own_computer(self):
        self._endpoint(batch_records=2)
        self.certificate.sudo().has_key = False
        self._certify()
        records = self.sign_all(self._records(self.class2, 3))
        self._register_agent(self.clerk, "seal", kind="organisation")
        with self.assertRaisesRegex(UserError, "dialog"):
            self.env["hocba.submission"].with_user(self.clerk)._queue(records, PIN)
        job = self._report(records)
        asked = job.prepare()
        self.assertEqual((asked["total"], asked["role"]), (2, "report"))
        self.assertIn("3", asked["request"]["label"])
        job.deliver(asked["request"]["nonce"], self._sign("seal", asked["request"]["digests"]))
        again = self._report(records)
        self.assertEqual(job.poll()["state"], "done")
        submissions = job.line_ids.submission_id
        self.assertEqual(len(submissions), 2)
        self.assertEqual(set(records.mapped("waiting_for")), {"department"})
        for submission in submissions:
            listing = wire.decode_content(submission._payload_text())
            report = signing.verify_list(listing, self.env["hocba.trust"]._store())
            self.assertEqual(report.result, "TOTAL_PASSED", report)
        progress = again.prepare()
        self.assertEqual((progress["state"], progress["left_out"]), ("done", 2))
        self.assertEqual(self.env["hocba.submission"].search_count([("line_ids.record_id", "in", records.ids)]), 2)

    def test_neutralised_database_asks_nobody(self):
        records = self._records(self.class2, 1)
        job = self._job(records)
        asked = job.prepare()["request"]
        self.env.flush_all()
        for query in get_neutralization_queries(["hocba_digital"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertEqual((job.state, job.line_ids.state), ("stopped", "waiting"))
        self.assertFalse(self.certificate.has_key)
        with self.assertRaises(UserError):
            job.deliver(asked["nonce"], self._sign("homeroom", asked["digests"]))
        with self.assertRaises(UserError):
            job.prepare()
        with self.assertRaises(UserError):
            self._job(records)

    def test_job_says_nothing_secret(self):
        job = self._job(self._records(self.class2, 1))
        job.prepare()
        for user in (self.homeroom, self.clerk, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                job.with_user(user).read(["ticket"])
            with self.assertRaises(AccessError):
                job.line_ids.with_user(user).read(["value"])
