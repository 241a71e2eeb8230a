from odoo import models

from .. import workbook
from ..workbook.text import fold


class ImportKnown(models.TransientModel):
    """What the school's data say, for the checks of a file."""

    _inherit = "hocba.import.wizard"

    def _known(self, school_class):
        """What the school's data say, for the checks of the reader: the same few queries for any size."""
        pupils = self.env["hocba.pupil"].sudo().with_context(active_test=False)
        pupils = pupils.search_fetch(
            [("company_id", "=", self.company_id.id)],
            ["code", "name", "id_number", "birth_date", "no_id_reason"],
            order="id",
        )
        current = self._current_enrolments(pupils)
        closed = (
            self.env["hocba.record"]
            .sudo()
            ._read_group(
                [("school_year_id", "=", self.school_year_id.id), ("state", "not in", ("draft", "recalled"))],
                ["pupil_id"],
            )
        )
        closed_ids = {pupil.id for (pupil,) in closed}
        return workbook.Known(
            pupils=tuple(
                workbook.KnownPupil(
                    code=pupil.code,
                    name=pupil.name,
                    id_number=pupil.id_number or None,
                    birth_date=pupil.birth_date or None,
                    class_name=current[pupil.id].class_name if pupil.id in current else None,
                    no_id_reason=pupil.no_id_reason or None,
                    closed=pupil.id in closed_ids,
                )
                for pupil in pupils
            ),
            class_name=school_class.name or None,
            classes=tuple(self._classes().mapped("name")),
            school_year=self.school_year_id.name,
            ethnicities=self._ethnicities(),
            countries=self._countries(),
        )

    def _classes(self):
        return self.env["hocba.class"].search(
            [
                ("school_year_id", "=", self.school_year_id.id),
                ("company_id", "=", self.company_id.id),
                ("from_paper", "=", False),
            ]
        )

    def _current_enrolments(self, pupils):
        """Pupil id -> this year's enrolment."""
        found = (
            self.env["hocba.enrolment"]
            .sudo()
            .search_fetch(
                [
                    ("pupil_id", "in", pupils.ids),
                    ("is_current", "=", True),
                    ("class_id.school_year_id", "=", self.school_year_id.id),
                ],
                ["pupil_id", "class_id", "class_name", "date_from"],
            )
        )
        return {enrolment.pupil_id.id: enrolment for enrolment in found}

    def _ethnicities(self):
        names = self.env["hocba.ethnicity"].search([("code", "!=", False)]).mapped("name")
        spellings = {fold(name): name for name in names}
        for other, name in {
            "mong": "HMông",
            "khome": "Khơ-me",
            "khmer": "Khơ-me",
            "raglay": "Ra-glai",
            "jrai": "Gia-rai",
            "rhade": "Ê-đê",
            "nuocngoai": "Người nước ngoài",
            "bruvankieu": "Bru-Vân Kiều",
        }.items():
            if name in names:
                spellings.setdefault(other, name)
        return spellings

    def _countries(self):
        countries = self.env["res.country"].sudo().search([("code", "!=", False)])
        spellings = {}
        for language in ("en_US", "vi_VN"):
            spellings |= {fold(country.name): country.code for country in countries.with_context(lang=language)}
        by_code = {country.code for country in countries}
        common = {
            "vietnam": "VN",
            "hanquoc": "KR",
            "trungquoc": "CN",
            "hoaky": "US",
            "my": "US",
            "nhatban": "JP",
            "lao": "LA",
            "campuchia": "KH",
            "nga": "RU",
            "phap": "FR",
            "anh": "GB",
            "dailoan": "TW",
            "duc": "DE",
        }
        spellings |= {fold(code): code for code in by_code if code}
        return spellings | {name: code for name, code in common.items() if code in by_code}
