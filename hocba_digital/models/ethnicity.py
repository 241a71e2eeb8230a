from odoo import fields, models


class Ethnicity(models.Model):
    """One of the 54 ethnic groups (QCVN 109:2017), or 55 for foreigners."""

    _name = "hocba.ethnicity"
    _description = "Ethnic Group"
    _order = "code"

    code = fields.Char(required=True)
    name = fields.Char("Ethnic group", required=True)
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint("UNIQUE(code)", "This code of an ethnic group already exists.")
