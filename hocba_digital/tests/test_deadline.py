from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestDeadline(SchoolCase):
    """The law's dates, earlier ones with their document, and who takes the records in."""

    def _set(self, day, user=None, **values):
        values = {"school_year_id": self.year.id, "day": day, "source": "2106/KH-SGDĐT", **values}
        return self.env["hocba.deadline"].with_user(user or self.clerk).create(values)

    def test_without_a_document_the_law_holds(self):
        self.assertEqual(self.year.deadline_school, date(2026, 6, 30))
        self.assertEqual(self.year.deadline_authority_summer, date(2026, 8, 25))
        self.assertEqual((self.class5.deadline, self.class5.deadline_summer), (date(2026, 6, 30), date(2026, 8, 15)))

    def test_a_grade_leaves_earlier(self):
        self._set(date(2026, 6, 15))
        self._set(date(2026, 5, 25), grade="5")
        self.assertEqual(self.year.deadline_school, date(2026, 6, 15))
        self.assertEqual((self.class2.deadline, self.class5.deadline), (date(2026, 6, 15), date(2026, 5, 25)))
        later = self._set(date(2026, 6, 10))
        self.assertEqual((self.class2.deadline, self.class5.deadline), (date(2026, 6, 10), date(2026, 5, 25)))
        found = self.env["hocba.deadline"].search([("in_force", "=", True), ("company_id", "=", self.company.id)])
        self.assertEqual(found.mapped("day"), [date(2026, 6, 10), date(2026, 5, 25)])
        self.assertTrue(later.in_force)
        self.class2.grade = "5"
        self.assertEqual(self.class2.deadline, date(2026, 5, 25))

    def test_never_later_than_the_law(self):
        with self.assertRaisesRegex(ValidationError, "30/06/2026"):
            self._set(date(2026, 7, 1))
        with self.assertRaises(ValidationError):
            self._set(date(2025, 9, 1))
        with self.assertRaises(ValidationError):
            self._set(date(2026, 7, 1), kind="deadline_authority", grade="5")
        self._set(date(2026, 6, 30))
        with self.assertRaises(UserError):
            self.year.sudo().deadline_school = date(2026, 7, 15)
        with self.assertRaises(UserError):
            self.env["hocba.school.year"].create({"name": "2026-2027", "deadline_school": date(2027, 7, 15)})

    def test_documents_are_the_log(self):
        line = self._set(date(2026, 6, 15), user=self.head)
        self.assertEqual((line.create_uid, line.company_id), (self.head, self.company))
        self.assertEqual(line.issuer, "Sở Giáo dục và Đào tạo thành phố Đà Nẵng")
        with self.assertRaises(UserError):
            line.day = date(2026, 6, 20)
        with self.assertRaises(UserError):
            line.sudo().day = date(2026, 6, 20)
        with self.assertRaises(UserError):
            line.sudo().unlink()
        with self.assertRaises(AccessError):
            self._set(date(2026, 6, 1), user=self.homeroom)
        self._set(date(2026, 6, 1), user=self.school_admin)
        self.assertEqual(self.year.deadline_school, date(2026, 6, 1))

    def test_a_year_renamed_keeps_no_date_that_the_law_forbids(self):
        self._set(date(2026, 6, 15))
        with self.assertRaises(ValidationError):
            self.year.write({"name": "2024-2025", "date_start": date(2024, 9, 5)})

    def test_the_day_before_is_the_last_one_in_vietnam(self):
        for moment, left in (
            ("2026-06-29 16:59:59", 0),
            ("2026-06-29 17:00:00", -1),
            ("2026-06-28 16:59:59", 1),
            ("2026-06-28 17:00:00", 0),
        ):
            with freeze_time(moment):
                self.class2.invalidate_recordset(["days_left"])
                self.assertEqual(self.class2.days_left, left, moment)
        self.company.hocba_deadline_inclusive = True
        with freeze_time("2026-06-29 17:00:00"):
            self.class2.invalidate_recordset(["days_left"])
            self.assertEqual(self.class2.days_left, 0)

    def test_a_user_without_time_zone_works_on_the_day_of_vietnam(self):
        self.clerk.tz = False
        env = self.env(user=self.clerk)
        with freeze_time("2026-06-09 17:00:00"):
            for model, field in (
                ("hocba.record", "issued_on"),
                ("hocba.transfer", "left_on"),
                ("hocba.exemption", "decided_on"),
            ):
                self.assertEqual(env[model].default_get([field]), {field: date(2026, 6, 10)}, model)

    def test_the_approving_body_is_data(self):
        self.assertEqual(self.year.approving_body, "Sở Giáo dục và Đào tạo thành phố Đà Nẵng")
        self.company.hocba_approver_kind = "commune"
        year = self.env["hocba.school.year"].create({"name": "2026-2027", "company_id": self.company.id})
        self.assertEqual(year.approving_body, "UBND phường Hải Châu")
        self.assertEqual(self.year.approving_body, "Sở Giáo dục và Đào tạo thành phố Đà Nẵng")
        year.approver_name = "Phòng Văn hóa - Xã hội phường Hải Châu"
        self.assertEqual(year.approving_body, "Phòng Văn hóa - Xã hội phường Hải Châu")

    def test_warnings_are_a_list_of_days(self):
        self.assertEqual(self.company._hocba_thresholds(), (14, 7, 3, 1))
        with self.assertRaises(ValidationError):
            self.company.hocba_warning_days = "two weeks"
