from odoo import api, fields, models

from ..tools.masking import masked

#: Fields that a workbook of pupils carries under their own names, in both directions.
WORKBOOK_FIELDS = [
    "name",
    "gender",
    "birth_date",
    "id_number",
    "no_id_reason",
    "birth_place",
    "home_town",
    "address",
    "father_name",
    "mother_name",
    "guardian_name",
    "register_number",
]


class Pupil(models.Model):
    """A pupil, with identity as on the birth certificate (TT 27, annex 1, page 3)."""

    _name = "hocba.pupil"
    _description = "Pupil"
    _order = "name, code"
    _inherit = ["hocba.logged.mixin", "mail.thread"]
    _log_creation = True
    _rec_names_search = ["name", "code", "id_number"]
    _check_company_auto = True

    name = fields.Char("Full name", required=True, tracking=True, index="trigram")
    code = fields.Char(
        "Pupil code", required=True, tracking=True, help="MA_HOC_SINH of the sector database; it never changes."
    )
    id_number = fields.Char("Personal ID number", tracking=True, help="12 digits (số định danh cá nhân).")
    no_id_reason = fields.Selection(
        [
            ("foreign", "Foreign pupil"),
            ("waiting", "Waiting for the number to be issued"),
            ("other", "Other reason, kept in the pupil's file"),
        ],
        "Why there is no ID number",
        tracking=True,
    )
    gender = fields.Selection([("male", "Male"), ("female", "Female")], tracking=True)
    birth_date = fields.Date("Date of birth", tracking=True)
    birth_place = fields.Char("Place of birth")
    home_town = fields.Char("Native place")
    address = fields.Char("Present address")
    ethnicity_id = fields.Many2one("hocba.ethnicity", "Ethnic group", ondelete="restrict")
    nationality_id = fields.Many2one("res.country", default=lambda self: self.env.ref("base.vn", False))
    father_name = fields.Char("Father's name")
    mother_name = fields.Char("Mother's name")
    guardian_name = fields.Char("Guardian's name")
    register_number = fields.Char("Register number", help="SO_SO_DANG_BO: number in the school register.")
    company_id = fields.Many2one("res.company", "School", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)
    enrolment_ids = fields.One2many("hocba.enrolment", "pupil_id", "School career")
    record_ids = fields.One2many("hocba.record", "pupil_id", "Records")
    class_id = fields.Many2one("hocba.class", compute="_compute_class_id", store=True, index=True)
    record_count = fields.Integer(compute="_compute_record_count")
    id_number_masked = fields.Char("ID number", compute="_compute_id_number_masked")
    lacks_id_number = fields.Boolean("No ID number", compute="_compute_lacks_id_number")

    _code_uniq = models.Constraint("UNIQUE(code, company_id)", "A pupil with this code already exists.")
    _id_number_uniq = models.UniqueIndex(
        "(id_number, company_id) WHERE id_number IS NOT NULL", "A pupil with this ID number already exists."
    )

    @api.depends("enrolment_ids.is_current", "enrolment_ids.class_id", "enrolment_ids.date_from")
    def _compute_class_id(self):
        for pupil in self:
            current = pupil.enrolment_ids.filtered(lambda line: line.is_current and line.class_id)
            pupil.class_id = current.sorted("date_from")[-1:].class_id

    @api.depends("record_ids")
    def _compute_record_count(self):
        for pupil in self:
            pupil.record_count = len(pupil.record_ids)

    @api.depends("id_number")
    def _compute_id_number_masked(self):
        for pupil in self:
            pupil.id_number_masked = masked(pupil.id_number)

    @api.depends("id_number")
    def _compute_lacks_id_number(self):
        for pupil in self:
            pupil.lacks_id_number = not pupil.id_number

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_tidy(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(_tidy(vals))

    def _change_domain(self):
        return [("pupil_id", "in", self.ids)]

    def action_open_records(self):
        return self.record_ids._open_list(self.env._("Records of %(names)s", names=", ".join(self.mapped("name"))))


def _tidy(vals):
    """Values without stray spaces: they become names on a legal document."""
    return {
        key: (" ".join(value.split()) or False) if isinstance(value, str) and key != "gender" else value
        for key, value in vals.items()
    }
