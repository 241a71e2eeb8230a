"""What a pupil's ID number says, in words beside it."""

from odoo import api, fields, models

from ..core.rules import id_number as rules


class PupilIdNumber(models.Model):
    _inherit = "hocba.pupil"

    id_number_words = fields.Char("The number says", compute="_compute_id_number_words")
    id_number_doubt = fields.Char("What does not fit", compute="_compute_id_number_words")

    @api.depends("id_number", "birth_date", "gender")
    def _compute_id_number_words(self):
        genders = dict(self._fields["gender"]._description_selection(self.env))
        doubts = {
            "id_format": self.env._("it should have 12 digits"),
            "id_province": self.env._("the first three digits are no province's code"),
            "id_gender": self.env._("the fourth digit does not fit the gender"),
            "id_century": self.env._("the fourth digit does not fit the century of birth"),
            "id_birth_year": self.env._("digits 5 and 6 do not fit the year of birth"),
        }
        for pupil in self:
            number = pupil.id_number
            codes = rules.warnings(number, birth_date=pupil.birth_date, gender=pupil.gender) if number else ()
            pupil.id_number_doubt = "; ".join(doubts[code] for code in codes) or False
            if not rules.is_well_formed(number):
                pupil.id_number_words = False
                continue
            province, gender, year = rules.parts(number)
            place = self.env["hocba.province"].sudo()._of_number(province, pupil.birth_date)
            pupil.id_number_words = self.env._(
                "%(code)s = %(place)s, %(gender)s, born in %(year)s",
                code=province,
                place=place.name or self.env._("unknown"),
                gender=genders[gender].lower(),
                year=year,
            )
