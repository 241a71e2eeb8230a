"""Seals on hand-over files and receipts with a key that is not at the server."""

import base64

from cryptography.hazmat.primitives.serialization import Encoding

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..core import signing, transfer
from ..core.signing import Pkcs12Signer
from .transfer_common import _SEALS, TransferCase


@tagged("post_install", "-at_install")
class TestTransferSeal(TransferCase):
    def setUp(self):
        super().setUp()
        self._to_own_computer(self.clerk, self.pki["seal"])
        self._to_own_computer(self.clerk2, _SEALS["other"])

    def _to_own_computer(self, user, issued):
        """The seal's key moves to a token at the clerk's computer; the key file at the server is gone."""
        model = self.env["hocba.certificate"].with_user(user).with_company(user.company_id)
        challenge = model.agent_challenge()
        der = base64.b64encode(issued.certificate.public_bytes(Encoding.DER)).decode()
        (value,) = self._values(issued, [challenge["digest"]])
        model.register_agent("organisation", der, challenge["token"], value)
        self.assertFalse(model._for_role("transfer", user.company_id)._answers_at_once())

    def _values(self, issued, digests):
        answer = Pkcs12Signer(issued.key, issued.certificate).request([base64.b64decode(text) for text in digests])
        return [base64.b64encode(value).decode() for value in answer.values]

    def dialog(self, user, transfers):
        """The job that the seal dialog starts."""
        wizard = self.wizard(user, transfers)
        self.assertFalse(wizard.asks_pin)
        action = wizard.action_sealed()
        return self.env["hocba.signing.job"].with_user(user).browse(action["params"]["job_id"])

    def approve(self, job, issued):
        request = job.prepare()["request"]
        job.deliver(request["nonce"], self._values(issued, request["digests"]))
        return job.poll()

    def agreed(self):
        leaving = self.leave()
        leaving.with_user(self.head).action_agree()
        return leaving

    def test_file_and_receipt(self):
        leaving = self.agreed()
        job = self.dialog(self.clerk, leaving)
        request = job.prepare()["request"]
        self.assertIn(leaving.pupil_name, request["label"])
        self.assertEqual((leaving.state, leaving.file, leaving.number), ("agreed", False, False))
        job.deliver(request["nonce"], self._values(self.pki["seal"], request["digests"]))
        progress = job.poll()
        self.assertEqual((progress["state"], progress["done"], progress["left_out"]), ("done", 1, 0))
        self.assertFalse(any(job.sudo().line_ids.mapped("document")))
        self.assertEqual(leaving.state, "released")
        found = transfer.unpack(self.file_of(leaving))
        self.assertEqual((found.handover.number, list(found.packets)), (leaving.number, [self.record.uuid]))
        report = signing.verify_list(found.manifest, self.env["hocba.trust"]._store())
        self.assertEqual((report.result, report.signer_name), ("TOTAL_PASSED", self.company.name))
        arriving = self.arrive(leaving)
        progress = self.approve(self.dialog(self.clerk2, arriving), _SEALS["other"])
        self.assertEqual((progress["done"], arriving.state), (1, "completed"))
        self.enter_receipt(base64.b64decode(arriving.with_context(bin_size=False).receipt))
        self.assertEqual((leaving.state, self.record.state), ("completed", "transferred"))

    def test_a_receipt_of_a_refusal(self):
        arriving = self.enter(self.file_of(self._released()))
        self.wizard(self.head2, arriving, reason="Thiếu năm học").action_refuse()
        self.approve(self.dialog(self.clerk2, arriving), _SEALS["other"])
        self.assertEqual(arriving.state, "refused")
        self.assertFalse(transfer.parse_receipt(base64.b64decode(arriving.receipt)).accepted)

    def _released(self):
        leaving = self.agreed()
        self.approve(self.dialog(self.clerk, leaving), self.pki["seal"])
        return leaving

    def test_what_was_returned_or_sealed_meanwhile_is_left_out_and_named(self):
        leaving = self.agreed()
        first, second = self.dialog(self.clerk, leaving), self.dialog(self.clerk, leaving)
        request = first.prepare()["request"]
        self.assertEqual(self.approve(second, self.pki["seal"])["done"], 1)
        file = self.file_of(leaving)
        first.deliver(request["nonce"], self._values(self.pki["seal"], request["digests"]))
        progress = first.poll()
        self.assertEqual((progress["done"], progress["left_out"]), (0, 1))
        self.assertIn(leaving.pupil_name, progress["reasons"][0]["record"])
        self.assertEqual(self.file_of(leaving), file)
        self.assertEqual(len(leaving.line_ids), 1)

    def test_a_false_signature_and_the_pin_change_nothing(self):
        leaving = self.agreed()
        job = self.dialog(self.clerk, leaving)
        request = job.prepare()["request"]
        with self.assertRaisesRegex(UserError, "does not fit"), self.env.cr.savepoint():
            job.deliver(request["nonce"], self._values(self.pki["head"], request["digests"]))
        with self.assertRaisesRegex(UserError, "dialog"), self.env.cr.savepoint():
            self.wizard(self.clerk, leaving, pin="246810")
        self.assertEqual(leaving.state, "agreed")

    def test_only_the_clerk(self):
        leaving = self.agreed()
        model = self.env["hocba.signing.job"].with_user(self.head)
        certificate = self.env["hocba.certificate"].with_user(self.clerk)._for_role("transfer", self.company)
        with self.assertRaises(AccessError):
            model._start_transfers(leaving.with_user(self.head), certificate)
        job = self.dialog(self.clerk, leaving)
        with self.assertRaises(AccessError):
            job.with_user(self.head).prepare()
