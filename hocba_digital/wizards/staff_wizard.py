from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class StaffWizard(models.TransientModel):
    """Lets the school's administrator keep what a signature needs of a person, and nothing else of the user."""

    _name = "hocba.staff.wizard"
    _description = "Signing Data of a Person"

    user_id = fields.Many2one("res.users", "Person", required=True, readonly=True)
    id_number = fields.Char("Citizen ID number", compute="_compute_person", store=True, readonly=False)
    title = fields.Char("Position at school", compute="_compute_person", store=True, readonly=False)

    picture = fields.Image(
        "Picture of the signature",
        max_width=900,
        max_height=400,
        compute="_compute_person",
        store=True,
        readonly=False,
        help="Blue on a transparent ground (PNG). Shown where the head signs PDF files.",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "res.users" and "user_id" in fields_list:
            values.setdefault("user_id", self.env.context.get("active_id"))
        return values

    @api.depends("user_id")
    def _compute_person(self):
        for wizard in self:
            wizard.id_number = wizard.user_id.hocba_id_number
            wizard.title = wizard.user_id.hocba_title
            wizard.picture = wizard.user_id.hocba_signature_image

    def action_save(self):
        self.ensure_one()
        user = self.env.user
        if not user.has_group("hocba_digital.group_school_admin"):
            raise AccessError(self.env._("Only the school's administrator changes the signing data of a person."))
        if not self.user_id.sudo().company_ids & user.company_ids:
            raise AccessError(self.env._("This person belongs to another school."))
        number = "".join((self.id_number or "").split())
        if number and (len(number) != 12 or not number.isdigit()):
            raise UserError(self.env._("A citizen ID number has 12 digits."))
        self.user_id.sudo().write(
            {
                "hocba_id_number": number or False,
                "hocba_title": (self.title or "").strip() or False,
                "hocba_signature_image": self.picture,
            }
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}
