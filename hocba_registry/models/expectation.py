from odoo import fields, models


class Expectation(models.Model):
    """How many records a school has to report in a year, as the department knows it or as the school says."""

    _name = "hocba.registry.expectation"
    _description = "Records Expected of a School"
    _order = "year_id desc, unit_id"
    _rec_name = "unit_id"

    unit_id = fields.Many2one("hocba.registry.unit", "School", required=True, index=True, ondelete="cascade")
    year_id = fields.Many2one(
        "hocba.registry.year",
        "School year",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["hocba.registry.year"]._current(),
    )
    count = fields.Integer("Records expected", required=True)
    source = fields.Selection(
        [("entered", "Entered by the department"), ("school", "Stated by the school")], required=True, default="entered"
    )

    _one_a_year = models.Constraint("UNIQUE(unit_id, year_id)", "The school has a number for this year already.")
    _count_positive = models.Constraint("CHECK(count >= 0)", "The number of records is not negative.")
