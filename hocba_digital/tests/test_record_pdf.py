"""Signed PDF files: who signs them when, what they are, and that they stay; before and after the closing."""

import io
import subprocess
import zipfile

import psycopg2
from PIL import Image
from pypdf import PdfReader

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from odoo.tools.image import image_to_base64

from ..core import signing
from .common import PIN, SchoolCase
from .test_evidence import Stamper

PASSWORD = "mật-khẩu-12345"


class PdfCase(SchoolCase):
    def setUp(self):
        super().setUp()
        self._certify()
        self.records = self.sign_all(self._records(self.class2, 2))

    def sign_pdf(self, user, records):
        """Sign through the same public methods as the screen; returns the progress at the end."""
        action = records.with_user(user).action_sign_pdf()
        job = self.env["hocba.signing.job"].with_user(user).browse(action["params"]["job_id"])
        progress = job.process(PIN)
        while progress["waiting"]:
            progress = job.process(PIN)
        return progress

    def seal_pdf(self, records):
        self.sign_pdf(self.head, records)
        return self.sign_pdf(self.clerk, records)

    def report(self, record):
        return signing.document_report(record.pdf_id._bytes(), self.env["hocba.trust"]._store())


@tagged("post_install", "-at_install")
class TestRecordPdf(PdfCase):
    def test_head_then_seal(self):
        self.assertEqual(set(self.records.mapped("pdf_state")), {"none"})
        with self.assertRaises(UserError):
            self.sign_pdf(self.clerk, self.records)
        self.assertEqual(self.sign_pdf(self.head, self.records)["done"], 2)
        self.assertEqual(set(self.records.mapped("pdf_state")), {"head"})
        with self.assertRaises(UserError):
            self.sign_pdf(self.head, self.records)
        self.assertEqual(self.sign_pdf(self.clerk, self.records)["done"], 2)
        for record in self.records:
            self.assertEqual(record.pdf_state, "sealed")
            report = self.report(record)
            self.assertEqual(report.result, "TOTAL_PASSED", report.reasons)
            self.assertEqual(
                [line.signer_name for line in report.signatures], ["Nguyễn Thị Minh Hà", self.company.name]
            )
            self.assertEqual(report.packets[0].data.uuid, record.uuid)
            kinds = record.event_ids.mapped("kind")
            self.assertIn("pdf_signed", kinds)
            self.assertIn(
                record.pdf_id.digest, record.event_ids.filtered(lambda event: event.kind == "pdf_sealed").detail
            )

    def test_search_by_state(self):
        model = self.env["hocba.record"]
        domain = [("class_id", "=", self.class2.id)]
        self.assertEqual(model.search([*domain, ("pdf_state", "=", "none")]), self.records)
        self.sign_pdf(self.head, self.records[0])
        self.assertEqual(model.search([*domain, ("pdf_state", "in", ("head", "sealed"))]), self.records[0])
        self.assertEqual(model.search([*domain, ("pdf_state", "!=", "head")]), self.records[1])
        draft = self._records(self.class5, 1)
        self.assertFalse(draft.pdf_state)
        self.assertFalse(model.search([("id", "=", draft.id), ("pdf_state", "in", ("none", "prepared"))]))

    def test_both_engines_leave_room_at_the_heads_place(self):
        for engine in ("wkhtmltopdf", "chromium"):
            self.env["ir.config_parameter"].set_param("hocba_digital.pdf_engine", engine)
            record = self.records[("wkhtmltopdf", "chromium").index(engine)]
            self.seal_pdf(record)
            content = record.pdf_id._bytes()
            text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
            text = text.stdout.decode()
            self.assertEqual(text.count("Ký bởi: Nguyễn Thị Minh Hà"), 1)
            self.assertEqual(text.count(f"Ký bởi: {self.company.name}"), 1)
            self.assertIn("Lê Văn Bình" if record.class_id == self.class5 else "Trần Thị Hương", text)
            self.assertGreaterEqual(text.count(record.uuid), 3)

    def test_pictures_of_signature_and_seal_are_shown(self):
        self.seal_pdf(self.records[0])
        picture = image_to_base64(Image.new("RGBA", (300, 120), (20, 60, 170, 255)), "PNG")
        self.head.sudo().hocba_signature_image = picture
        self.company.sudo().hocba_seal_image = picture
        self.seal_pdf(self.records[1])
        self.assertEqual([_pictures(record.pdf_id._bytes()) for record in self.records], [0, 2])
        with self.assertRaises(AccessError):
            self.head.with_user(self.homeroom).read(["hocba_signature_image"])

    def test_time_stamps_where_the_school_has_an_authority(self):
        self.env["hocba.tsa"].create({"name": "TSA", "url": "http://127.0.0.1:1/", "company_id": self.company.id})
        stamper = Stamper(self.pki["intermediate"])
        self.patch(self.env.registry["hocba.tsa"], "_stamper", lambda _tsa: stamper)
        self.seal_pdf(self.records[0])
        self.assertEqual({line.proof for line in self.report(self.records[0]).signatures}, {"time_stamp"})
        stamper.down = True
        self.seal_pdf(self.records[1])
        report = self.report(self.records[1])
        self.assertEqual((report.result, {line.proof for line in report.signatures}), ("TOTAL_PASSED", {None}))

    def test_sealed_pdf_stays(self):
        record = self.records[0]
        self.seal_pdf(record)
        row = record.pdf_id
        with self.assertRaises(UserError):
            record.with_user(self.head).action_remake_pdf()
        with self.assertRaises(UserError):
            row.sudo().write({"state": "head"})
        with self.assertRaises(UserError):
            row.sudo()._in_transition().write({"content": False})
        with self.assertRaises(UserError):
            row.sudo().unlink()
        for statement in (
            "UPDATE hocba_record_pdf SET digest = 'x' WHERE id = %s",
            "DELETE FROM hocba_record_pdf WHERE id = %s",
            "UPDATE ir_attachment SET store_fname = 'x' WHERE res_model = 'hocba.record.pdf' AND res_id = %s",
            "DELETE FROM ir_attachment WHERE res_model = 'hocba.record.pdf' AND res_id = %s",
        ):
            self.env.flush_all()
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.Error), self.env.cr.savepoint():
                self.env.cr.execute(statement, [row.id])

    def test_after_the_closing_nothing_of_the_record_changes(self):
        record = self.records[0]
        self.sign_pdf(self.head, record)
        record._accept("test")
        record._lock(fields.Datetime.now(), "test")
        self.env.flush_all()
        before = record.read(["packet_digest", "state", "write_date"])
        self.sign_pdf(self.clerk, record)
        other = self.records[1]
        other._accept("test")
        other._lock(fields.Datetime.now(), "test")
        self.seal_pdf(other)
        self.env.flush_all()
        self.assertEqual(record.read(["packet_digest", "state", "write_date"]), before)
        self.assertEqual(set(self.records.mapped("pdf_state")), {"sealed"})
        self.assertEqual(self.report(record).result, "TOTAL_PASSED")

    def test_reopened_record_has_none_and_the_old_one_is_kept(self):
        record = self.records[0]
        self.seal_pdf(record)
        old = record.pdf_id
        record.with_user(self.head).action_reopen("Sai chiều cao")
        self.assertFalse(record.pdf_state)
        self.assertFalse(record.pdf_id)
        record.pupil_id.write({"birth_place": "Bệnh viện Hoàn Mỹ"})
        self.sign_all(record)
        self.assertEqual(record.pdf_state, "none")
        self.seal_pdf(record)
        self.assertNotEqual(record.pdf_id, old)
        self.assertEqual(old.state, "sealed")
        self.assertEqual(self.report(record).packets[0].data.birth_place, "Bệnh viện Hoàn Mỹ")

    def test_unfinished_pdf_can_be_made_anew(self):
        record = self.records[0]
        self.sign_pdf(self.head, record)
        with self.assertRaises(AccessError):
            record.with_user(self.homeroom).action_remake_pdf()
        record.with_user(self.head).action_remake_pdf()
        self.assertEqual(record.pdf_state, "prepared")
        self.assertFalse(record.pdf_head_name)
        self.seal_pdf(record)
        self.assertEqual(self.report(record).result, "TOTAL_PASSED")

    def test_swapped_file_is_noticed(self):
        record = self.records[0]
        self.sign_pdf(self.head, record)
        record.pdf_id.sudo()._in_transition()._store_kept_files("content", [b"%PDF-1.7 another"])
        with self.assertRaisesRegex(UserError, "not the one"):
            self.sign_pdf(self.clerk, record)

    def test_rights(self):
        for user in (self.homeroom, self.auditor):
            with self.assertRaises(UserError):
                self.records.with_user(user).action_sign_pdf()
        with self.assertRaises(AccessError):
            self.env["hocba.record.pdf"].with_user(self.school_admin).search([])
        self.seal_pdf(self.records)
        self.assertFalse(self.env["hocba.record.pdf"].with_user(self.homeroom2).search([]))
        with self.assertRaises(UserError):
            self.env["hocba.record.pdf"].with_user(self.head).create({"record_id": self.records[0].id})


def _pictures(content):
    """How many pictures the visible signatures show."""
    found = 0
    for page in PdfReader(io.BytesIO(content)).pages:
        for annotation in page.get("/Annots", ()):
            shown = annotation.get_object()["/AP"]["/N"]["/Resources"].get("/XObject", {})
            found += sum(item.get_object()["/Subtype"] == "/Image" for item in shown.values())
    return found


@tagged("post_install", "-at_install")
class TestSignedPdfDownload(PdfCase, HttpCase):
    def _get(self, user, records):
        user.password = PASSWORD
        self.authenticate(user.login, PASSWORD)
        return self.url_open(f"/hocba/signed-pdf?ids={','.join(map(str, records.ids))}")

    def test_one_file_and_the_whole_class(self):
        self.seal_pdf(self.records)
        answer = self._get(self.head, self.records[0])
        self.assertEqual(answer.content, self.records[0].pdf_id._bytes())
        self.assertIn("pdf_taken", self.records[0].event_ids.mapped("kind"))
        action = self.class2.with_user(self.clerk).action_download_signed_pdfs()
        self.assertTrue(action["url"].startswith("/hocba/signed-pdf?ids="))
        archive = zipfile.ZipFile(io.BytesIO(self._get(self.clerk, self.records).content))
        self.assertEqual(
            sorted(archive.read(name) for name in archive.namelist()),
            sorted(record.pdf_id._bytes() for record in self.records),
        )

    def test_missing_one_is_named_and_nothing_is_handed_out(self):
        self.seal_pdf(self.records[0])
        with self.assertRaisesRegex(UserError, self.records[1].pupil_name):
            self.class2.with_user(self.clerk).action_download_signed_pdfs()
        with mute_logger("odoo.http"):
            self.assertNotEqual(self._get(self.clerk, self.records).status_code, 200)

    def test_rights(self):
        self.seal_pdf(self.records)
        self.assertEqual(self._get(self.homeroom, self.records).status_code, 200)
        self.assertEqual(self._get(self.homeroom2, self.records).status_code, 404)
