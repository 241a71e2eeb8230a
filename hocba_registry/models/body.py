from odoo import api, fields, models
from odoo.exceptions import ValidationError


class Body(models.Model):
    """Who supervises schools: a department, and below it the district offices or communes that it has delegated to.

    What an officer sees follows from this tree (``res.users.hocba_scope``). It is data, because bodies are merged and
    supervision moves: from the district offices to the communes on 1/7/2025.
    """

    _name = "hocba.registry.body"
    _description = "Supervising Body"
    _parent_store = True
    _order = "parent_path, name"

    name = fields.Char("Body", required=True)
    code = fields.Char(help="For example the code of the commune.")
    kind = fields.Selection(
        [("so", "Department"), ("phong", "District office"), ("xa", "Commune")], "Level", required=True, default="xa"
    )
    parent_id = fields.Many2one("hocba.registry.body", "Belongs to", index=True, ondelete="restrict")
    parent_path = fields.Char("Path", index=True)
    child_ids = fields.One2many("hocba.registry.body", "parent_id", "Bodies below")
    unit_ids = fields.One2many("hocba.registry.unit", "body_id", "Schools")
    user_ids = fields.Many2many("res.users", "hocba_registry_body_user_rel", "body_id", "user_id", "Officers")
    unit_count = fields.Integer("Number of schools", compute="_compute_unit_count")
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint("UNIQUE(code)", "A body with this code already exists.")

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A body cannot belong to itself."))

    def _compute_unit_count(self):
        for body in self:
            body.unit_count = self.env["hocba.registry.unit"].search_count([("body_id", "child_of", body.ids)])

    def action_open_units(self):
        """The schools of this body and of those below it."""
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_registry.action_unit")
        return {**action, "domain": [("body_id", "child_of", self.ids)], "context": {}}
