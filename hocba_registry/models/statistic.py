from odoo import fields, models
from odoo.addons.hocba_digital.models.assessment import OVERALL
from odoo.addons.hocba_digital.models.subject import GRADES
from odoo.tools import SQL


class Statistic(models.Model):
    """How many records there are by school, grade, state, result and award: one row a combination."""

    _name = "hocba.registry.statistic"
    _inherit = ["hocba.ordered.mixin"]
    _description = "Statistics of Records"
    _auto = False
    _order = "year_id desc, body_id, unit_id, grade, id"
    _rec_name = "unit_id"
    _depends = {
        "hocba.registry.unit": ["body_id", "commune", "province"],
        "hocba.registry.record": [
            *("year_id", "unit_id", "grade", "state", "overall", "award"),
            *("upper_state", "school_code", "school_name"),
        ],
    }

    year_id = fields.Many2one("hocba.registry.year", "School year", readonly=True)
    body_id = fields.Many2one("hocba.registry.body", "Supervised by", readonly=True)
    unit_id = fields.Many2one("hocba.registry.unit", "School", readonly=True)
    school_name = fields.Char("Name of the school", readonly=True)
    commune = fields.Char(readonly=True)
    province = fields.Char(readonly=True)
    grade = fields.Selection(GRADES, readonly=True)
    state = fields.Selection([("accepted", "Accepted"), ("locked", "Locked"), ("recalled", "Withdrawn")], readonly=True)
    upper_state = fields.Selection(
        lambda self: self.env["hocba.registry.record"]._fields["upper_state"]._description_selection(self.env),
        "At the ministry",
        readonly=True,
    )
    overall = fields.Selection(OVERALL, "Overall result", readonly=True)
    award = fields.Char(readonly=True)
    record_count = fields.Integer("Number of records", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT min(record.id) AS id, record.year_id, unit.body_id, record.unit_id,
                   COALESCE(record.school_name, unit.name) AS school_name, unit.commune, unit.province,
                   record.grade, record.state, record.upper_state, record.overall, record.award,
                   sum(record.delta) AS record_count
              FROM hocba_registry_tally record
              JOIN hocba_registry_unit unit ON unit.id = record.unit_id
          GROUP BY record.year_id, record.unit_id, unit.id, COALESCE(record.school_name, unit.name), record.grade,
                   record.state, record.upper_state, record.overall, record.award
            HAVING sum(record.delta) <> 0
            """
        )

    def action_open_records(self):
        """The records that this row counts."""
        self.ensure_one()
        columns = ("grade", "state", "upper_state", "overall", "award")
        domain = [("year_id", "=", self.year_id.id), *((name, "=", self[name] or False) for name in columns)]
        return self.unit_id._open("action_record", *domain)
