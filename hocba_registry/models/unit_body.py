from odoo import fields, models
from odoo.exceptions import UserError


class UnitBody(models.Model):
    """The body that supervises a school."""

    _inherit = "hocba.registry.unit"

    body_id = fields.Many2one(
        "hocba.registry.body",
        "Supervised by",
        index=True,
        ondelete="restrict",
        tracking=True,
        help="Officers of this body, and of those that it belongs to, see the school.",
    )

    def action_assign_bodies(self):
        """Schools without a supervising body get the commune that their address names; it is made when missing."""
        self.check_access("write")
        units = self.filtered(lambda unit: not unit.body_id and (unit.commune or "").strip())
        if not units:
            raise UserError(self.env._("Every chosen school has a supervising body, or no commune in its address."))
        bodies = self.env["hocba.registry.body"]
        roots = bodies.search([("kind", "=", "so"), ("parent_id", "=", False)], limit=2)
        parent = roots if len(roots) == 1 else bodies
        for name, group in units.grouped(lambda unit: unit.commune.strip()).items():
            found = bodies.search([("kind", "=", "xa"), ("name", "=", name), ("parent_id", "=", parent.id)], limit=1)
            group.body_id = found or bodies.create({"name": name, "kind": "xa", "parent_id": parent.id})
