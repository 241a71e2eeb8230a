import logging

import psycopg2

from odoo import fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: What a statistic is made of; the same columns count in ``hocba.registry.tally``.
COUNTED = ("unit_id", "year_id", "grade", "state", "overall", "award", "upper_state", "school_name")


class RecordStorage(models.Model):
    """How seven million records, ten years of a province, are found and counted without being read.

    Every list starts in the order of one index, every other filter has its own; what stands twice in another index has
    none. Numbers come from ``hocba.registry.tally``, which two triggers keep.
    """

    _inherit = "hocba.registry.record"
    # Plain columns: the order of a school or year as a person sees it would be read and sorted as a whole.
    _order = "unit_id.id, year_id.id desc, class_name, pupil_name, id"

    uuid = fields.Char(index=False)  # its constraint is an index
    unit_id = fields.Many2one(index=False)  # begins the index of the order
    year_id = fields.Many2one(index=False)
    state = fields.Selection(index=False)
    transaction_id = fields.Many2one(index=True)
    id_number = fields.Char(index="btree_not_null")
    search_name = fields.Char(index=False)  # see _find_parts_of_names

    _in_order = models.Index("(unit_id, year_id DESC, class_name, pupil_name, id)")
    _in_year = models.Index("(year_id, unit_id, class_name, pupil_name, id)")
    _in_commune = models.Index("(commune, year_id)")
    _not_closed = models.Index("(state, year_id, unit_id) WHERE state != 'locked'")
    _by_arrival = models.Index("(received_at)")

    def init(self):
        # First the guard of this version: what follows writes columns that an earlier one kept closed.
        result = super().init()
        self._find_parts_of_names()
        self._count_changes()
        return result

    def _count_changes(self):
        """Have PostgreSQL tally every row that comes or changes, whoever writes it."""
        columns = SQL(", ").join(SQL.identifier(name) for name in COUNTED)
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION hocba_registry_count() RETURNS trigger LANGUAGE plpgsql AS $count$
                BEGIN
                    IF TG_OP = 'INSERT' THEN
                        INSERT INTO hocba_registry_tally (%(columns)s, delta)
                        SELECT %(columns)s, count(*) FROM hocba_after GROUP BY %(columns)s;
                    ELSE
                        INSERT INTO hocba_registry_tally (%(columns)s, delta)
                        SELECT %(columns)s, sum(number)
                          FROM (SELECT %(columns)s, 1 AS number FROM hocba_after
                                 UNION ALL
                                SELECT %(columns)s, -1 FROM hocba_before) change
                         GROUP BY %(columns)s HAVING sum(number) <> 0;
                    END IF;
                    RETURN NULL;
                END $count$;
                DROP TRIGGER IF EXISTS hocba_count_insert ON hocba_registry_record;
                CREATE TRIGGER hocba_count_insert AFTER INSERT ON hocba_registry_record
                    REFERENCING NEW TABLE AS hocba_after FOR EACH STATEMENT EXECUTE FUNCTION hocba_registry_count();
                DROP TRIGGER IF EXISTS hocba_count_update ON hocba_registry_record;
                CREATE TRIGGER hocba_count_update AFTER UPDATE ON hocba_registry_record
                    REFERENCING NEW TABLE AS hocba_after OLD TABLE AS hocba_before
                    FOR EACH STATEMENT EXECUTE FUNCTION hocba_registry_count();
                """,
                columns=columns,
            )
        )

    def _find_parts_of_names(self):
        """An index for "like" on names, where PostgreSQL has its extension pg_trgm and lets us have it."""
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    "CREATE EXTENSION IF NOT EXISTS pg_trgm;"
                    "CREATE INDEX IF NOT EXISTS hocba_registry_record_parts_of_name"
                    " ON hocba_registry_record USING gin (search_name gin_trgm_ops)"
                )
        except psycopg2.Error as error:
            _logger.warning("pupils are searched without an index, because pg_trgm is missing: %s", error)
