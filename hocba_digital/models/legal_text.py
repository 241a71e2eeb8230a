from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.rules import deadlines


class LegalText(models.Model):
    """What guardians are told and agree to, edition by edition: on what basis the school keeps the data, and what
    sharing means (law on the protection of personal data, 91/2025/QH15). A school's own wording is a new edition.
    """

    _name = "hocba.legal.text"
    _description = "Text on Personal Data"
    _order = "kind, date_from desc, id desc"

    name = fields.Char("Title", required=True)
    kind = fields.Selection(
        [("notice", "Notice to guardians"), ("sharing", "Agreement to sharing")], required=True, default="notice"
    )
    basis = fields.Char("Legal basis", required=True)
    body = fields.Html("Text", required=True, sanitize_attributes=True)
    date_from = fields.Date("In force since", required=True, default=lambda self: deadlines.today())
    active = fields.Boolean(default=True)

    @api.model
    def _in_force(self, kind):
        """The edition of today."""
        today = deadlines.today()
        return self.sudo().search([("kind", "=", kind), ("date_from", "<=", today)], limit=1)

    def write(self, vals):
        if {"name", "kind", "basis", "body", "date_from"} & vals.keys():
            agreed = self.env["hocba.share"].sudo().search_count([("text_id", "in", self.ids)], limit=1)
            if agreed:
                raise UserError(self.env._("Guardians agreed to this text. Write a new edition instead."))
        return super().write(vals)
