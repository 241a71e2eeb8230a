"""The register of copies: every copy of something signed has a row and a number on its pages; nothing else has."""

import base64
import hashlib

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models.issuance import IssuedCopy
from ..reports import pdf
from .common import SchoolCase


class IssuanceCase(SchoolCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls.records = cls._records(cls.class2, pupils=3)
        cls.drafts = cls._records(cls.class5, pupils=1)
        cls.register = cls.env["hocba.issuance"]

    def setUp(self):
        super().setUp()
        self.sign_all(self.records)

    def _rows(self, records):
        return self.register.search([("line_ids.record_id", "in", records.ids)])


class TestIssuance(IssuanceCase):
    def test_print_is_registered_and_its_number_stands_on_every_page(self):
        service = self.env["hocba.print"].with_user(self.clerk)
        rendered = service._issue_records((self.records[:2] | self.drafts).with_user(self.clerk))
        rows = self._rows(self.records)
        self.assertEqual(len(rows), 2)
        self.assertFalse(self._rows(self.drafts))
        self.assertEqual(sorted(rows.mapped("sequence")), [1, 2])
        for row in rows:
            content = rendered[row.line_ids.record_id.id]
            self.assertEqual(row.digest, hashlib.sha256(content).hexdigest())
            self.assertEqual((row.user_id, row.kind, row.purpose), (self.clerk, "print", "school"))
            code = "-".join(row.code[start : start + 4] for start in (0, 4, 8))
            for page in pdf.page_texts(content):
                self.assertIn(f"Bản sao số {row.number}, mã kiểm tra {code}", page)
        self.assertNotIn("Bản sao số", " ".join(pdf.page_texts(rendered[self.drafts.id])))

    def test_batch_gives_every_record_one_row_with_a_fixed_number_of_queries(self):
        job = self.env["hocba.print.job"].with_user(self.head)
        job = job._start("Học bạ", (self.records | self.drafts).with_user(self.head), "zip")
        job.sudo().recipient = "Thanh tra Sở"
        while job.process(2)["state"] == "running":
            continue
        rows = self._rows(self.records)
        self.assertEqual(len(rows), 3)
        self.assertEqual(set(rows.mapped("recipient")), {"Thanh tra Sở"})
        self.assertEqual(rows.line_ids.record_id, self.records)
        self.assertEqual(len(set(rows.mapped("digest"))), 3)
        self.assertFalse(self._rows(self.drafts))

    def test_registering_more_copies_costs_no_more_queries(self):
        numbers = self.register._numbers(self.company, 40)

        def queries(count):
            copies = [IssuedCopy(numbers.pop(), self.records[0], "0" * 64) for _ in range(count)]
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.register._enter(copies, "print")
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries(1)
        self.assertEqual(queries(2), queries(30))

    def test_book_is_one_copy_of_several_records(self):
        rendered = self.env["hocba.print"]._issue_books(self.records.pupil_id[:1])
        row = self.register.search([("kind", "=", "book")])
        self.assertEqual(row.line_ids.record_id, self.records.pupil_id[:1].record_ids)
        self.assertEqual(row.digest, hashlib.sha256(rendered[row.pupil_id.id]).hexdigest())

    def test_rows_only_grow(self):
        self.env["hocba.print"]._issue_records(self.records[:1])
        row = self._rows(self.records)
        for change in (lambda: row.write({"recipient": "x"}), row.unlink, row.line_ids.unlink):
            with self.assertRaises(UserError):
                change()
        for table in ("hocba_issuance", "hocba_issuance_line"):
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.Error), self.cr.savepoint():
                self.cr.execute(f"DELETE FROM {table}")
        for register in (self.register.with_user(self.clerk), self.register.sudo()):
            with self.assertRaises(UserError):
                register.create({"number": "1/2026"})

    def test_copy_of_a_withdrawn_or_reopened_record_is_no_longer_current(self):
        self.env["hocba.print"]._issue_records(self.records)
        rows = {row.line_ids.record_id: row for row in self._rows(self.records)}
        self.assertEqual({row.standing for row in rows.values()}, {"current"})
        self.records[0]._move("recalled", "recalled")
        self.records[1].with_user(self.head).action_reopen("Sai tên")
        standings = [rows[record].line_ids.standing for record in self.records]
        self.assertEqual(standings, ["recalled", "reopened", "signed"])
        self.assertEqual([rows[record].standing for record in self.records], ["outdated", "outdated", "current"])
        pages = [self._checked(rows[record]) for record in self.records]
        self.assertIn("Withdrawn", pages[0])
        self.assertIn("Reopened", pages[1])
        self.assertEqual(["no longer current" in page for page in pages], [True, True, False])

    def _checked(self, copy):
        """What the public page says of a copy."""
        values = {"copy": self.env["hocba.lookup"]._described_copy(copy), "path": "/hocba/tra-cuu", "lang": "en"}
        return str(self.env["ir.qweb"]._render("hocba_digital.lookup_copy_verdict", values, minimal_qcontext=True))

    def test_copy_is_issued_to_somebody_by_the_office_alone(self):
        pupil = self.records.pupil_id[:1]
        action = pupil.with_user(self.clerk).action_issue_copy()
        wizard = self.env["hocba.issue.wizard"].with_user(self.clerk).browse(action["res_id"])
        with self.assertRaises(UserError):
            wizard.action_issue()
        wizard.write({"recipient": "Nguyễn Văn Cha", "note": "Đơn số 5", "purpose": "transfer"})
        wizard.action_issue()
        row = wizard.issuance_id
        self.assertEqual((row.recipient, row.note, row.extract), ("Nguyễn Văn Cha", "Đơn số 5", True))
        self.assertEqual(row.digest, hashlib.sha256(base64.b64decode(wizard.file)).hexdigest())
        self.assertEqual(self.records[0].issuance_count, 1)
        for user in (self.homeroom, self.school_admin, self.auditor):
            with self.assertRaises(AccessError):
                pupil.with_user(user).action_issue_copy()
        with self.assertRaises(AccessError):
            self.register.with_user(self.school_admin).search([])
        with self.assertRaises(UserError):
            self.drafts.pupil_id.with_user(self.clerk).action_issue_copy()


@tagged("post_install", "-at_install")
class TestCopyOverHttp(IssuanceCase, HttpCase):
    def test_download_is_registered(self):
        self.clerk.password = "clerk-password-2026"
        self.authenticate("clerk", "clerk-password-2026")
        for path in ("record/{}/pdf", "records/pdf?ids={}"):
            self.assertEqual(self.url_open("/hocba/" + path.format(self.records[0].id)).status_code, 200)
        self.assertEqual(self.url_open(f"/hocba/pupils/book?ids={self.records[0].pupil_id.id}").status_code, 200)
        rows = self._rows(self.records)
        self.assertEqual(sorted(rows.mapped("kind")), ["book", "print", "print"])
        self.assertEqual(rows.user_id, self.clerk)
