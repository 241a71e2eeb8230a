from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: Last day of the 63 provinces, whose codes stand in the ID numbers given until then (QĐ 19/2025/QĐ-TTg).
LAST_DAY_OF_63 = date(2025, 6, 30)


class Province(models.Model):
    """A province or city under the central government, with the time it existed and what became of it."""

    _name = "hocba.province"
    _description = "Province"
    _order = "code, valid_from desc, id"
    _rec_name = "full_name"
    _rec_names_search = ["full_name", "name", "code"]

    code = fields.Char(required=True, index=True, help="Two digits; in an ID number with a 0 before them.")
    name = fields.Char("Short name", required=True)
    full_name = fields.Char("Province", required=True, help="As it is printed on the record.")
    valid_from = fields.Date("Exists since", help="Empty: from of old.")
    valid_to = fields.Date("Existed until", help="Empty: it still exists.")
    successor_id = fields.Many2one("hocba.province", "Became part of", ondelete="restrict")
    predecessor_ids = fields.One2many("hocba.province", "successor_id", "Made of")
    active = fields.Boolean(default=True)

    @api.constrains("code", "valid_from", "valid_to", "active")
    def _check_validity(self):
        for province in self.filtered("active"):
            first, last = province.valid_from or date.min, province.valid_to or date.max
            if last < first:
                raise ValidationError(self.env._("%(name)s ends before it begins.", name=province.full_name))
            for other in self.search([("code", "=", province.code), ("id", "!=", province.id)]):
                if (other.valid_from or date.min) <= last and first <= (other.valid_to or date.max):
                    raise ValidationError(
                        self.env._(
                            "Code %(code)s stands for %(name)s and %(other)s at the same time.",
                            code=province.code,
                            name=province.full_name,
                            other=other.full_name,
                        )
                    )

    @api.constrains("code")
    def _check_code(self):
        for province in self:
            if len(province.code) != 2 or not province.code.isdecimal():
                raise ValidationError(
                    self.env._("%(name)s: the code of a province has two digits.", name=province.full_name)
                )

    @api.model
    def _on(self, day):
        """The provinces that existed on a day: 63 until 30/06/2025, 34 since."""
        return self.search(
            [
                "|",
                ("valid_from", "=", False),
                ("valid_from", "<=", day),
                "|",
                ("valid_to", "=", False),
                ("valid_to", ">=", day),
            ]
        )

    @api.model
    def _of_number(self, number_code, birth_date=None):
        """Province of the first three digits of an ID number: the one of that time, since numbers are kept."""
        if len(number_code or "") != 3 or number_code[0] != "0":
            return self.browse()
        day = max(birth_date or LAST_DAY_OF_63, LAST_DAY_OF_63)
        return self._on(day).filtered(lambda province: province.code == number_code[1:])[:1]
