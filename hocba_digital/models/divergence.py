from odoo import fields, models


class Divergence(models.Model):
    """The school's data say something else now than the signed record: one row a record that differs.

    A table of its own, because a locked record's row can no longer be written.
    """

    _name = "hocba.divergence"
    _description = "Difference from the Signed Record"
    _order = "found_at desc"
    _rec_name = "record_id"

    record_id = fields.Many2one("hocba.record", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True, ondelete="restrict")
    found_at = fields.Datetime("Noticed at", required=True, readonly=True, default=fields.Datetime.now)
    lines = fields.Json("Differences", readonly=True)

    _record_uniq = models.Constraint("UNIQUE(record_id)", "The difference of this record is noted already.")
