"""The book of a pupil whose years other schools issued: printed from what was received, and a copy like any other."""

import base64
import hashlib

from odoo.tests import HttpCase, tagged

from ..reports import pdf
from .transfer_common import TransferCase

_PASSWORD = "clerk-password-2026"


class ReceivedBookCase(TransferCase):
    def setUp(self):
        super().setUp()
        self.arriving = self.arrive(self.release())
        self.newcomer = self.arriving.sudo().pupil_id
        self.line = self.arriving.sudo().line_ids
        self.register = self.env["hocba.issuance"].sudo()

    def service(self, user):
        return self.env["hocba.print"].with_user(user).with_company(self.other)

    def copies(self):
        return self.register.search([("pupil_id", "=", self.newcomer.id)])

    def assert_book(self, content, row):
        self.assertEqual(row.digest, hashlib.sha256(content).hexdigest())
        self.assertEqual((row.kind, row.company_id, row.years), ("book", self.other, "2025-2026"))
        self.assertEqual((row.line_ids.received_id, row.line_ids.standing), (self.line, "received"))
        self.assertEqual(row.line_ids.packet_digest, self.record.packet_digest)
        self.assertFalse(row.line_ids.record_id)
        self.assertEqual(row.standing, "current")
        pages = [" ".join(text.split()) for text in pdf.page_texts(content)]
        for page in pages:
            self.assertIn(f"Bản sao số {row.number}", page)
        self.assertIn(f"do {self.company.name} cấp", pages[2])
        self.assertIn(f"do {self.company.name} cấp, tiếp nhận khi học sinh chuyển trường", " ".join(pages[3:]))
        self.assertIn(self.record.uuid, pages[2])
        self.assertNotIn("chưa ký", " ".join(pages))


@tagged("post_install", "-at_install")
class TestReceivedBook(ReceivedBookCase):
    def test_it_is_printed_and_registered(self):
        pupil = self.newcomer.with_user(self.head2).with_company(self.other)
        self.assertTrue(pupil.has_book)
        self.assertIn(str(pupil.id), pupil.action_print_book()["url"])
        content = self.service(self.head2)._issue_books(pupil)[pupil.id]
        self.assert_book(content, self.copies())

    def test_it_is_printed_by_a_job(self):
        job = self.env["hocba.print.job"].with_user(self.clerk2).with_company(self.other)
        job = job._start("Học bạ", self.newcomer.with_user(self.clerk2).with_company(self.other))
        while job.process(2)["state"] == "running":
            continue
        self.assertEqual(job.progress()["state"], "done")
        self.assert_book(base64.b64decode(job.sudo().with_context(bin_size=False).result), self.copies())

    def test_it_is_issued_to_somebody(self):
        pupil = self.newcomer.with_user(self.clerk2).with_company(self.other)
        wizard = self.env["hocba.issue.wizard"].with_user(self.clerk2).with_company(self.other)
        wizard = wizard.browse(pupil.action_issue_copy()["res_id"])
        self.assertEqual(wizard.content, "book")
        wizard.recipient = "Nguyễn Văn Cha"
        wizard.action_issue()
        self.assert_book(base64.b64decode(wizard.file), wizard.issuance_id.sudo())
        self.assertEqual(wizard.issuance_id.recipient, "Nguyễn Văn Cha")

    def test_a_year_that_was_received_anew_since_makes_the_copy_outdated(self):
        self.service(self.head2)._issue_books(self.newcomer)
        copy = self.copies()
        self.assertEqual(copy.standing, "current")
        common = {"company_id": self.other.id, "pupil_id": self.newcomer.id, "pupil_name": self.newcomer.name}
        moved = self.env["hocba.transfer"].sudo()._in_transition()
        later = moved.create({**common, "direction": "in", "state": "agreed", "number": "0b7a1c55"})
        values = {name: self.line[name] for name in ("uuid", "school_year_name", "school_name")}
        values |= {"company_id": self.other.id, "transfer_id": later.id, "packet_digest": "0" * 64}
        self.env["hocba.transfer.line"].sudo()._in_transition().create(values)
        self.env.invalidate_all()
        self.assertEqual((copy.line_ids.standing, copy.standing), ("replaced", "outdated"))


@tagged("post_install", "-at_install")
class TestReceivedBookOverHttp(ReceivedBookCase, HttpCase):
    def test_download_and_check(self):
        self.clerk2.password = _PASSWORD
        self.authenticate("clerk2", _PASSWORD)
        answer = self.url_open(f"/hocba/pupils/book?ids={self.newcomer.id}")
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        copy = self.copies()
        self.assert_book(answer.content, copy)
        said = self.env["hocba.lookup"]._described_copy(copy)
        (line,) = said["lines"]
        self.assertEqual((said["current"], line["current"], line["own"]), (True, True, False))
        self.assertEqual((line["uuid"], line["school"]), (self.line.uuid, self.company.name))
