"""What the schedule deletes: to the moment, nothing else, in portions that say whether more is left."""

import base64
from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.addons.base.models.ir_autovacuum import is_autovacuum

from ..models import lookup_log, share
from .transfer_common import TransferCase

_NOW = datetime(2026, 6, 10, 3)
_SECOND = timedelta(seconds=1)


class TestRetention(TransferCase):
    def look_ups(self, *moments):
        log = self.env["hocba.lookup.log"].sudo()
        log.search([]).unlink()
        return log.create([{"at": moment, "uuid": f"u{n}", "outcome": "miss"} for n, moment in enumerate(moments)])

    def shares(self, *days):
        """One share a number of days from ``_NOW``, made then."""
        records = self.record
        mother = self.env["res.partner"].create({"name": "Trần Thị Mẹ"})
        text = self.env["hocba.legal.text"]._in_force("sharing")
        with freeze_time(_NOW):
            guardian = self.env["hocba.guardian"]._add(records.pupil_id, mother, "mother", "GKS 1")
            made = [self.env["hocba.share"]._share(guardian, records, "Bà Sáu", "other", each, text) for each in days]
        return [row for row, _pin in made], [pin for _row, pin in made]

    def test_each_is_run_by_the_daily_schedule(self):
        for model, name in (
            ("hocba.lookup.log", "_drop_old"),
            ("hocba.share", "_drop_pins"),
            ("hocba.signing.job.line", "_drop_documents"),
            ("hocba.print.job", "_gc_results"),
            ("hocba.lookup.counter", "_drop_old"),
        ):
            self.assertTrue(is_autovacuum(getattr(self.registry[model], name)), model)

    def test_look_ups_are_kept_for_the_stated_days_to_the_second(self):
        limit = _NOW - timedelta(days=730)
        rows = self.look_ups(limit - _SECOND, limit, limit + _SECOND)
        with freeze_time(_NOW):
            self.assertEqual(self.env["hocba.lookup.log"]._drop_old(), (1, False))
            self.assertEqual(rows.exists(), rows[1:])
            self.assertEqual(self.env["hocba.lookup.log"]._drop_old(), (0, False))
        with freeze_time(_NOW + _SECOND):
            self.env["hocba.lookup.log"]._drop_old()
        self.assertEqual(rows.exists(), rows[2:])

    def test_a_school_states_other_days_and_nonsense_empties_nothing(self):
        rows = self.look_ups(_NOW - timedelta(days=31), _NOW)
        for stated in ("0", "-5", "ba năm", ""):
            self.env["ir.config_parameter"].sudo().set_param("hocba_digital.lookup_log_days", stated)
            with freeze_time(_NOW):
                self.env["hocba.lookup.log"]._drop_old()
            self.assertEqual(rows.exists(), rows, stated)
        self.env["ir.config_parameter"].sudo().set_param("hocba_digital.lookup_log_days", "30")
        with freeze_time(_NOW):
            self.env["hocba.lookup.log"]._drop_old()
        self.assertEqual(rows.exists(), rows[1])

    def test_long_logs_go_in_portions(self):
        rows = self.look_ups(*[_NOW - timedelta(days=800 + n) for n in range(5)])
        with patch.object(lookup_log, "_PORTION", 2), freeze_time(_NOW):
            told = [self.env["hocba.lookup.log"]._drop_old() for _round in range(3)]
        self.assertEqual(told, [(2, True), (2, True), (1, False)])
        self.assertFalse(rows.exists())

    def test_pin_of_a_link_goes_when_the_link_has_ended(self):
        (short, long), (short_pin, long_pin) = self.shares(5, 30)
        end = _NOW + timedelta(days=5)
        with freeze_time(end - _SECOND):
            self.assertEqual(self.env["hocba.share"]._matching(short.code, short_pin), short)
            self.assertEqual(self.env["hocba.share"]._drop_pins(), (0, False))
        self.env.invalidate_all()
        with freeze_time(end):
            self.assertFalse(self.env["hocba.share"]._matching(short.code, short_pin))
            self.assertEqual(self.env["hocba.share"]._drop_pins(), (1, False))
            self.assertEqual(self.env["hocba.share"]._matching(long.code, long_pin), long)
            self.assertFalse(self.env["hocba.share"]._matching(short.code, ""))
            self.assertFalse(self.env["hocba.share"]._matching("", ""))
        self.assertFalse(short.pin_digest)
        self.assertTrue(long.pin_digest)
        self.assertEqual((short.recipient, short.pupil_id), ("Bà Sáu", long.pupil_id), "who had access stays")

    def test_pin_goes_with_a_revoked_link_and_an_ended_guardian(self):
        (one, other), _pins = self.shares(30, 40)
        with freeze_time(_NOW + timedelta(days=1)), patch.object(share, "_PORTION", 1):
            one._revoke()
            self.assertEqual(self.env["hocba.share"]._drop_pins(), (1, True))
            self.assertEqual([bool(one.pin_digest), bool(other.pin_digest)], [False, True])
        self.env.cr.execute(
            "UPDATE hocba_guardian SET date_to = %s WHERE id = %s", [date(2026, 6, 12), other.guardian_id.id]
        )
        self.env.invalidate_all()
        with freeze_time("2026-06-12 16:59:59"):
            self.assertEqual(self.env["hocba.share"]._drop_pins(), (0, False), "still the last day in Vietnam")
        with freeze_time("2026-06-12 17:00:00"):
            self.assertEqual(self.env["hocba.share"]._drop_pins(), (1, False))
        self.assertFalse(other.pin_digest)

    def test_drafts_that_nobody_signed_go_after_a_month(self):
        job = (
            self.env["hocba.signing.job"]
            .sudo()
            .create({"user_id": self.clerk.id, "company_id": self.company.id, "role": "transfer"})
        )
        leaving = self.leave()
        states = {"waiting": False, "left_out": False, "done": False, "asked": False, "signed": "AAAA"}
        lines = {
            name: self.env["hocba.signing.job.line"]
            .sudo()
            .create(
                {
                    "job_id": job.id,
                    "transfer_id": leaving.id,
                    "state": "waiting" if name == "signed" else name,
                    "value": value,
                    "document": base64.b64encode(b"<a/>"),
                }
            )
            for name, value in states.items()
        }
        self.env.flush_all()
        limit = _NOW - timedelta(days=30)

        def left(written):
            self.env.cr.execute(
                "UPDATE hocba_signing_job_line SET write_date = %s WHERE job_id = %s", [written, job.id]
            )
            self.env.invalidate_all()
            with freeze_time(_NOW):
                self.env["hocba.signing.job.line"]._drop_documents()
            return {name for name, line in lines.items() if line.document}

        self.assertEqual(left(limit), set(states))
        self.assertEqual(left(limit - _SECOND), {"asked", "signed"})

    def test_catalogue_says_who_deletes_what_does_not_stay(self):
        for row in self.env["hocba.personal.field"].search([]):
            if not row.retention.startswith("Lâu dài"):
                self.assertRegex(row.retention, "chương trình tự|văn thư|quản trị viên", f"{row.model_name}.{row.name}")

    def test_clerk_takes_off_the_scan_of_a_decision_behind_a_signed_record(self):
        subject = self.record.enrolment_id.assessment_ids.result_ids.subject_id[:1]
        values = {"enrolment_id": self.record.enrolment_id.id, "subject_id": subject.id, "reason": "Sức khỏe"}
        self.env.cr.execute(
            "INSERT INTO hocba_exemption (enrolment_id, subject_id, reason, decided_by_id, decided_on, company_id)"
            " VALUES (%(enrolment_id)s, %(subject_id)s, %(reason)s, %(head)s, '2025-09-10', %(company)s) RETURNING id",
            {**values, "head": self.head.id, "company": self.company.id},
        )
        exempt = self.env["hocba.exemption"].browse(self.env.cr.fetchone()[0])
        exempt.file = base64.b64encode(b"%PDF-1.4 scan")
        line = self.record.enrolment_id
        line.disability_file = exempt.file
        exempt.with_user(self.clerk).file = False
        line.with_user(self.clerk).disability_file = False
        self.assertFalse(exempt.file or line.disability_file)
