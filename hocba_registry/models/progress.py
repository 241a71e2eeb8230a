from odoo import fields, models
from odoo.tools import SQL


class Progress(models.Model):
    """Where each school stands in each school year: a view of the database, so it is never out of date."""

    _name = "hocba.registry.progress"
    _inherit = ["hocba.ordered.mixin"]
    _description = "Progress of a School"
    _auto = False
    _order = "year_id desc, body_id, unit_id"
    _rec_name = "unit_id"
    _depends = {
        "hocba.registry.unit": ["active", "body_id", "commune", "province", "expected_count", "certificate_state"],
        "hocba.registry.year": ["name"],
        "hocba.registry.record": ["unit_id", "year_id", "state"],
        "hocba.registry.line": ["unit_id", "transaction_id", "verdict", "settled"],
        "hocba.registry.transaction": ["unit_id", "year_name", "received_at"],
        "hocba.registry.recall": ["unit_id", "record_id", "state", "follows_id"],
        "hocba.registry.expectation": ["unit_id", "year_id", "count"],
    }

    unit_id = fields.Many2one("hocba.registry.unit", "School", readonly=True)
    year_id = fields.Many2one("hocba.registry.year", "School year", readonly=True)
    body_id = fields.Many2one("hocba.registry.body", "Supervised by", readonly=True)
    commune = fields.Char(readonly=True)
    province = fields.Char(readonly=True)
    certificate_state = fields.Selection(
        lambda self: self.env["hocba.registry.unit"]._fields["certificate_state"]._description_selection(self.env),
        "Certificate",
        readonly=True,
    )
    expected = fields.Integer(readonly=True)
    received = fields.Integer(readonly=True, help="Accepted and refused ones.")
    accepted = fields.Integer("In force", readonly=True)
    locked = fields.Integer(readonly=True)
    refused = fields.Integer(readonly=True, help="Refused and not accepted since.")
    recalled = fields.Integer("Withdrawn", readonly=True)
    recalls = fields.Integer("Recalls undecided", readonly=True)
    missing = fields.Integer("Still missing", readonly=True)
    progress = fields.Integer("Reported (%)", readonly=True, aggregator="avg")
    last_received_at = fields.Datetime("Last contact", readonly=True)
    stage = fields.Selection(
        [
            ("silent", "Nothing reported"),
            ("partly", "Partly reported"),
            ("complete", "Everything reported"),
            ("unknown", "Number expected not known"),
        ],
        readonly=True,
    )
    days_left = fields.Integer(related="year_id.days_left")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT unit.id::bigint * 1000 + year.id AS id, unit.id AS unit_id, year.id AS year_id, unit.body_id,
                   unit.commune, unit.province, unit.certificate_state, wanted.number AS expected,
                   COALESCE(record.accepted, 0) + COALESCE(record.locked, 0) + COALESCE(line.refused, 0) AS received,
                   COALESCE(record.accepted, 0) AS accepted, COALESCE(record.locked, 0) AS locked,
                   COALESCE(line.refused, 0) AS refused, COALESCE(record.recalled, 0) AS recalled,
                   COALESCE(recall.number, 0) AS recalls, message.last_received_at,
                   GREATEST(wanted.number - reported.number, 0) AS missing,
                   CASE WHEN wanted.number > 0 THEN LEAST(100, reported.number * 100 / wanted.number)
                        ELSE 0 END AS progress,
                   CASE WHEN reported.number = 0 THEN 'silent'
                        WHEN wanted.number = 0 THEN 'unknown'
                        WHEN reported.number < wanted.number THEN 'partly' ELSE 'complete' END AS stage
              FROM hocba_registry_unit unit
        CROSS JOIN hocba_registry_year year
         LEFT JOIN hocba_registry_expectation expectation
                ON expectation.unit_id = unit.id AND expectation.year_id = year.id
         LEFT JOIN (SELECT unit_id, year_id,
                           sum(delta) FILTER (WHERE state = 'accepted') AS accepted,
                           sum(delta) FILTER (WHERE state = 'locked') AS locked,
                           sum(delta) FILTER (WHERE state = 'recalled') AS recalled
                      FROM hocba_registry_tally GROUP BY unit_id, year_id) record
                ON record.unit_id = unit.id AND record.year_id = year.id
         LEFT JOIN (SELECT line.unit_id, message.year_name, count(*) AS refused
                      FROM hocba_registry_line line
                      JOIN hocba_registry_transaction message ON message.id = line.transaction_id
                     WHERE line.verdict = '0' AND line.settled IS NOT TRUE
                  GROUP BY line.unit_id, message.year_name) line
                ON line.unit_id = unit.id AND line.year_name = year.name
         LEFT JOIN (SELECT unit_id, year_name, max(received_at) AS last_received_at
                      FROM hocba_registry_transaction GROUP BY unit_id, year_name) message
                ON message.unit_id = unit.id AND message.year_name = year.name
         LEFT JOIN (SELECT recall.unit_id, record.year_id, count(*) AS number
                      FROM hocba_registry_recall recall
                      JOIN hocba_registry_record record ON record.id = recall.record_id
                     WHERE recall.state IN ('waiting', 'proposed', 'upward') AND recall.follows_id IS NULL
                  GROUP BY recall.unit_id, record.year_id) recall
                ON recall.unit_id = unit.id AND recall.year_id = year.id
        CROSS JOIN LATERAL (SELECT COALESCE(expectation.count, unit.expected_count, 0) AS number) wanted
        CROSS JOIN LATERAL (SELECT COALESCE(record.accepted, 0) + COALESCE(record.locked, 0) AS number) reported
             WHERE unit.active
            """
        )

    def action_open_records(self):
        """The records of this school and year."""
        return self._open("action_record", ("year_id", "=", self.year_id.id))

    def action_open_refused(self):
        """What was refused and not accepted since."""
        return self._open("action_line", *self.unit_id._still_refused_domain(self.year_id))

    def action_open_recalls(self):
        """Recalls that nobody has decided yet."""
        undecided = ("state", "in", ("waiting", "proposed", "upward"))
        return self._open("action_recall", ("record_id.year_id", "=", self.year_id.id), undecided)

    def action_open_unit(self):
        """The school."""
        return self.unit_id.get_formview_action()

    def _open(self, xml_id, *conditions):
        self.ensure_one()
        return self.unit_id._open(xml_id, *conditions)
