from odoo import fields, models

_SCOPE = {"hocba_scope", "hocba_body_ids"}


class ResUsers(models.Model):
    _inherit = "res.users"

    hocba_scope = fields.Selection(
        [("all", "All schools of the gateway"), ("bodies", "Schools of the bodies below")],
        "Scope at the gateway",
        required=True,
        default="all",
        help="With “bodies” and none chosen the person sees no school.",
    )
    hocba_body_ids = fields.Many2many(
        "hocba.registry.body", "hocba_registry_body_user_rel", "user_id", "body_id", "Supervising bodies"
    )

    def _get_invalidation_fields(self):
        return super()._get_invalidation_fields() | _SCOPE
