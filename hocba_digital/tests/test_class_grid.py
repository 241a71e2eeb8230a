from odoo import Command
from odoo.addons.http_routing.tests.common import MockRequest
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SchoolCase


class GridCase(SchoolCase):
    """A class with pupils, and the calls of the grid as its users make them."""

    def grid(self, user, school_class=None):
        return (school_class or self.class5).with_user(user)

    def load(self, user, view="subjects", period="year", school_class=None):
        return self.grid(user, school_class).grid_load(period, view)

    def change(self, data, key, value, row=0, seen=None):
        column = next(column for column in data["columns"] if column["key"] == key)
        line = data["rows"][row]
        row_id = line["lines"][column["subject_id"]] if column["source"] == "result" else line["id"]
        return {"source": column["source"], "id": row_id, "field": column["field"], "seen": seen, "value": value}

    def save(self, user, *changes):
        return self.grid(user).grid_save(list(changes))["answers"]

    def key(self, code, field="level"):
        return f"s{self.env.ref(f'hocba_digital.subject_{code}').id}.{field}"


@tagged("post_install", "-at_install")
class TestClassGrid(GridCase):
    """What the grid shows to whom, and what it takes from whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number, name in enumerate(("Trần Văn Ánh", "Lê Thị An", "Phạm Đức Đạt", "Võ Minh Dũng")):
            cls._pupil(cls.class5, number + 1, name=name)

    def test_pupils_stand_by_their_given_names(self):
        rows = self.load(self.homeroom2)["rows"]
        self.assertEqual([row["name"] for row in rows], ["Lê Thị An", "Trần Văn Ánh", "Võ Minh Dũng", "Phạm Đức Đạt"])

    def test_columns_follow_plan_and_period(self):
        year, mid = self.load(self.homeroom2), self.load(self.homeroom2, period="mid1")
        scores = {
            period: {column["key"] for column in data["columns"] if column["kind"] == "score"}
            for period, data in (("year", year), ("mid", mid))
        }
        self.assertEqual(len(scores["year"]), 7)
        self.assertEqual(scores["mid"], {self.key("tv", "score"), self.key("toan", "score")})
        self.assertEqual(year["columns"][-1]["field"], "overall")
        self.assertTrue(year["columns"][-1]["readonly"])
        self.assertNotIn("overall", [column["field"] for column in mid["columns"]])
        self.assertNotIn(self.key("tdt"), [column["key"] for column in year["columns"]], "a chosen subject not in use")

    def test_homeroom_teacher_writes_everything(self):
        data = self.load(self.homeroom2)
        answers = self.save(
            self.homeroom2,
            self.change(data, self.key("toan"), "T"),
            self.change(data, self.key("toan", "score"), "10"),
            self.change(data, self.key("nn1"), "H", row=1),
        )
        self.assertEqual({answer["state"] for answer in answers}, {"saved"})
        again = self.load(self.homeroom2)["rows"]
        self.assertEqual(again[0]["cells"][self.key("toan", "score")], "10")
        self.assertEqual(again[1]["cells"][self.key("nn1")], "H")

    def test_subject_teacher_writes_the_own_subject_only(self):
        data = self.load(self.teacher)
        self.assertEqual(
            [column["key"] for column in data["columns"] if column["source"] == "result"],
            [self.key("nn1"), self.key("nn1", "score"), self.key("nn1", "comment")],
        )
        everything = self.load(self.homeroom2)
        own, foreign = self.save(
            self.teacher,
            self.change(data, self.key("nn1"), "T"),
            self.change(everything, self.key("toan"), "T"),
        )
        self.assertEqual((own["state"], foreign["state"]), ("saved", "refused"))
        traits = self.load(self.teacher, "traits")
        self.assertTrue(all(column["readonly"] for column in traits["columns"]))
        (refused,) = self.save(self.teacher, self.change(traits, "quality_honesty", "T"))
        self.assertEqual(refused["state"], "refused")
        self.assertFalse(self.class5.enrolment_ids.assessment_ids.filtered("quality_honesty"))

    def test_offices_read_only(self):
        data = self.load(self.homeroom2)
        for user in (self.head, self.clerk, self.auditor):
            read = self.load(user)
            self.assertEqual(len(read["rows"]), 4)
            self.assertTrue(all(column["readonly"] for column in read["columns"]))
            (answer,) = self.save(user, self.change(data, self.key("toan"), "T"))
            self.assertEqual(answer["state"], "refused")

    def test_strangers_see_nothing(self):
        self.load(self.homeroom2)
        for user in (self.homeroom, self.school_admin):
            with self.assertRaises(AccessError):
                self.load(user)
            with self.assertRaises(AccessError):
                self.grid(user).grid_save([])

    def test_rows_of_another_class_are_no_cells(self):
        self._pupil(self.class2, 77)
        other = self.load(self.homeroom, school_class=self.class2)
        (answer,) = self.save(self.homeroom2, self.change(other, self.key("toan"), "T"))
        self.assertEqual(answer["state"], "refused")

    def test_values_that_cannot_be_are_refused_with_pupil_and_cell(self):
        data, traits = self.load(self.homeroom2), self.load(self.homeroom2, "traits")
        comments, measures = self.load(self.homeroom2, "comments"), self.load(self.homeroom2, "measures")
        changes = [
            self.change(data, self.key("toan"), "X"),
            self.change(data, self.key("toan", "score"), "9.5"),
            {**self.change(data, self.key("dd"), "9"), "field": "score"},
            self.change(traits, "quality_honesty", "H"),
            self.change(measures, "height", 1.25),
            self.change(measures, "weight", "nặng"),
            self.change(measures, "absences_excused", 1.5),
            self.change(comments, self.key("toan", "comment"), "x" * 1001),
            self.change(comments, "homeroom_comment", "zero\u200bwidth"),
            {"source": "assessment", "id": data["rows"][0]["id"], "field": "overall_manual", "value": "excellent"},
        ]
        answers = self.save(self.homeroom2, *changes)
        self.assertEqual({answer["state"] for answer in answers}, {"refused"})
        for answer in answers[:-1]:
            self.assertIn("Lê Thị An", answer["message"])

    def test_one_wrong_cell_does_not_hold_up_the_others(self):
        data = self.load(self.homeroom2)
        wrong, right = self.save(
            self.homeroom2,
            self.change(data, self.key("toan"), "X"),
            self.change(data, self.key("toan"), "T", row=1),
        )
        self.assertEqual((wrong["state"], right["state"]), ("refused", "saved"))

    def test_empty_cell_and_zero_are_two_things(self):
        data = self.load(self.homeroom2, "measures")
        self.assertIsNone(data["rows"][0]["cells"]["absences_excused"])
        self.save(self.homeroom2, self.change(data, "absences_excused", 0))
        cells = self.load(self.homeroom2, "measures")["rows"][0]["cells"]
        self.assertEqual((cells["absences_excused"], cells["absences_unexcused"]), (0, 0))
        self.save(self.homeroom2, self.change(data, "absences_excused", None, seen=0))
        self.assertIsNone(self.load(self.homeroom2, "measures")["rows"][0]["cells"]["absences_unexcused"])

    def test_results_by_the_rules_come_back_at_once(self):
        self._assess(self.class5)
        data = self.load(self.homeroom2)
        answer = self.grid(self.homeroom2).grid_save([self.change(data, self.key("toan"), "C", seen="T")])
        self.assertEqual(answer["derived"][data["rows"][0]["id"]]["overall"], "not_completed")

    def test_signed_rows_are_closed_and_say_why(self):
        self._certify()
        self._assess(self.class5)
        self.class5.with_user(self.clerk).action_create_records()
        data = self.load(self.homeroom2)
        records = self.class5.record_ids
        first = records.filtered(lambda record: record.assessment_id.id == data["rows"][0]["id"])
        self.sign_as(self.homeroom2, records)
        self.assertTrue(self.load(self.homeroom2)["rows"][0]["notice"], "a change would make the signature void")
        self.sign_as(self.head, first)
        self.sign_as(self.clerk, first)
        row = self.load(self.homeroom2)["rows"][0]
        self.assertTrue(row["locked"])
        (answer,) = self.save(self.homeroom2, self.change(data, self.key("toan"), "H", seen="T"))
        self.assertEqual((answer["state"], answer["message"]), ("refused", row["locked"]))

    def test_pupils_who_left_stand_last_and_closed(self):
        self.load(self.homeroom2)
        gone = self.class5.enrolment_ids.filtered(lambda line: line.pupil_id.name == "Lê Thị An")
        gone.write({"date_to": "2026-01-10", "end_reason": "left"})
        row = self.load(self.homeroom2)["rows"][-1]
        self.assertEqual(row["name"], "Lê Thị An")
        self.assertIn("10/01/2026", row["former"])
        self.assertTrue(row["locked"])
        gone_first_period = self.load(self.homeroom2, period="mid1")["rows"]
        self.assertEqual(len(gone_first_period), 3, "nobody who left before a period gets a sheet in it")

    def test_empty_class_and_last_choice(self):
        empty = self._class("5Z", "5", self.homeroom2)
        data = self.load(self.homeroom2, "traits", "mid2", empty)
        self.assertEqual((data["rows"], data["entered"]), ([], False))
        start = self.env["hocba.class"].with_user(self.homeroom2).grid_start()
        self.assertEqual((start["class_id"], start["period"], start["view"]), (empty.id, "mid2", "traits"))
        self.assertEqual(
            {line["id"] for line in self.env["hocba.class"].with_user(self.teacher).grid_start()["classes"]},
            set(self.class5.ids),
        )

    def test_buttons_lead_to_the_grid(self):
        self._assess(self.class5)
        own = self.env["hocba.assessment"].with_user(self.homeroom2).browse()
        for action in (own.action_open_grid(), self.grid(self.teacher).action_open_grid()):
            self.assertEqual((action["tag"], action["context"]["active_id"]), ("hocba_class_grid", self.class5.id))

    def test_exemption_closes_level_and_score(self):
        data = self.load(self.homeroom2)
        enrolment = self.env["hocba.assessment"].browse(data["rows"][0]["id"]).enrolment_id
        subject = self.env.ref("hocba_digital.subject_gdtc")
        values = {"enrolment_id": enrolment.id, "subject_id": subject.id, "reason": "Bệnh tim"}
        self.env["hocba.exemption"].with_user(self.head).create(values)
        row = self.load(self.homeroom2)["rows"][0]
        self.assertEqual((row["cells"][self.key("gdtc")], list(row["fixed"])), ("M", [self.key("gdtc")]))
        typed, undecided = self.save(
            self.homeroom2,
            self.change(data, self.key("gdtc"), "T", seen="M"),
            self.change(data, self.key("gdtc"), "M", row=1),
        )
        self.assertEqual((typed["state"], undecided["state"]), ("refused", "refused"))

    def test_comments_of_the_period_before(self):
        before = self.load(self.homeroom2, "comments", "mid2")
        self.grid(self.homeroom2).grid_save([self.change(before, self.key("toan", "comment"), "Em tính nhanh.")])
        data = self.load(self.homeroom2, "comments")
        texts = self.grid(self.homeroom2).grid_previous_comments("year")
        self.assertEqual(texts[data["rows"][0]["id"]], {self.key("toan", "comment"): "Em tính nhanh."})


@tagged("post_install", "-at_install")
class TestClassGridTogether(GridCase):
    """Two teachers in one class: no cell is overwritten that its writer has not seen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._pupil(cls.class5, 1, name="Lê Thị An")
        cls._pupil(cls.class5, 2, name="Trần Văn Bình")

    def test_a_value_not_seen_is_not_overwritten(self):
        mine, theirs = self.load(self.teacher), self.load(self.homeroom2)
        self.save(self.homeroom2, self.change(theirs, self.key("nn1"), "H"))
        (answer,) = self.save(self.teacher, self.change(mine, self.key("nn1"), "T"))
        self.assertEqual((answer["state"], answer["value"], answer["by"]), ("conflict", "H", self.homeroom2.name))
        self.assertTrue(answer["at"])
        line = self.env["hocba.result"].browse(self.change(mine, self.key("nn1"), "T")["id"])
        self.assertEqual(line.level, "H")
        (answer,) = self.save(self.teacher, self.change(mine, self.key("nn1"), "T", seen="H"))
        self.assertEqual((answer["state"], line.level), ("saved", "T"), "overwritten knowingly")

    def test_the_same_value_is_no_conflict(self):
        data = self.load(self.teacher)
        self.save(self.homeroom2, self.change(data, self.key("nn1"), "T"))
        (answer,) = self.save(self.teacher, self.change(data, self.key("nn1"), "T"))
        self.assertEqual(answer["state"], "saved")

    def test_cells_of_one_row_do_not_disturb_each_other(self):
        data = self.load(self.homeroom2)
        self.save(self.teacher, self.change(data, self.key("nn1"), "T"))
        answers = self.save(
            self.homeroom2,
            self.change(data, self.key("nn1", "score"), "9"),
            self.change(data, self.key("toan"), "T"),
        )
        self.assertEqual({answer["state"] for answer in answers}, {"saved"})

    def test_changes_of_others_come_with_their_name(self):
        data = self.load(self.homeroom2)
        self.save(self.teacher, self.change(data, self.key("nn1"), "H"))
        answer = self.grid(self.homeroom2).grid_changes("year", "subjects", data["since"])
        changed = [line for line in answer["changes"] if line["values"].get("level") == "H"]
        self.assertEqual([(line["row"], line["by"]) for line in changed], [(data["rows"][0]["id"], self.teacher.name)])

    def test_only_who_may_read_results_hears_of_changes(self):
        def heard(user):
            channels = (
                self.env["ir.websocket"].with_user(user)._build_bus_channel_list([f"hocba.class_{self.class5.id}"])
            )
            return self.class5 in [channel for channel in channels if not isinstance(channel, str)]

        with MockRequest(self.env):
            self.assertTrue(heard(self.teacher))
            self.assertTrue(heard(self.head))
            self.assertFalse(heard(self.homeroom))
            self.assertFalse(heard(self.school_admin))


@tagged("post_install", "-at_install")
class TestClassGridQueries(GridCase):
    """The number of queries does not grow with the class or with what is pasted."""

    def _count(self, run):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        run()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _counts(self, run):
        """Queries with 5 pupils and with 50."""
        counts = {}
        for size in (5, 50):
            for number in range(len(self.class5.enrolment_ids), size):
                self._pupil(self.class5, number)
            self.load(self.homeroom2)
            counts[size] = self._count(run)
        return counts

    def test_loading(self):
        for view in ("subjects", "traits", "comments", "measures"):
            counts = self._counts(lambda view=view: self.load(self.homeroom2, view))
            self.assertLessEqual(counts[50], counts[5] + 1, (view, counts))
            self.assertLess(counts[50], 35, view)

    def test_saving_a_column(self):
        level = iter("THTHTH")

        key = self.key("toan")

        def paste():
            data = self.load(self.homeroom2)
            value = next(level)
            seen = [row["cells"][key] for row in data["rows"]]
            changes = [self.change(data, key, value, number, before) for number, before in enumerate(seen)]
            answers = self.save(self.homeroom2, *changes)
            self.assertEqual({answer["state"] for answer in answers}, {"saved"})

        counts = self._counts(paste)
        self.assertLessEqual(counts[50], counts[5] + 2, counts)


@tagged("post_install", "-at_install")
class TestPhrase(GridCase):
    """The bank of phrases: one's own and the school's."""

    def phrases(self, user):
        return self.env["hocba.phrase"].with_user(user)

    def test_own_and_shared_are_readable_own_are_writable(self):
        mine = self.phrases(self.teacher).create({"text": "Em {ten} đọc tốt.", "kind": "comment"})
        shared = self.phrases(self.teacher).create({"text": "Em viết đẹp.", "kind": "comment", "shared": True})
        bank = {line["id"]: line for line in self.phrases(self.homeroom).bank()}
        self.assertNotIn(mine.id, bank)
        self.assertIn(shared.id, bank)
        self.assertTrue(any(not line["owner_id"] for line in bank.values()), "samples come with the module")
        with self.assertRaises(AccessError):
            shared.with_user(self.homeroom).text = "khác"
        with self.assertRaises(AccessError):
            self.env.ref("hocba_digital.phrase_comment_t1").with_user(self.homeroom).text = "khác"
        with self.assertRaises(AccessError):
            self.phrases(self.school_admin).bank()

    def test_a_kept_comment_loses_the_name(self):
        kept = self.phrases(self.teacher).keep("Em An chăm học,  An viết đẹp; an toàn.", "comment", "Lê Thị An")
        self.assertEqual(kept["text"], "Em {ten} chăm học, {ten} viết đẹp; an toàn.")
        again = self.phrases(self.teacher).keep("Em An chăm học, An viết đẹp; an toàn.", "comment", "Lê Thị An")
        self.assertEqual(again["id"], kept["id"])

    def test_what_is_used_most_comes_first(self):
        sample = self.env.ref("hocba_digital.phrase_comment_h2")
        sample.with_user(self.teacher).count_use()
        sample.with_user(self.teacher).count_use()
        self.assertEqual(self.phrases(self.teacher).bank()[0]["id"], sample.id)

    def test_other_schools_do_not_see_shared_phrases(self):
        other = self.env["res.company"].create({"name": "Trường khác"})
        stranger = self._user("stranger", "Người khác", "group_subject_teacher", "048085000099", "Giáo viên")
        shared = self.phrases(self.teacher).create({"text": "Riêng của trường.", "kind": "comment", "shared": True})
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertNotIn(shared.id, [line["id"] for line in self.phrases(stranger).bank()])
