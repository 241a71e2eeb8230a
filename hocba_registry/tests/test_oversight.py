from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user

from .department import YEAR, DepartmentCase


class TestOversight(DepartmentCase):
    """What officers see and decide: progress, statistics, search, closing by grade, two pairs of eyes."""

    def test_progress_and_statistics(self):
        silent = self.env["hocba.registry.unit"].create(
            {"name": "TH Im Lặng", "code": "99", "login": "99", "expected_count": 7, "commune": "Xã Hòa Vang"}
        )
        self.env["hocba.registry.expectation"].create(
            {"unit_id": self.unit.id, "year_id": self.year.id, "count": 4, "source": "school"}
        )
        self.accept(1, 2)
        bad = [packet.replace(b"048318000003", b"048318000009", 1) for packet in self.maker.packets(self.maker.data(3))]
        self.judge(self.maker.content(bad))
        self.env.flush_all()
        rows = self.env["hocba.registry.progress"].with_user(self.officer).search([("year_id", "=", self.year.id)])
        row = rows.filtered(lambda line: line.unit_id == self.unit)
        self.assertEqual((row.expected, row.accepted, row.refused, row.received), (4, 2, 1, 3))
        self.assertEqual((row.missing, row.progress, row.stage), (2, 50, "partly"))
        self.assertTrue(row.last_received_at)
        other = rows.filtered(lambda line: line.unit_id == silent)
        self.assertEqual((other.expected, other.missing, other.stage), (7, 7, "silent"))
        self.assertEqual(self._count(row.action_open_records()), 2)
        self.assertEqual(self._count(row.action_open_refused()), 1)
        statistic = self.env["hocba.registry.statistic"].with_user(self.officer).search([])
        self.assertEqual(statistic.record_count, 2)
        self.assertEqual((statistic.grade, statistic.overall, statistic.commune), ("2", "good", "Phường Thanh Khê"))
        self.assertEqual(self._count(statistic.action_open_records()), 2)

    def _count(self, action):
        return self.env[action["res_model"]].with_user(self.officer).search_count(action["domain"])

    def test_award_is_counted(self):
        packets = self.maker.packets(self.maker.data(1, award="Học sinh Xuất sắc"), self.maker.data(2))
        self.judge(self.maker.content(packets))
        self.env.flush_all()
        rows = self.env["hocba.registry.statistic"].search([("award", "!=", False)])
        self.assertEqual((rows.award, rows.record_count), ("Học sinh Xuất sắc", 1))

    def test_search_without_accents_and_by_whole_codes(self):
        packets = self.maker.packets(self.maker.data(1, pupil_name="Đặng Thị Ánh Nguyệt"), self.maker.data(2))
        self.judge(self.maker.content(packets))
        records = self.env["hocba.registry.record"].with_user(self.officer)
        one = records.search([("pupil_name", "=", "Đặng Thị Ánh Nguyệt")])
        bare = one.uuid.replace("-", "").upper()
        for text in ("dang thi anh", "Ánh nguyệt", "NGUYET", one.uuid, bare, one.pupil_code, one.id_number):
            self.assertEqual(records.search([("lookup", "ilike", text)]), one, text)
        for text in (one.id_number[:11], one.uuid[:20], "khong co ai"):
            self.assertFalse(records.search([("lookup", "ilike", text)]), text)

    def test_one_grade_is_closed_and_takes_no_more(self):
        packets = self.maker.packets(self.maker.data(1, grade=5), self.maker.data(2))
        self.judge(self.maker.content(packets))
        wizard = self.env["hocba.registry.closing.wizard"].with_user(self.officer)
        form = Form(wizard.with_context(default_year_id=self.year.id))
        form.grade = "5"
        self.assertEqual((form.record_count, form.problem), (1, False))
        form.confirmation = YEAR
        form.save().action_close()
        states = {record.grade: record.state for record in self.unit.record_ids}
        self.assertEqual(states, {"5": "locked", "2": "accepted"})
        self.assertEqual(self.year.state, "open")
        late = self.judge(self.maker.content(self.maker.packets(self.maker.data(3, grade=5), self.maker.data(4))))
        self.assertEqual({line.pupil_code[-1]: line.error_code for line in late.line_ids}, {"3": "37", "4": "00"})
        again = wizard.create({"year_id": self.year.id, "grade": "5", "confirmation": YEAR})
        self.assertTrue(again.problem)
        with self.assertRaises(UserError):
            again.action_close()
        for grade in "1234":
            wizard.create({"year_id": self.year.id, "grade": grade, "confirmation": YEAR}).action_close()
        self.assertEqual(self.year.state, "closed")

    def test_a_certificate_with_a_second_pair_of_eyes(self):
        self.env["ir.config_parameter"].set_param("hocba_registry.second_officer", "1")
        second = new_test_user(self.env, login="second", groups="hocba_registry.group_so_officer")
        line = self.env["hocba.registry.certificate"].create(
            {"unit_id": self.unit.id, "file": self.maker.certificate("gvcn")}
        )
        with self.assertRaises(UserError):
            line.with_user(self.officer).action_approve()  # a person's
        line.unlink()
        stranger = type(self.maker)(tax_code="0400999999")
        line = self.env["hocba.registry.certificate"].create({"unit_id": self.unit.id, "file": stranger.certificate()})
        line.with_user(self.officer).action_approve()
        self.assertEqual((line.state, line.proposed_by_id), ("submitted", self.officer))
        with self.assertRaises(UserError):
            line.with_user(self.officer).action_approve()
        line.with_user(second).action_approve()
        self.assertEqual((line.state, line.decided_by_id), ("approved", second))
        with self.assertRaises(UserError):
            line.write({"proposed_by_id": False})

    def test_dates_of_the_year_follow_the_plan_and_can_be_set(self):
        year = self.env["hocba.registry.year"].create({"name": "2026-2027", "deadline": "2027-06-15"})
        self.assertEqual(str(year.deadline), "2027-06-15")
        self.assertEqual((str(year.report_deadline), str(year.report_deadline_summer)), ("2027-07-10", "2027-08-25"))
