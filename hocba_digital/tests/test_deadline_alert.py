from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .cockpit_common import CockpitCase


@tagged("post_install", "-at_install")
class TestDeadlineAlert(CockpitCase):
    """Who is told that a deadline is at risk, once, and no longer than it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._endpoint()
        with freeze_time("2026-06-01 02:00:00"):
            cls.records = cls._records(cls.class5, 4)
        for user in (cls.homeroom, cls.homeroom2, cls.head, cls.clerk, cls.teacher):
            user.email = f"{user.login}@example.vn"

    def refresh(self, moment):
        with freeze_time(moment):
            self.env.flush_all()
            self.env["hocba.deadline.alert"]._refresh(self.company)
            self.env.flush_all()
        return self.alerts()

    def alerts(self, **values):
        domain = [("company_id", "=", self.company.id), ("closed_on", "=", False)]
        return self.env["hocba.deadline.alert"].search(domain + [(key, "=", value) for key, value in values.items()])

    def mails(self, user=None):
        domain = [("model", "=", "hocba.deadline.alert")]
        mails = self.env["mail.mail"].sudo().search(domain)
        return mails.filtered(lambda mail: not user or mail.recipient_ids == user.partner_id)

    def test_nobody_is_told_before_the_first_warning(self):
        self.assertFalse(self.refresh("2026-06-14 16:59:59"), "15 days left in Vietnam")
        self.assertTrue(self.refresh("2026-06-14 17:00:00"), "14 days left")

    def test_one_activity_a_person_however_many_records(self):
        alert = self.refresh("2026-06-20 02:00:00")
        self.assertEqual((alert.user_id, alert.record_count, alert.day), (self.homeroom2, 4, date(2026, 6, 30)))
        self.assertEqual(alert.activity_ids.user_id, self.homeroom2)
        self.assertEqual(alert.activity_ids.date_deadline, date(2026, 6, 29))
        self.assertIn("Sở Giáo dục và Đào tạo thành phố Đà Nẵng", alert.activity_ids.summary)
        again = self.refresh("2026-06-20 09:00:00")
        self.assertEqual((again, len(again.activity_ids), len(self.mails())), (alert, 1, 1))

    def test_told_at_every_warning_and_on_the_last_days(self):
        sent = []
        for day in range(14, 30):
            self.refresh(f"2026-06-{day} 23:00:00")
            sent.append(len(self.mails()))
        days = [15 + place for place, count in enumerate(sent) if count > ([0, *sent])[place]]
        # 14, 7, 3 and 1 days left, the last day, and the day after it.
        self.assertEqual(days, [15, 22, 26, 28, 29, 30])
        self.assertEqual(len(self.alerts().activity_ids), 1)
        self.assertEqual(self.alerts().risk, "overdue")

    def test_the_mail_is_queued_in_vietnamese(self):
        self.homeroom2.lang = "vi_VN"
        alert = self.refresh("2026-06-20 02:00:00")
        mail = self.mails(self.homeroom2)
        self.assertEqual((mail.state, mail.recipient_ids), ("outgoing", self.homeroom2.partner_id))
        self.assertIn("trước 30/06/2026", mail.subject)
        self.assertIn("Kính gửi", mail.body_html)
        self.assertIn("5A", mail.body_html)
        self.assertIn(f"/odoo/hocba-alerts/{alert.id}", mail.body_html)

    def test_without_an_address_there_is_the_activity(self):
        self.homeroom2.email = False
        alert = self.refresh("2026-06-20 02:00:00")
        self.assertTrue(alert.activity_ids)
        self.assertFalse(self.mails())

    def test_closed_by_itself_when_the_cause_is_gone(self):
        alert = self.refresh("2026-06-20 02:00:00")
        for record in self.records:
            self._signature(record, "gvcn", self.homeroom2)
        other = self.refresh("2026-06-21 02:00:00")
        self.assertEqual(alert.closed_on, date(2026, 6, 21))
        self.assertFalse(alert.activity_ids)
        self.assertEqual(other.user_id, self.head)
        self.records.signature_ids._void("returned")
        self.assertEqual(self.refresh("2026-06-22 02:00:00"), alert, "the same row is opened again")
        self.assertEqual(len(alert.activity_ids), 1)

    def close(self, moment):
        with freeze_time(moment):
            self.env.flush_all()
            self.env["hocba.deadline.alert"]._cron_close()
            self.env.flush_all()

    def test_closed_soon_after_the_last_record_moved_on(self):
        alert = self.refresh("2026-06-20 02:00:00")
        for record in self.records[:3]:
            self._signature(record, "gvcn", self.homeroom2)
        self.close("2026-06-20 03:00:00")
        self.assertEqual((alert.closed_on, alert.record_count), (False, 1))
        self.assertIn("1", alert.activity_ids.summary)
        self._signature(self.records[3], "gvcn", self.homeroom2)
        self.close("2026-06-20 03:10:00")
        self.assertEqual((alert.closed_on, alert.activity_ids.ids), (date(2026, 6, 20), []))
        self.assertFalse(self.alerts(), "whose turn it is now is told with the daily run")

    def test_what_happens_to_records_wakes_the_schedule_once(self):
        triggers = [("cron_id", "=", self.env.ref("hocba_digital.cron_deadline_close").id)]
        model = self.env["hocba.deadline.alert"]
        count = self.env["ir.cron.trigger"].search_count
        model._wake()
        self.assertEqual(count(triggers), 0, "nothing is open")
        self.refresh("2026-06-20 02:00:00")
        self.env.cr.precommit.clear()
        for _twice in range(2):
            self.env["hocba.event"]._log(self.records, "signed")
        self.assertEqual(len(self.env.cr.precommit._funcs), 1)
        for _twice in range(2):
            model._wake()
        self.assertEqual(count(triggers), 1)

    def test_the_reminder_is_silent_where_an_alert_says_the_same(self):
        with freeze_time("2026-06-10 02:00:00"):
            self._issue(self.records)
        endpoint = self.env["hocba.endpoint"].search([("company_id", "=", self.company.id)])
        with patch.object(self.env.registry["hocba.endpoint"], "_count_unsent", lambda *_a: 4):
            endpoint._remind_of_unsent(False)
            self.assertEqual(endpoint.activity_ids.user_id, self.clerk)
            self.assertEqual(self.refresh("2026-06-20 02:00:00").user_id, self.clerk)
            endpoint._remind_of_unsent(False)
            self.assertFalse(endpoint.activity_ids)

    def test_an_earlier_date_of_a_grade_is_watched(self):
        self.env["hocba.deadline"].create(
            {"school_year_id": self.year.id, "day": date(2026, 5, 25), "grade": "5", "source": "2106/KH-SGDĐT"}
        )
        alert = self.refresh("2026-06-01 03:00:00")
        self.assertEqual((alert.risk, alert.day), ("overdue", date(2026, 5, 25)))

    def test_too_slow_is_told_before_any_warning(self):
        self._pupil(self.class2, 901)
        self.class2._ensure_assessments()
        with freeze_time("2026-06-02 02:00:00"):
            self._issue(self.records[:1])._accept("test")
        self.assertFalse(self.refresh("2026-06-02 03:00:00"), "one a day is fast enough")
        for number in range(40):
            self._pupil(self.class2, 910 + number)
        self.class2._ensure_assessments()
        found = self.refresh("2026-06-03 03:00:00")
        self.assertEqual(set(found.mapped("risk")), {"late"})
        self.assertEqual(found.user_id, self.clerk | self.homeroom2)

    def test_all_who_owe_an_entry_are_told(self):
        self.records[0].assessment_id.result_ids.filtered(lambda line: line.subject_id.code == "NN1").score = False
        self.records[1].assessment_id.homeroom_comment = False
        found = self.refresh("2026-06-20 02:00:00")
        self.assertEqual({alert.user_id: alert.record_count for alert in found}, {self.teacher: 1, self.homeroom2: 3})
        own = found.filtered(lambda alert: alert.user_id == self.teacher).with_user(self.teacher)
        self.assertEqual(own.action_open()["res_model"], "hocba.finding")
        self.assertEqual(own.search([]), own)
        with self.assertRaises(AccessError):
            own.write({"closed_on": date(2026, 6, 20)})

    def test_refused_or_unknown_for_a_day_alerts_the_clerk(self):
        with freeze_time("2026-06-03 02:00:00"):
            self._issue(self.records)
            self._send(self.records[0], "unknown")
            self.env["hocba.event"]._log(self.records[0], "queued")
            self.records[1]._refuse({self.records[1].id: "sai ngày sinh"})
        self.assertFalse(self.refresh("2026-06-05 01:00:00").filtered(lambda alert: alert.kind != "trouble"))
        alert = self.alerts(kind="trouble")
        self.assertEqual((alert.user_id, alert.record_count), (self.clerk, 2))
        self.records[0].submission_line_ids.sudo().verdict = "accepted"
        self.records[0]._accept("test")
        self.records[1].with_user(self.clerk).action_replace("sửa ngày sinh")
        self.refresh("2026-06-06 01:00:00")
        self.assertFalse(self.alerts(kind="trouble"))

    def test_younger_than_a_day_is_left_to_the_queue(self):
        with freeze_time("2026-06-02 02:00:00"):
            self._issue(self.records)
            self._send(self.records[0], "unknown")
            self.env["hocba.event"]._log(self.records[0], "queued")
        self.assertFalse(self.refresh("2026-06-03 01:00:00"))
        self.assertTrue(self.refresh("2026-06-03 03:00:00"))

    def test_the_schedule_never_raises_and_goes_on_with_the_next_school(self):
        other = self.env["res.company"].create({"name": "Trường Tiểu học Khác"})
        year = self.env["hocba.school.year"].create({"name": "2025-2026", "company_id": other.id})
        self.env["hocba.class"].create({"name": "1A", "grade": "1", "school_year_id": year.id, "company_id": other.id})
        model = self.env.registry["hocba.deadline.alert"]
        refresh, seen = model._refresh, []

        def broken(alerts, company):
            seen.append(company)
            if company == self.company:
                raise ValueError("broken")
            return refresh(alerts, company)

        progress = patch.object(self.env.registry["ir.cron"], "_commit_progress", lambda *_a, **_k: float("inf"))
        logged = self.assertLogs("odoo.addons.hocba_digital.models.deadline_alert_watch", "ERROR")
        with progress, patch.object(model, "_refresh", broken), freeze_time("2026-06-20 02:00:00"), logged:
            self.env["hocba.deadline.alert"]._cron_alerts()
        self.assertIn(other, seen)
        self.assertFalse(self.alerts())
        with progress, freeze_time("2026-06-20 02:00:00"):
            self.env["hocba.deadline.alert"]._cron_alerts()
        self.assertEqual(self.alerts().user_id, self.homeroom2)

    def test_an_empty_school_has_nothing_to_tell(self):
        other = self.env["res.company"].create({"name": "Trường Tiểu học Khác"})
        self.env["hocba.deadline.alert"]._refresh(other)
        self.assertFalse(self.env["hocba.deadline.alert"].search([("company_id", "=", other.id)]))

    def test_telling_a_school_costs_the_same_queries_for_many_records(self):
        self.refresh("2026-06-20 02:00:00")
        self._more(1)
        few = self._queries("2026-06-20 03:00:00")
        self._more(8)
        self.assertLessEqual(self._queries("2026-06-20 04:00:00"), few)

    def _more(self, pupils):
        with freeze_time("2026-06-01 02:00:00"):
            for number in range(pupils):
                self._pupil(self.class5, 800 + pupils * 10 + number)
            self._assess(self.class5)
            self.class5.with_user(self.clerk).action_create_records()

    def _queries(self, moment):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.refresh(moment)
        return self.env.cr.sql_log_count - before
