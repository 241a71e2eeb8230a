from odoo import api, fields, models
from odoo.exceptions import ValidationError

PLACES = [
    ("hocba.pupil", "Pupil"),
    ("hocba.enrolment", "School career"),
    ("hocba.exemption", "Exemption from a subject"),
    ("hocba.assessment", "Assessment"),
    ("hocba.result", "Subject result"),
    ("hocba.guardian", "Guardian"),
    ("res.partner", "Contact of a guardian"),
    ("hocba.share", "Share link"),
    ("hocba.issuance", "Issued copy"),
    ("hocba.lookup.log", "Look-up"),
    ("res.users", "Staff"),
]


class PersonalField(models.Model):
    """Which personal data the school keeps: field by field, what for, on what basis, how long, and who outside sees it.

    Law on the protection of personal data, 91/2025/QH15: data are kept for stated purposes and times.
    """

    _name = "hocba.personal.field"
    _description = "Personal Data Field"
    _order = "model_name, name"

    model_name = fields.Selection(PLACES, "Where", required=True, index=True)
    name = fields.Char("Field", required=True)
    label = fields.Char("Entry", compute="_compute_label")
    purpose = fields.Char(required=True)
    basis = fields.Char("Legal basis", required=True)
    retention = fields.Char("Kept for", required=True)
    sensitive = fields.Boolean(help="Health, family or what else the law protects more.")
    outside = fields.Selection(
        [
            ("none", "Nobody"),
            ("open", "Everybody who has the code"),
            ("part", "In part, with a second factor"),
            ("factor", "With a second factor"),
        ],
        "Seen by look-up",
        required=True,
        default="none",
    )

    _field_uniq = models.Constraint("UNIQUE(model_name, name)", "This field is listed already.")

    @api.depends("model_name", "name")
    @api.depends_context("lang")
    def _compute_label(self):
        for row in self:
            model = self.env.get(row.model_name)
            field = model._fields.get(row.name) if model is not None else None
            row.label = field._description_string(self.env) if field else row.name

    @api.constrains("model_name", "name")
    def _check_name(self):
        for row in self:
            if row.name not in self.env[row.model_name]._fields:
                raise ValidationError(self.env._("There is no field “%(name)s” there.", name=row.name))
