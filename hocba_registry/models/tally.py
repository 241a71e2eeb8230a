from odoo import api, fields, models
from odoo.tools import SQL

from .record_storage import COUNTED


class Tally(models.Model):
    """Numbers of records, as changes that only add up: PostgreSQL writes a row for each kind of change of a statement.

    Nobody waits for a counter that somebody else holds, and no number is made by reading the records again.
    """

    _name = "hocba.registry.tally"
    _description = "Count of Records"
    _log_access = False
    _order = "id"

    unit_id = fields.Many2one("hocba.registry.unit", required=True, readonly=True)
    year_id = fields.Many2one("hocba.registry.year", required=True, readonly=True)
    grade = fields.Char(readonly=True)
    state = fields.Char(readonly=True)
    overall = fields.Char(readonly=True)
    award = fields.Char(readonly=True)
    upper_state = fields.Char(readonly=True)
    school_name = fields.Char(readonly=True)
    delta = fields.Integer("Records more or less", required=True, readonly=True)

    _by_unit = models.Index("(unit_id, year_id, state)")
    _by_year = models.Index("(year_id, state)")

    def init(self):
        """Count the records of a database that had no tally yet."""
        columns = SQL(", ").join(SQL.identifier(name) for name in COUNTED)
        self.env.cr.execute(
            SQL(
                "INSERT INTO hocba_registry_tally (%(columns)s, delta) SELECT %(columns)s, count(*)"
                " FROM hocba_registry_record WHERE NOT EXISTS (SELECT FROM hocba_registry_tally) GROUP BY %(columns)s",
                columns=columns,
            )
        )

    @api.model
    def _counts(self, domain, groupby):
        """Rows (group, ..., number of records) of ``domain``, in the schools that this user sees."""
        self.env["hocba.registry.record"].flush_model()
        return self._read_group(domain, groupby, ["delta:sum"])

    @api.autovacuum
    def _add_up(self):
        """Make one row of the many that say the same, so that ten years stay a few thousand rows."""
        columns = SQL(", ").join(SQL.identifier(name) for name in COUNTED)
        self.env.cr.execute(
            SQL(
                "WITH gone AS (DELETE FROM hocba_registry_tally RETURNING %(columns)s, delta)"
                " INSERT INTO hocba_registry_tally (%(columns)s, delta)"
                " SELECT %(columns)s, sum(delta) FROM gone GROUP BY %(columns)s HAVING sum(delta) <> 0",
                columns=columns,
            )
        )
        self.env.invalidate_all()
