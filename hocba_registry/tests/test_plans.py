from unittest.mock import patch

from odoo.addons.hocba_registry.models import closing as closing_module
from odoo.addons.hocba_registry.models import record as record_module
from odoo.tests import tagged

from . import generated, lookups
from .department import DepartmentCase

_ROWS = 30_000


@tagged("post_install", "-at_install")
class TestPlans(DepartmentCase):
    """With many records, nothing that is looked up or listed reads a table as a whole, or sorts one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        generated.fill(cls.env, _ROWS, lot=_ROWS)

    def test_rows_are_as_many_as_the_tally_says(self):
        records, tally = self.env["hocba.registry.record"], self.env["hocba.registry.tally"]
        names = ["unit_id", "year_id", "grade", "state"]
        counted = {tuple(row[:-1]): row[-1] for row in records._read_group([], names, ["__count"])}
        summed = {(*row[:-2], row[-2]): row[-1] for row in tally._read_group([], names, ["delta:sum"]) if row[-1]}
        self.assertEqual(summed, counted)
        tally._add_up()
        self.assertEqual({row[:-1]: row[-1] for row in tally._read_group([], names, ["delta:sum"])}, counted)

    def test_every_look_up_and_list_has_an_index(self):
        env = self.env(user=self.officer)
        for name, call in lookups.cases(env).items():
            heard = lookups.statements(env, call)
            self.assertTrue(heard, name)
            for statement in heard:
                _plan, nodes = lookups.plan(env, statement)
                # What many rows match is counted fastest by reading on, up to ten thousand of them.
                counts_many = name in ("first page", "by a common name") and _counted(statement)
                with self.subTest(name, statement=statement[:400]):
                    self.assertTrue(counts_many or not lookups.whole_tables(nodes))

    def test_first_pages_are_not_sorted(self):
        """They come out of an index in their order: as fast from seven million rows as from seven hundred."""
        env = self.env(user=self.officer)
        made = lookups.cases(env)
        # These are few enough to be sorted; what counts is that nobody has to.
        self.env.cr.execute("SET LOCAL enable_sort = off")
        for name in ("first page", "school", "school and year", "school, year and state"):
            paged = [text for text in lookups.statements(env, made[name]) if "LIMIT 80" in text]
            self.assertEqual(len(paged), 1, name)
            _plan, nodes = lookups.plan(env, paged[0])
            self.assertNotIn("Sort", {node["Node Type"] for node in nodes}, name)

    def test_numbers_do_not_read_the_records(self):
        env = self.env(user=self.officer)
        made = lookups.cases(env)
        for name in ("numbers of a school", "numbers of all years", "statistics"):
            for statement in lookups.statements(env, made[name]):
                _plan, nodes = lookups.plan(env, statement)
                read = {node.get("Relation Name") for node in nodes}
                self.assertNotIn("hocba_registry_record", read, name)

    def test_the_closing_of_a_province_takes_a_few_statements(self):
        """3,000 records with as many queries as 300, and none of them read."""
        year = self.env["hocba.registry.year"].search([("name", "=", "2040-2041")])
        records = self.env["hocba.registry.record"]
        fewer = records.search([("year_id", "=", year.id), ("state", "=", "accepted")]).unit_id[:30]
        spent, closed = [], []
        for unit in (fewer[0], fewer.browse()):
            closing = self.env["hocba.registry.closing"].with_user(self.officer)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            closed.append(closing._close(year, unit))
            spent.append(self.env.cr.sql_log_count - before)
        some, all_others = (closing.record_count for closing in closed)
        self.assertGreater(all_others, 2900 - some)
        self.assertGreater(all_others, 10 * some)
        self.assertLessEqual(spent[1], spent[0] + 2)
        self.assertLess(spent[1], 40)
        locked = records.search([("year_id", "=", year.id), ("effective_on", "in", [row.closed_at for row in closed])])
        self.assertEqual((len(locked), set(locked.mapped("state"))), (some + all_others, {"locked"}))
        self.assertFalse(records.search_count([("year_id", "=", year.id), ("state", "=", "accepted")]))
        self.test_rows_are_as_many_as_the_tally_says()

    def test_what_is_not_locked_at_once_is_locked_by_the_schedule(self):
        year = self.env["hocba.registry.year"].search([("name", "=", "2040-2041")])
        records = self.env["hocba.registry.record"]
        accepted = [("year_id", "=", year.id), ("state", "=", "accepted")]
        with patch.object(closing_module, "AT_ONCE", 1000), patch.object(record_module, "_LOT", 500):
            closing = self.env["hocba.registry.closing"].with_user(self.officer)._close(year, self.unit.browse())
            left = records.search(accepted)
            self.assertEqual(len(left), closing.record_count - 1000)
            self.assertTrue(left[0]._is_closed())
            with patch.object(self.env.registry["ir.cron"], "_commit_progress", lambda *_a, **_k: float("inf")):
                self.env["hocba.registry.transaction"]._lock_stragglers()
        self.assertFalse(records.search_count(accepted))
        self.assertEqual(set(left.mapped("effective_on")), {closing.closed_at})
        self.assertEqual(year.closing_ids, closing)

    def test_no_list_counts_without_end(self):
        """Above ten thousand the list says 10000+."""
        env = self.env(user=self.officer)
        made = lookups.cases(env)
        counted = [
            text
            for name in ("first page", "year", "by a common name", "refused")
            for text in lookups.statements(env, made[name])
            if _counted(text)
        ]
        self.assertTrue(counted)
        self.assertTrue(all("LIMIT 10001" in text for text in counted), counted)


def _counted(statement):
    return statement.startswith("SELECT COUNT(*)")
