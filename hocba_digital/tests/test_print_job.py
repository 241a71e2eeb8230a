"""Batch printing: everybody in the file or on the list of who is not, resumable, for the owner alone."""

import base64
import io
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from ..reports import pdf
from .common import SchoolCase


class JobCase(SchoolCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = cls._records(cls.class5, pupils=4)

    def _job(self, sources=None, user=None, output="pdf"):
        user = user or self.head
        sources = self.records if sources is None else sources
        return self.env["hocba.print.job"].with_user(user)._start("Học bạ lớp 5A", sources.with_user(user), output)

    def _finish(self, job, limit=2):
        progress = job.process(limit)
        while progress["state"] == "running":
            progress = job.process(limit)
        return progress

    def _content(self, job):
        return base64.b64decode(job.sudo().with_context(bin_size=False).result)

    def _run_schedule(self):
        with self.enter_registry_test_mode():
            self.env.ref("hocba_digital.cron_print").method_direct_trigger()
        self.env.invalidate_all()

    @contextmanager
    def _damaged(self, *uuids):
        """An engine that loses the last page of these records: damage no one sees before it is printed."""
        render = pdf.batch.render_html

        def damaging(engine, html):
            for uuid in uuids:
                if uuid in html:
                    html = html.replace(f"mã số tra cứu {uuid}", "mã số tra cứu ")
            return render(engine, html)

        with patch.object(pdf.batch, "render_html", damaging):
            yield


class TestPrintJob(JobCase):
    def test_one_file_holds_everybody_in_order(self):
        job = self._job()
        first = job.process(2)
        self.assertEqual((first["state"], first["done"], first["waiting"]), ("running", 2, 2))
        last = self._finish(job)
        self.assertEqual((last["state"], last["done"], last["left_out"], last["reasons"]), ("done", 4, 0, []))
        pages = pdf.page_texts(self._content(job))
        self.assertEqual(len(pages), last["pages"])
        starts = [next(i for i, page in enumerate(pages) if record.uuid in page) for record in self.records]
        self.assertEqual(starts, sorted(starts))
        self.assertFalse(job.sudo().part_ids)
        self.assertTrue(job.expires_at)

    def test_archive_has_a_file_a_pupil_and_the_list_of_the_others(self):
        self.records[1]._move("recalled", "recalled")
        job = self._job(output="zip")
        progress = self._finish(job)
        self.assertEqual((progress["done"], progress["left_out"]), (3, 1))
        self.assertIn(self.records[1].pupil_name, progress["reasons"][0]["name"])
        archive = zipfile.ZipFile(io.BytesIO(self._content(job)))
        self.assertEqual(len(archive.namelist()), 4)
        text = archive.read("Danh sách không in được.txt").decode("utf-8-sig")
        self.assertIn(self.records[1].pupil_name, text)

    def test_incomplete_pages_leave_out_their_pupil_only(self):
        job = self._job()
        with self._damaged(self.records[2].uuid):
            progress = self._finish(job, limit=4)
        self.assertEqual((progress["state"], progress["done"], progress["left_out"]), ("done", 3, 1))
        self.assertIn(self.records[2].pupil_name, progress["reasons"][0]["name"])
        text = " ".join(pdf.page_texts(self._content(job)))
        self.assertNotIn(self.records[2].uuid, text)
        for record in self.records - self.records[2]:
            self.assertIn(record.uuid, text)

    def test_nothing_printable_ends_without_a_file(self):
        job = self._job(self.records[:1])
        with self._damaged(self.records[0].uuid):
            progress = self._finish(job)
        self.assertEqual((progress["state"], progress["done"], progress["file"]), ("done", 0, False))

    def test_whole_books(self):
        pupils = self.records.pupil_id[:2]
        job = self._job(pupils)
        progress = self._finish(job, limit=10)
        self.assertEqual((job.content, progress["done"]), ("book", 2))
        self.assertIn("HƯỚNG DẪN GHI HỌC BẠ TIỂU HỌC", " ".join(pdf.page_texts(self._content(job))))

    def test_stop_resume_and_schedule(self):
        job = self._job()
        job.process(1)
        self.assertEqual(job.stop()["state"], "stopped")
        self.assertEqual(job.process(1)["done"], 1)
        self._run_schedule()
        self.assertEqual(job.progress()["done"], 1)
        job.resume()
        self._run_schedule()
        self.assertEqual(job.progress()["done"], 1, "somebody is watching: the schedule keeps off")
        job.leave()
        self._run_schedule()
        self.assertEqual((job.state, job.progress()["done"]), ("done", 4))

    def test_schedule_survives_what_a_portion_raises(self):
        job = self._job(self.records[:2])
        job.sudo().active_at = fields.Datetime.now() - timedelta(minutes=5)
        model = type(self.env["hocba.print.job"])
        with (
            patch.object(model, "_print_portion", side_effect=ValueError("broken")),
            patch.object(self.env.cr, "rollback", lambda: None),
            self.assertLogs("odoo.addons.hocba_digital.models.print_job", "ERROR"),
        ):
            self._run_schedule()
        job.invalidate_recordset()
        self.assertEqual((job.state, job.left_out, job.done), ("done", 2, 0))
        self.assertTrue(all(line.reason for line in job.line_ids))

    def test_school_without_an_engine_is_told_and_the_print_waits(self):
        self.env["ir.config_parameter"].set_param("hocba_digital.pdf_engine", "none-such")
        job = self._job()
        with self.assertRaises(UserError):
            job.process()
        self.assertEqual(job.progress()["waiting"], 4)

    def test_only_the_owner_finds_it(self):
        job = self._job(user=self.homeroom2)
        self._finish(job)
        for user in (self.head, self.clerk, self.homeroom):
            other = job.with_user(user)
            self.assertFalse(self.env["hocba.print.job"].with_user(user).search([]))
            for method in (other.progress, other.process, other.stop, other.resume, other.leave, other.action_download):
                with self.assertRaises(AccessError):
                    method()
        with self.assertRaises(AccessError):
            job.read(["result"])
        with self.assertRaises(AccessError):
            self._job(user=self.homeroom)

    def test_rights_lost_meanwhile_count(self):
        job = self._job(user=self.homeroom2)
        self.class5.homeroom_id = self.homeroom
        progress = self._finish(job)
        self.assertEqual((progress["done"], progress["left_out"]), (0, 4))

    def test_files_are_removed_in_time(self):
        job = self._job()
        self._finish(job)
        job.sudo().expires_at = fields.Datetime.now() - timedelta(hours=1)
        self.env["hocba.print.job"]._gc_results()
        self.assertEqual(job.state, "expired")
        self.assertFalse(job.sudo().result)
        with self.assertRaises(UserError):
            job.action_download()

    def test_wizard_prints_classes_or_the_school(self):
        self._records(self.class2, pupils=1)
        wizard = self.env["hocba.print.wizard"].with_user(self.head).with_company(self.company)
        whole = wizard.create({"school_year_id": self.year.id})
        self.assertEqual(whole.count, 5)
        one = wizard.with_context(active_model="hocba.class", active_ids=self.class2.ids).create({})
        self.assertEqual(one.count, 1)
        one.with_drafts = False
        with self.assertRaises(UserError):
            one.action_print()
        action = whole.action_print()
        job = self.env["hocba.print.job"].browse(action["params"]["job_id"])
        self.assertEqual((job.total, job.user_id), (5, self.head))
        mine = self.env["hocba.print.wizard"].with_user(self.homeroom2).with_company(self.company)
        self.assertEqual(mine.create({"school_year_id": self.year.id}).count, 4)


@tagged("post_install", "-at_install")
class TestPrintJobRoute(JobCase, HttpCase):
    def test_download_is_the_owners_and_traced(self):
        for user in (self.head, self.clerk):
            user.password = "mật-khẩu-12345"
        job = self._job()
        url = f"/hocba/print-job/{job.id}/download"
        self.authenticate(self.head.login, "mật-khẩu-12345")
        self.assertEqual(self.url_open(url).status_code, 404)
        self._finish(job)
        answer = self.url_open(url)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertEqual(len(pdf.page_texts(answer.content)), job.page_count)
        events = self.env["hocba.event"].search([("record_id", "in", self.records.ids), ("kind", "=", "printed")])
        self.assertEqual(events.record_id, self.records)
        self.assertEqual(len(events), len(self.records))
        self.assertNotEqual(self.url_open(f"/web/content/hocba.print.job/{job.id}/result").status_code, 200)
        self.authenticate(self.clerk.login, "mật-khẩu-12345")
        self.assertEqual(self.url_open(url).status_code, 404)
