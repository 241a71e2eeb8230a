import base64
from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..core.rules import deadlines
from . import pki
from .common import PIN, SchoolCase, build_pki

_MADE = {}


def deputy_key():
    if not _MADE:
        _MADE["deputy"] = pki.issue(
            build_pki()["intermediate"], pki.person_name("Hoàng Văn Phó", "048078000021", title="Phó Hiệu trưởng")
        )
    return _MADE["deputy"]


class MandateCase(SchoolCase):
    """A deputy head with a key, and papers to sign on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls.deputy = cls._user("deputy", "Hoàng Văn Phó", "group_head", "048078000021", "Phó Hiệu trưởng")
        model = cls.env["hocba.certificate"].with_user(cls.deputy).with_company(cls.company)
        model._import_pkcs12(deputy_key().pkcs12(PIN), PIN, "person")
        cls.today = deadlines.today()

    @classmethod
    def _mandate(cls, **values):
        return cls.env["hocba.mandate"].create(
            {
                "company_id": cls.company.id,
                "role": "cbql",
                "principal_id": cls.head.id,
                "user_id": cls.deputy.id,
                "date_from": cls.today - timedelta(days=3),
                "date_to": cls.today + timedelta(days=30),
                "number": "12/GUQ-TH",
                "paper_date": cls.today - timedelta(days=5),
                "scan": base64.b64encode(b"%PDF-1.4 giay uy quyen"),
                **values,
            }
        )

    @classmethod
    def _approved(cls, **values):
        mandate = cls._mandate(**values)
        mandate.with_user(cls.head).action_approve()
        return mandate

    def assertSigned(self, record):
        report = record._verification()
        self.assertEqual(report.result, "TOTAL_PASSED", report.reasons)
        return report


@tagged("post_install", "-at_install")
class TestMandate(MandateCase):
    """A deputy signs for the head by a paper, on its days, for its classes; nobody else does."""

    def test_a_deputy_signs_and_everything_says_so(self):
        mandate = self._approved()
        record = self._records(self.class2, 1)
        self.assertEqual(record.head_mandate_id, mandate)
        self.sign_as(self.homeroom, record)
        with self.assertRaisesRegex(UserError, "Hoàng Văn Phó"):
            self.sign_as(self.head, record)
        self.sign_as(self.deputy, record)
        hints = {user: record.with_user(user)._sign_hint() for user in (self.deputy, self.head, self.homeroom)}
        for user, hint in hints.items():
            self.assertIn("waits for the school's seal", hint, user.login)
        self.sign_as(self.clerk, record)
        report = self.assertSigned(record)
        self.assertEqual(
            (report.data.head_name, report.data.head_id_number, report.data.head_title),
            ("Hoàng Văn Phó", "048078000021", "Phó Hiệu trưởng"),
        )
        signature = record.signature_ids.filtered(lambda line: line.role == "cbql")
        self.assertEqual(signature.mandate_id, mandate)
        self.assertIn("12/GUQ-TH", signature.statement)
        self.assertIn("12/GUQ-TH", signature.verification_reasons)
        self.assertIn("Nguyễn Thị Minh Hà", signature.with_user(self.auditor).statement)
        events = record.event_ids.filtered(lambda line: line.kind == "signed").mapped("detail")
        self.assertEqual(len([text for text in events if "12/GUQ-TH" in text]), 1)
        self.assertIn("12/GUQ-TH", record.with_user(self.head).action_verify()["params"]["message"])
        self.assertEqual(mandate.signature_count, 1)
        self.assertFalse(self.env["hocba.event"]._verify_chain(record))

    def test_records_of_before_are_named_by_the_approval_unless_somebody_signed_them(self):
        untouched, signed = self._records(self.class2, 2)
        self.sign_as(self.homeroom, signed)
        mandate = self._approved()
        self.assertEqual((untouched.head_mandate_id, signed.head_mandate_id), (mandate, mandate.browse()))
        self.assertIn("deputised", untouched.event_ids.mapped("kind"))
        with self.assertRaisesRegex(UserError, "in the head's place"):
            self.sign_as(self.deputy, signed)
        self.assertTrue(signed.with_user(self.deputy).can_take_place)
        signed.with_user(self.deputy).action_take_place()
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertEqual((signed.waiting_for, signed.head_mandate_id), ("gvcn", mandate))
        self.assertTrue(signed.signature_ids.voided_at)
        self.sign_as(self.homeroom, signed)
        self.sign_as(self.deputy, signed)
        self.sign_as(self.clerk, signed)
        self.assertSigned(signed)

    def test_the_head_takes_the_signing_back(self):
        self._approved()
        record = self._records(self.class2, 1)
        with self.assertRaises(AccessError):
            record.with_user(self.deputy).action_leave_place()
        record.with_user(self.head).action_leave_place()
        self.assertFalse(record.head_mandate_id)
        self.sign_all(record)
        self.assertEqual(self.assertSigned(record).data.head_name, self.head.name)
        with self.assertRaises(UserError):
            record.with_user(self.deputy).action_take_place()

    def test_days_are_days_in_vietnam(self):
        mandate = self._approved(date_from=self.today, date_to=self.today)
        record = self._records(self.class2, 1)
        self.sign_as(self.homeroom, record)
        day = self.today.isoformat()
        midnight = "17:00:00"  # of Vietnam, in UTC of the day before
        for moment, validity in (
            (f"{self.today - timedelta(days=1)} 16:59:59", "future"),
            (f"{self.today - timedelta(days=1)} {midnight}", "valid"),
            (f"{day} 16:59:59", "valid"),
            (f"{day} {midnight}", "ended"),
        ):
            with self.subTest(moment), freeze_time(moment):
                mandate.invalidate_recordset(["validity"])
                self.assertEqual(mandate.validity, validity)
                refusal = record.with_user(self.deputy)._signing_right("cbql")[1]
                self.assertEqual(bool(refusal), validity != "valid", refusal)
        with freeze_time(f"{day} {midnight}"):
            mandate.invalidate_recordset(["validity"])
            with self.assertRaisesRegex(UserError, "ended on"):
                self.sign_as(self.deputy, record)
            self.assertFalse(record.signature_ids.filtered(lambda line: line.role == "cbql"))

    def test_what_ended_between_start_and_pin_is_not_signed(self):
        mandate = self._approved()
        record = self._records(self.class2, 1)
        self.sign_as(self.homeroom, record)
        action = record.with_user(self.deputy).action_sign()
        job = self.env["hocba.signing.job"].with_user(self.deputy).browse(action["params"]["job_id"])
        mandate.with_user(self.head).action_revoke("Hiệu trưởng đã về")
        progress = job.process(PIN)
        self.assertEqual((progress["done"], progress["left_out"]), (0, 1))
        self.assertFalse(record.head_mandate_id)
        self.assertEqual(record.waiting_for, "gvcn", "the record names the head again, so it is signed anew")

    def test_nobody_starts_on_a_record_whose_deputy_cannot_sign_any_more(self):
        mandate = self._approved(date_to=self.today)
        record = self._records(self.class2, 1)
        with freeze_time(f"{self.today + timedelta(days=1)} 05:00:00"):
            mandate.invalidate_recordset(["validity"])
            with self.assertRaisesRegex(UserError, "name who signs"):
                self.sign_as(self.homeroom, record)
            record.with_user(self.head).action_leave_place()
            self.assertFalse(record.with_user(self.homeroom)._sign_hint())

    def test_only_for_the_classes_and_the_role_and_the_school_of_the_paper(self):
        other_class = self._approved(class_ids=[Command.set(self.class5.ids)])
        record = self._records(self.class2, 1)
        self.assertFalse(record.head_mandate_id)
        self.sign_as(self.homeroom, record)
        with self.assertRaisesRegex(UserError, "other classes"):
            self.sign_as(self.deputy, record)
        with self.assertRaises(AccessError):
            record.with_user(self.deputy).action_take_place()
        other_class.with_user(self.head).action_revoke("Đổi phân công")
        self._approved(role="seal", principal_id=self.clerk.id)
        with self.assertRaisesRegex(UserError, "Nguyễn Thị Minh Hà"):
            self.sign_as(self.deputy, record)

    def test_a_mandate_of_another_school_is_worth_nothing_here(self):
        other = self.env["res.company"].create({"name": "Trường Khác", "hocba_head_id": self.head.id})
        self.deputy.company_ids = [Command.link(other.id)]
        self.head.company_ids = [Command.link(other.id)]
        mandate = self._approved(company_id=other.id)
        self.assertEqual(mandate.state, "approved")
        record = self._records(self.class2, 1)
        self.sign_as(self.homeroom, record)
        with self.assertRaisesRegex(UserError, "another school"):
            self.sign_as(self.deputy, record)

    def test_a_deputy_puts_the_seal_on(self):
        record = self._records(self.class2, 1)
        self.sign_as(self.homeroom, record)
        self.sign_as(self.head, record)
        with self.assertRaises(UserError):
            self.sign_as(self.deputy, record)
        self._approved(role="seal", principal_id=self.clerk.id)
        self.sign_as(self.deputy, record)
        self.assertSigned(record)
        self.assertIn("12/GUQ-TH", record.signature_ids.filtered(lambda line: line.role == "seal").statement)


@tagged("post_install", "-at_install")
class TestMandatePaper(MandateCase):
    """Who decides on a mandate, what it needs, and that it does not change afterwards."""

    def test_who_approves(self):
        for user in (self.deputy, self.clerk, self.auditor, self.homeroom):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._mandate().with_user(user).action_approve()
        own = self._mandate(user_id=self.school_admin.id, principal_id=self.head.id)
        self.school_admin.group_ids = [Command.link(self.env.ref("hocba_digital.group_head").id)]
        with self.assertRaisesRegex(AccessError, "own mandate"):
            own.with_user(self.school_admin).action_approve()
        mandate = self._mandate()
        mandate.with_user(self.school_admin).action_approve()
        self.assertEqual((mandate.state, mandate.approved_by_id), ("approved", self.school_admin))

    def test_what_it_needs(self):
        for name in ("date_to", "number", "paper_date", "scan"):
            with self.subTest(name), self.assertRaises(UserError):
                self._approved(**{name: False})
        with self.assertRaisesRegex(UserError, "role"):
            self._approved(user_id=self.teacher.id)
        with self.assertRaisesRegex(UserError, "In whose place"):
            self._approved(principal_id=self.homeroom.id)
        with self.assertRaises(ValidationError):
            self._mandate(user_id=self.head.id)
        stranger = self.env.ref("base.user_admin")
        stranger.company_ids -= self.company
        with self.assertRaises(ValidationError):
            self._mandate(user_id=stranger.id)

    def test_nothing_slips_in_over_rpc(self):
        clerk = self.env["hocba.mandate"].with_user(self.clerk)
        values = self._mandate().copy_data()[0]
        for forged in ({"state": "approved"}, {"approved_by_id": self.head.id}, {"revoked_on": self.today}):
            with self.subTest(forged), self.assertRaises(UserError):
                clerk.create({**values, **forged})
            with self.subTest(forged), self.assertRaises(UserError):
                self._mandate().with_user(self.clerk).write(forged)
        mandate = self._approved()
        for user in (self.head, self.clerk, self.school_admin, self.env.user):
            for change in (
                {"date_to": self.today + timedelta(days=999)},
                {"user_id": self.homeroom.id},
                {"class_ids": [Command.set(self.class2.ids)]},
                {"scan": base64.b64encode(b"other")},
                {"number": "1"},
                {"revoked_on": False},
                {"active": False},
            ):
                with self.subTest(user=user.login, change=change), self.assertRaises(UserError):
                    mandate.with_user(user).write(change)
            with self.assertRaises(UserError):
                mandate.with_user(user).unlink()
        for user in (self.deputy, self.clerk):
            with self.assertRaises(AccessError):
                mandate.with_user(user).action_revoke("vì sao")
        record = self._records(self.class2, 1)
        for user in (self.head, self.clerk, self.env.user):
            with self.assertRaises(UserError):
                record.with_user(user).write({"head_mandate_id": False})

    def test_a_draft_may_be_put_right(self):
        mandate = self._mandate()
        mandate.with_user(self.clerk).write({"scan": base64.b64encode(b"better scan"), "number": "13/GUQ-TH"})
        self.assertEqual(base64.b64decode(mandate.scan), b"better scan")
        with self.assertRaises(AccessError):
            mandate.with_user(self.homeroom).action_ask()
        mandate.with_user(self.clerk).action_ask()
        self.assertEqual(mandate.activity_ids.user_id, self.head)
        mandate.with_user(self.clerk).unlink()

    def test_revoked_from_a_day_on(self):
        mandate = self._approved()
        head = mandate.with_user(self.head)
        with self.assertRaises(UserError):
            head.action_revoke(" ")
        with self.assertRaises(UserError):
            head.action_revoke("vì sao", self.today - timedelta(days=1))
        wizard = (
            self.env["hocba.mandate.wizard"]
            .with_user(self.head)
            .with_context(active_model="hocba.mandate", active_id=mandate.id)
        )
        wizard.create({"reason": "Đổi phân công", "on": self.today + timedelta(days=2)}).action_confirm()
        mandate.invalidate_recordset()
        self.assertEqual((mandate.state, mandate.validity), ("revoked", "valid"))
        with freeze_time(f"{self.today + timedelta(days=2)} 02:00:00"):
            mandate.invalidate_recordset(["validity"])
            self.assertEqual(mandate.validity, "revoked")
            mandate.with_user(self.head).active = False
        with self.assertRaises(UserError):
            head.action_revoke("một lần nữa")

    def test_sql_does_not_change_it(self):
        mandate = self._approved(class_ids=[Command.set(self.class2.ids)])
        self.env.flush_all()
        for statement in (
            "UPDATE hocba_mandate SET date_to = '2099-01-01' WHERE id = %s",
            "DELETE FROM hocba_mandate WHERE id = %s",
            "DELETE FROM hocba_mandate_class_rel WHERE mandate_id = %s",
        ):
            with self.subTest(statement), self.assertRefusedBySql():
                self.env.cr.execute(statement, [mandate.id])

    def assertRefusedBySql(self):
        from .test_frozen import TestFrozen

        return TestFrozen.assertRefusedBySql(self)


@tagged("post_install", "-at_install")
class TestReplacement(MandateCase):
    """A teacher has left or is ill: somebody else signs, with the reason, never silently."""

    def _replace(self, user, by, **values):
        wizard = self.env["hocba.replacement.wizard"].with_user(by).with_company(self.company)
        wizard = wizard.create(
            {"class_id": self.class2.id, "user_id": user.id, "reason": "Cô Hương nghỉ thai sản", **values}
        )
        self.assertEqual(wizard.principal_id, self.homeroom)
        wizard.action_confirm()
        return self.env["hocba.mandate"].search([("class_ids", "=", self.class2.id)], limit=1)

    def test_the_head_signs_in_a_homeroom_teachers_place(self):
        record = self._records(self.class2, 1)
        mandate = self._replace(self.head, by=self.head)
        self.assertEqual((mandate.state, record.homeroom_mandate_id), ("approved", mandate))
        with self.assertRaisesRegex(UserError, "Nguyễn Thị Minh Hà"):
            self.sign_as(self.homeroom, record)
        self.assertEqual(self.class2.with_user(self.head).my_waiting_count, 1)
        self.sign_as(self.head, record)
        self.sign_as(self.head, record)
        self.sign_as(self.clerk, record)
        report = self.assertSigned(record)
        self.assertEqual(report.data.homeroom_name, self.head.name)
        signature = record.signature_ids.filtered(lambda line: line.role == "gvcn")
        self.assertIn("Cô Hương nghỉ thai sản", signature.statement)
        self.assertIn("Trần Thị Hương", signature.statement)

    def test_another_teacher_signs_and_sees_these_records_only(self):
        record = self._records(self.class2, 1)
        mandate = self._replace(self.homeroom2, by=self.clerk)
        self.assertEqual((mandate.state, mandate.activity_ids.user_id), ("draft", self.head))
        with self.assertRaises(AccessError):
            record.with_user(self.homeroom2).read(["state"])
        mandate.with_user(self.head).action_approve()
        self.env.invalidate_all()
        self.assertEqual(record.with_user(self.homeroom2).state, "draft")
        with self.assertRaises(AccessError):
            record.pupil_id.with_user(self.homeroom2).write({"name": "X"})
        self.sign_as(self.homeroom2, record)
        self.sign_as(self.head, record)
        self.sign_as(self.clerk, record)
        self.assertEqual(self.assertSigned(record).data.homeroom_id_number, self.homeroom2.hocba_id_number)

    def test_a_subject_teachers_place(self):
        english = self.env.ref("hocba_digital.subject_nn1")
        record = self._records(self.class5, 1)
        right = record.with_user(self.teacher)._signing_right
        self.assertEqual(right("gvbm", english), (self.env["hocba.mandate"], False))
        wizard = self.env["hocba.replacement.wizard"].with_user(self.head).with_company(self.company)
        values = {"role": "gvbm", "class_id": self.class5.id, "subject_id": english.id}
        wizard = wizard.create({**values, "user_id": self.homeroom.id, "reason": "Thầy Tuấn chuyển trường"})
        self.assertEqual(wizard.principal_id, self.teacher)
        wizard.action_confirm()
        mandate, refusal = record.with_user(self.homeroom)._signing_right("gvbm", english)
        self.assertEqual((mandate.reason, refusal), ("Thầy Tuấn chuyển trường", False))
        music = self.env.ref("hocba_digital.subject_an", raise_if_not_found=False) or english.browse()
        self.assertTrue(record.with_user(self.homeroom)._signing_right("gvbm", music)[1])
