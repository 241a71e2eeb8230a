from odoo import fields, models
from odoo.exceptions import AccessError

from .subject import LANGUAGES

#: What a school's administrator keeps besides the ``hocba_`` fields: what a letterhead carries.
_LETTERHEAD = {"name", "street", "street2", "city", "zip", "phone", "email", "website", "logo"}


class ResCompany(models.Model):
    """A school. Codes and names are those of THONG_TIN_CHUNG (CV 2088, annex 1.1)."""

    _inherit = "res.company"

    hocba_school_code = fields.Char("School code", help="MA_TRUONG, as issued in the sector database.")
    hocba_authority_code = fields.Char("Department code", help="MA_SO_GIAO_DUC: code of the province's department.")
    hocba_authority_name = fields.Char("Department", help="TEN_SO_GD, as printed on the record.")
    hocba_commune = fields.Char("Commune", help="Commune, ward or special zone.")
    hocba_district = fields.Char("District", help="Only for records of before 1 July 2025; leave empty since.")
    hocba_issue_place = fields.Char("Place of issue", help="Place named beside the date of issue.")
    hocba_foreign_language = fields.Selection(
        LANGUAGES, "Foreign language 1", default="en", help="The language of new classes; each class may have its own."
    )
    hocba_tax_code = fields.Char(
        "Tax or budget code", help="As in the certificate of the school's seal; another school's seal is refused."
    )
    hocba_head_id = fields.Many2one(
        "res.users", "Signing head", help="Who signs the school's records for the management."
    )

    hocba_seal_image = fields.Image(
        "Picture of the seal",
        max_width=900,
        max_height=900,
        groups="hocba_digital.group_school_admin",
        help="Red on a transparent ground (PNG). Shown where the school signs PDF files, over the left third of the "
        "head's signature; without it a plain round mark stands there.",
    )

    def _hocba_missing_settings(self):
        """Labels of the school's data that a record cannot do without."""
        self.ensure_one()
        needed = (
            "hocba_school_code",
            "hocba_authority_code",
            "hocba_authority_name",
            "hocba_commune",
            "hocba_province",
            "hocba_issue_place",
            "hocba_head_id",
        )
        return [self._fields[name]._description_string(self.env) for name in needed if not self[name]]

    def write(self, vals):
        if not self._hocba_keeps_school_only():
            return super().write(vals)
        self.check_access("write")
        beyond = {name for name in vals if not name.startswith("hocba_")} - _LETTERHEAD
        if beyond:
            raise AccessError(
                self.env._(
                    "A school's administrator changes the data of the school only, not: %(names)s.",
                    names=", ".join(sorted(beyond)),
                )
            )
        # Name and address are stored with the company's contact, which this person may not write otherwise.
        return super(ResCompany, self.sudo()).write(vals)

    def _hocba_keeps_school_only(self):
        """Whether the user's right to write companies, which an ACL cannot narrow, is for the school's data only."""
        user = self.env.user
        return (
            not self.env.su
            and user.has_group("hocba_digital.group_school_admin")
            and not user.has_group("base.group_system")
        )
